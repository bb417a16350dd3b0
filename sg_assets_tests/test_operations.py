from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from sg_assets.freshness.notes import Note
from sg_assets.operations import Attempt, Operations
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.state import Change, PartitionState, TableState
from sg_assets_tests.warehouse.examples import NOW, load, pinged

AT = datetime(2026, 3, 1, 2, 3, 4, 567891, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = date(2026, 2, 28)
STATE = TableState("crm.account", 2, AT, 3, AT - HOUR, "3:ff", "1", Change.BUILD, {"raw_crm.account": "7"})


@pytest.fixture
def operations(store_url: str) -> Iterator[Operations]:
    opened = Operations(store_url)
    yield opened
    opened.close()


@pytest.fixture
def other(store_url: str, operations: Operations) -> Iterator[Operations]:  # noqa: ARG001 (made first)
    """The same store, as another process has it."""
    opened = Operations(store_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "state",
    [
        STATE,
        replace(STATE, data_through=None, inputs={}, change=Change.CREATE),
        replace(STATE, cursor={"since": "t", "pages": [1, {"a": None}]}, known_at=AT, is_carried=False),
        replace(STATE, cursor={"number": 1 << 70, "half a character": "\ud800", "zero": "\0"}),
        replace(
            STATE,
            partitions={DAY: PartitionState(DAY, 1, AT, 3, "3:ff", "1", {"x.y": "m"})},
            event_days={DAY: "mark", DAY + timedelta(days=1): "other"},
        ),
    ],
    ids=["plain", "created", "cursor", "awkward", "partitioned"],
)
def test_a_copied_state_equals_the_original(operations: Operations, other: Operations, state: TableState) -> None:
    operations.copy_states("w", {state.table: state})
    assert operations.states("w") == other.states("w") == {state.table: state}


def test_states_of_a_real_warehouse_come_back_field_by_field(
    operations: Operations, other: Operations, tmp_path: Path
) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")
    load(warehouse, tmp_path, [pinged(DAY, 1, [AT, AT - 24 * HOUR])], cursor={"missing": "x"})
    states = warehouse.states()
    warehouse.release()
    operations.copy_states(warehouse.id, states)
    assert other.states(warehouse.id) == states


def test_only_what_is_newer_is_copied(operations: Operations, other: Operations) -> None:
    newer = replace(STATE, seq=3, rows=9)
    operations.copy_states("w", {STATE.table: newer})
    other.copy_states("w", {STATE.table: STATE})
    other.copy_states("w", {STATE.table: replace(newer, rows=1)})
    other.copy_states("w", {})
    assert operations.states("w") == other.states("w") == {STATE.table: newer}


def test_a_state_that_was_just_written_is_copied_unless_there_is_a_newer_one(
    operations: Operations, other: Operations
) -> None:
    newer = replace(STATE, seq=3, rows=9)
    operations.copy_state("w", newer)
    assert operations.states("w") == other.states("w") == {STATE.table: newer}
    other.copy_state("w", STATE)
    assert operations.states("w") == other.states("w") == {STATE.table: newer}


def test_a_later_copy_by_another_process_is_seen(operations: Operations, other: Operations) -> None:
    operations.copy_states("w", {STATE.table: STATE})
    assert operations.states("w")[STATE.table].rows == 3
    other.copy_states("w", {STATE.table: replace(STATE, seq=3, rows=4), "a.b": replace(STATE, table="a.b")})
    assert {name: state.rows for name, state in operations.states("w").items()} == {"a.b": 3, STATE.table: 4}


def test_the_state_of_another_warehouse_does_not_exist(operations: Operations) -> None:
    operations.copy_states("w", {STATE.table: STATE})
    assert operations.states("another") == {}
    operations.copy_states("another", {STATE.table: replace(STATE, seq=1, rows=0)})
    assert operations.states("w")[STATE.table] == STATE


def test_a_thousand_tables_are_copied_and_read_within_a_tick(operations: Operations, other: Operations) -> None:
    days = [DAY - timedelta(days=n) for n in range(60)]
    parts = {day: PartitionState(day, 1, AT, 3, "3:ff", "1", {"raw_x.y": "m", "a.b": "n"}) for day in days}
    states = {f"d.t{n}": replace(STATE, table=f"d.t{n}", partitions=parts if n % 10 == 0 else {}) for n in range(1000)}
    began = time.perf_counter()
    operations.copy_states("w", states)
    copied = time.perf_counter()
    assert other.states("w") == states
    read = time.perf_counter()
    assert copied - began < 3  # 0.05 s on a machine with nothing else to do
    assert read - copied < 3


def test_tables_are_first_seen_once(operations: Operations, other: Operations) -> None:
    assert operations.first_seen(["a.b", "a.c"], AT) == {"a.b": AT, "a.c": AT}
    assert other.first_seen(["a.c", "a.d"], AT + HOUR) == {"a.c": AT, "a.d": AT + HOUR}
    assert operations.first_seen([], AT) == {}


def test_a_source_that_was_connected_once_stays_so(operations: Operations, other: Operations) -> None:
    assert operations.connected_once(["crm"], AT) == {"crm": AT}
    assert other.connected_once([], AT + HOUR) == {"crm": AT}
    assert other.connected_once(["crm", "pings"], AT + HOUR) == {"crm": AT, "pings": AT + HOUR}


def test_failed_tries_are_counted_until_something_changed(operations: Operations) -> None:
    operations.record_try("a.b", "f1", AT, None, "timeout")
    operations.record_try("a.b", "f1", AT + HOUR, AT + 2 * HOUR, "429")
    operations.record_try("a.c", "f1", AT, None, "boom")
    assert operations.attempts() == {
        "a.b": Attempt("f1", 2, AT + HOUR, AT + 2 * HOUR, "429"),
        "a.c": Attempt("f1", 1, AT, None, "boom"),
    }
    operations.record_try("a.b", "f2", AT + 2 * HOUR, None, "other")
    assert operations.attempts()["a.b"] == Attempt("f2", 1, AT + 2 * HOUR, None, "other")


def test_failed_tries_are_forgotten_by_table_or_altogether(operations: Operations) -> None:
    for table in ("a.b", "a.c", "a.d"):
        operations.record_try(table, "f", AT, None, "boom")
    operations.clear_attempts(["a.b", "not.there"])
    assert sorted(operations.attempts()) == ["a.c", "a.d"]
    operations.clear_attempts([])
    assert len(operations.attempts()) == 2
    operations.clear_attempts(None)
    assert operations.attempts() == {}


def test_heartbeats_are_the_last_ones(operations: Operations) -> None:
    operations.beat("watch", AT)
    operations.beat("keeper", AT)
    operations.beat("watch", AT + HOUR)
    assert operations.heartbeats() == {"watch": AT + HOUR, "keeper": AT}


def test_notes_are_published_listed_and_ended(operations: Operations, other: Operations) -> None:
    first = operations.add_note(["a.b", "a.c"], "Ada", "vendor's down", AT, AT + 24 * HOUR)
    second = operations.add_note(["a.d"], "Bob", "migration", AT, AT + HOUR)
    assert first == Note(first.id, ("a.b", "a.c"), "Ada", "vendor's down", AT, AT + 24 * HOUR)
    assert other.notes() == [first, second]
    assert other.end_note(first.id, AT + HOUR)
    assert not other.end_note(first.id, AT + 2 * HOUR)
    assert not other.end_note("99", AT)
    assert not other.end_note("first", AT)
    assert operations.notes() == [replace(first, ended_at=AT + HOUR), second]


def test_a_note_that_excuses_nothing_is_not_published(operations: Operations) -> None:
    with pytest.raises(ValueError, match="at least one table"):
        operations.add_note([], "Ada", "why", AT, AT + HOUR)
    assert operations.notes() == []


def test_times_keep_their_instant_and_come_back_in_utc(operations: Operations) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=-8)))
    operations.beat("watch", elsewhere)
    back = operations.heartbeats()["watch"]
    assert (back, back.tzinfo) == (AT, UTC)
    with pytest.raises(StatementError, match="no time zone"):
        operations.beat("watch", NOW.replace(tzinfo=None))


def test_a_run_that_tells_of_its_try_twice_is_counted_once(operations: Operations) -> None:
    operations.record_try("a.b", "f", AT)
    operations.record_try("a.b", "f", AT, None, "boom")
    assert operations.attempts()["a.b"].count == 1
    assert operations.attempts()["a.b"].reason == "boom"


def test_many_writers_at_once_lose_nothing(store_url: str, operations: Operations) -> None:
    def write(number: int) -> None:
        own = Operations(store_url)
        for n in range(10):
            own.record_try("a.b", "f", AT + timedelta(seconds=100 * number + n), None, "boom")
            own.copy_states("w", {STATE.table: replace(STATE, seq=number * 10 + n + 1)})
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert operations.attempts()["a.b"].count == 40
    assert operations.states("w")[STATE.table].seq == 40
