from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sg_assets import cron

MINUTE = timedelta(minutes=1)
CRONS = [
    "10 * * * *",
    "*/20 * * * *",
    "0 6 * * *",
    "30 1,2 * * *",
    "15 2 * * 1-5",
    "0 0 1 * *",
    "0 9 * * 6,7",
    "0 12 * 3-5 *",
]
ZONES = ["UTC", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]
FORWARD = datetime(2026, 3, 8, 10, tzinfo=UTC)  # in Los Angeles the clock goes from 2:00 to 3:00
BACK = datetime(2026, 11, 1, 9, tzinfo=UTC)  # and from 2:00 to 1:00

instants = st.one_of(
    st.integers(0, 400 * 86400).map(lambda s: datetime(2025, 12, 20, tzinfo=UTC) + timedelta(seconds=s)),
    st.builds(lambda turn, s: turn + timedelta(seconds=s), st.sampled_from([FORWARD, BACK]), st.integers(-9000, 9000)),
)


def local(text: str, zone: str = "America/Los_Angeles", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@given(st.sampled_from(CRONS), st.sampled_from(ZONES), instants)
@settings(max_examples=6 * settings().max_examples)
@example("30 1,2 * * *", "America/Los_Angeles", FORWARD)
@example("30 1,2 * * *", "America/Los_Angeles", BACK)
@example("*/20 * * * *", "America/Los_Angeles", BACK + 40 * MINUTE)
def test_newest_and_next_tick_enclose_an_instant_with_no_tick_between(expression: str, zone: str, at: datetime) -> None:
    newest, following = cron.newest_tick(expression, zone, at), cron.next_tick(expression, zone, at)
    assert newest <= at < following
    assert cron.next_tick(expression, zone, newest) == following
    assert cron.newest_tick(expression, zone, following) == following
    assert cron.newest_tick(expression, zone, following - timedelta(microseconds=1)) == newest


@given(st.sampled_from(CRONS), instants, st.lists(st.integers(-7200, 7200), min_size=1))
def test_what_was_asked_before_makes_no_difference(expression: str, at: datetime, seconds: list[int]) -> None:
    for n in seconds:
        asked = at + timedelta(seconds=n)
        again = CronSim(expression, asked.astimezone(ZoneInfo("Europe/Berlin")))
        assert cron.next_tick(expression, "Europe/Berlin", asked) == next(t for t in again if t > asked)


@given(instants)
def test_an_hourly_cron_ticks_every_hour_whatever_the_clocks_do(at: datetime) -> None:
    for zone in ("UTC", "America/Los_Angeles"):
        expected = at.replace(minute=10, second=0, microsecond=0)
        expected -= timedelta(hours=1) if expected > at else timedelta(0)
        assert cron.newest_tick("10 * * * *", zone, at) == expected


@pytest.mark.parametrize(
    ("expression", "at", "newest"),
    [
        ("0 15 * * *", "2026-03-08T14:59", "2026-03-07T15:00"),
        ("0 15 * * *", "2026-03-08T15:00", "2026-03-08T15:00"),
        ("30 2 * * *", "2026-03-08T03:00", "2026-03-08T03:00"),  # 2:30 does not exist
        ("30 1 * * *", "2026-11-01T01:30", "2026-11-01T01:30"),
        ("0 6 * * 1-5", "2026-11-22T12:00", "2026-11-20T06:00"),
        ("0 6 29 2 *", "2026-11-22T12:00", "2024-02-29T06:00"),
    ],
)
def test_newest_tick_by_the_wall_clock_of_los_angeles(expression: str, at: str, newest: str) -> None:
    assert cron.newest_tick(expression, "America/Los_Angeles", local(at)) == local(newest)


def test_a_repeated_hour_ticks_once() -> None:
    first, again = local("2026-11-01T01:30"), local("2026-11-01T01:30", fold=1)
    assert again - first == timedelta(hours=1)
    assert cron.next_tick("30 1 * * *", "America/Los_Angeles", first) == local("2026-11-02T01:30")
    assert cron.newest_tick("30 1 * * *", "America/Los_Angeles", again) == first


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("0 6 * * *", {0, 1, 2, 3, 4, 5, 6}),
        ("0 6 * * 1-5", {0, 1, 2, 3, 4}),
        ("0 6 * * SUN", {6}),
        ("0 6 * * 0,7", {6}),
    ],
)
def test_weekdays_count_from_monday(expression: str, named: set[int]) -> None:
    assert cron.weekdays(expression) == named


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("every day", "UTC"),
        ("61 * * * *", "UTC"),
        ("0 0 30 2 *", "UTC"),
        ("0 0 6 * * *", "UTC"),
        ("0 6 * * 1#1", "UTC"),
        ("0 6 1 * 1", "UTC"),
        ("0 6 * * *", "Europe/Nowhere"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(expression: str, zone: str) -> None:
    with pytest.raises(ValueError, match="cron"):
        cron.check(expression, zone)


@given(st.sampled_from(CRONS), st.sampled_from(ZONES), instants)
def test_no_gap_is_longer_than_those_of_the_reference(expression: str, zone: str, at: datetime) -> None:
    longest = max(b - a for ticks in cron.reference_ticks(expression, zone) for a, b in pairwise(ticks))
    assert cron.next_tick(expression, zone, at) - cron.newest_tick(expression, zone, at) <= longest
