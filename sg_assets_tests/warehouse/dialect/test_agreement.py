"""Expressions that nobody thought of: DuckDB and Google's engine agree on whatever can be put together of these parts.

`--hypothesis-profile=thorough` looks at many more of them.
"""

from __future__ import annotations

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sg_assets_tests.analyzer import AnalysisError
from sg_assets_tests.warehouse.dialect.both import Both, same

VALUES = {
    "S": [
        "''", "'a'", "'abc'", "'ABC def'", "'  x '", "'äöü ß'", "'a,b,,c'", "'2026-01-05'", "'12'", "'-7.5'", r"'%_\\'",
        "'aXbXc'", r"'e\u0301x'", "'İI'", "'日本語'", r"'a\nb'", "'2026-01-05 10:20:30+02'", "cast(null as string)",
    ],
    "I": ["0", "1", "2", "3", "-1", "-2", "5", "7", "-13", "100", "cast(null as int64)"],
    "F": ["0.0", "1.5", "-2.5", "2.675", "1e10", "0.1", "-1.45", "123456.789", "1e-7", "3.0", "cast(null as float64)"],
    "D": [
        "date '2026-01-01'", "date '2024-02-29'", "date '2025-12-29'", "date '2026-01-04'", "date '1969-12-31'",
        "date '2026-03-31'", "date '2021-01-03'", "cast(null as date)",
    ],
    "T": [
        "timestamp '2026-01-01 00:00:00+00'", "timestamp '2026-03-08 06:59:59.999+00'", "cast(null as timestamp)",
        "timestamp '2025-12-31 23:59:59.123456+00'", "timestamp '1969-12-31 23:59:59.5+00'",
        "timestamp '2026-11-01 05:30:00+00'", "timestamp '2026-06-15 12:34:56+00'",
    ],
    "A": ["[1, 2, 3]", "cast([] as array<int64>)", "cast(null as array<int64>)", "[5]", "[3, 1, 2, 3]"],
    "J": [
        """json '{"a": 1, "b": [1, "x", null], "c": {"d": 2.50}}'""", "json '[1, 2]'", "json 'null'", """json '"x"'""",
        """json '{"a": null}'""", """json '{"a": "7", "b": true}'""", "cast(null as json)",
    ],
    "P": ["day", "week", "week(monday)", "isoweek", "month", "quarter", "year", "isoyear", "week(wednesday)"],
    "U": ["day", "week", "month", "quarter", "year"],
    "H": ["microsecond", "millisecond", "second", "minute", "hour", "day"],
    "Z": ["'America/New_York'", "'Asia/Kolkata'", "'Europe/Berlin'", "'UTC'"],
    "N": ["0", "1", "2", "7"],
    "K": ["'$.a'", "'$.b[0]'", "'$.b[1]'", "'$.b'", "'$.c.d'", "'$'"],
}  # fmt: skip
FORMS = """
substr(S, I) | substr(S, I, N) | left(S, N) | right(S, N) | upper(S) | lower(S) | length(S) | byte_length(S)
reverse(S) | trim(S) | ltrim(S, 'a x') | strpos(S, S) | split(S, ',') | replace(S, S, S) | concat(S, S)
lpad(S, N, 'xy') | rpad(S, N) | starts_with(S, S) | ends_with(S, S) | repeat(S, N) | S like '%b%' | to_hex(sha256(S))
farm_fingerprint(S) | S < S | regexp_replace(S, r'([a-z])(.)?', r'\\2\\1') | regexp_extract(S, r'[a-z](.)')
regexp_extract_all(S, r'[a-zA-Z]') | F + I | F * F | I * I - I | safe_divide(F, F) | safe_divide(I, I) | round(F, N)
round(F) | round(F, -1) | trunc(F, N) | ceil(F) | floor(F) | abs(F) | sign(F) | mod(I, 7) | div(I, -3)
greatest(F, F, I) | least(I, I) | I in (I, I) | F > I | I between I and I | I is distinct from I | I & I
bit_count(I) | range_bucket(I, [0, 5, 10]) | if(I > I, S, S) | coalesce(I, I) | nullif(I, I) | cast(F as int64)
cast(F as string) | cast(I as string) | cast(F as numeric) | safe_cast(S as int64) | safe_cast(S as float64)
safe_cast(S as date) | safe_cast(S as timestamp) | safe_cast(S as bool) | safe_cast(S as numeric) | cast(D as string)
cast(T as string) | cast(D as timestamp) | cast(T as date) | unix_date(D) | date_trunc(D, P) | date_diff(D, D, P)
date_add(D, interval 13 U) | date_sub(D, interval 2 U) | last_day(D, U) | D + 3 | extract(P from D)
extract(dayofweek from D) | extract(dayofyear from D) | format_date('%G-W%V %U %j %a', D) | timestamp(D, Z)
timestamp_trunc(T, P) | timestamp_trunc(T, H) | timestamp_trunc(T, P, Z) | timestamp_trunc(T, hour, Z)
timestamp_diff(T, T, H) | timestamp_add(T, interval -5 H) | extract(P from T) | extract(H from T) | date(T, Z)
date(T) | extract(dayofweek from T at time zone Z) | unix_seconds(T) | unix_millis(T)
format_timestamp('%F %H:%M:%E3S', T) | format_timestamp('%F %T', T, Z) | datetime(T, Z)
datetime_trunc(datetime(T), P) | datetime_diff(datetime(T), datetime(T), P) | array_length(A) | A[safe_offset(I)]
A[safe_ordinal(I)] | array_concat(A, A) | array_reverse(A) | I in unnest(A) | (select sum(x) from unnest(A) as x)
(select avg(x) from unnest(A) as x) | exists(select 1 from unnest(A) as x where x = 3)
(select count(*) from unnest(A) as x with offset as o where o >= 1) | (select countif(x > 1) from unnest(A) as x)
(select string_agg(cast(x as string), '-' order by x desc limit 2) from unnest(A) as x)
array(select x from unnest(A) as x order by x) | json_value(J, K) | json_query_array(J, K) | json_value_array(J, K)
to_json_string(J) | json_type(J) | to_json_string(json_query(J, K)) | safe_cast(json_value(J, K) as int64)
to_json_string(S)
"""
ALL = [form.strip() for line in FORMS.strip().splitlines() for form in line.split(" | ")]


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """One form, each single capital letter in it replaced by a value of that kind."""
    parts = draw(st.sampled_from(ALL)).replace("'", "\0'\0").split("\0")  # texts in quotes have no letters of ours
    quoted, text = False, ""
    for part in parts:
        quoted ^= part == "'"
        words = [part] if quoted or part == "'" else _words(part)
        text += "".join(
            draw(st.sampled_from(VALUES[word])) if word in VALUES and not quoted else word for word in words
        )
    return text


def _words(text: str) -> list[str]:
    words = [""]
    for before, sign in zip(f" {text}", text, strict=False):
        if sign.isalnum() != before.isalnum():
            words.append("")
        words[-1] += sign
    return words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(expressions(), min_size=20, max_size=20))
def test_both_engines_agree(both: Both, chosen: list[str]) -> None:
    sql = f"select {', '.join(chosen)}"
    try:
        (expected,) = both.google(sql)
    except AnalysisError:  # one of them is an error on BigQuery: one by one then
        for expression in chosen:
            _agree(both, expression)
        return
    (found,) = both.duck(sql)
    for expression, ours, theirs in zip(chosen, found, expected, strict=True):
        assert same(ours, theirs), f"{expression} gave {ours!r}, Google gives {theirs!r}"


def _agree(both: Both, expression: str) -> None:
    try:
        expected = both.google(f"select {expression}")
    except AnalysisError:
        return
    try:
        found = both.duck(f"select {expression}")
    except duckdb.Error as error:
        message = f"{expression} failed: {error}"
        raise AssertionError(message) from error
    assert same(found, expected), f"{expression} gave {found!r}, Google gives {expected!r}"
