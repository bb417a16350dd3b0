"""What production lends to a development copy in DuckDB: a catalog beside the copy's own, attached to be read.

Which tables these are is `lent.py`'s rule; here it is asked of open connections, and of the copy for readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sg_assets.warehouse import duckdb_state, evolution
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_file import DuckDBFile, lend
from sg_assets.warehouse.duckdb_sql import quoted
from sg_assets.warehouse.lent import is_own, place_of
from sg_assets.warehouse.lent import placed as placed_by
from sg_assets.warehouse.readcopy import LENT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sg_assets.warehouse.state import TableState


class Lent:
    """What is lent beside an open file; nothing where nobody lends."""

    def __init__(self, file: DuckDBFile) -> None:
        """Nothing is opened yet."""
        self._file = file

    def states(self) -> dict[str, TableState]:
        """The states of the tables that are read from production."""
        if self._file.lender is None:
            return {}
        connection = self._file.connection("read production's states")
        built = duckdb_state.read(connection)
        return {name: state for name, state in _states(connection).items() if name not in built}

    def placed(self, sql: str) -> str:
        """A text in BigQuery's dialect with each table where it is read from.

        Raises:
            WarehouseError: it cannot be read.
        """
        return sql if self._file.lender is None else placed(self._file.connection("see what was built"), sql)

    def catalog(self, table: str) -> str:
        """The catalog that a table is read from, empty for the file's own."""
        if self._file.lender is None:
            return ""
        built = evolution.stored(self._file.connection("see what was built"), table)
        return "" if is_own(table, built) else LENT

    def shape(self, table: str) -> evolution.Stored | None:
        """A table as it is in production."""
        connection = self._file.connection("see what is lent")
        return evolution.stored(connection, table, catalog=LENT).get(table)


def placed(connection: DuckDBPyConnection, sql: str) -> str:
    """A text in BigQuery's dialect with each table where a copy reads it from, of which a connection has the tables.

    Raises:
        WarehouseError: it cannot be read.
    """
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

    built = evolution.stored(connection)
    try:
        return placed_by(sql, lambda table: place_of(table, built, own=str, lent=lambda name: f"{LENT}.{name}"))
    except dialect.DialectError as error:
        msg = f"a query cannot be run: {error}"
        raise WarehouseError(msg) from error


def states_of(lender: Path, environment: str) -> Mapping[str, TableState]:
    """The states in the copy for production's readers, read anew whenever there is another copy.

    Raises:
        WarehouseError: there is none yet, or it is of another environment.
    """
    found = lender.stat() if lender.exists() else None
    return _states_of(lender, (found.st_ino, found.st_mtime_ns) if found else None, environment)


@lru_cache(maxsize=2)
def _states_of(lender: Path, _mark: tuple[int, int] | None, environment: str) -> Mapping[str, TableState]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        lend(connection, lender, environment)
        return _states(connection)


def _states(connection: DuckDBPyConnection) -> dict[str, TableState]:
    (own,) = connection.execute("select current_database()").fetchone() or ("",)
    connection.execute(f"use {LENT}")
    try:
        return duckdb_state.read(connection)
    finally:
        connection.execute(f"use {quoted(own)}")
