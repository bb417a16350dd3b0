"""The tables of `sg_ops` in DuckDB: made, written and read.

Every function works on an open connection and inside the caller's transaction, so that state moves with the data.
What a change of state means is decided by the callers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from sg_assets.warehouse.state import Change, LoadedObject, PartitionState, TableState

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SCHEMA = """
create schema if not exists sg_ops;
create table if not exists sg_ops.table_state (
    table_name varchar not null, seq bigint not null, built_at timestamptz not null, row_count bigint not null,
    data_through timestamptz, content_version varchar not null, code_version varchar not null, change varchar not null,
    inputs json not null, cursor json, known_at timestamptz, is_carried boolean
);
create or replace view sg_ops.table_state_current as
    select * from sg_ops.table_state qualify row_number() over (partition by table_name order by seq desc) = 1;
create table if not exists sg_ops.partition_state (
    table_name varchar not null, day date not null, seq bigint not null, built_at timestamptz not null,
    row_count bigint not null, content_version varchar not null, code_version varchar not null, inputs json not null
);
create table if not exists sg_ops.loaded_object (
    table_name varchar not null, object varchar not null, generation varchar not null, feed varchar not null,
    day date not null, hour bigint not null, row_count bigint not null, rejected bigint not null,
    event_days json not null, code_version varchar not null
);
create table if not exists sg_ops.event_day (table_name varchar not null, day date not null, mark varchar not null);
"""

_STATE = """
select table_name, seq, epoch_us(built_at), row_count, epoch_us(data_through), content_version, code_version, change,
       inputs, cursor, epoch_us(known_at), is_carried
from sg_ops.table_state semi join (select table_name, max(seq) as seq from sg_ops.table_state group by all)
    using (table_name, seq)
"""
_PARTITIONS = """
select table_name, day, seq, epoch_us(built_at), row_count, content_version, code_version, inputs
from sg_ops.partition_state
"""


def read(connection: DuckDBPyConnection, tables: Sequence[str] | None = None) -> dict[str, TableState]:
    """The newest state of every table that has one, or of these, with its partitions and event days."""
    where, values = ("", []) if tables is None else (" where list_contains(?::varchar[], table_name)", [list(tables)])
    partitions: dict[str, dict[date, PartitionState]] = defaultdict(dict)
    for name, day, seq, built_at, rows, content, code, inputs in connection.execute(
        f"{_PARTITIONS}{where} order by table_name, day", values
    ).fetchall():
        partitions[name][day] = PartitionState(day, seq, _time(built_at), rows, content, code, orjson.loads(inputs))
    event_days: dict[str, dict[date, str]] = defaultdict(dict)
    for name, day, mark in connection.execute(
        f"select table_name, day, mark from sg_ops.event_day{where} order by table_name, day", values
    ).fetchall():
        event_days[name][day] = mark
    return {
        row[0]: TableState(
            table=row[0],
            seq=row[1],
            built_at=_time(row[2]),
            rows=row[3],
            data_through=_time_or_none(row[4]),
            content_version=row[5],
            code_version=row[6],
            change=Change(row[7]),
            inputs=json.loads(row[8]),
            cursor=None if row[9] is None else json.loads(row[9]),
            known_at=_time_or_none(row[10]),
            is_carried=row[11],
            partitions=partitions.get(row[0], {}),
            event_days=event_days.get(row[0], {}),
        )
        for row in connection.execute(f"{_STATE}{where} order by table_name", values).fetchall()
    }


def append(connection: DuckDBPyConnection, state: TableState) -> TableState:
    """Append a table's new state row; gives the whole state as it is then, partitions and event days included."""
    add(connection, state)
    return read(connection, [state.table])[state.table]


def add(connection: DuckDBPyConnection, state: TableState) -> None:
    """Append a table's new state row."""
    connection.execute(
        "insert into sg_ops.table_state values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            state.table,
            state.seq,
            state.built_at,
            state.rows,
            state.data_through,
            state.content_version,
            state.code_version,
            state.change.value,
            _json(state.inputs),
            None if state.cursor is None else _json(state.cursor),
            state.known_at,
            state.is_carried,
        ],
    )


def put_partitions(connection: DuckDBPyConnection, table: str, partitions: Sequence[PartitionState]) -> None:
    """Put the states of some days in place of what was known of the same days."""
    drop_partitions(connection, table, [partition.day for partition in partitions])
    connection.execute(
        "insert into sg_ops.partition_state select ?, unnest(?::date[]), unnest(?::bigint[]), "
        "unnest(?::timestamptz[]), unnest(?::bigint[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::json[])",
        [
            table,
            [partition.day for partition in partitions],
            [partition.seq for partition in partitions],
            [partition.built_at for partition in partitions],
            [partition.rows for partition in partitions],
            [partition.content_version for partition in partitions],
            [partition.code_version for partition in partitions],
            [_json(partition.inputs) for partition in partitions],
        ],
    )


def drop_partitions(connection: DuckDBPyConnection, table: str, days: Collection[date] | None = None) -> None:
    """Forget some days of a table, or all of them."""
    if days is None:
        connection.execute("delete from sg_ops.partition_state where table_name = ?", [table])
    else:
        connection.execute(
            "delete from sg_ops.partition_state where table_name = ? and day in (select unnest(?::date[]))",
            [table, list(days)],
        )


def loaded_objects(
    connection: DuckDBPyConnection, table: str, only: Sequence[str] | None = None
) -> dict[str, LoadedObject]:
    """What a `files` table was loaded from, by object name; `only` of these."""
    rows = connection.execute(
        "select object, generation, feed, day, hour, row_count, rejected, event_days from sg_ops.loaded_object "
        "where table_name = ? and coalesce(list_contains(?::varchar[], object), true) order by object",
        [table, None if only is None else list(only)],
    ).fetchall()
    return {
        name: LoadedObject(name, generation, feed, day, hour, count, rejected, _days(event_days))
        for name, generation, feed, day, hour, count, rejected, event_days in rows
    }


def put_objects(
    connection: DuckDBPyConnection, table: str, objects: Sequence[LoadedObject], code_version: str, *, is_all: bool
) -> None:
    """Put loaded objects in place of those of the same names (`is_all`: of all), and mark the event days of both.

    The mark of a day is a hash over the objects with rows of it: name, generation, number of rows, and the version of
    the code that read them.
    """
    if is_all:
        connection.execute("delete from sg_ops.event_day where table_name = ?", [table])
        connection.execute("delete from sg_ops.loaded_object where table_name = ?", [table])
    named = [found.name for found in objects]
    before = connection.execute(
        "delete from sg_ops.loaded_object where table_name = ? and object in (select unnest(?::varchar[])) "
        "returning event_days",
        [table, named],
    ).fetchall()
    touched = {day for (document,) in before for day in _days(document)}
    touched |= {day for found in objects for day in found.event_days}
    connection.execute(
        "insert into sg_ops.loaded_object select ?, unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]), "
        "unnest(?::date[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::json[]), ?",
        [
            table,
            named,
            [found.generation for found in objects],
            [found.feed for found in objects],
            [found.day for found in objects],
            [found.hour for found in objects],
            [found.rows for found in objects],
            [found.rejected for found in objects],
            [_json({day.isoformat(): rows for day, rows in found.event_days.items()}) for found in objects],
            code_version,
        ],
    )
    _mark_event_days(connection, table, touched)


def put_event_days(connection: DuckDBPyConnection, table: str, marks: Mapping[date, str]) -> None:
    """Put the marks of event days in place of all that were known of a table."""
    connection.execute("delete from sg_ops.event_day where table_name = ?", [table])
    connection.execute(
        "insert into sg_ops.event_day select ?, unnest(?::date[]), unnest(?::varchar[])",
        [table, list(marks), list(marks.values())],
    )


def _mark_event_days(connection: DuckDBPyConnection, table: str, days: Iterable[date]) -> None:
    wanted = sorted(days)
    if not wanted:
        return
    connection.execute(
        "delete from sg_ops.event_day where table_name = ? and day in (select unnest(?::date[]))", [table, wanted]
    )
    connection.execute(
        """
        insert into sg_ops.event_day
        with object_day as (
            select object, generation, code_version, event_days, unnest(json_keys(event_days)) as day
            from sg_ops.loaded_object
            where table_name = $table and regexp_matches(cast(event_days as varchar), $any_day)
        ),
        counted as (
            select *, cast(json_extract(event_days, '$."' || day || '"') as bigint) as row_count from object_day
        )
        select $table, cast(day as date), md5(string_agg(
            concat_ws(chr(31), object, generation, row_count, code_version), chr(30) order by object
        ))
        from counted
        where row_count > 0 and cast(day as date) in (select unnest($days::date[]))
        group by day
        """,
        {"table": table, "days": wanted, "any_day": "|".join(str(day) for day in wanted)},
    )


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(dict(value), sort_keys=True)


def _days(document: str) -> dict[date, int]:
    return {date.fromisoformat(day): rows for day, rows in json.loads(document).items()}


@lru_cache(maxsize=1 << 12)  # a build writes many days at the same instant
def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _time_or_none(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _time(microseconds)
