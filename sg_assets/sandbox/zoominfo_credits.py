"""What a made-up contract with ZoomInfo was used for: one SQLite file in the state folder, shared by every process.

A record costs one credit, and none when it is asked for again within twelve months. Requests and records are counted
where something was enriched; searching is free.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sg_assets.sandbox.memory_file import opened

FILE = "zoominfo.sqlite"
REQUEST = "create table if not exists request (at text not null)"
RECORD = "create table if not exists record (id text not null, at text not null)"
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of a contract: requests and records, repeated ones too, and different records."""

    requests: int
    records: int
    unique_ids: int


class Credits:
    """The credits of one sandbox. Nothing is written before the first is spent."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def spend(self, records: Sequence[str], at: datetime) -> None:
        """Note a request that gave some records."""
        with self._open() as database:
            database.execute("insert into request values (?)", (at.isoformat(),))
            database.executemany("insert into record values (?, ?)", [(record, at.isoformat()) for record in records])

    def used(self, at: datetime) -> Used:
        """What was used in the twelve months before an instant."""
        if not self._file.exists():
            return Used(0, 0, 0)
        since = (at - YEAR).isoformat()
        with self._open() as database:
            (requests,) = database.execute("select count(*) from request where at > ?", (since,)).fetchone()
            query = "select count(*), count(distinct id) from record where at > ?"
            records, unique = database.execute(query, (since,)).fetchone()
        return Used(requests, records, unique)

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file, REQUEST, RECORD)
