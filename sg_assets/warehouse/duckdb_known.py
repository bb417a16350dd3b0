"""What is known of an open DuckDB file: the shape and the state of its tables, read once for as long as it is ours.

Nobody else can write the file while we hold it, and asking its catalog, or for the states of a thousand days, takes
longer than building a small table. Whoever wrote a table says so here once that is committed; whoever gives the file
back forgets everything. Of the states, those that the file had then are kept aside: of each that is still the newest
when the file is opened again, nothing has to be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import duckdb_state, evolution
from sg_assets.warehouse.declared import REJECTED_COLUMNS, rejected_name
from sg_assets.warehouse.evolution import Stored
from sg_assets.warehouse.state import TableState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection


class Known:
    """What was read of the file so far. Every question brings the connection to ask where it is not known yet."""

    def __init__(self, before: dict[str, TableState] | None = None) -> None:
        """Nothing is known yet; `before` is what was read of the file before, to be added to."""
        self._before: dict[str, TableState] = {} if before is None else before
        self.forget()

    def forget(self) -> None:
        """The file is given back, or was changed in ways that nobody told."""
        self._shapes: dict[str, Stored | None] = {}
        self._states: dict[str, TableState | None] = {}
        self._has_all_shapes = False
        self._has_all_states = False

    def shape(self, connection: DuckDBPyConnection, name: str) -> Stored | None:
        """A table as it is in the file; None where it is not."""
        if name not in self._shapes and not self._has_all_shapes:
            self._shapes[name] = evolution.stored(connection, name).get(name)
        return self._shapes.get(name)

    def shapes(self, connection: DuckDBPyConnection) -> Mapping[str, Stored]:
        """Every table that is in the file."""
        if not self._has_all_shapes:
            self._shapes = dict(evolution.stored(connection))
            self._has_all_shapes = True
        return {name: shape for name, shape in self._shapes.items() if shape is not None}

    def state(self, connection: DuckDBPyConnection, name: str) -> TableState | None:
        """The newest state of a table; None where it has none."""
        if name not in self._states and not self._has_all_states:
            self._states[name] = duckdb_state.read(connection, [name]).get(name)
        return self._states.get(name)

    def states(self, connection: DuckDBPyConnection) -> dict[str, TableState]:
        """The newest state of every table that has one."""
        if not self._has_all_states:
            newest = duckdb_state.newest(connection)
            known = {name: (state.seq, state.built_at) for name, state in self._before.items()}
            if changed := [name for name, which in newest.items() if known.get(name) != which]:
                self._before.update(duckdb_state.read(connection, changed))
            self._states = {name: self._before[name] for name in newest}
            self._has_all_states = True
        return {name: state for name, state in sorted(self._states.items()) if state is not None}

    def wrote(self, table: Table, state: TableState) -> None:
        """A table was written, and that is committed: it is as declared now, and has this state."""
        self._shapes[table.name] = Stored.declared(table)
        if table.is_landed:
            self._shapes[rejected_name(table.name)] = Stored({c.name: c.duckdb_type for c in REJECTED_COLUMNS})
        self._states[table.name] = self._before[table.name] = state

    def carried(self, state: TableState) -> None:
        """A table has this state now, its rows and its shape being as they were."""
        self._states[state.table] = self._before[state.table] = state
