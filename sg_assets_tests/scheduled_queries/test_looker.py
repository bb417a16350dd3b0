"""What in Looker reads which table, of the copy that the last run published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sg_assets.scheduled_queries.looker import Content, titles_by_table
from sg_assets.warehouse.readcopy import ReadCopy


def test_titles_are_by_table_each_once(tmp_path: Path) -> None:
    path = tmp_path / "copy.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema operations; create schema sg_ops")
        connection.execute("create table operations.looker_content (content_type text, title text, tables_read text[])")
        connection.execute(
            "insert into operations.looker_content values"
            " ('look', 'B', ['a.x']), ('dashboard', 'A', ['a.y', 'a.x']), ('look', 'B', ['a.x']), ('look', 'C', [])"
        )
        connection.execute("create table sg_ops.table_state as select timestamptz '2026-11-21 03:00:00+00' as built_at")
    assert titles_by_table(ReadCopy(path)) == Content(
        datetime(2026, 11, 21, 3, tzinfo=UTC), {"a.x": ("dashboard: A", "look: B"), "a.y": ("dashboard: A",)}
    )


def test_where_nothing_was_built_nothing_is_known(tmp_path: Path) -> None:
    assert titles_by_table(ReadCopy(tmp_path / "none.duckdb")) == Content()
    path = tmp_path / "copy.duckdb"
    duckdb.connect(str(path)).close()
    assert titles_by_table(ReadCopy(path)) == Content()
