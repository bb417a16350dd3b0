"""The SQL of the made-up company's scheduled queries reads tables that there are, but where it is meant not to."""

from __future__ import annotations

from sg_assets import discovery
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.scheduled_queries import PROJECT, ScheduledQueries
from sg_assets.sandbox.company.scheduled_sql import SQL
from sg_assets.scheduled_queries.statements import read_statements


def test_every_query_has_its_sql_and_the_other_way_round(company: Company) -> None:
    assert {one.name for one in ScheduledQueries(company).all} == set(SQL)


def test_what_is_read_exists(company: Company) -> None:
    written = {f"{one.dataset}.{one.table}" for one in ScheduledQueries(company).all}
    read = {name for sql in SQL.values() for name in read_statements(sql, [PROJECT]).reads}
    assert read - set(discovery.graph().tables) - written == {
        "EXTERNAL_QUERY(made-up-analytics.us.sg-cloud)", "somebody-elses-project.tmp.things"
    }  # fmt: skip
