"""One publication in BigQuery: what is asked for, in which order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sg_assets.columns import Column
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets_tests.warehouse.examples import land, load, pinged, raw, row
from sg_assets_tests.warehouse.played_bigquery import Played

ACCOUNT = raw(columns=[Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")])
MARCH = date(2026, 3, 10)


def test_a_landing_is_one_load_job_and_one_transaction_with_its_state(
    there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    outcome = land(on_bigquery, tmp_path, ACCOUNT, [row("a", None, seats=1), row("b", None, seats=2)])
    assert (outcome.changed_rows, outcome.state.seq, outcome.state.rows) == (2, 1, 2)
    (loaded,) = [one["configuration"]["load"] for one in there.submitted.values() if "load" in one["configuration"]]
    assert (loaded["sourceFormat"], loaded["writeDisposition"]) == ("PARQUET", "WRITE_TRUNCATE")
    assert [(one["name"], one["type"]) for one in loaded["schema"]["fields"]] == [
        ("id", "STRING"),
        ("seats", "INT64"),
        ("_extra", "STRING"),
    ]
    begin, look, delete, insert, state, commit = there.script().split(";\n")
    target = "`some-project`.`dev_raw_crm`.`account`"
    assert (begin, commit) == ("begin transaction", "commit transaction;")
    assert look.startswith("select if(ifnull((select max(seq) from `some-project`.`dev_sg_ops`.`table_state`")
    assert delete.startswith(f"delete from {target} as t where exists")
    assert insert.startswith(f"insert into {target} (`id`, `seats`, `_extra`) select")
    assert state.startswith("insert into `some-project`.`dev_sg_ops`.`table_state`")
    assert there.datasets["dev_sg_staging"]["defaultTableExpirationMs"] == "86400000"
    assert [name for name in there.tables if name.startswith("dev_sg_staging")] == []


def test_a_load_notes_its_objects_and_days(there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    outcome = load(on_bigquery, tmp_path, [pinged(MARCH, 12, [noon, noon])])
    assert {day: one.rows for day, one in outcome.state.partitions.items()} == {MARCH: 2}
    for name in ("table_state", "partition_state", "loaded_object", "event_day"):
        assert f"insert into `some-project`.`dev_sg_ops`.`{name}`" in there.script()
    assert "pings/2026-03-10" not in there.script()
