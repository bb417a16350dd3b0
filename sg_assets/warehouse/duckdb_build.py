"""Building derived tables in DuckDB: run the SQL, hold it against the declaration, put it in place.

Contents are compared by row count and row hashes, so that a rebuild that gives the same rows keeps its content version.
The caller holds the transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from sg_assets.table import Table
from sg_assets.warehouse import duckdb_state, evolution
from sg_assets.warehouse.contract import Build, WarehouseError
from sg_assets.warehouse.declared import refuse_other_columns
from sg_assets.warehouse.duckdb_sql import (
    accepts,
    as_stored,
    bigquery_type,
    content_hash,
    days_list,
    names,
    quoted,
    quoted_table,
)
from sg_assets.warehouse.duckdb_staging import BUILT, content, count
from sg_assets.warehouse.evolution import Stored
from sg_assets.warehouse.state import PartitionState, TableState
from sg_assets.warehouse.transitions import added_up, content_version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


BUILD_MEMORY = "2GB"
"""What DuckDB may take for a query of ours: a first build of a thousand days unpacks more at once than landing does."""


def stage(connection: DuckDBPyConnection, table: Table, sql: str) -> None:
    """Run the SQL (BigQuery's dialect) into a temporary table with the declared columns in their order.

    Raises:
        WarehouseError: it cannot be run here, or gives other columns or types than the file's header declares.
    """
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

    try:
        connection.execute(f"create or replace temp table {BUILT} as {dialect.translated(sql)}")
        found = {str(row[0]): str(row[1]) for row in connection.execute(f"describe {BUILT}").fetchall()}
        selected = {name: bigquery_type(kind) for name, kind in found.items()}
        refuse_other_columns(table, selected, lambda column: accepts(column, found[column.name]))
        # Types are nearly always right; planning a query to learn them first takes as long as running it on few rows.
        if not evolution.Stored(found).has_shape(table.columns) or any(c.is_array for c in table.columns):
            values = ", ".join(f"{as_stored(c, quoted(c.name))} as {quoted(c.name)}" for c in table.columns)
            connection.execute(f"create or replace temp table {BUILT} as select {values} from {BUILT}")
    except (dialect.DialectError, duckdb.Error) as error:
        msg = f"{table.file}: {table.name} cannot be built: {error}"
        raise WarehouseError(msg) from error


def leave_out(connection: DuckDBPyConnection, table: Table, build: Build) -> tuple[str, ...]:
    """Take away staged rows outside the wanted days, which are in no partition; gives what to tell of them."""
    if not table.is_partitioned:
        return ()
    unwanted = f"({_is_of(table, build.partitions)}) is not true"
    if not count(connection, BUILT, unwanted):
        return ()
    first, last = min(build.partitions), max(build.partitions)
    outside = count(connection, BUILT, f"({_between(table, first, last)}) is not true")
    connection.execute(f"delete from {BUILT} where {unwanted}")
    return (f"{outside} rows of days outside {first}..{last} left out",) if outside else ()


@dataclass(frozen=True, slots=True)
class Published:
    """A table as it is now: `changed` rows, all `rows`, the states of all its days, and what is worth telling."""

    changed: int
    rows: int
    version: str
    partitions: Mapping[date, PartitionState] = field(default_factory=dict)
    told: tuple[str, ...] = ()


def publish(
    connection: DuckDBPyConnection, table: Table, build: Build, stored: Stored | None, previous: TableState | None
) -> Published:
    """Put the staged rows in place of the table, or of the wanted days of it."""
    if table.is_partitioned:
        return _publish_days(connection, table, build, stored, previous)
    return _publish_whole(connection, table, stored, previous)


def _publish_whole(
    connection: DuckDBPyConnection, table: Table, stored: Stored | None, previous: TableState | None
) -> Published:
    target = quoted_table(table.name)
    rows, hashes = built = content(connection, table, BUILT)
    version = content_version(rows, hashes)
    if previous is not None and previous.partitions:
        duckdb_state.drop_partitions(connection, table.name)  # it had days once
    if stored is not None and stored.has_shape(table.columns) and content(connection, table, target) == built:
        evolution.follow(connection, table, stored)
        return Published(0, rows, version)
    evolution.create(connection, table, f"select * from {BUILT}")
    return Published(max(1, rows), rows, version)


def _publish_days(
    connection: DuckDBPyConnection, table: Table, build: Build, stored: Stored | None, previous: TableState | None
) -> Published:
    """Rows of days that have no state are of an earlier shape (it was cut by another column, or not at all) and go."""
    target, day = quoted_table(table.name), quoted(table.partition or "")
    partitions = dict(previous.partitions) if previous else {}
    told: tuple[str, ...] = ()
    before = dict.fromkeys(build.partitions, (0, content_version(0, 0)))
    after = before | _contents(connection, table, BUILT, build)
    is_new = stored is None or stored.columns.get(table.partition or "") != "DATE"
    if stored is None or is_new:
        evolution.create(connection, table)
        duckdb_state.drop_partitions(connection, table.name)
        partitions = {}
    else:
        told = evolution.follow(connection, table, stored)
        before |= _contents(connection, table, target, build)
    changed = sorted(wanted for wanted in build.partitions if before[wanted] != after[wanted])
    if changed:
        wanted_rows = _is_of(table, changed)
        if not is_new:
            connection.execute(f"delete from {target} where {wanted_rows}")
        columns = names(column.name for column in table.columns)
        connection.execute(f"insert into {target} ({columns}) select {columns} from {BUILT} where {wanted_rows}")
    seq = previous.seq + 1 if previous else 1
    built = [
        PartitionState(wanted, seq, build.now, *after[wanted], table.code_version, dict(inputs))
        for wanted, inputs in sorted(build.partitions.items())
    ]
    duckdb_state.put_partitions(connection, table.name, built)
    partitions |= {one.day: one for one in built}
    rows = sum(one.rows for one in partitions.values())
    if not is_new and count(connection, target) != rows:
        connection.execute(
            f"delete from {target} where {day} is null or {day} not in "
            "(select day from sg_ops.partition_state where table_name = ?)",
            [table.name],
        )
    moved = sum(after[wanted][0] + before[wanted][0] for wanted in changed)
    version = added_up(one.content_version for one in partitions.values())
    return Published(moved, rows, version, dict(sorted(partitions.items())), told)


def _contents(connection: DuckDBPyConnection, table: Table, relation: str, build: Build) -> dict[date, tuple[int, str]]:
    """Row count and content version of each wanted day that has rows."""
    day = quoted(table.partition or "")
    found = f"select {day}, count(*), {content_hash(table.columns)} from {relation}"
    rows = connection.execute(f"{found} where {_is_of(table, build.partitions)} group by {day}").fetchall()
    return {day: (int(count), content_version(int(count), int(hashes))) for day, count, hashes in rows}


def _is_of(table: Table, days: Collection[date]) -> str:
    """The condition that a row is of one of these days; nearly always they are all days from one to another."""
    first, last = min(days), max(days)
    if (last - first).days + 1 == len(days):
        return _between(table, first, last)
    return f"{quoted(table.partition or '')} in ({days_list(days)})"


def _between(table: Table, first: date, last: date) -> str:
    return f"{quoted(table.partition or '')} between date '{first}' and date '{last}'"
