"""Loading files in DuckDB: the rows of an object in place of those that it had before.

A `files` table is stored by day of arrival; what it was loaded from is kept object by object, and marks its event days.
The caller holds the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import duckdb_rejected, duckdb_state, evolution, transitions
from sg_assets.warehouse.contract import Load
from sg_assets.warehouse.duckdb_sql import days_list, quoted, quoted_table
from sg_assets.warehouse.duckdb_staging import DELIVERED
from sg_assets.warehouse.evolution import Stored
from sg_assets.warehouse.state import PartitionState

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def refuse_mismatch(connection: DuckDBPyConnection, table: Table, load: Load) -> None:
    """Refuse staged rows that are not those of the objects that are said to be loaded.

    Raises:
        WarehouseError: names the first object that does not fit.
    """
    staged: dict[str, int] = dict(
        connection.execute(f"select _object, count(*) from {DELIVERED} group by _object").fetchall()
    )
    transitions.refuse_mismatch(table, load, staged)


def publish(
    connection: DuckDBPyConnection, table: Table, load: Load, stored: Stored | None
) -> tuple[int, tuple[str, ...]]:
    """Put the staged rows in place of those of the same objects; gives how many changed, and what is worth telling."""
    target = quoted_table(table.name)
    told: tuple[str, ...] = ()
    if load.full:
        evolution.create(connection, table)
        duckdb_state.drop_partitions(connection, table.name)
    else:
        told = evolution.follow(connection, table, stored)
    names = [found.name for found in load.objects]
    deleted = 0
    if not load.full and (again := duckdb_state.loaded_objects(connection, table.name, names)):
        old = f"delete from {target} where _object in (select unnest(?::varchar[]))"
        deleted = _changed(connection.execute(old, [list(again)]).fetchone())
    inserted = _changed(connection.execute(f"insert into {target} select * from {DELIVERED}").fetchone())
    duckdb_rejected.put(connection, table, load.rejected, is_all=load.full, objects=names)
    duckdb_state.put_objects(connection, table.name, load.objects, table.code_version, is_all=load.full)
    return max(deleted + inserted, int(load.full)), told


def touched_rows(table: Table, load: Load) -> str:
    """The query for the days of arrival that this load touches: what the judge looks at."""
    days = days_list({found.day for found in load.objects})
    where = f"{quoted(table.partition or '')} in ({days})" if days else "false"
    return f"select * from {quoted_table(table.name)} where {where}"


def put_days(connection: DuckDBPyConnection, table: Table, load: Load, seq: int) -> None:
    """Note the state of the days of arrival that this load touches."""
    days = sorted({found.day for found in load.objects})
    rows: dict[object, int] = dict(
        connection.execute(
            "select day, cast(sum(row_count) as bigint) from sg_ops.loaded_object "
            "where table_name = ? and day in (select unnest(?::date[])) group by day",
            [table.name, days],
        ).fetchall()
    )
    partitions = [PartitionState(day, seq, load.now, rows.get(day, 0), str(seq), table.code_version) for day in days]
    duckdb_state.put_partitions(connection, table.name, partitions)


def _changed(row: tuple[int, ...] | None) -> int:
    return 0 if row is None else row[0]
