from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from sg_assets.warehouse import readcopy
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.readcopy import ReadCopy
from sg_assets_tests.warehouse.examples import NOW, land, raw, row


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[ReadCopy]:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", read_copy=tmp_path / "read.duckdb")
    land(warehouse, tmp_path, raw(), [row("a", seats=3, tags=["x"], seen_at=NOW, profile="{}"), row("b")])
    warehouse.close()
    yield ReadCopy(tmp_path / "read.duckdb")
    warehouse.release()


def test_an_answer_has_types_in_bigquery_words_and_says_as_of_when(copy: ReadCopy) -> None:
    answer = copy.query("select id, seats, arr_usd, tags, seen_at, profile from raw_crm.account order by id")
    assert [name for name, _ in answer.columns] == ["id", "seats", "arr_usd", "tags", "seen_at", "profile"]
    assert [type_ for _, type_ in answer.columns] == [
        "STRING",
        "INT64",
        "NUMERIC",
        "ARRAY<STRING>",
        "TIMESTAMP",
        "JSON",
    ]
    assert answer.rows[0] == ("a", 3, None, ["x"], NOW, "{}")
    assert answer.as_of == NOW


def test_values_are_pythons(copy: ReadCopy) -> None:
    sql = (
        "select cast('1.5' as numeric) as n, date '2026-01-02' as d, timestamp '2026-01-02 03:00:00+02' as t, 0.5 as f"
    )
    assert copy.query(sql).rows == [
        (Decimal("1.5"), date(2026, 1, 2), datetime(2026, 1, 2, 1, tzinfo=UTC), 0.5),
    ]


def test_the_state_tables_can_be_queried(copy: ReadCopy) -> None:
    sql = "select table_name, seq, row_count, change from sg_ops.table_state_current"
    assert copy.query(sql).rows == [("raw_crm.account", 1, 2, "land")]


@pytest.mark.parametrize(
    "sql",
    ["select nope from raw_crm.account", "select from where", "drop table raw_crm.account", "select 1; select 2"],
)
def test_a_query_that_cannot_be_answered_says_why(copy: ReadCopy, sql: str) -> None:
    with pytest.raises(WarehouseError):
        copy.query(sql)
    assert copy.query("select count(*) as n from raw_crm.account").rows == [(2,)]


def test_without_a_copy_the_answer_is_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="sg-assets refresh --all"):
        ReadCopy(tmp_path / "read.duckdb").query("select 1 as one")


def test_who_has_the_copy_open_keeps_the_old_one(copy: ReadCopy, tmp_path: Path) -> None:
    with duckdb.connect(str(copy.path), read_only=True) as reader:
        warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", read_copy=copy.path)
        land(warehouse, tmp_path, raw(), [row("c")])
        warehouse.close()
        assert reader.execute("select count(*) from raw_crm.account").fetchall() == [(2,)]
    assert copy.query("select count(*) as n from raw_crm.account").rows == [(3,)]


def test_a_copy_that_was_cut_short_is_never_in_place(tmp_path: Path) -> None:
    source, target = tmp_path / "w", tmp_path / "folder" / "read"
    source.write_text("new")
    (tmp_path / "folder").mkdir()
    target.write_text("old")
    seen: list[tuple[str, str]] = []
    readcopy.publish(source, target, lambda step: seen.append((step, target.read_text())))
    assert seen == [("copied", "old")]
    assert target.read_text() == "new"
