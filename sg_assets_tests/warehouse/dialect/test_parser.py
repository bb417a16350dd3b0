"""Functions that mean something else on DuckDB, or that it has not: they give what BigQuery documents."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, check_refused, check_stopped, check_value, each

NUMBERS = {
    "div(7, 2)": 3,
    "div(-7, 2)": -3,
    "mod(-7, 3)": -1,
    "mod(7, -3)": 1,
    "safe_divide(1, 0)": None,
    "safe_divide(1, 2)": 0.5,
    "ieee_divide(1, 0)": float("inf"),
    "safe_add(9223372036854775807, 1)": None,
    "safe_subtract(1, 2)": -1,
    "safe_multiply(4611686018427387904, 2)": None,
    "safe_negate(5)": -5,
    "round(2.5)": 3.0,
    "round(-2.5)": -3.0,
    "round(5)": 5.0,
    "round(2.675, 2)": 2.67,  # the double is a little less than it looks; DuckDB's own answer is 2.68
    "round(1.45, 1)": 1.4,
    "round(0.125, 2)": 0.13,
    "round(1350, -2)": 1400.0,
    "round(numeric '1.005', 2) = numeric '1.01'": True,
    "trunc(-2.7)": -2.0,
    "trunc(8.1, 1)": 8.0,
    "trunc(-5.999, 2)": -5.99,
    "ceil(5)": 5.0,
    "sign(-2)": -1,
    "sign(-2.5)": -1.0,
    "pow(2, 3)": 8.0,
    "power(2, 0.5)": 2**0.5,
    "log(8, 2)": 3.0,
    "ln(1)": 0.0,
    "log10(100)": 2.0,
    "bit_count(-1)": 64,
    "range_bucket(20, [0, 10, 20, 30])": 3,
    "range_bucket(-1, [0, 1])": 0,
    "range_bucket(cast(null as int64), [1])": None,
}
TEXTS = {
    "substr('hello', 0, 2)": "he",
    "substr('hello', -3, 2)": "ll",
    "substr('hello', -10, 4)": "hell",
    "substr('hello', 10)": "",
    "substr('hello', cast(null as int64))": None,
    "substring('hello', 2, 3)": "ell",
    "left('hello', 2)": "he",
    "right('hello', 10)": "hello",
    "lpad('7', 3, '0')": "007",
    "rpad('7', 3)": "7  ",
    "lpad('12345', 3)": "123",
    "repeat('ab', 3)": "ababab",
    r"rtrim('a\t\n')": "a",
    r"trim('\u00a0\u2003a ')": "a",
    "trim('xxaxx', 'x')": "a",
    "upper('straße')": "STRASSE",
    "lower('ÀB')": "àb",
    "lower('İ')": "i̇",
    "reverse('abc')": "cba",
    "reverse('日本')": "本日",
    "length('héllo')": 5,
    "length(b'abc')": 3,
    "byte_length('héllo')": 6,
    "octet_length('é')": 2,
    "char_length('é')": 1,
    "character_length('é')": 1,
    "ascii('')": 0,
    "unicode('é')": 233,
    "instr('banana', 'a', 1, 2)": 4,
    "instr('banana', 'an', -1)": 4,
    "instr('banana', 'a', -2, 2)": 2,
    "instr('banana', 'x')": 0,
    "split('a,b,c')": ["a", "b", "c"],
    "split('abc', '')": ["a", "b", "c"],
    "split('', ',')": [""],
    "split(cast(null as string), ',')": None,
    "to_hex(md5('a'))": "0cc175b9c0f1b6a831c399e269772661",
    "to_hex(sha1('a'))": "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
    "to_hex(sha256('a'))": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    "to_base64(b'abc')": "YWJj",
    "from_base64('YWJj')": b"abc",
    "from_hex('00ff')": b"\x00\xff",
    "farm_fingerprint('foo')": 6150913649986995171,
    "farm_fingerprint('')": -7286425919675154353,
    "farm_fingerprint(cast(null as string))": None,
    "format('%05d', 42)": "00042",
    "format('%s-%d %.2f%%', 'a', 1, 1.25)": "a-1 1.25%",
}
LISTS = {
    "array_length([1, 2])": 2,
    "array_length(cast(null as array<int64>))": None,
    "array_reverse([1, 2, 3])": [3, 2, 1],
    "array_concat([1], [2, 3], [4])": [1, 2, 3, 4],
    "array_concat([1], cast(null as array<int64>))": None,
    "array_to_string(['a', null, 'b'], '-')": "a-b",
    "array_to_string(['a', null, 'b'], '-', 'N')": "a-N-b",
    "array_first([1, 2])": 1,
    "array_last([1, 2])": 2,
    "generate_array(1, 5, 2)": [1, 3, 5],
    "generate_array(5, 1)": [],
    "generate_array(5, 1, -2)": [5, 3, 1],
}
TIMES = {
    "date(timestamp '2026-01-01 23:00:00-02')": date(2026, 1, 2),
    "date(timestamp '2026-01-01 02:00:00+00', 'America/New_York')": date(2025, 12, 31),
    "date(2026, 2, 3)": date(2026, 2, 3),
    "date('2026-1-5')": date(2026, 1, 5),
    "datetime(timestamp '2026-01-01 02:00:00+00', 'America/New_York')": datetime(2025, 12, 31, 21),  # noqa: DTZ001
    "datetime(date '2026-01-02')": datetime(2026, 1, 2),  # noqa: DTZ001
    "timestamp(date '2026-01-01', 'America/New_York')": datetime(2026, 1, 1, 5, tzinfo=UTC),
    "timestamp('2026-01-01 10:00:00', 'America/New_York')": datetime(2026, 1, 1, 15, tzinfo=UTC),
    "timestamp_seconds(-1)": datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    "timestamp_millis(1767225600123)": datetime(2026, 1, 1, 0, 0, 0, 123000, UTC),
    "timestamp_micros(1767225600123456)": datetime(2026, 1, 1, 0, 0, 0, 123456, UTC),
    "unix_seconds(timestamp '2026-01-01 00:00:00.9+00')": 1767225600,
    "unix_seconds(timestamp '1969-12-31 23:59:59.5+00')": -1,
    "unix_millis(timestamp '1969-12-31 23:59:59.9995+00')": -1,
    "unix_micros(timestamp '1969-12-31 23:59:59.5+00')": -500000,
    "unix_date('1969-12-31')": -1,
    "date_from_unix_date(20454)": date(2026, 1, 1),
    "array_length(generate_timestamp_array('2026-01-01', '2026-01-02', interval 6 hour))": 5,
}
JSON = {
    """json_value(json '{"a": {"b c": [1, "x"]}}', '$.a."b c"[1]')""": "x",
    """json_value(json '{"a": 1.50}', '$.a')""": "1.5",
    """json_value('{"a": 1.50}', '$.a')""": "1.50",
    """json_value(json '{"a": 1e-7}', '$.a')""": "1e-07",
    """json_value(json '{"a": true}', '$.a')""": "true",
    """json_value(json '{"a": null}', '$.a')""": None,
    """json_value(json '{"a": [1]}', '$.a')""": None,
    """json_value('no json', '$.a')""": None,
    """json_extract_scalar('{"a": "x"}', '$.a')""": "x",
    """json_query('{"a": {"b": 1}}', '$.a')""": '{"b":1}',
    """json_query('{"a": null}', '$.a')""": None,
    """json_query(json '{"a": null}', '$.a')""": "null",
    """json_query_array(json '["x", null, {"b": 2}]')""": ['"x"', "null", '{"b":2}'],
    """json_query_array(json '{"a": 1}', '$.a')""": None,
    """json_extract_array('["x", 1]')""": ['"x"', "1"],
    """json_value_array(json '["x", 1, true, 1.0, null]')""": ["x", "1", "true", "1.0", None],
    """json_value_array(json '["x", {"b": 1}]')""": None,
    """json_value_array(json '[]')""": [],
    """json_type(json '[1]')""": "array",
    """json_type(json '-1.5')""": "number",
    """string(json '"x"')""": "x",
    """int64(json '5')""": 5,
    """float64(json '5')""": 5.0,
    """bool(json 'true')""": True,
    """to_json_string(json '{"b": 1, "a": [1, 2.0, "é"]}')""": '{"a":[1,2.0,"é"],"b":1}',
    """to_json_string('x"y')""": '"x\\"y"',
    """to_json_string(9007199254740993)""": '"9007199254740993"',
    """to_json_string(1.0)""": "1",
    """to_json_string(timestamp '2026-01-01 00:00:00+00')""": '"2026-01-01T00:00:00Z"',
    """to_json_string(cast(null as string))""": "null",
}
VALUES = NUMBERS | TEXTS | LISTS | TIMES | JSON

STOPPED = {
    "1 / 0": "division by zero",
    "ieee_divide(0, 0)": "NaN",
    "numeric '1' / 3": "cast the NUMERIC to FLOAT64",
    "safe_divide(numeric '1', 3)": "cast the NUMERIC to FLOAT64",
    "sqrt(-1)": "cannot be negative",
    "exp(1000)": "floating point error",
    "pow(0, -1)": "floating point error",
    "ln(0)": "floating point error",
    "substr('hello', 2, -1)": "cannot be negative",
    "generate_array(0, 1, 0.5)": "takes INT64, not DOUBLE",
    "safe_add(1.5, 1)": "takes INT64, not DOUBLE",
    "ascii('é')": "use UNICODE",
    "string(json '5')": "of another type",
    "to_json_string([1])": "is not carried over",
    "date_diff(timestamp '2026-01-02 00:00:00+00', timestamp '2026-01-01 23:00:00+00', day)": "takes a DATE",
    "parse_json('{x}')": "Malformed JSON",
}
REFUSED = {
    "select json_value(j, '$.a[*]') from x.y": "is not carried over: write $.key",
    "select json_value(j, '$.a[-1]') from x.y": "is not carried over: write $.key",
    "select json_value(j, path) from x.y": "a JSON path must be written as a literal",
    "select format('%t', a) from x.y": "only %d, %s and %f are carried over",
    "select format(a, b) from x.y": "must be written as a literal",
}


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value(both: Both, expression: str, expected: object) -> None:
    check_value(both.duck, expression, expected)


@pytest.mark.parametrize(("expression", "expected"), each(VALUES))
def test_value_is_googles(both: Both, expression: str, expected: object) -> None:
    check_value(both.google, expression, expected)


@pytest.mark.parametrize(("expression", "complaint"), each(STOPPED))
def test_stops_rather_than_give_another_number(both: Both, expression: str, complaint: str) -> None:
    check_stopped(both, expression, complaint)


@pytest.mark.parametrize(("sql", "complaint"), each(REFUSED))
def test_is_refused(sql: str, complaint: str) -> None:
    check_refused(sql, complaint)


def test_types_are_decided_also_where_an_argument_is_an_aggregate(both: Both) -> None:
    sql = """
        select
            date_trunc(max(d), month), timestamp_diff(max(t), min(t), day), round(sum(x) / count(*), 1), sign(min(n)),
            round(sum(n), 1), unix_seconds(max(t)), date(min(t)), round(max(x) over (), 1)
        from (
            select date '2026-01-15' as d, timestamp '2026-01-15 10:00:00+00' as t, 1.75 as x, 3 as n
            union all
            select date '2026-02-20', timestamp '2026-02-20 09:00:00+00', 1.75, 4
        )
        group by x
    """
    row = (date(2026, 2, 1), 35, 1.8, 1, 7.0, 1771578000, date(2026, 1, 15), 1.8)
    assert both.duck(sql) == both.google(sql) == [row]
