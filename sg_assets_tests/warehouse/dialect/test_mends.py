"""Operators, literals, subscripts and parts that DuckDB would take in another way."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, check_refused, check_stopped, check_value, each

NOON = "timestamp '2026-01-04 23:45:06.789123+00'"
VALUES = {
    "7 / 2": 3.5,
    "3 / 2 * 2": 3.0,
    "0.1 + 0.2 = 0.3": False,  # FLOAT64, where DuckDB would take decimals
    "5 * 0.1": 0.5,
    "if(true, 1, 2.5)": 1.0,
    "2000000000 + 2000000000": 4000000000,
    "30 * 86400 * 1000000": 2592000000000,
    "1e3": 1000.0,
    "-9223372036854775808": -9223372036854775808,
    "0x1F": 31,
    "1 + date '2026-01-01'": date(2026, 1, 2),
    "numeric '1.1' + 1 = numeric '2.1'": True,
    "numeric '1.1' * 2 = numeric '2.2'": True,
    "numeric '5' - numeric '1.5' * 2 = numeric '2'": True,
    "[1, 2, 3][offset(0)]": 1,
    "[1, 2, 3][ordinal(3)]": 3,
    "[1, 2, 3][safe_offset(5)]": None,
    "[1, 2, 3][safe_offset(-2)]": None,  # DuckDB would count from the end
    "[1, 2, 3][safe_ordinal(0)]": None,
    "[1, 2] || [3]": [1, 2, 3],
    "'a' || cast(null as string)": None,
    "greatest(1, null)": None,
    "ifnull(null, 2)": 2,
    "is_inf(ieee_divide(1, 0))": True,
    "is_nan(1.5)": False,
    "ceiling(1.2)": 2.0,
    "chr(233)": "é",
    "translate('abc', 'ab', 'x')": "xc",
    "least(2, 1)": 1,
    "'a%b' like r'a\\%b'": True,
    "'axb' like r'a\\%b'": False,
    "'a_b' like concat('a', r'\\_b')": True,
    "'ab' like 'A%'": False,
    "5 in unnest([1, 5])": True,
    "2 in unnest([1, null])": None,
    "5 in unnest(cast(null as array<int64>))": False,
    "extract(dayofweek from date '2026-01-04')": 1,
    "extract(week from date '2026-01-01')": 0,
    "extract(week from date '2026-01-04')": 1,
    "extract(week(monday) from date '2026-01-04')": 0,
    "extract(isoweek from date '2026-01-04')": 1,
    "extract(isoyear from date '2027-01-01')": 2026,
    "extract(dayofyear from date '2026-02-01')": 32,
    f"extract(second from {NOON})": 6,
    f"extract(millisecond from {NOON})": 789,
    f"extract(microsecond from {NOON})": 789123,
    f"extract(date from {NOON})": date(2026, 1, 4),
    f"extract(datetime from {NOON})": datetime(2026, 1, 4, 23, 45, 6, 789123),  # noqa: DTZ001
    f"extract(hour from {NOON} at time zone 'America/New_York')": 18,
    "extract(date from timestamp '2026-01-04 02:00:00+00' at time zone 'America/New_York')": date(2026, 1, 3),
    "net.host('https://user@www.Example.Co.UK:443/x?y#z')": "www.Example.Co.UK",
    "(select as struct 1 as a, 'x' as b).b": "x",
    "struct(1 as a, [struct(2 as c)] as b)": {"a": 1, "b": [{"c": 2}]},
    "timestamp '2026-01-01 10:00:00+02'": datetime(2026, 1, 1, 8, tzinfo=UTC),
}
STOPPED = {
    "numeric '1.5' * numeric '2.25'": "cast the NUMERIC to FLOAT64",
    "numeric '1.1' + 0.5": "cast the NUMERIC to FLOAT64",
    "1 - (numeric '1.1' - 2) * (1.5 + 1)": "cast the NUMERIC to FLOAT64",
    "[1, 2, 3][offset(5)]": "out of bounds: use SAFE_OFFSET",
    "9223372036854775807 + 1": "Overflow",
    "error('as it was asked')": "as it was asked",
    "current_date()": "pin_current_date() comes before to_duckdb()",
}
REFUSED = {
    "select j[0] from x.y": "use JSON_VALUE or JSON_QUERY",
    "select j['a'] from x.y": "use JSON_VALUE or JSON_QUERY",
    "select extract(time from t) from x.y": "EXTRACT(TIME …) is not carried over",
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
