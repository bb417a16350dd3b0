"""Looking at tables in the DuckDB file that another system writes: how far they reach, and whether they changed.

What it writes under other names (`Table.origin`) is copied into the table when something is noted: a view would keep
functions of BigQuery's that only our own connections have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import duckdb_build, duckdb_state, evolution, shown
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.declared import refuse_other_table, two_parts
from sg_assets.warehouse.duckdb_sql import content_hash, quoted, quoted_table
from sg_assets.warehouse.duckdb_staging import BUILT, content, count
from sg_assets.warehouse.state import Change, TableState
from sg_assets.warehouse.transitions import content_version
from sg_assets.warehouse.watching import Seen, reached_by

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def rows(connection: DuckDBPyConnection, table: Table) -> str:
    """The relation that has a watched table's rows: the table, or those of its origin, staged.

    Raises:
        WarehouseError: it has not the declared columns; or its origin is not there, or cannot be shown so.
    """
    if table.origin is None:
        refuse_other_table(table, evolution.stored(connection, table.name)[table.name].types)
        return quoted_table(table.name)
    names = table.origin.tables
    for name in names:
        two_parts(name)
    stored = evolution.stored(connection, *names)
    if missing := [name for name in names if name not in stored]:
        msg = f"there is no table {', '.join(missing)}, which {table.origin.variable} names"
        raise WarehouseError(msg)
    types = {name: found.types for name, found in stored.items()}
    duckdb_build.stage(connection, table, shown.query(table, types, lambda name: f"`{name.replace('.', '`.`')}`"))
    return BUILT


def seen(connection: DuckDBPyConnection, table: Table, relation: str, watch: Watch) -> Seen:
    """Look at a watched table's rows. They reach no further than now, whatever the clock of their writer says.

    When they were written is not known here: a table that is looked at by that goes by its events.
    """
    rows, hashes = content(connection, table, relation)
    version = content_version(rows, hashes)
    if table.is_synced or table.event_column is None:
        return Seen(rows, version, reached_by(watch.told, watch.now))
    column = quoted(table.event_column)
    newest = connection.execute(f"select max({column}) from {relation}").fetchone()
    days = {}
    if table.has_event_days:
        asked = f"select cast({column} as date) as day, count(*), {content_hash(table.columns)} from {relation}"
        found = connection.execute(f"{asked} where {column} is not null group by day order by day").fetchall()
        days = {day: content_version(int(of_day), int(mark)) for day, of_day, mark in found}
    return Seen(rows, version, reached_by(newest[0] if newest else None, watch.now), days)


def note(connection: DuckDBPyConnection, table: Table, previous: TableState, state: TableState) -> TableState:
    """Write the state that follows, and the rows where they are copied; gives the whole state as it is then.

    Raises:
        WarehouseError: the table holds rows that we loaded ourselves.
    """
    if table.origin is not None:
        if previous.change is not Change.WATCH:
            shown.refuse_rows(table, count(connection, quoted_table(table.name)))
            duckdb_state.put_objects(connection, table.name, (), "", is_all=True)
        evolution.create(connection, table)
        connection.execute(f"insert into {quoted_table(table.name)} select * from {BUILT}")
        duckdb_state.put_event_days(connection, table.name, state.event_days)
    return duckdb_state.append(connection, state)
