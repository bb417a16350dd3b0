"""Landing pulled rows in DuckDB: merge, window, snapshot, replace, and a whole table anew.

Only rows that differ are written, in every mode, so that a landing which brought nothing new leaves no trace in the
data and readers need not be built again. The caller holds the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sg_assets.source import DELETED_AT
from sg_assets.table import Mode, Table
from sg_assets.warehouse import duckdb_rejected, evolution
from sg_assets.warehouse.contract import Landing
from sg_assets.warehouse.duckdb_sql import differ, names, quoted, quoted_table, same
from sg_assets.warehouse.duckdb_staging import DELIVERED, content, count
from sg_assets.warehouse.evolution import Stored
from sg_assets.warehouse.transitions import refuse_shrunk, rejected_keys

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def publish(
    connection: DuckDBPyConnection, table: Table, landing: Landing, stored: Stored | None
) -> tuple[int, tuple[str, ...]]:
    """Bring the delivered rows into the table; gives how many rows changed, and what is worth telling.

    Raises:
        ShrunkError: what should be complete lost over half of the live rows.
        EvolutionError: the table cannot take its declared columns.
    """
    if landing.full:
        _refuse_shrink(connection, table, landing, stored)
        return put_anew(connection, table, stored), ()
    told = evolution.follow(connection, table, stored)
    if table.mode is not Mode.MERGE:
        _refuse_shrink(connection, table, landing, stored)
    if table.mode is Mode.REPLACE and not table.key:
        return put_anew(connection, table, evolution.stored(connection, table.name).get(table.name)), told
    return _merge(connection, table, landing), told


def _merge(connection: DuckDBPyConnection, table: Table, landing: Landing) -> int:
    """Bring the table to what was delivered, by key; gives how many rows changed.

    Three statements rather than one MERGE, which in DuckDB 2.0 takes about eight times as long for new rows.
    """
    everything = [column.name for column in table.columns]
    others = [name for name in everything if name not in table.key]
    target, same_key = quoted_table(table.name), same(table.key, "t", "s")
    changed = 0
    missing = f"not exists (select 1 from {DELIVERED} s where {same_key})"
    if table.mode is Mode.REPLACE:
        changed += _changed(connection, f"delete from {target} t where {missing}")
    elif table.marks_deleted:
        deleted, (complete, values) = quoted(DELETED_AT.name), _complete(table, landing)
        came, keys = _did_not_come(table, landing)
        mark = f"update {target} t set {deleted} = ? where t.{deleted} is null and {complete} and {missing} and {came}"
        changed += _changed(connection, mark, [landing.now, *values, *keys])
    if others:
        updates = ", ".join(f"{quoted(name)} = s.{quoted(name)}" for name in others)
        where = f"{same_key} and ({differ(others, 't', 's')})"
        changed += _changed(connection, f"update {target} t set {updates} from {DELIVERED} s where {where}")
    new = f"select {names(everything)} from {DELIVERED} s where not exists (select 1 from {target} t where {same_key})"
    return changed + _changed(connection, f"insert into {target} ({names(everything)}) {new}")


def _did_not_come(table: Table, landing: Landing) -> tuple[str, list[object]]:
    """The condition, and its values, that a row is not among those that came and did not fit."""
    keys = rejected_keys(table, landing)
    if not keys:
        return "false" if keys is None else "true", []
    columns = ", ".join(f"unnest(?::varchar[]) as k{place}" for place in range(len(table.key)))
    same_key = " and ".join(f"cast(t.{quoted(name)} as varchar) = r.k{place}" for place, name in enumerate(table.key))
    return f"not exists (select 1 from (select {columns}) r where {same_key})", [
        list(part) for part in zip(*keys, strict=True)
    ]


def _changed(connection: DuckDBPyConnection, statement: str, values: Sequence[object] = ()) -> int:
    row = connection.execute(statement, list(values)).fetchone()
    return 0 if row is None else int(row[0])


def put_anew(connection: DuckDBPyConnection, table: Table, stored: Stored | None) -> int:
    """Put the delivered rows in place of the table, unless they are what it holds already."""
    target = quoted_table(table.name)
    delivered = content(connection, table, DELIVERED)
    if stored is not None and stored.has_shape(table.columns) and content(connection, table, target) == delivered:
        return 0
    evolution.create(connection, table)
    connection.execute(f"insert into {target} select * from {DELIVERED}")
    return max(1, delivered[0])  # an emptied table changed too


def _refuse_shrink(connection: DuckDBPyConnection, table: Table, landing: Landing, stored: Stored | None) -> None:
    if stored is None or landing.accept_shrink:
        return
    alive = f"{quoted(DELETED_AT.name)} is null" if DELETED_AT.name in stored.columns else "true"
    complete, values = _complete(table, landing)
    before = count(connection, quoted_table(table.name), f"{alive} and {complete}", values)
    delivered = count(connection, DELIVERED, complete, values)
    refuse_shrunk(table, before, delivered)


def _complete(table: Table, landing: Landing) -> tuple[str, list[object]]:
    """The condition, and its values, for the rows of which the delivery is all there are.

    The ranges of one landing count together: of a single quiet hour the half may well go, of all that was read again
    not.
    """
    if table.mode is not Mode.WINDOW or landing.full:
        return "true", []
    ranges = [f"{quoted(window.column)} >= ? and {quoted(window.column)} < ?" for window in landing.covers]
    values: list[object] = [end for window in landing.covers for end in (window.low, window.high)]
    return f"({' or '.join(ranges) or 'false'})", values


def reject(connection: DuckDBPyConnection, table: Table, landing: Landing) -> None:
    """Keep what did not fit: a complete listing tells anew what does not, a merge adds to what it told before."""
    duckdb_rejected.put(connection, table, landing.rejected, is_all=landing.full or not table.takes_parts)
