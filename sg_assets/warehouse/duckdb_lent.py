"""What production lends to a development copy in DuckDB: a catalog beside the copy's own, attached to be read.

Which tables these are is `lent.py`'s rule; here it is asked of open connections, and of the copy for readers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sg_assets.warehouse import duckdb_ask, duckdb_state, evolution
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_file import DuckDBFile, lend
from sg_assets.warehouse.duckdb_sql import quoted
from sg_assets.warehouse.lent import is_own, place_of
from sg_assets.warehouse.lent import placed as placed_by
from sg_assets.warehouse.readcopy import LENT

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from sg_assets.warehouse.duckdb_known import Known
    from sg_assets.warehouse.state import TableState


class Lent:
    """What an open file is read together with: the tables that are lent beside it, where somebody lends."""

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

    def ask(self, sql: str, limit: int) -> pa.Table:
        """The first rows of what a query in BigQuery's dialect gives.

        Raises:
            WarehouseError: it cannot be run.
        """
        connection = self._file.connection("answer a query", with_functions=True)
        return duckdb_ask.ask(connection, self.placed(sql), limit)

    def rows(self, known: Known, table: str, columns: Sequence[str], limit: int | None = None) -> pa.Table:
        """Rows of a table, from where it is read; `known` is what is known of the file.

        Raises:
            WarehouseError: there is no such table, or no such column.
        """
        connection = self._file.connection(f"read {table}")
        stored = known.shape(connection, table)
        if self._file.lender is None or is_own(table, () if stored is None else (table,)):
            return duckdb_ask.rows(connection, table, stored, columns, limit)
        stored = evolution.stored(connection, table, catalog=LENT).get(table)
        return duckdb_ask.rows(connection, f"{LENT}.{table}", stored, columns, limit)


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
