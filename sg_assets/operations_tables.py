"""The tables of the operations store, and how rows, times and states are put into them.

What they are for is in `operations.py`. Whatever SQLAlchemy can reach holds them: a SQLite file, or Dagster's own
Postgres.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

from sg_assets.warehouse.state import Change, PartitionState, TableState

BUSY_SECONDS = 30
"""How long a process waits for another one's write; writes take milliseconds."""


class UtcTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC outside, without its zone inside, to the microsecond."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is stored.

        Raises:
            ValueError: the instant has no time zone.
        """
        if value is not None and value.tzinfo is None:
            msg = f"{value.isoformat()} has no time zone"
            raise ValueError(msg)
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What was stored."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

warehouse_state = Table(
    "warehouse_state",
    metadata,
    Column("warehouse_id", Text, primary_key=True),
    Column("table_name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
table_seen = Table(
    "table_seen",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("first_at", UtcTime, nullable=False),
)
source_connected = Table(
    "source_connected",
    metadata,
    Column("source", Text, primary_key=True),
    Column("first_at", UtcTime, nullable=False),
)
attempt = Table(
    "attempt",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("come_back_at", UtcTime),
    Column("reason", Text, nullable=False),
)
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", Text, primary_key=True),
    Column("beat_at", UtcTime, nullable=False),
)
note = Table(
    "note",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("tables", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("start", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)


def connect(url: str) -> Engine:
    """An engine for a store whose tables are all there."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _let_readers_and_a_writer_meet)
    metadata.create_all(engine)
    return engine


def _let_readers_and_a_writer_meet(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own type)
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = normal")
    cursor.close()


def put(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    *,
    only_if_newer: str | None = None,
    keep: bool = False,
) -> None:
    """Insert rows; where the key is there, put them in place, unless to `keep` it or `only_if_newer` is not greater."""
    kind: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(table)
    key = [column.name for column in table.primary_key.columns]
    if keep:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    else:
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=key,
            set_={column.name: new[column.name] for column in table.columns if column.name not in key},
            where=None if only_if_newer is None else table.c[only_if_newer] < new[only_if_newer],
        )
    connection.execute(statement, list(rows))


def to_document(state: TableState) -> str:
    """A state as JSON text."""
    return json.dumps(
        {
            "table": state.table,
            "seq": state.seq,
            "built_at": state.built_at.isoformat(),
            "rows": state.rows,
            "data_through": _text(state.data_through),
            "content_version": state.content_version,
            "code_version": state.code_version,
            "change": state.change.value,
            "inputs": dict(state.inputs),
            "cursor": None if state.cursor is None else dict(state.cursor),
            "known_at": _text(state.known_at),
            "is_carried": state.is_carried,
            "partitions": [
                [
                    part.day.isoformat(),
                    part.seq,
                    part.built_at.isoformat(),
                    part.rows,
                    part.content_version,
                    part.code_version,
                    dict(part.inputs),
                ]
                for part in state.partitions.values()
            ],
            "event_days": {day.isoformat(): mark for day, mark in state.event_days.items()},
        }
    )


def from_document(document: str) -> TableState:
    """The state that was made into this text."""
    known = json.loads(document)
    partitions = [
        PartitionState(date.fromisoformat(day), seq, _time(built_at), rows, content, code, inputs)
        for day, seq, built_at, rows, content, code, inputs in known["partitions"]
    ]
    return TableState(
        table=known["table"],
        seq=known["seq"],
        built_at=_time(known["built_at"]),
        rows=known["rows"],
        data_through=_time_or_none(known["data_through"]),
        content_version=known["content_version"],
        code_version=known["code_version"],
        change=Change(known["change"]),
        inputs=known["inputs"],
        cursor=known["cursor"],
        known_at=_time_or_none(known["known_at"]),
        is_carried=known["is_carried"],
        partitions={part.day: part for part in partitions},
        event_days=_days(known["event_days"]),
    )


def _days(marks: Mapping[str, str]) -> dict[date, str]:
    return {date.fromisoformat(day): mark for day, mark in marks.items()}


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _time_or_none(value: str | None) -> datetime | None:
    return None if value is None else _time(value)
