"""What a run reads of the tables that it has before it, in DuckDB: rows of one, or the answer to a question.

People ask the copy (`readcopy.py`), which is as the last run left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_sql import names, quoted_place
from sg_assets.warehouse.evolution import Stored

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


def rows(
    connection: DuckDBPyConnection, place: str, stored: Stored | None, columns: Sequence[str], limit: int | None = None
) -> pa.Table:
    """Rows of the table at a `place`, in no order: these columns of it, or all where none are named.

    `stored`: the table as it is in the file, None where it is not.

    Raises:
        WarehouseError: there is no such table, or no such column.
    """
    if stored is None:
        msg = f"there is no table {place} in the warehouse"
        raise WarehouseError(msg)
    if missing := [name for name in columns if name not in stored.columns]:
        msg = f"{place} has no column {', '.join(missing)}"
        raise WarehouseError(msg)
    few = "" if limit is None else f" limit {int(limit)}"
    return connection.sql(f"select {names(columns or stored.columns)} from {quoted_place(place)}{few}").to_arrow_table()


def ask(connection: DuckDBPyConnection, sql: str, limit: int) -> pa.Table:
    """The first rows of what a query in BigQuery's dialect gives.

    Raises:
        WarehouseError: it cannot be run.
    """
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

    try:
        found = connection.sql(f"select * from ({dialect.to_duckdb(sql)}\n) as answer limit {int(limit)}")
        return found.to_arrow_table()
    except (dialect.DialectError, duckdb.Error) as error:
        msg = f"a query cannot be run: {error}"
        raise WarehouseError(msg) from error
