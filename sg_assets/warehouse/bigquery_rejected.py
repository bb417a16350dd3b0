"""Where rows go that do not fit their declared shape, in BigQuery: `<dataset>.<table>__rejected`, beside the table.

Written in the transaction of the landing that brought them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.contract import Rejected
from sg_assets.warehouse.declared import REJECTED_COLUMNS, REJECTED_KEY, rejected_name

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_staging import Staging
    from sg_assets.warehouse.bigquery_tables import Tables


def make(tables: Tables, table: Table) -> None:
    """Make an empty table for a raw table's rejected rows, where there is none."""
    described = f"Rows of {table.name} that do not fit its declared shape."
    tables.make(rejected_name(table.name), REJECTED_COLUMNS, described)


def put(
    staging: Staging, script: Script, rejected: Sequence[Rejected], *, is_all: bool, objects: Sequence[str] = ()
) -> None:
    """Keep rejected rows: in place of all (`is_all`), of those of the same objects, or added to what is there."""
    target = sql.quoted_table(staging.jobs.settings, rejected_name(staging.table.name))
    if is_all:
        script.add(f"delete from {target} where true")
    elif objects:
        script.add(f"delete from {target} where object_name in unnest({script.values('STRING', objects)})")
    if not rejected:
        return
    new = staging.rows(script, REJECTED_COLUMNS, [asdict(row) for row in rejected])
    listed = sql.names(column.name for column in REJECTED_COLUMNS)
    same = " = ".join(f"to_json_string(struct({sql.names(REJECTED_KEY, f'{one}.')}))" for one in "st")
    script.add(
        f"insert into {target} ({listed}) select {listed} from {new} as s "
        f"where not exists (select 1 from {target} as t where {same}) "
        f"qualify row_number() over (partition by {sql.names(REJECTED_KEY)} order by reason) = 1"
    )
