"""CAST and SAFE_CAST: from texts as BigQuery writes them and in no other way, and to texts as it writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, check_refused, check_stopped, check_value, each

NUMBERS = {
    "cast('+12' as int64)": 12,
    "cast('-0x1f' as int64)": -31,
    r"cast(' 12\n' as int64)": 12,
    "safe_cast('1.5' as int64)": None,  # DuckDB would round
    "safe_cast('1e3' as int64)": None,
    "safe_cast('1_000' as int64)": None,
    "safe_cast('9223372036854775808' as int64)": None,
    "cast(2.5 as int64)": 3,
    "cast(-2.5 as int64)": -3,
    "cast(0.49999999999999994 as int64)": 0,
    "cast(numeric '2.5' as int64)": 3,
    "safe_cast(1e30 as int64)": None,
    "cast(true as int64)": 1,
    "cast(' 1.5 ' as float64)": 1.5,
    "cast('-Infinity' as float64)": float("-inf"),
    "safe_cast('1_0' as float64)": None,
    "safe_cast('1f' as float64)": None,
    "cast('1.1234567895' as numeric)": Decimal("1.123456790"),
    "cast(2.0000000005 as numeric)": Decimal("2.000000001"),
    "numeric '1.123456789'": Decimal("1.123456789"),
    "cast(null as numeric)": None,
    "safe_cast('x' as numeric)": None,
}
TRUTHS = {
    "cast('TRUE' as bool)": True,
    "safe_cast('t' as bool)": None,
    "safe_cast('1' as bool)": None,
    "safe_cast('yes' as bool)": None,
    "cast(5 as bool)": True,
}
DATES = {
    "cast('2026-1-5' as date)": date(2026, 1, 5),
    "safe_cast('2026/01/05' as date)": None,
    "safe_cast('2026-01-05 10:00:00' as date)": None,
    "safe_cast(' 2026-01-05' as date)": None,
    "safe_cast('2026-02-30' as date)": None,
    "safe_cast('epoch' as date)": None,
    "cast(timestamp '2026-01-05 10:00:00+00' as date)": date(2026, 1, 5),
    "cast('2026-01-05' as timestamp)": datetime(2026, 1, 5, tzinfo=UTC),
    "cast('2026-01-05t10:00:00z' as timestamp)": datetime(2026, 1, 5, 10, tzinfo=UTC),
    "cast('2026-01-05T10:00:00-8:30' as timestamp)": datetime(2026, 1, 5, 18, 30, tzinfo=UTC),
    "cast('2026-01-05 10:00:00 America/New_York' as timestamp)": datetime(2026, 1, 5, 15, tzinfo=UTC),
    "cast('2026-01-05T10:00:00.123456789Z' as timestamp)": datetime(2026, 1, 5, 10, 0, 0, 123456, UTC),
    "safe_cast('2026-01-05 10:00' as timestamp)": None,
    "safe_cast('2026-01-05 24:00:00' as timestamp)": None,
    "safe_cast('2026-01-05 10:00:00 +02:00' as timestamp)": None,
    "safe_cast('2026-01-05T10:00:00Z' as datetime)": None,
    "cast(timestamp '2026-01-05 10:00:00+02' as datetime)": datetime(2026, 1, 5, 8),  # noqa: DTZ001
}
TEXTS = {
    "cast(1.0 as string)": "1",
    "cast(1 / 3 as string)": "0.33333333333333331",
    "cast(1e15 as string)": "1e+15",
    "cast(0.00001 as string)": "1e-05",
    "cast(-0.0 as string)": "0",
    "cast(123456789012345680.0 as string)": "1.2345678901234568e+17",
    "cast(numeric '1.50' as string)": "1.5",
    "cast(numeric '100' as string)": "100",
    "cast(true as string)": "true",
    "cast(timestamp '2026-01-01 02:00:00.5+00' as string)": "2026-01-01 02:00:00.500+00",
    "cast(timestamp '2026-01-01 02:00:00+00' as string)": "2026-01-01 02:00:00+00",
    "cast(datetime '2026-01-01 02:00:00.12345' as string)": "2026-01-01 02:00:00.123450",
    "cast(date '2026-01-05' as string)": "2026-01-05",
    "cast(b'abc' as string)": "abc",
    r"safe_cast(b'\xff' as string)": None,
    "cast('é' as bytes)": "é".encode(),
    "string(timestamp '2026-01-01 02:00:00+00')": "2026-01-01 02:00:00+00",
    "cast(null as array<numeric>)": None,
    "array_length(cast([] as array<string>))": 0,
}
VALUES = NUMBERS | TRUTHS | DATES | TEXTS
STOPPED = {
    "cast('x' as int64)": "not a INT64: x",
    "cast('yes' as bool)": "not a BOOL: yes",
    "cast('2026-2-30' as date)": "not a DATE: 2026-2-30",
    "safe_cast('nan' as float64)": "mean something else in DuckDB",
    "safe_cast('0x10' as float64)": "mean something else in DuckDB",
    "safe_cast('2026-01-05 10:00:60' as timestamp)": "a leap second",
    "cast(json '1' as int64)": "use JSON_VALUE",
}
REFUSED = {
    "select cast(x as string format 'YYYY') from x.y": "use FORMAT_DATE",
    "select cast([1] as array<string>)": "cast the elements",
    "select cast(x as struct<a int64>) from x.y": "is not carried over",
    "select cast(x as numeric(10, 2)) from x.y": "NUMERIC is not carried over",
    "select cast(x as string(10)) from x.y": "CAST to STRING(10) is not carried over",
    "select cast(x as bignumeric) from x.y": "is not carried over",
    "select time '10:00:00'": "CAST to TIME is not carried over",
    "select cast(x as json) from x.y": "CAST to JSON is not carried over",
}


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value(both: Both, expression: str, expected: object) -> None:
    check_value(both.duck, expression, expected)


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value_is_googles(both: Both, expression: str, expected: object) -> None:
    check_value(both.google, expression, expected)


@pytest.mark.parametrize(("expression", "complaint"), each(STOPPED))
def test_stops_rather_than_give_another_value(both: Both, expression: str, complaint: str) -> None:
    check_stopped(both, expression, complaint)


@pytest.mark.parametrize(("sql", "complaint"), each(REFUSED))
def test_is_refused(sql: str, complaint: str) -> None:
    check_refused(sql, complaint)
