"""What of a table an outside system was not told yet, by its ledger in DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.warehouse.contract import Unsent
from sg_assets.warehouse.duckdb_sql import differ, names, quoted, quoted_table, same

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


def unsent(connection: DuckDBPyConnection, wanted: Unsent) -> pa.Table:
    """The rows that the ledger does not have as they are now, in the order of their keys."""
    conditions, values = [f"t.{quoted(name)} is not null" for name in wanted.key], []
    if wanted.since is not None and wanted.day is not None:
        conditions.append(f"t.{quoted(wanted.day)} >= ?")
        values.append(wanted.since)
    if not wanted.is_full:
        other = f" and not ({differ(wanted.sent, 't', 'l')})" if wanted.sent else ""
        conditions.append(f"not exists (select 1 from newest l where {same(wanted.key, 't', 'l')}{other})")
    keys = names(wanted.key)
    sql = (
        f"with newest as (select * from {quoted_table(wanted.ledger)} "
        f"qualify row_number() over (partition by {keys} order by {quoted(wanted.sent_at)} desc) = 1) "
        f"select {names((*wanted.key, *wanted.sent, *wanted.kept))} from {quoted_table(wanted.table)} t "
        f"where {' and '.join(conditions)} order by {keys}"
    )
    return connection.sql(sql, params=values).to_arrow_table()
