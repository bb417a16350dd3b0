"""Where rows go that do not fit their declared shape, in DuckDB: `<dataset>.<table>__rejected`, beside the table.

Written in the transaction of the landing that brought them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse.contract import Rejected
from sg_assets.warehouse.declared import REJECTED_COLUMNS, REJECTED_KEY, rejected_name
from sg_assets.warehouse.duckdb_sql import comments, create_table, names, quoted, quoted_table, same

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def make(connection: DuckDBPyConnection, table: Table) -> None:
    """Make an empty table for a raw table's rejected rows."""
    name = rejected_name(table.name)
    connection.execute(f"create schema if not exists {quoted(table.dataset)}")
    connection.execute(create_table(name, REJECTED_COLUMNS))
    connection.execute(comments(name, f"Rows of {table.name} that do not fit its declared shape.", REJECTED_COLUMNS))


def put(
    connection: DuckDBPyConnection,
    table: Table,
    rejected: Sequence[Rejected],
    *,
    is_all: bool,
    objects: Sequence[str] = (),
) -> None:
    """Keep rejected rows: in place of all (`is_all`), of those of the same objects, or added to what is there."""
    target = quoted_table(rejected_name(table.name))
    if is_all:
        connection.execute(f"delete from {target}")
    elif objects:
        connection.execute(f"delete from {target} where object_name in (select unnest(?::varchar[]))", [list(objects)])
    if not rejected:
        return
    values = ", ".join(f"unnest(?::{column.duckdb_type}[]) as {quoted(column.name)}" for column in REJECTED_COLUMNS)
    listed = names(column.name for column in REJECTED_COLUMNS)
    connection.execute(
        f"insert into {target} select {listed} from (select {values}) as s "
        f"where not exists (select 1 from {target} t where {same(REJECTED_KEY, 's', 't')}) "
        f"qualify row_number() over (partition by {names(REJECTED_KEY)} order by reason) = 1",
        [[getattr(row, column.name) for row in rejected] for column in REJECTED_COLUMNS],
    )
