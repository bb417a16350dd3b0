"""How a stored table follows its declaration when columns are added, widened, or otherwise changed (DuckDB).

A raw table only grows: an added column is null in the old rows, a widened type is converted. A derived table takes any
shape: what cannot be kept is null until its day is built again. Tables are rewritten, so that columns stand in their
declared order whatever happened before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sg_assets.columns import Column
from sg_assets.table import Table
from sg_assets.warehouse import declared
from sg_assets.warehouse.duckdb_sql import bigquery_type, comments, create_table, quoted, quoted_table, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Stored:
    """A table as it is in the file: types by column in stored order, and the descriptions."""

    columns: Mapping[str, str] = field(default_factory=dict)
    column_comments: Mapping[str, str | None] = field(default_factory=dict)
    comment: str | None = None

    @classmethod
    def declared(cls, table: Table) -> Stored:
        """A table as it is in the file once it has followed its declaration."""
        columns = {column.name: column.duckdb_type for column in table.columns}
        return cls(columns, {column.name: column.description for column in table.columns}, table.description)

    @property
    def types(self) -> dict[str, str]:
        """Its columns with the types that BigQuery would call them."""
        return {name: bigquery_type(kind) for name, kind in self.columns.items()}

    def has_shape(self, columns: Sequence[Column]) -> bool:
        """Whether these are exactly its columns, in this order."""
        return list(self.columns.items()) == [(column.name, column.duckdb_type) for column in columns]

    def is_described(self, table: Table) -> bool:
        """Whether its descriptions are the declared ones."""
        return self.comment == table.description and all(
            self.column_comments.get(column.name) == column.description for column in table.columns
        )


def stored(connection: DuckDBPyConnection, *tables: str, catalog: str = "") -> dict[str, Stored]:
    """The tables of these names that are in the file, or in another `catalog`; without a name, every table."""
    database = text(catalog) if catalog else "current_database()"
    inside = f"database_name = {database} and not internal"
    where, values = "", []
    if tables:
        where, values = " and schema_name || '.' || table_name in (select unnest(?::varchar[]))", [list(tables)]
    columns: dict[str, dict[str, str]] = {}
    described: dict[str, dict[str, str | None]] = {}
    for name, column, kind, comment in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type, comment "
        f"from duckdb_columns() where {inside}{where} order by table_oid, column_index",
        values,
    ).fetchall():
        columns.setdefault(name, {})[column] = kind
        described.setdefault(name, {})[column] = comment
    found = connection.execute(
        f"select schema_name || '.' || table_name, comment from duckdb_tables() where {inside}{where}", values
    ).fetchall()
    return {name: Stored(columns[name], described[name], comment) for name, comment in found}


def follow(connection: DuckDBPyConnection, table: Table, now: Stored | None) -> tuple[str, ...]:
    """Make the stored table as declared; gives what was changed, for people.

    Raises:
        EvolutionError: a column of a raw table vanished, or changed to a type that does not hold its old values.
    """
    told: tuple[str, ...] = ()
    if now is None:
        create(connection, table)
        return told
    if not now.has_shape(table.columns):
        if table.is_landed or table.is_day_snapshot:
            declared.refuse_loss(table, now.types)
        told = _rewrite(connection, table, now)
    elif not now.is_described(table):
        connection.execute(comments(table.name, table.description, table.columns))
    return told


def create(connection: DuckDBPyConnection, table: Table, rows: str = "") -> None:
    """Make a table with its descriptions, in place of one that may be there: empty, or of the rows of a query.

    The query gives exactly the declared columns in their types.
    """
    connection.execute(f"create schema if not exists {quoted(table.dataset)}")
    made = f"create or replace table {quoted_table(table.name)} as {rows}"
    connection.execute(made if rows else create_table(table.name, table.columns))
    connection.execute(comments(table.name, table.description, table.columns))


def _rewrite(connection: DuckDBPyConnection, table: Table, now: Stored) -> tuple[str, ...]:
    values = []
    for column in table.columns:
        name, kind = quoted(column.name), column.duckdb_type
        held = declared.can_hold(column.type, now.types[column.name]) if column.name in now.columns else False
        values.append(f"cast({name if held else 'null'} as {kind}) as {name}")
    target = quoted_table(table.name)
    connection.execute(f"create or replace table {target} as select {', '.join(values)} from {target}")
    connection.execute(comments(table.name, table.description, table.columns))
    return declared.growth(table, now.types)
