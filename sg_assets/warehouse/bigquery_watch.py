"""Looking at tables in BigQuery that another system writes under our name: how far they reach, whether they changed.

Whether they changed is in the metadata of their dataset, asked for once for all of them; only where one did, its
columns are compared with the declared ones, and one of them is read, for how far it reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sg_assets.table import Table
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.declared import refuse_other_table
from sg_assets.warehouse.watching import Seen, reached_by

if TYPE_CHECKING:
    from datetime import date, datetime

    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_metadata import Metadata
    from sg_assets.warehouse.state import TableState


def seen(jobs: Jobs, metadata: Metadata, table: Table, previous: TableState | None, watch: Watch) -> Seen:
    """Look at a table. It reaches no further than now, whatever the clock of its writer says.

    Raises:
        WarehouseError: it is not there, or has not the declared columns.
    """
    said = metadata.written({table.name: sql.table_id(jobs.settings, table.name)}, watch).get(table.name)
    if said is not None and previous is not None and previous.content_version == _version(said.modified, said.rows):
        through = previous.data_through if table.event_column else reached_by(watch.told, watch.now)
        if through is not None:
            return Seen(said.rows, previous.content_version, through)
    stored = Tables(jobs).stored(table.name)
    if stored is None:
        msg = f"there is no table {table.name} in the warehouse, which another system writes"
        raise WarehouseError(msg)
    refuse_other_table(table, stored.types)
    rows = said.rows if said else stored.rows
    version = _version(said.modified if said else stored.modified, rows)
    if table.event_column is None:
        return Seen(rows, version, reached_by(watch.told, watch.now))
    target, column = sql.quoted_table(jobs.settings, table.name), sql.quoted(table.event_column)
    ((newest,),) = jobs.run(f"select max({column}) from {target}", table=table.name)
    return Seen(rows, version, reached_by(cast("date | None", newest), watch.now))


def _version(modified: datetime | None, rows: int) -> str:
    return f"{modified.isoformat() if modified else ''}:{rows}"
