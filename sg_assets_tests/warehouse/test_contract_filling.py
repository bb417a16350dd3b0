"""Tables that another system fills elsewhere are seen under our name, on every kind of warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.table import Origin, Part, Reach, Table
from sg_assets.warehouse.contract import UnsoundError, Warehouse, WarehouseError
from sg_assets.warehouse.state import Change
from sg_assets_tests.filled_tables import NOW, Theirs
from sg_assets_tests.warehouse.test_duckdb_watch import declared

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OURS = declared(Column("id", "INT64", "Id."), Column("at", "TIMESTAMP", "When."), through="at")
TYPES = {"id_c": "STRING", "at_c": "TIMESTAMP"}


@pytest.fixture
def theirs(warehouse: Warehouse, tmp_path: Path) -> Theirs:
    warehouse.ensure([OURS], NOW)
    return Theirs(warehouse, tmp_path)


def ours(theirs: Theirs, reach: Reach = Reach.COLUMN, **part: object) -> Table:
    fields: Mapping[str, str] = {"id": "id_c", "at": "at_c"}
    shown = Part(f"{theirs.dataset}.thing", fields, **part)  # pyrefly: ignore[bad-argument-type]
    return replace(OURS, origin=Origin("SG_X_TABLE", (shown,), reach), code_version=str(part))


def row(id_: int, hours_ago: int) -> dict[str, object]:
    return {"id_c": str(id_), "at_c": NOW - hours_ago * HOUR}


def test_their_rows_are_ours_and_each_day_has_a_mark_that_only_its_own_rows_move(theirs: Theirs) -> None:
    table = ours(theirs)
    theirs.writes("thing", TYPES, [row(1, 30), row(2, 2)])
    first = theirs.looks(table)
    assert (first.state.change, first.state.rows, first.state.data_through) == (Change.WATCH, 2, NOW - 2 * HOUR)
    assert theirs.rows(table) == [{"id": 1, "at": NOW - 30 * HOUR}, {"id": 2, "at": NOW - 2 * HOUR}]
    assert sorted(first.state.event_days) == [NOW.date() - DAY, NOW.date()]
    theirs.writes("thing", TYPES, [row(1, 30), row(2, 2), row(3, 1)])
    second = theirs.looks(table, NOW + HOUR).state
    assert (second.rows, second.data_through) == (3, NOW - HOUR)
    assert second.event_days[NOW.date()] != first.state.event_days[NOW.date()]
    assert theirs.warehouse.states()[table.name] == second
    assert len(theirs.rows(table)) == 3


def test_where_nothing_was_written_nothing_moves(theirs: Theirs) -> None:
    table = ours(theirs)
    theirs.writes("thing", TYPES, [])
    assert theirs.looks(table).reason == "nothing was written yet"
    theirs.writes("thing", TYPES, [row(1, 1)])
    first = theirs.looks(table).state
    again = theirs.looks(table, NOW + HOUR).state  # the emulator says of any table that it was changed just now
    assert (again.rows, again.data_through, again.event_days) == (first.rows, first.data_through, first.event_days)


def test_what_its_writer_tells_is_believed(theirs: Theirs) -> None:
    table = ours(theirs, Reach.TOLD)
    theirs.writes("thing", TYPES, [row(1, 50)])
    assert theirs.looks(table, told=NOW - HOUR).state.data_through == NOW - HOUR
    moved = theirs.looks(table, NOW + HOUR, told=NOW).state
    assert (moved.data_through, moved.event_days) == (NOW, {})


def test_another_way_of_showing_them_counts_from_the_next_look_on(theirs: Theirs) -> None:
    theirs.writes("thing", TYPES, [row(1, 1), row(2, 1)])
    theirs.looks(ours(theirs))
    fewer = ours(theirs, tail="where t.id_c = '1'")
    theirs.looks(fewer, NOW + HOUR)
    assert [row["id"] for row in theirs.rows(fewer)] == [1]


def test_what_is_in_a_table_beside_it_is_put_together_and_counts_for_whether_it_changed(theirs: Theirs) -> None:
    joined = "left join (select of_id, max(named) as name from {label} group by of_id) as l on t.id_c = l.of_id"
    table = ours(
        theirs, Reach.TOLD, tail=joined, beside=(f"{theirs.dataset}.label",), computed={"id": "length(l.name)"}
    )
    theirs.writes("thing", TYPES, [row(1, 1)])
    with pytest.raises(WarehouseError, match=r"there is no table .*theirs\.label, which SG_X_TABLE names"):
        theirs.looks(table, told=NOW)
    theirs.writes("label", {"of_id": "STRING", "named": "STRING"}, [{"of_id": "1", "named": "four"}])
    first = theirs.looks(table, told=NOW).state
    assert (first.rows, [found["id"] for found in theirs.rows(table)]) == (1, [4])
    theirs.writes("label", {"of_id": "STRING", "named": "STRING"}, [{"of_id": "1", "named": "other"}])
    second = theirs.looks(table, NOW + HOUR, told=NOW + HOUR).state
    assert (second.rows, [found["id"] for found in theirs.rows(table)]) == (1, [5])
    assert second.content_version != first.content_version


def test_what_is_not_sound_is_not_noted(theirs: Theirs) -> None:
    theirs.writes("thing", TYPES, [row(1, 1), row(1, 1)])
    with pytest.raises(UnsoundError, match="1 rows repeat a key"):
        theirs.looks(ours(theirs))
    assert not theirs.warehouse.states()[OURS.name].has_landed


def test_a_table_that_is_not_there_is_named(theirs: Theirs) -> None:
    with pytest.raises(WarehouseError, match=r"there is no table .*theirs\.thing, which SG_X_TABLE names"):
        theirs.looks(ours(theirs))
