"""Where rows go that do not fit their declared shape, in DuckDB: `<dataset>.<table>__rejected`, beside the table.

Written in the transaction of the landing that brought them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sg_assets.columns import Column
from sg_assets.table import Table
from sg_assets.warehouse.contract import Rejected
from sg_assets.warehouse.duckdb_sql import comments, create_table, names, quoted, quoted_table, rejected_name, same

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = (
    Column("reason", "STRING", "Why the row does not fit its declared shape."),
    Column("original", "STRING", "The row as it came, as JSON without secrets; null where it did not parse."),
    Column("sha256", "STRING", "SHA-256 of the original bytes, in hexadecimal."),
    Column("object_name", "STRING", "Object that the row came in; null for rows that were pulled."),
    Column("generation", "STRING", "Generation of that object."),
    Column("byte_from", "INT64", "Where in the unpacked object the row begins, in bytes from 0."),
    Column("byte_length", "INT64", "How long the row is, in bytes."),
)
KEY = ("sha256", "object_name", "byte_from")


def make(connection: DuckDBPyConnection, table: Table) -> None:
    """Make an empty table for a raw table's rejected rows."""
    name = rejected_name(table.name)
    connection.execute(f"create schema if not exists {quoted(table.dataset)}")
    connection.execute(create_table(name, COLUMNS))
    connection.execute(comments(name, f"Rows of {table.name} that do not fit its declared shape.", COLUMNS))


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
    values = ", ".join(f"unnest(?::{column.duckdb_type}[]) as {quoted(column.name)}" for column in COLUMNS)
    listed = names(column.name for column in COLUMNS)
    connection.execute(
        f"insert into {target} select {listed} from (select {values}) as s "
        f"where not exists (select 1 from {target} t where {same(KEY, 's', 't')}) "
        f"qualify row_number() over (partition by {names(KEY)} order by reason) = 1",
        [[getattr(row, column.name) for row in rejected] for column in COLUMNS],
    )
