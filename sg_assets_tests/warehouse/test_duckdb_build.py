"""What a rebuild in DuckDB leaves alone, and what it puts right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.warehouse.examples import build, derived

DAY, COUNT = Column("day", "DATE", "Day."), Column("pings", "INT64", "Pings.")
WHOLE = derived([DAY, COUNT], ["day"], name="pings.day")
DAILY = replace(WHOLE, partition="day", event_column="day")
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
ROWS = "select date '2026-03-01' as day, 1 as pings union all select date '2026-03-02', 2"
MARKS = {FIRST: {"raw_pings.ping": "m"}, SECOND: {"raw_pings.ping": "m"}}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    with closing(DuckDBWarehouse(tmp_path / "warehouse.duckdb", "sandbox")) as opened:
        yield opened


def pings(warehouse: DuckDBWarehouse, column: str = "pings") -> list[object]:
    rows = warehouse.read(WHOLE.name, ["day", column]).sort_by("day").to_pylist()
    return [row[column] for row in rows]


def test_of_a_table_that_had_no_days_none_of_its_rows_stay(warehouse: DuckDBWarehouse) -> None:
    build(warehouse, WHOLE, ROWS)
    only_second = ROWS.partition(" union all ")[2].replace("'2026-03-02', 2", "'2026-03-02' as day, 3 as pings")
    state = build(warehouse, DAILY, only_second, partitions=MARKS).state
    assert (state.rows, pings(warehouse)) == (1, [3])


def test_a_table_that_had_days_is_a_whole_one_with_the_same_rows(warehouse: DuckDBWarehouse) -> None:
    daily = build(warehouse, DAILY, ROWS, partitions=MARKS).state
    whole = build(warehouse, WHOLE, ROWS).state
    assert whole.content_version == daily.content_version
    assert not whole.partitions
    assert pings(warehouse) == [1, 2]


@pytest.mark.parametrize("is_daily", [False, True])
def test_a_column_with_another_name_has_its_values(warehouse: DuckDBWarehouse, *, is_daily: bool) -> None:
    table, marks = (DAILY, MARKS) if is_daily else (WHOLE, {})
    build(warehouse, table, ROWS, partitions=marks)
    renamed = replace(table, columns=(DAY, replace(COUNT, name="count")))
    build(warehouse, renamed, ROWS.replace("pings", "count"), partitions=marks)
    assert pings(warehouse, "count") == [1, 2]


def test_days_with_the_same_rows_are_not_written_and_an_emptied_one_is_empty(warehouse: DuckDBWarehouse) -> None:
    build(warehouse, DAILY, ROWS, partitions=MARKS)
    assert build(warehouse, DAILY, ROWS, partitions=MARKS).changed_rows == 0
    outcome = build(warehouse, DAILY, ROWS.partition(" union all ")[0], partitions=MARKS)
    assert (outcome.changed_rows, outcome.state.rows) == (1, 1)
    assert [part.rows for part in outcome.state.partitions.values()] == [1, 0]
    assert pings(warehouse) == [1]


@pytest.mark.parametrize("is_daily", [False, True])
def test_what_somebody_changed_by_hand_is_put_right(
    warehouse: DuckDBWarehouse, tmp_path: Path, *, is_daily: bool
) -> None:
    table, marks = (DAILY, MARKS) if is_daily else (WHOLE, {})
    build(warehouse, table, ROWS, partitions=marks)
    warehouse.close()
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as by_hand:
        by_hand.execute("update pings.day set pings = 7 where pings = 1")
    assert build(warehouse, table, ROWS, partitions=marks).changed_rows
    assert pings(warehouse) == [1, 2]
