"""Tables that must be there before anything is in them, and raw ones that must follow their declaration (DuckDB)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.table import Delivery, Table
from sg_assets.warehouse import duckdb_rejected as rejected
from sg_assets.warehouse import duckdb_state, evolution
from sg_assets.warehouse.contract import EvolutionError
from sg_assets.warehouse.declared import rejected_name
from sg_assets.warehouse.duckdb_file import DuckDBFile
from sg_assets.warehouse.duckdb_known import Known
from sg_assets.warehouse.state import TableState
from sg_assets.warehouse.transitions import created

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def ensure(file: DuckDBFile, known: Known, tables: Sequence[Table], now: datetime) -> None:
    """Create missing tables, empty, and let raw ones that we write follow their declaration.

    Raises:
        EvolutionError: columns of some table changed so that it must be loaded anew; nothing was changed.
    """
    what = "prepare tables"
    connection = file.connection(what)
    stored, states = known.shapes(connection), known.states(connection)
    behind = [table for table in tables if not _is_as_declared(table, stored, states)]
    if not behind:
        return
    with file.transaction(what):
        wrong = []
        for table in behind:
            if table.name not in states and table.is_landed:
                duckdb_state.add(connection, created(table, now))
            if not table.is_landed or table.delivery is Delivery.WATCHED:
                if table.name not in stored:
                    evolution.create(connection, table)
                continue
            try:
                evolution.follow(connection, table, stored.get(table.name))
                if rejected_name(table.name) not in stored:
                    rejected.make(connection, table)
            except EvolutionError as error:
                wrong.append(str(error))
        if wrong:
            raise EvolutionError("\n".join(wrong))
    known.forget()


def stored_raw(connection: DuckDBPyConnection, known: Known, table: Table) -> evolution.Stored | None:
    """The raw table as it is in the file; makes the one for its rejected rows where it is missing."""
    if known.shape(connection, rejected_name(table.name)) is None:
        rejected.make(connection, table)
    return known.shape(connection, table.name)


def _is_as_declared(table: Table, stored: Mapping[str, evolution.Stored], states: Mapping[str, TableState]) -> bool:
    found = stored.get(table.name)
    if found is None or (table.is_landed and table.name not in states):
        return False
    if not _is_ours(table):
        return True
    return found.has_shape(table.columns) and found.is_described(table) and rejected_name(table.name) in stored


def _is_ours(table: Table) -> bool:
    """Whether we write it as a source delivers it: its columns only grow, and what does not fit is kept beside it."""
    return table.is_landed and table.delivery is not Delivery.WATCHED
