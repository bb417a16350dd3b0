"""Parts, differences, sums and templates of dates and times: what BigQuery documents, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sg_assets.warehouse.dialect.dates import week_of
from sg_assets_tests.warehouse.dialect.both import Both, check_refused, check_stopped, check_value, each


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


TRUNCATED = {
    "date_trunc(date '2026-02-18', month)": date(2026, 2, 1),
    "date_trunc(date '2026-02-18', week)": date(2026, 2, 15),
    "date_trunc(date '2026-02-18', week(monday))": date(2026, 2, 16),
    "date_trunc(date '2026-02-18', week(thursday))": date(2026, 2, 12),
    "date_trunc(date '2026-02-18', isoweek)": date(2026, 2, 16),
    "date_trunc(date '2026-01-01', isoyear)": date(2025, 12, 29),
    "date_trunc('2026-02-18', quarter)": date(2026, 1, 1),
    "timestamp_trunc(timestamp '2026-02-18 10:34:56.789+00', hour)": at(2026, 2, 18, 10),
    "timestamp_trunc(timestamp '2026-02-18 10:34:56.789+00', week(monday))": at(2026, 2, 16),
    "timestamp_trunc(timestamp '2026-02-18 02:34:56+00', day, 'America/New_York')": at(2026, 2, 17, 5),
    "timestamp_trunc(timestamp '2026-03-08 12:34:56+00', week, 'America/New_York')": at(2026, 3, 8, 5),
    "timestamp_trunc(timestamp '2026-11-01 05:30:00+00', hour, 'America/New_York')": at(2026, 11, 1, 5),
    "datetime_trunc(datetime '2026-02-18 10:34:56', month)": datetime(2026, 2, 1),  # noqa: DTZ001
}
COUNTED = {
    "date_diff(date '2026-03-01', date '2026-01-31', month)": 2,
    "date_diff('2026-01-05', '2026-01-04', week)": 0,
    "date_diff('2026-01-05', '2026-01-04', week(monday))": 1,
    "date_diff('2026-01-05', '2026-01-04', isoweek)": 1,
    "date_diff('2026-01-01', '2026-01-10', week(thursday))": -1,
    "date_diff('2026-01-01', '2025-12-31', year)": 1,
    "date_diff('2026-01-01', '2024-12-30', isoyear)": 1,
    "timestamp_diff(timestamp '2026-01-01 10:01:00+00', timestamp '2026-01-01 09:59:00+00', hour)": 0,
    "timestamp_diff(timestamp '2026-01-01 09:59:00+00', timestamp '2026-01-01 11:01:00+00', hour)": -1,
    "timestamp_diff(timestamp '2026-01-02 00:00:00+00', timestamp '2026-01-01 23:59:59+00', day)": 0,
    "timestamp_diff(timestamp '2026-01-01 00:00:01.5+00', timestamp '2026-01-01 00:00:00+00', millisecond)": 1500,
    "datetime_diff(datetime '2026-01-01 10:01:00', datetime '2026-01-01 09:59:00', hour)": 1,
    "datetime_diff('2026-01-05 00:00:00', '2026-01-04 00:00:00', week(monday))": 1,
}
SHIFTED = {
    "date_add(date '2026-01-31', interval 1 month)": date(2026, 2, 28),
    "date_sub(date '2026-03-31', interval 1 month)": date(2026, 2, 28),
    "date_add(date '2024-02-29', interval 1 year)": date(2025, 2, 28),
    "date_add('2026-01-01', interval 2 week)": date(2026, 1, 15),
    "date_add(date '2026-01-01', interval -3 day)": date(2025, 12, 29),
    "date '2026-01-01' + 1": date(2026, 1, 2),
    "date '2026-01-01' + interval 1 day": datetime(2026, 1, 2),  # noqa: DTZ001
    "timestamp_sub(timestamp '2026-01-01 00:00:00+00', interval 90 minute)": at(2025, 12, 31, 22, 30),
    "timestamp_add(timestamp '2026-01-01 00:00:00+00', interval 5 microsecond)": at(2026, 1, 1, 0, 0, 0, 5),
    "timestamp '2026-01-01 00:00:00+00' - interval 1 day": at(2025, 12, 31),
    "datetime_add(datetime '2026-01-31 00:00:00', interval 1 month)": datetime(2026, 2, 28),  # noqa: DTZ001
    "datetime_sub(datetime '2026-03-31 00:00:00', interval 1 month)": datetime(2026, 2, 28),  # noqa: DTZ001
    "generate_date_array('2026-01-31', '2026-04-30', interval 1 month)": [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 28),
        date(2026, 4, 28),
    ],
    "last_day(date '2026-02-03')": date(2026, 2, 28),
    "last_day(date '2026-02-03', quarter)": date(2026, 3, 31),
    "last_day(date '2026-02-03', year)": date(2026, 12, 31),
    "last_day(date '2026-02-03', week)": date(2026, 2, 7),
    "last_day(date '2026-02-03', isoweek)": date(2026, 2, 8),
}
FORMATTED = {
    "format_date('%Y%m%d %b %A', date '2026-01-05')": "20260105 Jan Monday",
    "format_date('%G-W%V %U %W %u %w %j', date '2026-01-04')": "2026-W01 01 00 7 0 004",
    "format_date('%D', '2026-01-05')": "01/05/26",
    "format_timestamp('%F %T', timestamp '2026-01-05 03:04:05.678+00')": "2026-01-05 03:04:05",
    "format_timestamp('%F %T', timestamp '2026-01-05 03:04:05+00', 'America/New_York')": "2026-01-04 22:04:05",
    "format_timestamp('%FT%H:%M:%E3S%Ez', timestamp '2026-01-05 03:04:05.678+00')": "2026-01-05T03:04:05.678+00:00",
    "format_timestamp('%I:%M %p %Z', timestamp '2026-01-05 15:04:05+00')": "03:04 PM UTC",
    "format_datetime('%F %R', datetime '2026-01-05 03:04:05')": "2026-01-05 03:04",
}
# Google's engine cannot parse by template in its WebAssembly build: these are BigQuery's documentation alone.
PARSED = {
    "parse_date('%Y-%m-%d', '2026-01-05')": date(2026, 1, 5),
    "parse_date('%m/%d/%Y', '1/5/2026')": date(2026, 1, 5),
    "parse_date('%b %d, %Y', 'Jan 5, 2026')": date(2026, 1, 5),
    "parse_date('%Y-%m', '2026-03')": date(2026, 3, 1),
    "parse_date('%m-%d', '03-04')": date(1970, 3, 4),
    "parse_date('%F', ' 2026-01-05 ')": date(2026, 1, 5),
    "safe.parse_date('%F', 'x')": None,
    "safe.parse_date('%F', '2026-02-30')": None,
    "parse_timestamp('%FT%TZ', '2026-01-05T03:04:05Z')": at(2026, 1, 5, 3, 4, 5),
    "parse_timestamp('%Y-%m-%dT%H:%M:%E*SZ', '2026-01-05T03:04:05.678Z')": at(2026, 1, 5, 3, 4, 5, 678000),
    "parse_timestamp('%Y-%m-%dT%H:%M:%E*SZ', '2026-01-05T03:04:05Z')": at(2026, 1, 5, 3, 4, 5),
    "parse_timestamp('%F %T%Ez', '2026-01-05 03:04:05+02:00')": at(2026, 1, 5, 1, 4, 5),
    "parse_timestamp('%F %T', '2026-01-05 03:04:05', 'America/New_York')": at(2026, 1, 5, 8, 4, 5),
    "parse_timestamp('%d/%b/%Y:%H:%M:%S %z', '05/Jan/2026:03:04:05 +0000')": at(2026, 1, 5, 3, 4, 5),
    "parse_timestamp('%m/%d/%Y %I:%M %p', '01/05/2026 03:04 PM')": at(2026, 1, 5, 15, 4),
    "safe.parse_timestamp('%F', 'x')": None,
    "parse_datetime('%F %T', '2026-01-05 03:04:05')": datetime(2026, 1, 5, 3, 4, 5),  # noqa: DTZ001
}
VALUES = TRUNCATED | COUNTED | SHIFTED | FORMATTED
REFUSED = {
    "select timestamp_diff(t, u, month) from x.y": "TIMESTAMP_DIFF with MONTH is not carried over",
    "select timestamp_add(t, interval 1 month) from x.y": "TIMESTAMP_ADD and _SUB with MONTH is not carried over",
    "select date_trunc(d, fortnight) from x.y": "DATE_TRUNC with FORTNIGHT is not carried over",
    "select date_diff(a, b, hour) from x.y": "DATE_DIFF with HOUR is not carried over",
    "select last_day(d, decade) from x.y": "LAST_DAY with DECADE is not carried over",
    "select format_date(f, d) from x.y": "must be written as a literal",
}
STOPPED = {
    "date '2026-01-05' - date '2026-01-01'": "use DATE_DIFF",
    "timestamp '2026-01-01 00:00:00+00' + interval 1 month": "take its DATE",
    "parse_date('%F', 'x')": "Could not parse",
    "date(datetime '2026-01-01 00:00:00', 'America/New_York')": "takes a TIMESTAMP WITH TIME ZONE",
}


@pytest.mark.parametrize(("expression", "expected"), each(VALUES | PARSED))
def test_value(both: Both, expression: str, expected: object) -> None:
    check_value(both.duck, expression, expected)


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value_is_googles(both: Both, expression: str, expected: object) -> None:
    check_value(both.google, expression, expected)


@pytest.mark.parametrize("expression", PARSED)
def test_parsing_is_valid_googlesql(both: Both, expression: str) -> None:
    assert len(both.engine.columns(f"select {expression}")) == 1


@pytest.mark.parametrize(("sql", "complaint"), each(REFUSED))
def test_is_refused(sql: str, complaint: str) -> None:
    check_refused(sql, complaint)


@pytest.mark.parametrize(("expression", "complaint"), each(STOPPED))
def test_stops_rather_than_give_another_value(both: Both, expression: str, complaint: str) -> None:
    check_stopped(both, expression, complaint)


def test_a_week_begins_on_the_day_that_its_part_names() -> None:
    assert [week_of(part) for part in ("WEEK", "ISOWEEK", "WEEK(SUNDAY)", "WEEK(MONDAY)")] == [7, 1, 7, 1]
    assert week_of("MONTH") is None
    assert week_of("WEEK(HOLIDAY)") is None
