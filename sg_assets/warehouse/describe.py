"""What columns a query would give, of which types, found without a row: by an empty DuckDB in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import duckdb

from sg_assets.columns import DUCKDB_TYPES
from sg_assets.table import Table
from sg_assets.warehouse import dialect
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_sql import bigquery_type, create_table, quoted

ANY_DAY = date(2024, 1, 1)


def describe(sql: str, inputs: Iterable[Table]) -> dict[str, str | None]:
    """The columns of a query in BigQuery's words; None where DuckDB's type is none of those that we store.

    Args:
        sql: one SELECT in BigQuery's dialect.
        inputs: the tables that it reads, as they are declared.

    Raises:
        DialectError: it cannot be carried over to DuckDB.
        WarehouseError: it does not fit the tables that it reads; the message says how.
    """
    translated = dialect.to_duckdb(dialect.pin_current_date(sql, ANY_DAY))
    connection = _empty()
    connection.execute("begin")
    try:
        for table in inputs:
            connection.execute(f"create schema if not exists {quoted(table.dataset)}")
            connection.execute(create_table(table.name, table.columns))
        rows = connection.execute(f"describe {translated}").fetchall()
    except duckdb.Error as error:
        raise WarehouseError(str(error)) from error
    finally:
        connection.execute("rollback")
    return {str(row[0]): _known(bigquery_type(str(row[1]))) for row in rows}


@cache
def _empty() -> duckdb.DuckDBPyConnection:
    """The database, prepared once in a process, which takes longer than a question; each leaves nothing behind."""
    connection = duckdb.connect()
    dialect.prepare(connection)
    return connection


def _known(type_: str) -> str | None:
    return type_ if type_.removeprefix("ARRAY<").removesuffix(">") in DUCKDB_TYPES else None
