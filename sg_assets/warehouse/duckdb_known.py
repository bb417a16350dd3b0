"""What is known of a DuckDB file: the shape and the state of its tables, read once for as long as nobody else wrote it.

Asking its catalog, or for the states of a thousand days, takes longer than building a small table. While we hold the
file, nobody else can write it, and whoever wrote a table says so here once that is committed. When it is given back, it
is noted how it was left; where it is as it was left when it is opened again, everything known is still true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.warehouse import duckdb_state, evolution
from sg_assets.warehouse.declared import REJECTED_COLUMNS, rejected_name
from sg_assets.warehouse.evolution import Stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from sg_assets.table import Table
    from sg_assets.warehouse.state import TableState

Mark = tuple[bytes | None, tuple[int, int, int] | None]
"""How a file begins; and of its log, which holds what is not in it yet: inode, bytes, nanoseconds of the last write."""

HEADERS = 3 * 4096
"""Bytes in which DuckDB says what is in a file; it numbers what it wrote there: https://duckdb.org/docs/internals/storage."""


class Known:
    """What was read of the file so far. Every question brings the connection to ask where it is not known yet."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.is_unpublished = False  # whether this process wrote it since it was copied for readers
        self._left_as: Mark | None = None
        self._is_open = False
        self.forget()

    def opened(self, path: Path) -> None:
        """The file is about to be opened, and everybody else kept out."""
        if self._left_as is None or self._left_as != _mark(path):
            self.forget()
        self._left_as = None
        self._is_open = True

    def left(self, path: Path) -> None:
        """The file was closed, and nobody else let at it yet."""
        if self._is_open and self._is_told:
            self._left_as = _mark(path)
        self._is_open = False

    def writing(self) -> None:
        """The file is about to be written. Until somebody tells what was, everything known is in doubt."""
        if not self._is_told:
            self.forget()
        self._is_told = False
        self.is_unpublished = True

    def forget(self) -> None:
        """The file was changed in ways that cannot be told."""
        self._shapes: dict[str, Stored] | None = None
        self._states: dict[str, TableState] | None = None
        self._is_told = True

    def shape(self, connection: DuckDBPyConnection, name: str) -> Stored | None:
        """A table as it is in the file; None where it is not."""
        return self.shapes(connection).get(name)

    def shapes(self, connection: DuckDBPyConnection) -> Mapping[str, Stored]:
        """Every table that is in the file: to read them all takes hardly longer than to read one."""
        if self._shapes is None:
            self._shapes = evolution.stored(connection)
        return self._shapes

    def state(self, connection: DuckDBPyConnection, name: str) -> TableState | None:
        """The newest state of a table; None where it has none."""
        return self._all_states(connection).get(name)

    def states(self, connection: DuckDBPyConnection) -> dict[str, TableState]:
        """The newest state of every table that has one."""
        return dict(sorted(self._all_states(connection).items()))

    def wrote(self, table: Table, state: TableState) -> None:
        """A table was written, and that is committed: it is as declared now, and has this state."""
        if table.is_landed and self._shapes is not None:
            self._shapes[rejected_name(table.name)] = Stored({c.name: c.duckdb_type for c in REJECTED_COLUMNS})
        self.reshaped(table)
        self.carried(state)

    def reshaped(self, table: Table) -> None:
        """A table is as declared now, its state being as it was; and that is committed."""
        if self._shapes is not None:
            self._shapes[table.name] = Stored.declared(table)
        self._is_told = True

    def carried(self, state: TableState) -> None:
        """A table has this state now, its rows and its shape being as they were."""
        if self._states is not None:
            self._states[state.table] = state
        self._is_told = True

    def _all_states(self, connection: DuckDBPyConnection) -> dict[str, TableState]:
        if self._states is None:
            self._states = duckdb_state.read(connection)
        return self._states


def _mark(path: Path) -> Mark:
    """Of the file and its log; None for one that is not there."""
    log = path.with_name(f"{path.name}.wal")
    written = log.stat() if log.exists() else None
    return _begin(path), None if written is None else (written.st_ino, written.st_size, written.st_mtime_ns)


def _begin(path: Path) -> bytes | None:
    if not path.exists():
        return None
    with path.open("rb") as file:
        return file.read(HEADERS)
