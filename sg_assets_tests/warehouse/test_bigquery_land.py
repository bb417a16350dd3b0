"""What is asked of BigQuery to find out what a landing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sg_assets.columns import Column
from sg_assets.table import Mode, Table, Window
from sg_assets.warehouse import bigquery_land
from sg_assets.warehouse.bigquery_sql import Script
from sg_assets.warehouse.bigquery_staging import Delivered, Staging
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.contract import Landing, Rejected
from sg_assets_tests.warehouse.examples import NOW, raw
from sg_assets_tests.warehouse.played_bigquery import Played, parameters

COLUMNS = [Column("id", "STRING", "Id."), Column("day_on", "DATE", "Day.")]
DELIVERED = Delivered("(select 1)", 2, "mark", {})
LANDING = Landing(NOW, 0, NOW)


def asked(there: Played, table: Table, landing: Landing) -> tuple[str, list[object]]:
    """The query for the changes of a landing, and its values."""
    bigquery_land.found(Staging(there.jobs, Tables(there.jobs), "w", table, 1), landing, DELIVERED)
    (found,) = there.queries("create or replace table")
    return found["query"]["query"], list(parameters(found).values())


@pytest.mark.parametrize(
    ("mode", "kinds", "marks"),
    [(Mode.MERGE, 2, False), (Mode.REPLACE, 3, False), (Mode.SNAPSHOT, 3, True), (Mode.WINDOW, 3, True)],
)
def test_each_mode_looks_for_what_it_changes(there: Played, mode: Mode, kinds: int, *, marks: bool) -> None:
    text, _ = asked(there, raw(mode, COLUMNS), LANDING)
    assert text.count("_sg_change") == kinds
    assert ("`_deleted_at` is null" in text) is marks
    assert ("'gone'" in text) is (mode is Mode.REPLACE)


def test_ranges_and_rejected_keys_are_values(there: Played) -> None:
    ranges = [Window("day_on", date(2026, 3, 1), date(2026, 3, 2)), Window("id", "a`", "b'")]
    spoiled = Rejected("bad", '{"id": "x\'; --"}', "0" * 64)
    text, values = asked(there, raw(Mode.WINDOW, COLUMNS), replace(LANDING, covers=ranges, rejected=[spoiled]))
    assert "--" not in text
    assert values[1:] == [["x'; --"], "2026-03-01", "2026-03-02", "a`", "b'"]


def test_without_ranges_no_row_is_missing() -> None:
    assert bigquery_land.complete(Script(), raw(Mode.WINDOW, COLUMNS), LANDING) == "(false)"
    assert bigquery_land.complete(Script(), raw(Mode.SNAPSHOT, COLUMNS), LANDING) == "true"


def test_only_what_changes_is_written(there: Played) -> None:
    staging = Staging(there.jobs, Tables(there.jobs), "w", raw(), 1)
    counts = {(0, 0, 0): 0, (1, 0, 0): 1, (0, 1, 0): 2, (0, 0, 1): 1}
    for (new, other, gone), statements in counts.items():
        script = Script()
        bigquery_land.merge(staging, script, bigquery_land.Changes("c", 5, new, other, gone))
        assert len(script.statements) == statements
