"""Delivered rows on their way to BigQuery."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sg_assets.columns import Column
from sg_assets.warehouse import duckdb_staging
from sg_assets.warehouse.bigquery_upload import in_memory, loading, typed
from sg_assets_tests.warehouse.examples import parquet, raw, row
from sg_assets_tests.warehouse.played_bigquery import Played


def test_rows_are_written_out_with_every_type_and_json_as_text(tmp_path: Path) -> None:
    table, at = raw(), datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    more = {"tags": ["x"], "arr_usd": Decimal("1.000000001"), "seen_at": at, "profile": '{"b": 1}'}
    rows = [row("a", "old"), row("a", "new", **more)]
    with in_memory() as connection:
        duckdb_staging.bring_in(connection, table, [parquet(tmp_path, table, rows)])
        duckdb_staging.write_out(connection, table, tmp_path / "out.parquet")
    (found,) = pq.read_table(tmp_path / "out.parquet").to_pylist()
    expected = {"id": "a", "name": "new", **more}
    assert {name: found[name] for name in expected} == expected


def test_a_file_takes_the_place_of_a_staged_table(there: Played, tmp_path: Path) -> None:
    table = raw()
    file = parquet(tmp_path, table, [row("a")])
    with loading(there.jobs, table.name, "sg_staging.x", file, table.columns, "mark") as submit:
        submit("sg-x-1").result()
    config = there.submitted["sg-x-1"]["configuration"]
    assert config["labels"] == {"sg_what": "mark", "sg_table": "raw_crm_account"}
    target = {"projectId": "some-project", "datasetId": "dev_sg_staging", "tableId": "x"}
    assert config["load"]["destinationTable"] == target
    assert config["load"]["parquetOptions"] == {"enableListInference": True}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("INT64", "`x`"),
        ("JSON", "parse_json(`x`, wide_number_mode => 'round')"),
        ("ARRAY<JSON>", "array(select parse_json(x, wide_number_mode => 'round') from unnest(`x`) as x with"),
    ],
)
def test_json_is_parsed_where_it_is_read(kind: str, expected: str) -> None:
    assert typed(Column("x", kind, "")).startswith(expected)
