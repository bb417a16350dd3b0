"""What is refused: results that are no function of the inputs, and what nobody has looked at on DuckDB."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sg_assets.warehouse.dialect import DialectError, refusals, refuse, to_duckdb
from sg_assets.warehouse.dialect.parser import CARRIED
from sg_assets_tests.warehouse.dialect.both import check_refused, each

UNDETERMINED = {
    "select current_timestamp()": "line 1: CURRENT_TIMESTAMP gives no certain answer",
    "select\n    current_timestamp": "line 2: CURRENT_TIMESTAMP",
    "select current_datetime('UTC')": "CURRENT_DATETIME",
    "select current_time()": "CURRENT_TIME",
    "select rand()": "RAND",
    "select generate_uuid()": "GENERATE_UUID",
    "select session_user()": "SESSION_USER",
    "select any_value(a) from x.y": "ANY_VALUE gives no certain answer: take MIN or MAX",
    "select max_by(a, b) from x.y": "among equals it takes any",
    "select approx_count_distinct(a) from x.y": "write COUNT(DISTINCT …)",
    "select array_agg(a) from x.y": "without ORDER BY inside",
    "select array_agg(distinct a limit 3) from x.y": "without ORDER BY inside",
    "select string_agg(a, ',') from x.y": "without ORDER BY inside",
    "select array(select a from x.y)": "ARRAY(SELECT …) without ORDER BY",
    "select row_number() over (partition by a) from x.y": "takes any row",
    "select first_value(a ignore nulls) over () from x.y": "takes any row",
    "select a from x.y limit 10": "LIMIT without ORDER BY",
    "select (select a from x.y limit 1)": "LIMIT without ORDER BY",
    "select a from x.y for system_time as of timestamp '2026-01-01'": "not as of another time",
}
DETERMINED = [
    "select current_date()",
    "select array_agg(a order by b limit 3), string_agg(distinct a order by a) from x.y",
    "select array(select a from unnest([1]) as a order by a)",
    "select row_number() over (order by a), last_value(a) over w from x.y window w as (order by a)",
    "select a from x.y order by a limit 10",
    "select 'current_timestamp', `rand` from x.y -- any_value(x)",
]
UNFAITHFUL = {
    "select soundex(a) from x.y": "line 1: SOUNDEX is not carried over to DuckDB",
    "select\n    initcap(a)\nfrom x.y": "line 2: INITCAP",
    "select normalize(a) from x.y": "NORMALIZE",
    "select st_geogpoint(1, 2)": "ST_GEOGPOINT",
    "select corr(a, b) from x.y": "CORR",
    "select rand()": "RAND",
    "select current_timestamp()": "CURRENT_TIMESTAMP",
    "select my.function(a) from x.y": "MY.FUNCTION",
    "select bq_divide(a, b) from x.y": "BQ_DIVIDE",
    "select list_slice(a, 1, 2) from x.y": "LIST_SLICE",
    "select safe.substr(a, 1) from x.y": "SAFE.SUBSTR",
    "select * from x.y pivot(sum(a) for b in ('c'))": "PIVOT",
    "select * from x.y unpivot(a for b in (c, d))": "UNPIVOT",
    "select a from x.y tablesample system (10 percent)": "not carried over",
    "select a from x.y for system_time as of timestamp '2026-01-01'": "VERSION of a table",
    "select a, b from x.y group by grouping sets ((a), (b))": "GROUPING SETS",
    "select max(a having max b) from x.y": "HavingMax",
    "select as value struct(1 as a)": "SELECT AS VALUE",
    "select a like any ('x', 'y') from x.y": "Any is not carried over",
    "select @p": "Parameter",
    "select collate(a, 'und:ci') from x.y": "COLLATE",
}


@pytest.mark.parametrize(("sql", "complaint"), each(UNDETERMINED))
def test_a_result_that_is_no_function_of_the_inputs_is_refused(sql: str, complaint: str) -> None:
    with pytest.raises(DialectError) as caught:
        refuse(sql)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("sql", DETERMINED)
def test_a_result_that_is_one_is_not(sql: str) -> None:
    refuse(sql)


@pytest.mark.parametrize(("sql", "complaint"), each(UNFAITHFUL))
def test_what_nobody_has_looked_at_is_refused_by_name(sql: str, complaint: str) -> None:
    check_refused(sql, complaint)


def test_every_function_that_is_not_refused_has_a_test_of_its_values() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py")).upper()
    known = yaml.safe_load((Path(refusals.__file__).parent / "known.yaml").read_text())["functions"]
    assert [
        name for name in sorted(CARRIED.union(known)) if not re.search(rf"(?<![\w.]){re.escape(name)}\(", tests)
    ] == []


def test_a_query_for_people_may_take_any_row() -> None:
    assert to_duckdb("select any_value(a), array_agg(b) from x.y limit 10")
