"""Which tables unfinished runs are to write, so that no second run is started for them.

A DuckDB file has one writer: there a run is waited for whatever it writes. On BigQuery only its own tables are left out
(and, by the planner, what is below them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.asset_spec import table_name

if TYPE_CHECKING:
    from sg_assets.discovery import Project

UNFINISHED = dg.RunsFilter(
    statuses=[
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
)
HOUSEKEEPING = "housekeeping"
"""The job that removes what is old."""
NO_TABLE = "sg_assets/no_table"
"""Marks a job whose runs are about no table, so that nobody waits for them."""
BRING_UP = "bring_up_to_date"
"""The job that asks the planner: what it builds is built by a further run, which says of itself what that is."""


def unfinished(history: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The runs that have not ended and may be about tables."""
    return [run for run in history.get_runs(UNFINISHED) if NO_TABLE not in run.tags]


def waited_for(history: dg.DagsterInstance) -> str | None:
    """Why nothing that writes a DuckDB file can be started now; None when nothing is in the way."""
    running = unfinished(history)
    return f"run {running[0].run_id} is not finished; the file has one writer at a time" if running else None


def busy_tables(history: dg.DagsterInstance, project: Project) -> frozenset[str]:
    """The tables that unfinished runs are to write; all of them where a run does not say."""
    of_sources = {source.name: frozenset(source.tables) for source in project.sources}
    busy: set[str] = set()
    for run in unfinished(history):
        if run.asset_selection is not None:
            busy |= {table_name(key) for key in run.asset_selection}
        elif run.job_name != BRING_UP:
            busy |= of_sources.get(run.job_name, project.graph.tables.keys())
    return frozenset(busy & project.graph.tables.keys())
