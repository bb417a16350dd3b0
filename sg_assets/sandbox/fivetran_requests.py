"""What the sandbox's Fivetran was asked to do: one SQLite file in the state folder, shared by all processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sg_assets.sandbox.memory_file import opened

FILE = "fivetran.sqlite"
SCHEMA = """create table if not exists request (
    number integer primary key autoincrement, at text not null, connection text not null, what text not null,
    asked text not null)"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that changes something: `what` is the method and the end of the path, such as `POST sync`."""

    at: datetime
    connection: str
    what: str
    asked: Mapping[str, Any]


class Requests:
    """The requests of one sandbox, in the order in which they came."""

    def __init__(self, state_dir: Path) -> None:
        """Keep the place; the file need not exist."""
        self._file = state_dir / FILE

    def all(self, connection: str | None = None) -> list[Asked]:
        """Every request, or those about a connection."""
        if not self._file.exists():
            return []
        with self._open() as database:
            rows = database.execute("select at, connection, what, asked from request order by number").fetchall()
        found = [Asked(datetime.fromisoformat(at), which, what, json.loads(asked)) for at, which, what, asked in rows]
        return [one for one in found if connection in {None, one.connection}]

    def add(self, asked: Asked) -> None:
        """Remember one."""
        with self._open() as database:
            database.execute(
                "insert into request (at, connection, what, asked) values (?, ?, ?, ?)",
                (asked.at.isoformat(), asked.connection, asked.what, json.dumps(asked.asked)),
            )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._file, SCHEMA)
