"""The events that the sandbox's Amplitude has: one SQLite file, shared by all processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sg_assets.sandbox.memory_file import opened

FILE = "amplitude.sqlite"
REMEMBERED = timedelta(days=7)
"""For how long an `insert_id` is known again."""
EVENT = """create table if not exists event (
    number integer primary key autoincrement, at integer not null, project text not null, device text not null,
    insert_id text, fields text not null)"""
INDEXES = (
    "create index if not exists by_id on event (project, device, insert_id)",
    "create index if not exists by_time on event (project, at)",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that was taken, and when."""

    number: int
    at: datetime
    device: str
    fields: Mapping[str, Any]


class Memory:
    """What one sandbox's Amplitude has."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def take(self, at: datetime, project: str, events: Sequence[tuple[str, Mapping[str, Any]]]) -> int:
        """Keep events, each with its device; gives how many were new.

        One that came from the same device with the same `insert_id` within seven days is dropped.
        """
        now, known_from = _micros(at), _micros(at - REMEMBERED)
        new = 0
        with self._open() as database:
            for device, fields in events:
                id_ = fields.get("insert_id")
                known = database.execute(
                    "select 1 from event where project = ? and device = ? and insert_id = ? and at > ? and at <= ?",
                    (project, device, id_, known_from, now),
                ).fetchone()
                if known is None:
                    database.execute(
                        "insert into event (at, project, device, insert_id, fields) values (?, ?, ?, ?, ?)",
                        (now, project, device, id_, json.dumps(fields)),
                    )
                    new += 1
        return new

    def count(self, project: str, device: str, since: datetime, until: datetime) -> int:
        """How many events were taken of a device after an instant, until another."""
        if not self._file.exists():
            return 0
        with self._open() as database:
            (found,) = database.execute(
                "select count(*) from event where project = ? and device = ? and at > ? and at <= ?",
                (project, device, _micros(since), _micros(until)),
            ).fetchone()
        return int(found)

    def taken(self, project: str, since: datetime, before: datetime) -> Iterator[Taken]:
        """What was taken from an instant on and before another, the oldest first."""
        if not self._file.exists():
            return
        with self._open() as database:
            rows = database.execute(
                "select number, at, device, fields from event where project = ? and at >= ? and at < ?"
                " order by at, number",
                (project, _micros(since), _micros(before)),
            ).fetchall()
        for number, at, device, fields in rows:
            when = datetime.fromtimestamp(at // 1_000_000, UTC) + timedelta(microseconds=at % 1_000_000)
            yield Taken(number, when, device, json.loads(fields))

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file, EVENT, *INDEXES, keeps_others_out=True)


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
