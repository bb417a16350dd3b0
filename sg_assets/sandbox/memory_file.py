"""Where a stand-in keeps what it was sent: a SQLite file in the state folder, shared by all processes.

Only how it is opened; what is in it is each stand-in's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""


@contextmanager
def opened(file: Path, *schema: str, keeps_others_out: bool = False) -> Generator[sqlite3.Connection]:
    """The file in one transaction, made where it is missing; `schema` are the statements that make its tables.

    `keeps_others_out`: from the beginning, so that what is read cannot change before something is written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, timeout=PATIENCE)
    try:
        if keeps_others_out:
            database.isolation_level = None
            database.execute("pragma synchronous = off")  # of a made-up company
        with database:
            if keeps_others_out:
                database.execute("begin immediate")
            for statement in schema:
                database.execute(statement)
            yield database
    finally:
        database.close()
