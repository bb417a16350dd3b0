"""What the sandbox's Salesforce was told, fields and query jobs: one SQLite file, shared by all processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sg_assets.sandbox.memory_file import opened

FILE = "salesforce.sqlite"
WRITTEN = """create table if not exists written (
    number integer primary key autoincrement, at text not null, object text not null, id text not null,
    fields text not null)"""
JOB = """create table if not exists job (
    number integer primary key autoincrement, at text not null, query text not null, is_all integer not null,
    version text not null, asked integer not null default 0, state text)"""


@dataclass(frozen=True, slots=True)
class Job:
    """A query job; `asked` is how often somebody asked how it is, `state` is set once it was aborted."""

    number: int
    at: datetime
    query: str
    is_all: bool
    version: str
    asked: int
    state: str | None


class Memory:
    """What one sandbox's Salesforce remembers."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def write(self, at: datetime, name: str, id_: str, fields: Mapping[str, Any]) -> None:
        """Keep new values of a record's fields."""
        with self._open() as database:
            database.execute(
                "insert into written (at, object, id, fields) values (?, ?, ?, ?)",
                (at.isoformat(), name, id_, json.dumps(fields)),
            )

    def written(self, until: datetime) -> Iterator[tuple[datetime, str, str, dict[str, Any]]]:
        """What was written until an instant: when, the object, the id and the fields; the oldest first."""
        if not self._file.exists():
            return
        with self._open() as database:
            rows = database.execute("select at, object, id, fields from written order by number").fetchall()
        for at, name, id_, fields in rows:
            if (when := datetime.fromisoformat(at)) <= until:
                yield when, name, id_, json.loads(fields)

    def start_job(self, at: datetime, query: str, version: str, *, is_all: bool) -> Job:
        """Take a query job."""
        with self._open() as database:
            (number,) = database.execute(
                "insert into job (at, query, is_all, version) values (?, ?, ?, ?) returning number",
                (at.isoformat(), query, is_all, version),
            ).fetchone()
        return Job(number, at, query, is_all, version, 0, None)

    def job(self, number: int, *, is_asked: bool = False) -> Job | None:
        """A job, None where there is none (any more); `is_asked` counts that somebody asked how it is."""
        if not self._file.exists():
            return None
        with self._open() as database:
            if is_asked:
                database.execute("update job set asked = asked + 1 where number = ?", (number,))
            row = database.execute(
                "select at, query, is_all, version, asked, state from job where number = ?", (number,)
            ).fetchone()
        if row is None:
            return None
        return Job(number, datetime.fromisoformat(row[0]), row[1], bool(row[2]), row[3], row[4], row[5])

    def jobs(self) -> list[int]:
        """The numbers of the jobs that nobody deleted."""
        if not self._file.exists():
            return []
        with self._open() as database:
            return [number for (number,) in database.execute("select number from job order by number").fetchall()]

    def delete_job(self, number: int) -> None:
        """Forget a job and its results."""
        with self._open() as database:
            database.execute("delete from job where number = ?", (number,))

    def abort_job(self, number: int) -> None:
        """Stop a job."""
        with self._open() as database:
            database.execute("update job set state = 'Aborted' where number = ?", (number,))

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file, WRITTEN, JOB, keeps_others_out=True)
