"""Looking at tables in BigQuery that another system writes: how far they reach, and whether they changed.

Whether they changed is in the table's metadata, which cost nothing to ask for; only how far one reaches is a query, of
one column, and only where it changed.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from sg_assets.table import Table
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.declared import refuse_other_table
from sg_assets.warehouse.watching import Seen, reached_by

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_tables import Tables
    from sg_assets.warehouse.state import TableState


def seen(jobs: Jobs, tables: Tables, table: Table, previous: TableState | None, watch: Watch) -> Seen:
    """Look at a table. It reaches no further than now, whatever the clock of its writer says.

    Raises:
        WarehouseError: it is not there, or has not the declared columns.
    """
    stored = tables.stored(table.name)
    if stored is None:
        msg = f"there is no table {table.name} in the warehouse, which another system writes"
        raise WarehouseError(msg)
    refuse_other_table(table, stored.types)
    version = f"{stored.modified.isoformat() if stored.modified else ''}:{stored.rows}"
    if table.event_column is None:
        return Seen(stored.rows, version, reached_by(watch.told, watch.now))
    if previous is not None and previous.content_version == version and previous.data_through is not None:
        return Seen(stored.rows, version, previous.data_through)
    target, column = sql.quoted_table(jobs.settings, table.name), sql.quoted(table.event_column)
    ((newest,),) = jobs.run(f"select max({column}) from {target}", table=table.name)
    return Seen(stored.rows, version, reached_by(cast("date | None", newest), watch.now))
