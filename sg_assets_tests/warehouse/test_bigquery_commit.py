"""Who writes a table in BigQuery when two want to."""

from __future__ import annotations

from pathlib import Path

import pytest

from sg_assets import checks
from sg_assets.columns import Column
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.contract import Landing, WarehouseError
from sg_assets_tests.warehouse.examples import NOW, land, parquet, raw, row
from sg_assets_tests.warehouse.played_bigquery import Played, state_row

ACCOUNT = raw(columns=[Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")])


def test_of_two_writers_of_one_table_the_second_writes_nothing_and_looks_again(
    there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    land(on_bigquery, tmp_path, ACCOUNT, [row("a", None, seats=1)])
    there.answers["union all select 1"] = [state_row(ACCOUNT, 1)]
    first = there.script()
    landing = Landing(NOW, 0, NOW)
    file = parquet(tmp_path, ACCOUNT, [row("a", None, seats=7)])
    outcome = on_bigquery.land(ACCOUNT, [file], landing, checks.judge)
    assert (outcome.is_skipped, outcome.reason, outcome.state.seq) == (True, "landed meanwhile", 1)
    assert there.script() == first


def test_a_table_whose_state_was_changed_by_hand_is_not_written_for_ever(
    on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    land(on_bigquery, tmp_path, ACCOUNT, [row("a", None, seats=1)])
    with pytest.raises(WarehouseError, match="changed by hand"):
        land(on_bigquery, tmp_path, ACCOUNT, [row("a", None, seats=2)])
