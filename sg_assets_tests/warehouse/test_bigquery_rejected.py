"""Rejected rows in BigQuery: kept beside the table, by value."""

from __future__ import annotations

import pytest

from sg_assets.warehouse import bigquery_rejected
from sg_assets.warehouse.bigquery_sql import Script
from sg_assets.warehouse.bigquery_staging import Staging
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.contract import Rejected
from sg_assets_tests.warehouse.examples import raw
from sg_assets_tests.warehouse.played_bigquery import Played

BAD = Rejected("bad", "'); drop table x", "0" * 64)


@pytest.mark.parametrize(
    ("is_all", "objects", "rows", "expected"),
    [
        (True, [], [BAD], ["delete", "insert"]),
        (False, ["o"], [BAD], ["delete", "insert"]),
        (False, [], [BAD], ["insert"]),
        (False, [], [], []),
    ],
)
def test_they_replace_what_they_are_all_of(
    there: Played, *, is_all: bool, objects: list[str], rows: list[Rejected], expected: list[str]
) -> None:
    script, staging = Script(), Staging(there.jobs, Tables(there.jobs), "w", raw(), 1)
    bigquery_rejected.put(staging, script, rows, is_all=is_all, objects=objects)
    assert [statement.split(" ")[0] for statement in script.statements] == expected
    assert "drop" not in script.text()


def test_very_many_are_staged_rather_than_sent_along(there: Played) -> None:
    script, staging = Script(), Staging(there.jobs, Tables(there.jobs), "w", raw(), 1)
    rows = [Rejected("bad", "x" * 1024, f"{n:064}") for n in range(5000)]
    bigquery_rejected.put(staging, script, rows, is_all=False)
    assert script.parameters == []
    assert [name for name in there.tables if "__rows_1_" in name] != []
