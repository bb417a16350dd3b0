"""Tables in BigQuery that are replaced as a whole."""

from __future__ import annotations

from pathlib import Path

from sg_assets.columns import Column
from sg_assets.table import Mode
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets_tests.warehouse.examples import NOW, land, raw, row
from sg_assets_tests.warehouse.played_bigquery import Played

ACCOUNT = raw(columns=[Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")])


def test_a_replaced_table_of_another_shape_says_which_state_is_to_follow(
    there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    on_bigquery.ensure([ACCOUNT], NOW)
    changed = raw(Mode.MERGE, columns=[Column("id", "STRING", "Id."), Column("seats", "STRING", "Seats.")])
    there.answers["select (select count(*)"] = [(0, 1)]
    land(on_bigquery, tmp_path, changed, [row("a", None, seats="many")], full=True)
    (made,) = there.queries('("sg_seq", "1")')
    assert made["query"]["query"].startswith("create or replace table `some-project`.`dev_raw_crm`.`account`")
