"""Pieces of DuckDB's SQL: quoted names, column lists, types, and the hash by which contents are compared.

Text only: nothing here touches a connection. Names come from declarations and are quoted all the same; values never
come this way, they are bound as parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sg_assets.columns import DUCKDB_TYPES, Column
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.declared import two_parts

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
# What an output column of a query may be so that it is cast to the declared type: DuckDB's sums are wider, its literals
# narrower, than BigQuery's; anything beyond that is a mistake in the SQL.
_ACCEPTED = {
    "STRING": ("VARCHAR",),
    "INT64": _INTEGERS,
    "FLOAT64": ("DOUBLE", "FLOAT", "DECIMAL", *_INTEGERS),
    "NUMERIC": ("DECIMAL", "DOUBLE", *_INTEGERS),
    "BOOL": ("BOOLEAN",),
    "DATE": ("DATE",),
    "DATETIME": ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
    "TIMESTAMP": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
    "JSON": ("JSON",),
}
_BIGQUERY_TYPES = {duckdb: bigquery for bigquery, duckdb in DUCKDB_TYPES.items()} | dict.fromkeys(_INTEGERS, "INT64")


def quoted(name: str) -> str:
    """An identifier in double quotes.

    Raises:
        WarehouseError: it holds a zero character, at which a statement would end.
    """
    return '"' + _whole(name).replace('"', '""') + '"'


def quoted_table(name: str) -> str:
    """`dataset.table` with both parts quoted.

    Raises:
        WarehouseError: the name has not exactly two parts.
    """
    return ".".join(map(quoted, two_parts(name)))


def quoted_place(name: str) -> str:
    """The same of a name that may begin with a catalog."""
    return ".".join(quoted(part) for part in name.split("."))


def text(value: str) -> str:
    """A string literal, for the few statements that take no parameters (comments).

    Raises:
        WarehouseError: see `quoted`.
    """
    return "'" + _whole(value).replace("'", "''") + "'"


def _whole(value: str) -> str:
    if "\0" in value:
        msg = f"{value!r} is no name and no text of SQL"
        raise WarehouseError(msg)
    return value


def days_list(days: Iterable[date]) -> str:
    """Date literals for an IN list, for the few statements that take no parameters (views)."""
    return ", ".join(f"date '{day.isoformat()}'" for day in sorted(days))


def names(columns: Iterable[str], prefix: str = "") -> str:
    """Quoted names with commas between, each after `prefix`."""
    return ", ".join(prefix + quoted(column) for column in columns)


def same(columns: Iterable[str], left: str, right: str) -> str:
    """The condition that two rows agree in these columns, nulls being equal to nulls."""
    return " and ".join(f"{left}.{quoted(c)} is not distinct from {right}.{quoted(c)}" for c in columns)


def differ(columns: Iterable[str], left: str, right: str) -> str:
    """The condition that two rows disagree in one of these columns, nulls being equal to nulls."""
    return " or ".join(f"{left}.{quoted(c)} is distinct from {right}.{quoted(c)}" for c in columns) or "false"


def create_table(name: str, columns: Iterable[Column]) -> str:
    """The statement that makes an empty table, in place of one that may be there."""
    listed = ", ".join(f"{quoted(column.name)} {column.duckdb_type}" for column in columns)
    return f"create or replace table {quoted_table(name)} ({listed})"


def comments(name: str, description: str, columns: Iterable[Column]) -> str:
    """The statements that give a table and its columns their descriptions."""
    table = quoted_table(name)
    lines = [f"comment on table {table} is {text(description)}"]
    lines += [f"comment on column {table}.{quoted(c.name)} is {text(c.description)}" for c in columns]
    return ";\n".join(lines)


def content_hash(columns: Iterable[Column]) -> str:
    """An expression over rows: the sum of their 64-bit hashes, modulo 2^64; the same in whatever order they are."""
    listed = names(column.name for column in columns)
    return f"coalesce(sum(hash({listed})), 0) % 18446744073709551616::hugeint"


def accepts(column: Column, duckdb_type: str) -> bool:
    """Whether a query's output of that DuckDB type may be stored in the column; a bare NULL always may."""
    found = duckdb_type.strip('"')
    if found in {"NULL", "NULL[]", '"NULL"[]', 'NULL"[]'}:
        return True
    if found.endswith("[]") != column.is_array:
        return False
    return re.sub(r"\(.*\)", "", found.removesuffix("[]")) in _ACCEPTED[column.element_type]


def bigquery_type(duckdb_type: str) -> str:
    """What BigQuery would call a DuckDB type, for people who read a query's result."""
    if duckdb_type.endswith("[]"):
        return f"ARRAY<{bigquery_type(duckdb_type.removesuffix('[]'))}>"
    if duckdb_type.startswith("DECIMAL"):
        return "NUMERIC"
    return _BIGQUERY_TYPES.get(duckdb_type.strip('"'), duckdb_type.strip('"'))


def as_stored(column: Column, value: str) -> str:
    """A value as a column stores it: an empty list where there is none, since BigQuery keeps no NULL arrays in tables.

    https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#array_nulls
    """
    typed = f"cast({value} as {column.duckdb_type})"
    return f"coalesce({typed}, [])" if column.is_array else typed
