"""Names and offsets: the SELECT list wins where BigQuery lets it win, and UNNEST counts from 0."""

from __future__ import annotations

import pytest

from sg_assets_tests.warehouse.dialect.both import Both, check_refused, check_rows, each

THREE = "unnest([1, 2, 3]) as v"
EMPTY = "cast([] as array<int64>)"
ALIASES = {
    f"select mod(v, 2) as v, count(*) as n from {THREE} group by v order by v": [(0, 1), (1, 2)],
    f"select mod(v, 2) as w, count(*) as n from {THREE} group by w order by w": [(0, 1), (1, 2)],
    f"select mod(v, 2) as v, count(*) as n from {THREE} group by 1 having max(v) > 2 order by 1": [],
    f"select mod(v, 2) as m, max(v) as v from {THREE} group by m having v > 2": [(1, 3)],
    f"select -v as v from {THREE} where true qualify row_number() over (order by v) = 1": [(-3,)],
    f"select v, row_number() over (order by v desc) as place from {THREE} qualify place = 1": [(3, 1)],
    f"select -v as v from {THREE} order by v": [(-3,), (-2,), (-1,)],
    f"select -v as v from {THREE} order by v + 0": [(-3,), (-2,), (-1,)],
    f"select -v as v from {THREE} where v > 1 order by abs(v)": [(-2,), (-3,)],
    f"select t.v as w, -t.v as v from (select v from {THREE}) as t order by t.v limit 1": [(1, -1)],
    "select a.v, b.w from (select 1 as v) as a, (select a.v + 1 as w from (select 4 as v) as a) as b": [(1, 5)],
    "select upper(x) as x, count(*) from unnest(['a', 'A', 'b']) as x group by rollup(x) order by x": [
        (None, 3),
        ("A", 2),
        ("B", 1),
    ],
}
OFFSETS = {
    "select x, o from unnest(['a', 'b']) as x with offset as o order by o": [("a", 0), ("b", 1)],
    "select x, o + 1 from unnest(['a', 'b']) as x with offset o where o > 0": [("b", 2)],
    "select * from unnest([10, 20]) as x with offset as o order by o": [(10, 0), (20, 1)],
    "select x, offset from unnest([10]) as x with offset": [(10, 0)],
    "select t.i, x.n, o from (select 1 as i, [struct('a' as n)] as a) as t, unnest(t.a) as x with offset as o": [
        (1, "a", 0)
    ],
    f"select x, o from (select {EMPTY} as a) as t left join unnest(t.a) as x with offset as o": [(None, None)],
    "select x, o from (select [5, 6] as a) as t left join unnest(t.a) as x with offset as o on o = 1": [(6, 1)],
    "select (select max(o) from unnest(t.a) as x with offset as o) from (select [1, 2] as a) as t": [(1,)],
    "select (select count(*) from unnest([5, 6, 7]) as x with offset as o where o >= 1)": [(2,)],
    "select a.o, b.o from unnest([1]) as x with offset as o, (select 7 as o) as b, (select 8 as o) as a": [(8, 7)],
}
SETS = {
    "select x from unnest([2, null, 1]) as x order by x": [(None,), (1,), (2,)],
    "select x from unnest([2, null, 1]) as x order by x desc": [(2,), (1,), (None,)],
    "select x, row_number() over (order by x) as r from unnest([2, null]) as x order by r": [(None, 1), (2, 2)],
    f"select x from (select {EMPTY} as a) as t left join unnest(t.a) as x": [(None,)],
    "select t.i, x from (select 1 as i, [5] as a) as t, t.a as x": [(1, 5)],
    "select x from unnest(cast(null as array<int64>)) as x": [],
    "select x from unnest([1, 2, 2]) as x except distinct select 1": [(2,)],
    "select x from unnest(['b', 'B', 'a', 'é', '_']) as x order by x": [("B",), ("_",), ("a",), ("b",), ("é",)],
    "select last_value(x) over (order by x) from unnest([1, 2]) as x order by x": [(1,), (2,)],
    "select a, b, sum(n) from (select 'x' as a, 1 as b, 1 as n) group by cube(a, b) order by a, b": [
        (None, None, 1),
        (None, 1, 1),
        ("x", None, 1),
        ("x", 1, 1),
    ],
    "select * except (b), b as c from (select 1 as a, 2 as b)": [(1, 2)],
    "select * replace (a + 1 as a) from (select 1 as a, 2 as b)": [(2, 2)],
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select sum(n) from r": [(6,)],
}
QUERIES = ALIASES | OFFSETS | SETS
REFUSED = {
    "select *, mod(v, 2) as w from x.y group by w": "name the columns instead of *",
    "select -v as v, rank() over w from x.y window w as (order by v)": "write out what this name",
}


@pytest.mark.parametrize(("query", "expected"), each(QUERIES))
def test_rows(both: Both, query: str, expected: list[tuple[object, ...]]) -> None:
    check_rows(both.duck, query, expected)


@pytest.mark.parametrize(("query", "expected"), each(QUERIES))
def test_rows_are_googles(both: Both, query: str, expected: list[tuple[object, ...]]) -> None:
    check_rows(both.google, query, expected)


@pytest.mark.parametrize(("sql", "complaint"), each(REFUSED))
def test_is_refused(sql: str, complaint: str) -> None:
    check_refused(sql, complaint)
