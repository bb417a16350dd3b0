from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from sg_assets.warehouse import duckdb_state
from sg_assets.warehouse.state import Change, LoadedObject, PartitionState, TableState
from sg_assets.warehouse.transitions import next_state

AT = datetime(2026, 3, 1, 2, 3, 4, 567891, tzinfo=UTC)
DAY = date(2026, 2, 28)
BUILT = TableState(
    table="crm.account",
    seq=1,
    built_at=AT,
    rows=3,
    data_through=AT - timedelta(microseconds=1),
    content_version="3:00000000000000ff",
    code_version="1",
    change=Change.BUILD,
    inputs={"raw_crm.account": "7", "raw_crm.user": ""},
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'America/Los_Angeles'")  # whatever the machine is set to
        opened.execute(duckdb_state.SCHEMA)
        yield opened


@pytest.mark.parametrize(
    "state",
    [
        BUILT,
        replace(BUILT, inputs={}, data_through=None, change=Change.CREATE),
        replace(BUILT, cursor={"since": "2026-03-01T00:00:00Z", "pages": [1, 2], "more": {"a": None}}),
        replace(BUILT, cursor={}, change=Change.PART),
        replace(BUILT, known_at=AT + timedelta(days=1), is_carried=True, change=Change.CARRY),
    ],
    ids=["built", "empty", "cursor", "empty cursor", "snapshot"],
)
def test_a_state_comes_back_as_it_was_written(connection: duckdb.DuckDBPyConnection, state: TableState) -> None:
    assert duckdb_state.append(connection, state) == state
    assert duckdb_state.read(connection) == {state.table: state}


def test_states_are_appended_and_the_newest_counts(connection: duckdb.DuckDBPyConnection) -> None:
    states = [BUILT]
    for rows in (5, 4):
        states.append(next_state(states[-1], rows=rows, content_version=f"{rows}:0"))
    for state in (states[0], states[2], states[1]):
        duckdb_state.add(connection, state)
    assert duckdb_state.read(connection, [BUILT.table]) == {BUILT.table: states[2]}
    assert duckdb_state.read(connection, ["crm.other"]) == {}
    assert connection.execute("select seq from sg_ops.table_state order by seq").fetchall() == [(1,), (2,), (3,)]
    assert connection.execute("select seq from sg_ops.table_state_current").fetchall() == [(3,)]


def test_the_newest_state_of_each_day_counts(connection: duckdb.DuckDBPyConnection) -> None:
    old, new = (PartitionState(DAY, seq, AT, seq, f"{seq}:0", "1", {"x.y": str(seq)}) for seq in (1, 2))
    other = old._replace(day=DAY + timedelta(days=1))
    duckdb_state.put_partitions(connection, BUILT.table, [other, old])
    duckdb_state.put_partitions(connection, "crm.other", [old])
    duckdb_state.put_partitions(connection, BUILT.table, [new])
    duckdb_state.put_partitions(connection, BUILT.table, [])
    assert duckdb_state.append(connection, BUILT).partitions == {DAY: new, other.day: other}
    duckdb_state.drop_partitions(connection, BUILT.table)
    assert duckdb_state.read(connection)[BUILT.table].partitions == {}


def test_objects_come_back_as_they_were_written(connection: duckdb.DuckDBPyConnection) -> None:
    found = LoadedObject("p/it's/1.gz", "17", "shard-0", DAY, 23, 3, 1, {DAY: 2, DAY - timedelta(days=1): 1})
    empty = LoadedObject("p/2.gz", "1", "shard-1", DAY, 0, 0, 0, {})
    duckdb_state.put_objects(connection, "raw_pings.ping", [found, empty], "1", is_all=False)
    assert duckdb_state.loaded_objects(connection, "raw_pings.ping") == {found.name: found, empty.name: empty}
    assert duckdb_state.loaded_objects(connection, "raw_pings.other") == {}
    duckdb_state.put_objects(connection, "raw_pings.ping", [empty], "1", is_all=True)
    assert duckdb_state.loaded_objects(connection, "raw_pings.ping") == {empty.name: empty}


def test_thousands_of_objects_take_no_time_worth_telling(connection: duckdb.DuckDBPyConnection) -> None:
    objects = [
        LoadedObject(f"p/{n}.gz", "1", "shard-0", DAY, n % 24, 10, 0, {DAY - timedelta(days=n // 24): 10})
        for n in range(3000)
    ]
    duckdb_state.put_objects(connection, "raw_pings.ping", objects, "1", is_all=False)
    state = duckdb_state.append(connection, replace(BUILT, table="raw_pings.ping"))
    assert len(state.event_days) == 125
    assert len(set(state.event_days.values())) == 125
