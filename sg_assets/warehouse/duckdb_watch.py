"""Looking at tables in the DuckDB file that another system writes: how far they reach, and whether they changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import evolution
from sg_assets.warehouse.declared import refuse_other_table
from sg_assets.warehouse.duckdb_sql import quoted, quoted_table
from sg_assets.warehouse.duckdb_staging import content
from sg_assets.warehouse.transitions import Seen, content_version, reached_by

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def seen(connection: DuckDBPyConnection, table: Table, now: datetime) -> Seen:
    """Look at a table. It reaches no further than now, whatever the clock of its writer says.

    Raises:
        WarehouseError: it has not the declared columns.
    """
    refuse_other_table(table, evolution.stored(connection, table.name)[table.name].types)
    target = quoted_table(table.name)
    rows, hashes = content(connection, table, target)
    newest = connection.execute(f"select max({quoted(table.event_column or '')}) from {target}").fetchone()
    return Seen(rows, content_version(rows, hashes), reached_by(newest[0] if newest else None, now))
