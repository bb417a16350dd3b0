"""The SQL of a scheduled query as the body of a table: what is replaced, what stays, what is refused."""

from __future__ import annotations

import pytest

from sg_assets.scheduled_queries.body import Refused, body_of

OWN = ("p-q", "314")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT  1 AS x FROM `p-q.a.b`;\n", "SELECT  1 AS x FROM `a.b`"),
        ("select 1 as x from `p-q`.a.b as b", "select 1 as x from a.b as b"),
        ("select 1 as x from p-q.a.b, `314`.`a`.`c`", "select 1 as x from a.b, `a`.`c`"),
        ("select `p-q.a.b`.x from `p-q.a.c`", "select `p-q.a.b`.x from `a.c`"),
        ("-- of `p-q.a.b`\nselect 1 as x from a.b", "-- of `p-q.a.b`\nselect 1 as x from a.b"),
    ],
)
def test_nothing_but_the_project_is_left_out(sql: str, expected: str) -> None:
    found = body_of(sql, OWN, takes_run_date=False)
    assert found.sql == expected
    assert len(found.remarks) == (0 if "from a.b" in sql else 1)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select at from `fill.x.y`", "select at from raw_a.event as `y`"),
        ("select y.at from x.y", "select y.at from raw_b.other as `y`"),
        ("select e.at from `p-q`.x.y as e, `fill`.`x`.`y` f", "select e.at from raw_b.other as e, raw_a.event f"),
        ("with y as (select 1 as a) select a from y, `314.x.y`", None),
        (
            "select 1 as x from `p-q.a.b` join fill.x.y on true",
            "select 1 as x from `a.b` join raw_a.event as `y` on true",
        ),
    ],
)
def test_what_another_system_fills_is_read_as_ours_under_its_own_name(sql: str, expected: str | None) -> None:
    shown = {"fill.x.y": "raw_a.event", "p-q.x.y": "raw_b.other"}
    found = body_of(sql, OWN, takes_run_date=False, shown=shown)
    assert found.sql == (expected or "with y as (select 1 as a) select a from y, raw_b.other as `y`")
    assert dict(found.others).items() <= shown.items()
    assert set(dict(found.others).values()) == {name for name in shown.values() if name in found.sql}


def test_tables_are_named_once_in_their_order() -> None:
    sql = "with x as (select * from a.c) select * from x join a.b on true join a.c on true"
    assert body_of(sql, OWN, takes_run_date=False).reads == ("a.c", "a.b")


def test_the_day_of_the_run_is_current_date_where_the_whole_table_is_given() -> None:
    sql = "select '@run_date' as t, @run_date as day_on from a.b where d <= @RUN_DATE -- @run_date"
    found = body_of(sql, OWN, takes_run_date=True)
    assert (
        found.sql == "select '@run_date' as t, current_date() as day_on from a.b where d <= current_date() -- @run_date"
    )
    assert found.remarks == ("@run_date became current_date(), the UTC day of the run",)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select 1 as x\nfrom a.b where d = @run_date", r"line 2: reads @run_date: each run writes one day"),
        ("select @run_time as x from a.b", r"line 1: reads @run_time; of a run"),
        ("select 1 as x from `other.a.b`", r"other\.a\.b.*another project"),
        ("select 1 as x from b", "without its dataset"),
        ("select * from external_query('us.db', 'select 1')", "another system"),
        ("select current_timestamp() as x from a.b", "CURRENT_TIMESTAMP gives no certain answer"),
        ("select 1 as x from a.b limit 3", "LIMIT without ORDER BY"),
        ("insert into a.b select 1", "writes by itself"),
        ("declare x int64; select x", "writes by itself"),
        (
            "export data options (uri = 'gs://x/*') as select 1 from a.b where d = @run_date",
            "see sg_assets/destinations",
        ),
        ("select (", "line 1"),
        ("", "one SELECT"),
    ],
)
def test_what_cannot_be_a_table_says_why_and_what_to_do(sql: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        body_of(sql, OWN, takes_run_date=False)
