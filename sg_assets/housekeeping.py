"""The job `housekeeping`: after a declared time, ended runs go with their events and logs, and so does old history.

Dagster removes old ticks by itself (`retention` in `dagster.yaml`), but neither runs nor events. A run stays as long as
it made the newest materialization of a table, or of a day of one, so that nothing looks as if it had never been built.
Events without a run (the check `fresh`, watched tables) stay: Dagster has no way to remove some of them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from time import monotonic

import dagster as dg

from sg_assets.asset_spec import asset_key
from sg_assets.clock import wall_clock
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness.busy import HOUSEKEEPING, NO_TABLE
from sg_assets.freshness.graph import Graph
from sg_assets.run_folder import run_folders
from sg_assets.table import Table
from sg_assets.variables import days, value_of

CRON = "15 3 * * *"
KEEP_RUNS, KEEP_HISTORY = 30, 400
"""Days. Attainment looks back on ninety of them."""
WORKING_SECONDS = 900.0
"""After this long a run of the job ends, and the next day's goes on: it deletes some hundred runs a minute."""
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def job(project: Project, env: Environment) -> dg.JobDefinition:
    """The job; what it removed is in its metadata."""

    @dg.op(name="forget", description="Removes what is older than SG_KEEP_RUNS and SG_KEEP_HISTORY say.")
    def forget(context: dg.OpExecutionContext) -> None:
        with run_folders(context.instance).held(context.run_id):
            rows = env.operations.forget(env.clock() - keep_history(env))
            runs = remove_runs(context.instance, project.graph, wall_clock() - keep_runs(env))
        told: Mapping[str, int] = {"runs": runs, **rows}
        context.log.info(", ".join(f"{name}: {count}" for name, count in told.items()))
        context.add_output_metadata(dict(told))

    @dg.job(
        name=HOUSEKEEPING,
        description="Removes ended runs with their events and logs, and old history, after a declared time.",
        executor_def=dg.in_process_executor,
        tags={NO_TABLE: "true"},
    )
    def housekeeping() -> None:
        forget()

    return housekeeping


def schedule(made: dg.JobDefinition, env: Environment) -> dg.ScheduleDefinition:
    """Once a night; running by default, unless the sandbox's clock stands still."""
    status = dg.DefaultScheduleStatus.RUNNING if env.runs_by_itself else dg.DefaultScheduleStatus.STOPPED
    return dg.ScheduleDefinition(
        name=HOUSEKEEPING, job=made, cron_schedule=CRON, execution_timezone="UTC", default_status=status
    )


def keep_runs(env: Environment) -> timedelta:
    """For how long ended runs are kept (`SG_KEEP_RUNS`)."""
    return _days(env, "SG_KEEP_RUNS", KEEP_RUNS)


def keep_history(env: Environment) -> timedelta:
    """For how long it is kept what became of promises and alerts (`SG_KEEP_HISTORY`)."""
    return _days(env, "SG_KEEP_HISTORY", KEEP_HISTORY)


def _days(env: Environment, variable: str, default: int) -> timedelta:
    told = value_of(env.variables, variable, days, "a whole number of days, at least 1")
    return timedelta(days=default if told is None else told)


def remove_runs(
    history: dg.DagsterInstance, graph: Graph, before: datetime, clock: Callable[[], float] = monotonic
) -> int:
    """Remove the ended runs made before an instant, the oldest first, but those that are needed; gives how many."""
    old = history.get_run_ids(dg.RunsFilter(statuses=ENDED, created_before=before))
    if not old:
        return 0
    needed = _needed(history, graph)
    until, removed = clock() + WORKING_SECONDS, 0
    for run_id in reversed(old):
        if run_id not in needed:
            history.compute_log_manager.delete_logs(prefix=[run_id])
            history.delete_run(run_id)
            removed += 1
        if clock() > until:
            break
    return removed


def _needed(history: dg.DagsterInstance, tables: Iterable[Table]) -> set[str]:
    """The runs that made the newest materialization of a table, or of one of its days."""
    keys = {asset_key(table.name): table for table in tables}
    newest = (record.asset_entry.last_materialization_record for record in history.get_asset_records(list(keys)))
    found = {record.run_id for record in newest if record is not None}
    for key, table in keys.items():
        if table.is_partitioned:
            found |= _of_days(history, key)
    return found


def _of_days(history: dg.DagsterInstance, key: dg.AssetKey) -> set[str]:
    newest = history.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_MATERIALIZATION)
    if not newest:
        return set()
    only = dg.AssetRecordsFilter(key, storage_ids=list(newest.values()))
    return {record.run_id for record in history.fetch_materializations(only, len(newest)).records}
