"""Questions in BigQuery's dialect about the tables that a run has before it, in DuckDB.

For what a run must know itself, such as a check; people ask the copy (`readcopy.py`), which is as the last run left it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


def ask(connection: DuckDBPyConnection, sql: str, limit: int) -> pa.Table:
    """The first rows of what the query gives.

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
