"""Faults that can be switched on: one SQLite file in the state folder, shared by every process with a stand-in.

Only what a fault is and which ones are on. How HTTP ones are played is in `faulty.py`, those of rows and objects in the
stand-ins themselves.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from sg_assets.sandbox.memory_file import opened

FILE = "faults.sqlite"
ANY = "*"


class Kind(StrEnum):
    """What can go wrong; in brackets the options that it reads."""

    TOO_MANY_REQUESTS = "too_many_requests"  # 429 [retry_after: seconds; without it no header]
    QUOTA = "quota"  # 403, or the vendor's own way of saying that today's quota is used up
    SERVER_ERROR = "server_error"  # 5xx with a page of HTML [status: 503]
    CUT_BODY = "cut_body"  # the connection ends in the middle of a body
    SLOW_BODY = "slow_body"  # a body that takes long [seconds: 5]
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 (401 as for a session that ended; once unless told otherwise)
    FORBIDDEN = "forbidden"  # 403: not permitted
    FURTHER_RIGHTS = "further_rights"  # the credential may do more than anybody needs: `doctor` warns of it
    REPEATED_ROW = "repeated_row"  # the last row of a page comes again on the next, or at the end of an object
    CHANGED_ROW = "changed_row"  # a row of an earlier page changes and comes again
    EMPTY_LIST = "empty_list"  # a list without anything in it
    UNKNOWN_FIELD = "unknown_field"  # a field that nobody declared [field: "surprise"]
    NULL_VALUE = "null_value"  # null where a value is usual [field]
    WRONG_VALUE = "wrong_value"  # another value than is usual [field, value]
    RENAMED_FIELD = "renamed_field"  # a field, or a table's column, has another name [field, to]
    STOPPED_FEED = "stopped_feed"  # objects of a feed are missing [since: hour, until: hour]
    LATE_OBJECT = "late_object"  # an object appears only later [until: instant]
    CORRUPT_LINE = "corrupt_line"  # a line of an object does not parse
    CHANGED_OBJECT = "changed_object"  # an object is written anew, its first row left out


_COUNTS = {Kind.EXPIRED_TOKEN: 1}
_NEEDED = {
    Kind.LATE_OBJECT: {"until"},
    Kind.NULL_VALUE: {"field"},
    Kind.WRONG_VALUE: {"field", "value"},
    Kind.RENAMED_FIELD: {"field", "to"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that is on. `match` is a shell pattern for the path, table, object or feed; `left` counts down."""

    id: int
    kind: Kind
    source: str
    match: str
    left: int | None
    options: Mapping[str, object] = field(default_factory=dict)

    def concerns(self, source: str, what: str) -> bool:
        """Whether it is about this source and this path, table, object or feed."""
        return self.source in {ANY, source} and fnmatchcase(what, self.match)


class Faults:
    """The faults of one sandbox. Reading is cheap, and nothing is written before the first is switched on."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def switch_on(
        self, kind: Kind | str, source: str = ANY, *, match: str = ANY, count: int | None = None, **options: object
    ) -> Fault:
        """Switch a fault on, for `count` times, or until it is cleared.

        Faults of what is in an object (corrupt_line, changed_object, …) have no count: they are there until cleared.

        Raises:
            ValueError: there is no such kind, or an option that it needs is missing.
        """
        known, count = Kind(kind), count if count is not None else _COUNTS.get(Kind(kind))
        if missing := _NEEDED.get(known, set()) - options.keys():
            msg = f"a fault {known} needs {', '.join(sorted(missing))}"
            raise ValueError(msg)
        with self._open() as database:
            database.execute(
                "create table if not exists fault (id integer primary key autoincrement, kind text not null,"
                " source text not null, match text not null, left integer, options text not null)"
            )
            row = database.execute(
                "insert into fault (kind, source, match, left, options) values (?, ?, ?, ?, ?) returning id",
                (known.value, source, match, count, json.dumps(options, default=str)),
            ).fetchone()
        return Fault(row[0], known, source, match, count, json.loads(json.dumps(options, default=str)))

    def list(self) -> Sequence[Fault]:
        """The faults that are on, the oldest first."""
        if not self._file.exists():
            return []
        with self._open() as database:
            if not database.execute("select 1 from sqlite_master where name = 'fault'").fetchone():
                return []  # another process is about to switch the first one on
            rows = database.execute(
                "select id, kind, source, match, left, options from fault where left is null or left > 0 order by id"
            ).fetchall()
        return [
            Fault(id_, Kind(kind), source, match, left, json.loads(options))
            for id_, kind, source, match, left, options in rows
        ]

    def clear(self, fault_id: int | None = None) -> int:
        """Switch one off, or all of them; gives how many were on."""
        on = [fault for fault in self.list() if fault_id in {None, fault.id}]
        if on:
            with self._open() as database:
                database.executemany("update fault set left = 0 where id = ?", [(fault.id,) for fault in on])
        return len(on)

    def on(self, kind: Kind, source: str, what: str) -> Sequence[Fault]:
        """The faults of a kind that are on for this source and this path, table, object or feed; uses none up."""
        return [fault for fault in self.list() if fault.kind is kind and fault.concerns(source, what)]

    def take(self, kind: Kind, source: str, what: str) -> Fault | None:
        """The first such fault, used up once; None where there is none, or another process was quicker."""
        for fault in self.on(kind, source, what):
            if fault.left is None:
                return fault
            with self._open() as database:
                done = database.execute("update fault set left = left - 1 where id = ? and left > 0", (fault.id,))
                if done.rowcount:
                    return fault
        return None

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file)
