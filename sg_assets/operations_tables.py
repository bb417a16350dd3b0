"""The tables of the operations store, and how states are kept in them.

What they are for is in `operations.py`. Whatever SQLAlchemy can reach holds them: a SQLite file, or Dagster's own
Postgres.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Table, Text

from sg_assets.operations_engine import UtcTime, Words, engine_of, make
from sg_assets.warehouse.state import Change, PartitionState, TableState

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
    Column("reason", Words, nullable=False),
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
    Column("author", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("start", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)


def connect(url: str) -> Engine:
    """An engine for a store whose tables are all there."""
    engine = engine_of(url)
    make(engine, metadata)
    return engine


def to_document(state: TableState) -> str:
    """A state as JSON text."""
    return _text_of(
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
    known = _read(document)
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


def _text_of(document: Mapping[str, object]) -> str:
    """JSON text. orjson takes a third of the time for a thousand days; what it does not take, Python's own does."""
    try:
        return orjson.dumps(document).decode()
    except orjson.JSONEncodeError:
        return json.dumps(document)


def _read(document: str) -> Any:  # noqa: ANN401 (whatever is in it)
    try:
        return orjson.loads(document)
    except orjson.JSONDecodeError:
        return json.loads(document)


def _days(marks: Mapping[str, str]) -> dict[date, str]:
    return {date.fromisoformat(day): mark for day, mark in marks.items()}


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _time_or_none(value: str | None) -> datetime | None:
    return None if value is None else _time(value)
