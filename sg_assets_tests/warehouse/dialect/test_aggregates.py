"""Aggregates give BigQuery's values and types: of no rows, of NULLs, in windows, and the first n of a list."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, check_rows, check_stopped, each

NONE = "unnest(cast([] as array<int64>)) as x"
QUERIES = {
    f"select sum(x), avg(x), count(x), max(x), array_agg(x), countif(x > 1), logical_or(x > 1) from {NONE}": [
        (None, None, 0, None, None, 0, None)
    ],
    "select sum(x), sum(distinct x), avg(distinct x) from unnest([1, 1, 2]) as x": [(4, 3, 1.5)],
    "select sum(x), avg(x) from unnest([1.5, 2.5]) as x": [(4.0, 2.0)],
    "select sum(x), max(x) from unnest([numeric '1.25', numeric '2.5']) as x": [(Decimal("3.75"), Decimal("2.5"))],
    "select sum(if(x > 1, 1, 0)), sum(1), sum(3000000000) from unnest([1, 2, 3]) as x": [(2, 3, 9000000000)],
    "select sum(x) over (order by x), countif(x > 1) over () from unnest([1, 2, 3]) as x order by x": [
        (1, 2),
        (3, 2),
        (6, 2),
    ],
    "select sum(sum(x)) over () from unnest([1, 2, 3]) as x group by mod(x, 2) limit 1": [(6,)],
    "select array_agg(x order by x desc limit 2) from unnest([1, 2, 3]) as x": [([3, 2],)],
    "select array_agg(x ignore nulls order by x) from unnest([3, null, 1]) as x": [([1, 3],)],
    "select array_agg(distinct x ignore nulls order by x limit 2) from unnest([3, null, 1, 3, 2]) as x": [([1, 2],)],
    "select array_agg(struct(x as a, -x as b) order by x desc limit 1)[offset(0)].b from unnest([1, 2]) as x": [(-2,)],
    "select string_agg(x, '-' order by x desc limit 2) from unnest(['a', null, 'c', 'b']) as x": [("c-b",)],
    "select string_agg(distinct x order by x) from unnest(['b', null, 'a', 'b']) as x": [("a,b",)],
    "select stddev(x), variance(x), stddev_pop(x), var_pop(x) from unnest([2, 4]) as x": [(2**0.5, 2.0, 1.0, 1.0)],
    "select stddev(x), variance(x) from unnest([1]) as x": [(None, None)],
    "select percentile_cont(x, 0.25) over (), percentile_disc(x, 0.5) over () from unnest([1, 2, 3]) as x limit 1": [
        (1.5, 2)
    ],
    "select covar_pop(x, -x), covar_samp(x, x), stddev_samp(x), var_samp(x) from unnest([2, 4]) as x": [
        (-1.0, 2.0, 2**0.5, 2.0)
    ],
    "select x, lag(x) over w, lead(x, 1, 0) over w from unnest([3, 1]) as x window w as (order by x) order by x": [
        (1, None, 3),
        (3, 1, 0),
    ],
    "select x, rank() over w, dense_rank() over w, percent_rank() over w, cume_dist() over w, ntile(2) over w "
    "from unnest([1, 2, 2]) as x window w as (order by x) order by x": [
        (1, 1, 1, 0.0, 1 / 3, 1),
        (2, 2, 2, 0.5, 1.0, 1),
        (2, 2, 2, 0.5, 1.0, 2),
    ],
    "select nth_value(x, 2) over (order by x rows between unbounded preceding and unbounded following) "
    "from unnest([7, 5]) as x": [(7,), (7,)],
    "select logical_and(x), logical_or(x) from unnest([true, null, false]) as x": [(False, True)],
}
STOPPED = {
    "avg(x) from unnest([numeric '1']) as x": "cast the NUMERIC to FLOAT64",
    "stddev(x) from unnest([numeric '1']) as x": "cast the NUMERIC to FLOAT64",
    "sum(x) from unnest([9223372036854775807, 1]) as x": "out of range",
}


@pytest.mark.parametrize(("query", "expected"), each(QUERIES))
def test_rows(both: Both, query: str, expected: list[tuple[object, ...]]) -> None:
    check_rows(both.duck, query, expected)


@pytest.mark.parametrize(("query", "expected"), each(QUERIES))
def test_rows_are_googles(both: Both, query: str, expected: list[tuple[object, ...]]) -> None:
    check_rows(both.google, query, expected)


@pytest.mark.parametrize(("expression", "complaint"), each(STOPPED))
def test_stops_rather_than_give_another_number(both: Both, expression: str, complaint: str) -> None:
    check_stopped(both, expression, complaint)


def test_a_sum_of_whole_numbers_is_an_int64(both: Both) -> None:
    types = both.connection.sql(
        "select typeof(x) from (" + _duck("select sum(n) as x from unnest([1, 2]) as n") + ")"
    ).fetchall()
    assert types == [("BIGINT",)]


def _duck(sql: str) -> str:
    from sg_assets.warehouse.dialect import to_duckdb

    return to_duckdb(sql)
