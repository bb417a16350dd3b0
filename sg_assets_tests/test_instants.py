from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.instants import parse_end, parse_instant, parse_span

NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("text", ["2025-06-05T12:00:00Z", "2025-06-05T05:00:00-07:00", "2025-06-05T12:00+00:00"])
def test_an_instant_is_in_utc_wherever_it_was_written(text: str) -> None:
    instant = parse_instant(text)
    assert (instant, instant.tzinfo) == (NOON, UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "3d", "2025-06-05", "2025-06-05T12:00:00"])
def test_what_is_another_instant_elsewhere_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="with its offset"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "hours"), [("30m", 0.5), ("12h", 12), ("3d", 72), ("2w", 336), ("1d12h30m", 36.5), ("0h", 0)]
)
def test_a_span_is_weeks_days_hours_and_minutes(text: str, hours: float) -> None:
    assert parse_span(text) == hours * HOUR


@pytest.mark.parametrize("text", ["", "3", "d", "3y", "-3d", "3 d", "1.5h", "99999d"])
def test_anything_else_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="such as 3d"):
        parse_span(text)


def test_an_end_is_an_instant_or_a_span_from_now() -> None:
    assert parse_end("12h", NOON) == parse_end("2025-06-06T00:00:00Z", NOON) == NOON + 12 * HOUR


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2025-06-05T12:00:00Z", "not after now, 2025-06-05T12:00:00Z"),
        ("0h", "not after now"),
        ("friday", "with its offset, such as .*, or a span such as 3d or 12h"),
    ],
)
def test_an_end_lies_ahead(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_end(text, NOON)
