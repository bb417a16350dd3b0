"""Loading files, on every kind of warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.warehouse.contract import UnsoundError, Warehouse, WarehouseError
from sg_assets.warehouse.state import Change
from sg_assets_tests.warehouse.conftest import Reader
from sg_assets_tests.warehouse.examples import HOUR, NOW, PING, load, pinged

DAY = date(2026, 3, 9)
NEXT = DAY + timedelta(days=1)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
EVE = NOON - timedelta(days=1)


def test_objects_are_kept_with_their_rows_and_days(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    one, two = pinged(DAY, 12, [NOON, EVE]), pinged(NEXT, 0, [NOON])
    outcome = load(warehouse, tmp_path, [one, two])
    assert warehouse.loaded_objects(PING.name) == {one[0].name: one[0], two[0].name: two[0]}
    assert read(PING, "_object_on", "timestamp") == [
        {"_object_on": DAY, "timestamp": NOON},
        {"_object_on": DAY, "timestamp": EVE},
        {"_object_on": NEXT, "timestamp": NOON},
    ]
    state = outcome.state
    assert (state.change, state.rows, outcome.changed_rows, state.content_version) == (Change.LOAD, 3, 3, "1")
    assert {day: part.rows for day, part in state.partitions.items()} == {DAY: 2, NEXT: 1}
    assert state == warehouse.states()[PING.name]


def test_an_object_that_changed_takes_the_place_of_its_old_rows(
    warehouse: Warehouse, tmp_path: Path, read: Reader
) -> None:
    load(warehouse, tmp_path, [pinged(DAY, 11, [NOON]), pinged(DAY, 12, [NOON, NOON])])
    outcome = load(warehouse, tmp_path, [pinged(DAY, 12, [EVE], generation="2")])
    assert [row["timestamp"] for row in read(PING)] == [NOON, EVE]
    assert (outcome.state.rows, outcome.changed_rows) == (2, 3)
    assert outcome.state.partitions[DAY].rows == 2
    assert {found.generation for found in warehouse.loaded_objects(PING.name).values()} == {"1", "2"}


def test_an_event_day_has_a_new_mark_when_an_object_with_rows_of_it_changed(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    marks = [
        load(warehouse, tmp_path, objects).state.event_days
        for objects in (
            [pinged(DAY, 11, [NOON]), pinged(DAY, 12, [NOON, EVE])],
            [pinged(NEXT, 0, [NOON + timedelta(days=1)])],
            [pinged(DAY, 11, [NOON, NOON], generation="2")],
            [pinged(DAY, 12, [NOON], generation="2")],
            [pinged(DAY, 12, [NOON], generation="3")],
        )
    ]
    eve, noon, after = EVE.date(), DAY, NEXT
    assert list(marks[0]) == [eve, noon]
    assert marks[1] == {**marks[0], after: marks[1][after]}
    assert marks[2][noon] != marks[1][noon]
    assert (marks[2][eve], marks[2][after]) == (marks[1][eve], marks[1][after])
    assert list(marks[3]) == [noon, after]  # the object's only row of the eve is gone
    assert marks[4][noon] not in {mark[noon] for mark in marks[:4]}


def test_the_marks_do_not_depend_on_how_objects_were_bundled(warehouse: Warehouse, tmp_path: Path) -> None:
    objects = [pinged(DAY, hour, [NOON, EVE]) for hour in range(4)]
    for found in objects[::-1]:
        load(warehouse, tmp_path, [found])
    one_by_one = warehouse.states()[PING.name].event_days
    assert load(warehouse, tmp_path, objects, full=True).state.event_days == one_by_one


def test_rows_that_newer_code_read_have_another_mark(warehouse: Warehouse, tmp_path: Path) -> None:
    objects = [pinged(DAY, 12, [NOON])]
    before = load(warehouse, tmp_path, objects).state.event_days
    after = load(warehouse, tmp_path, objects, table=replace(PING, code_version="2"), full=True).state.event_days
    assert before.keys() == after.keys()
    assert before != after


def test_an_empty_object_is_noted_and_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, tmp_path, [pinged(DAY, 12, [NOON])])
    state = load(warehouse, tmp_path, [pinged(DAY, 13, [])]).state
    assert (state.seq, state.content_version, state.rows) == (2, "1", 1)
    assert len(warehouse.loaded_objects(PING.name)) == 2


def test_without_objects_only_data_through_moves(warehouse: Warehouse, tmp_path: Path) -> None:
    first = load(warehouse, tmp_path, [pinged(DAY, 12, [NOON])]).state
    same = load(warehouse, tmp_path, [])
    assert (same.is_skipped, same.state) == (True, first)
    later = load(warehouse, tmp_path, [], data_through=NOW + HOUR)
    assert not later.is_skipped
    assert (later.state.seq, later.state.data_through, later.state.content_version) == (2, NOW + HOUR, "1")
    assert later.state.event_days == first.event_days


def test_what_is_to_be_remembered_moves_the_state_too(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, tmp_path, [pinged(DAY, 12, [NOON])], cursor={"missing": "11"})
    assert load(warehouse, tmp_path, [], cursor={"missing": "11"}).is_skipped
    state = load(warehouse, tmp_path, []).state
    assert (state.seq, state.cursor, state.data_through) == (2, None, NOW)


def test_what_has_landed_once_stays_landed(warehouse: Warehouse, tmp_path: Path) -> None:
    assert not load(warehouse, tmp_path, [pinged(DAY, 12, [NOON])], data_through=None).state.has_landed
    load(warehouse, tmp_path, [pinged(DAY, 13, [])])
    assert load(warehouse, tmp_path, [pinged(DAY, 14, [])], data_through=None).state.data_through == NOW


def test_everything_anew_forgets_objects_that_are_gone(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    load(warehouse, tmp_path, [pinged(DAY, 12, [NOON]), pinged(NEXT, 1, [EVE])])
    state = load(warehouse, tmp_path, [pinged(DAY, 12, [NOON])], full=True).state
    assert [row["_object_on"] for row in read(PING)] == [DAY]
    assert (list(state.partitions), list(state.event_days)) == ([DAY], [DAY])
    assert len(warehouse.loaded_objects(PING.name)) == 1


def test_rows_that_are_not_those_of_the_objects_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    found, rows = pinged(DAY, 12, [NOON, EVE])
    with pytest.raises(WarehouseError, match=r"said to have 2 rows, 1 were staged"):
        load(warehouse, tmp_path, [(found, rows[:1])])
    with pytest.raises(WarehouseError, match=r"said to have 0 rows, 2 were staged"):
        load(warehouse, tmp_path, [(replace(found, name="another", rows=0), rows)])
    assert warehouse.states() == {}


def test_unsound_rows_are_not_published(warehouse: Warehouse, tmp_path: Path) -> None:
    found, (first, second) = pinged(DAY, 12, [NOON, EVE])
    with pytest.raises(UnsoundError):
        load(warehouse, tmp_path, [(found, [first, {**second, "_line": None}])])
    assert warehouse.states() == {}
    assert warehouse.loaded_objects(PING.name) == {}
