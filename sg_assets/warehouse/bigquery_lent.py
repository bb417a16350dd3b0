"""What production lends to a development copy in BigQuery: tables of other datasets of the same project.

Which tables these are is `lent.py`'s rule; the copy's own are those that its `sg_ops.table_state` has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.api_core.exceptions import NotFound

from sg_assets.warehouse import bigquery_state
from sg_assets.warehouse.bigquery_jobs import Jobs
from sg_assets.warehouse.bigquery_sql import quoted_table, table_id, where_they_are
from sg_assets.warehouse.lent import is_own

if TYPE_CHECKING:
    from sg_assets.warehouse.state import TableState

TABLE_STATE = "sg_ops.table_state"


def production(jobs: Jobs) -> Jobs:
    """Jobs on production's datasets, for those of a development copy."""
    return Jobs(jobs.client, jobs.settings.production)


def built(jobs: Jobs) -> frozenset[str]:
    """The tables that a development copy has of its own."""
    try:
        jobs.client.get_table(table_id(jobs.settings, TABLE_STATE))
    except NotFound:
        return frozenset()
    names = jobs.run(f"select distinct table_name from {quoted_table(jobs.settings, TABLE_STATE)}")
    return frozenset(str(name) for (name,) in names)


def states(jobs: Jobs) -> dict[str, TableState]:
    """The states of the tables that are read from production; none where this is production."""
    if jobs.settings.lender_prefix is None:
        return {}
    own = built(jobs)
    return {name: state for name, state in bigquery_state.read(production(jobs)).items() if name not in own}


def located(jobs: Jobs, sql: str) -> str:
    """A text with each table where it is read from.

    Raises:
        WarehouseError: it cannot be read.
    """
    own = frozenset[str]() if jobs.settings.lender_prefix is None else built(jobs)
    return where_they_are(jobs.settings, sql, own)


def holding(jobs: Jobs, table: str) -> Jobs:
    """Jobs on the datasets that a table is read from."""
    is_lent = jobs.settings.lender_prefix is not None and not is_own(table, built(jobs))
    return production(jobs) if is_lent else jobs
