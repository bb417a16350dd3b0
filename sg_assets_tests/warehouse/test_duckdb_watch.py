"""What is noted of a table that another system writes, and what not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sg_assets.checks import judge
from sg_assets.columns import Column, arrow_schema
from sg_assets.promise import Promise
from sg_assets.source import Source, nowhere
from sg_assets.table import Table
from sg_assets.warehouse.contract import Outcome, UnsoundError, Warehouse, WarehouseError, Watch
from sg_assets.warehouse.state import Change

NOW = datetime(2025, 6, 5, 12, tzinfo=UTC)
TODAY = NOW.date()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WARN = 30 * HOUR


def declared(*columns: Column, through: str = "day_on") -> Table:
    source = Source("x", "X.", "team:x", Promise("0 3 * * *", warn=WARN, fail=36 * HOUR), nowhere)

    def usage() -> None:
        """Usage."""

    source.watched(columns=columns, key=("id",), through=through)(usage)
    return source.tables["raw_x.usage"].table


ID, ON = Column("id", "INT64", "Id."), Column("day_on", "DATE", "Day.")
TABLE = declared(ID, ON)


class Other:
    """The other system, and us looking at what it wrote."""

    def __init__(self, warehouse: Warehouse, folder: Path) -> None:
        self.warehouse, self.folder = warehouse, folder
        warehouse.ensure([TABLE], NOW)

    def writes(self, *days: date, table: Table = TABLE, ids: tuple[int | None, ...] = ()) -> None:
        rows = [{"id": ids[i] if ids else i, "day_on": day} for i, day in enumerate(days)]
        pq.write_table(pa.Table.from_pylist(rows, arrow_schema(table.columns)), self.folder / "rows.parquet")
        self.warehouse.overwrite(table, [self.folder / "rows.parquet"])

    def look(self, now: datetime = NOW, table: Table = TABLE) -> Outcome:
        tick = now.replace(hour=3, minute=0)
        return self.warehouse.watch(table, Watch(now, tick, lambda through: through + WARN <= now), judge)


@pytest.fixture
def other(warehouse: Warehouse, tmp_path: Path) -> Other:
    return Other(warehouse, tmp_path)


def test_an_empty_table_never_landed(other: Other) -> None:
    outcome = other.look()
    assert (outcome.is_skipped, outcome.reason) == (True, "nothing was written yet")
    assert not other.warehouse.states()[TABLE.name].has_landed


def test_a_day_is_complete_at_its_end_and_nothing_reaches_beyond_now(other: Other) -> None:
    other.writes(TODAY - 2 * DAY, TODAY - DAY)
    state = other.look().state
    assert (state.data_through, state.rows, state.change) == (NOW.replace(hour=0), 2, Change.WATCH)
    other.writes(date(2099, 1, 1))
    assert other.look(NOW + DAY).state.data_through == NOW + DAY


def test_within_a_tick_nothing_more_is_noted(other: Other) -> None:
    other.writes(TODAY - 2 * DAY)
    first = other.look(NOW).state
    other.writes(TODAY - 2 * DAY, TODAY - 2 * DAY)
    again = other.look(NOW + HOUR)
    assert (again.is_skipped, again.state) == (True, first)
    noted = other.look(NOW + DAY)
    assert (noted.is_skipped, noted.state.seq) == (False, first.seq + 1)
    assert noted.state.content_version != first.content_version


def test_that_it_recovered_is_noted_at_once(other: Other) -> None:
    other.writes(TODAY - 3 * DAY)
    late = other.look(NOW).state
    other.writes(TODAY - 3 * DAY, TODAY - DAY)
    assert other.look(NOW + HOUR).state.seq == late.seq + 1


def test_where_nothing_new_was_written_nothing_is_noted_at_the_next_tick_either(other: Other) -> None:
    other.writes(TODAY - DAY)
    first = other.look(NOW).state
    assert other.look(NOW + 3 * DAY).state == first


def test_how_far_it_reaches_never_goes_back(other: Other) -> None:
    other.writes(TODAY - DAY)
    first = other.look(NOW).state
    other.writes(TODAY - 5 * DAY)
    after = other.look(NOW + DAY).state
    assert (after.data_through, after.rows) == (first.data_through, 1)
    assert after.content_version != first.content_version


def test_what_is_not_sound_leaves_the_state_as_it_was(other: Other) -> None:
    other.writes(TODAY - 2 * DAY)
    first = other.look(NOW).state
    other.writes(TODAY - DAY, TODAY - DAY, ids=(7, None))
    with pytest.raises(UnsoundError, match="1 rows have no key"):
        other.look(NOW + DAY)
    assert other.warehouse.states()[TABLE.name] == first


def test_other_columns_than_were_declared_are_named(other: Other) -> None:
    other.writes(TODAY)
    grown = declared(ID, Column("day_on", "STRING", "Day."), Column("more", "STRING", "More."))
    with pytest.raises(WarehouseError, match=r"day_on is DATE, declared as STRING; more is not there"):
        other.look(table=grown)
    other.warehouse.ensure([grown], NOW)  # another system's table is left as it is
    with pytest.raises(WarehouseError, match="more is not there"):
        other.look(table=grown)
