from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sg_assets.promise import DAILY, HOURLY, Promise

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
LOS_ANGELES = "America/Los_Angeles"
WEEKDAYS = Promise("0 6 * * 1-5", warn=26 * HOUR, fail=30 * HOUR, timezone=LOS_ANGELES)
THRICE = Promise("0 6 * * 1,3,5", warn=26 * HOUR, fail=48 * HOUR)
WEEKLY = Promise("0 6 * * 1", warn=7 * DAY, fail=8 * DAY, timezone="Europe/Berlin")
PROMISES = [DAILY, HOURLY, WEEKDAYS, THRICE, WEEKLY]

hours = st.integers(0, 24 * 21).map(lambda n: datetime(2026, 10, 20, tzinfo=UTC) + n * HOUR)


def by_the_hour(promise: Promise, start: datetime, end: datetime) -> timedelta:
    """Counted time, hour by hour."""
    zone, total, at = ZoneInfo(promise.timezone), timedelta(0), start
    while at < end:
        total += HOUR if at.astimezone(zone).weekday() in promise.counted_weekdays else timedelta(0)
        at += HOUR
    return total


@given(st.sampled_from(PROMISES), hours, st.integers(-5, 24 * 20))
@settings(max_examples=4 * settings().max_examples)
def test_counted_time_is_that_of_the_days_on_which_the_cron_can_fire(promise: Promise, start: datetime, n: int) -> None:
    assert promise.counted(start, start + n * HOUR) == by_the_hour(promise, start, start + n * HOUR)


@given(st.sampled_from(PROMISES), hours, st.integers(1, 24 * 12))
@settings(max_examples=4 * settings().max_examples)
def test_a_breach_is_the_first_instant_from_which_data_is_older_than_the_window(
    promise: Promise, through: datetime, n: int
) -> None:
    breach = promise.breach(through, n * HOUR)
    assert promise.counted(through, breach) == n * HOUR
    assert promise.counted(through, breach + INSTANT) > n * HOUR


def test_a_weekday_promise_is_not_broken_by_a_weekend() -> None:
    friday = datetime(2026, 11, 20, 14, tzinfo=UTC)  # six in the morning in Los Angeles
    assert WEEKDAYS.breach(friday, 30 * HOUR) == datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert WEEKDAYS.counted(friday, friday + 2 * DAY) == 18 * HOUR


def test_a_window_that_ends_with_the_last_counted_day_is_broken_when_counting_goes_on() -> None:
    thursday = datetime(2026, 11, 19, 14, tzinfo=UTC)
    assert WEEKDAYS.breach(thursday, 42 * HOUR) == datetime(2026, 11, 23, 8, tzinfo=UTC)  # midnight to Monday


def test_a_counted_day_on_which_clocks_are_set_back_has_25_hours() -> None:
    sundays = Promise("0 6 * * 0", warn=20 * HOUR, fail=24 * HOUR, timezone=LOS_ANGELES)
    assert sundays.counted(datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)) == 25 * HOUR
    assert sundays.counted(datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)) == 23 * HOUR


@pytest.mark.parametrize(
    ("promise", "longest"),
    [
        (HOURLY, HOUR),
        (DAILY, DAY),
        (Promise("0 15 * * *", warn=26 * HOUR, fail=30 * HOUR, timezone=LOS_ANGELES), 25 * HOUR),
        (Promise("10 * * * *", warn=3 * HOUR, fail=6 * HOUR, timezone=LOS_ANGELES), HOUR),
        (WEEKDAYS, DAY),
        (THRICE, DAY),
        (Promise("0 0 1 * *", warn=40 * DAY, fail=50 * DAY), 31 * DAY),
        (Promise("0 0 29 2 *", warn=40 * DAY, fail=50 * DAY), 4 * 365 * DAY + DAY),
    ],
)
def test_the_longest_gap_is_counted_and_knows_of_clock_changes(promise: Promise, longest: timedelta) -> None:
    assert promise.longest_gap() == longest


def test_the_gap_of_another_cron_is_counted_by_this_promise() -> None:
    assert DAILY.longest_gap(WEEKDAYS.cron, WEEKDAYS.timezone) == 3 * DAY + HOUR
    assert WEEKDAYS.longest_gap(DAILY.cron, DAILY.timezone) == DAY


@given(st.sampled_from(PROMISES), st.sampled_from(PROMISES), hours)
@settings(max_examples=4 * settings().max_examples)
def test_nobody_waits_longer_for_another_promise_than_was_said(own: Promise, other: Promise, through: datetime) -> None:
    assert own.counted(through, other.breach(through, other.fail)) <= own.longest_wait(other)


@pytest.mark.parametrize(
    ("own", "other", "longest"),
    [
        (DAILY, HOURLY, 6 * HOUR),
        (WEEKDAYS, WEEKDAYS, 30 * HOUR),
        (WEEKDAYS, DAILY, 36 * HOUR),
        (DAILY, WEEKDAYS, 30 * HOUR + 49 * HOUR),  # over the weekend on which clocks are set back
        (DAILY, THRICE, 48 * HOUR + 4 * DAY),
    ],
)
def test_the_longest_wait_for_another_promise(own: Promise, other: Promise, longest: timedelta) -> None:
    assert own.longest_wait(other) == longest


@given(st.sampled_from(PROMISES), st.integers(1, 24 * 12), hours, st.integers(0, 3600))
@settings(max_examples=4 * settings().max_examples)
def test_no_window_takes_longer_to_be_full_than_was_said(
    promise: Promise, n: int, through: datetime, seconds: int
) -> None:
    through += timedelta(seconds=seconds)
    assert promise.breach(through, n * HOUR) - through <= promise.longest_span(n * HOUR)


@pytest.mark.parametrize(
    ("promise", "window", "longest"),
    [
        (DAILY, 36 * HOUR, 36 * HOUR),
        (WEEKDAYS, 30 * HOUR, 30 * HOUR + 49 * HOUR),  # from Friday's end, when clocks are set back on Sunday
        (WEEKDAYS, 6 * DAY, 6 * DAY + 49 * HOUR + 2 * DAY),  # and over the next weekend
        (THRICE, 30 * HOUR, 30 * HOUR + 3 * DAY),  # Saturday and Sunday, then Tuesday
        (WEEKLY, HOUR, HOUR + 6 * DAY + HOUR),
    ],
)
def test_the_longest_time_that_a_window_takes(promise: Promise, window: timedelta, longest: timedelta) -> None:
    assert promise.longest_span(window) == longest


@pytest.mark.parametrize(("warn", "fail"), [(0, 1), (2, 2), (3, 2)])
def test_windows_that_make_no_sense_are_refused(warn: int, fail: int) -> None:
    with pytest.raises(ValueError, match="0 < warn < fail"):
        Promise("0 6 * * *", warn=warn * HOUR, fail=fail * HOUR)


def test_a_wrong_cron_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="six o'clock"):
        Promise("six o'clock", warn=HOUR, fail=2 * HOUR)
