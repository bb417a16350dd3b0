"""What the SQL of scheduled queries reads and writes."""

from __future__ import annotations

import pytest

from sg_assets.sandbox.company.scheduled_sql import SQL
from sg_assets.scheduled_queries.statements import Statements, read_statements

OWN = ("p-q", "314")


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("select 1 from `p-q.a.b` join p-q.a.c on true join `314`.a.d on true", ("a.b", "a.c", "a.d"), ()),
        ("select 1 from `other.a.b`, a.b", ("other.a.b", "a.b"), ()),
        ("with x as (select 1 from a.b) select * from x, X as y", ("a.b",), ()),
        ("insert into a.b (x) select x from c.d", ("c.d",), ("a.b",)),
        ("create or replace table a.b as select * from c.d", ("c.d",), ("a.b",)),
        ("merge a.b t using c.d s on t.id = s.id when matched then update set x = 1", ("c.d",), ("a.b",)),
        ("update a.b set x = 1 where true", (), ("a.b",)),
        ("truncate table a.b; insert into a.b select * from c.d", ("c.d",), ("a.b",)),
        ("create temp table t as select * from c.d; select * from t", ("c.d",), ()),
        ("select * from a.`events_*`", ("a.events_*",), ()),
        ("export data options (uri = 'gs://x/*.json') as select 1 from a.b", ("a.b",), ("gs://x/*.json",)),
        ("select * from external_query('us.db', 'select 1 from users')", ("EXTERNAL_QUERY(us.db)",), ()),
    ],
)
def test_what_is_read_and_written(sql: str, reads: tuple[str, ...], writes: tuple[str, ...]) -> None:
    assert read_statements(sql, OWN) == Statements(reads, writes)


@pytest.mark.parametrize(
    "sql", ["begin\nselect 1 from `p-q.a.b`; end", "if true then select 1 from a.b; end if", "((("]
)
def test_of_what_cannot_be_parsed_names_are_looked_for(sql: str) -> None:
    found = read_statements(sql, OWN)
    assert not found.is_understood
    assert found.reads == (() if sql == "(((" else ("a.b",))


def test_every_query_of_the_sandbox_is_understood() -> None:
    found = {name: read_statements(sql, ["made-up-analytics"]) for name, sql in SQL.items()}
    assert [name for name, one in found.items() if not one.is_understood] == []
    assert found["instances scheduled query 2"].reads == ("sourcegraph_analytics.instances_1",)
    assert found["usage-data-amplitude"] == Statements(
        ("raw_events.dotcom_event",), ("sourcegraph_analytics.amplitude_exports", "gs://usage-data-amplitude/*.json")
    )
