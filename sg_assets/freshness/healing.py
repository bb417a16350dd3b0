"""After a kill: what was committed is copied to the operations store, and Dagster hears of what it missed.

A state moves in three steps (commit in the warehouse, copy in the operations store, event in Dagster, one for each
day); a process may end between any two. Every function looks at what is there, so it does not matter how it came about.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.asset_spec import asset_key, state_metadata
from sg_assets.prepared import prepared
from sg_assets.run_folder import run_folders
from sg_assets.warehouse.state import Change
from sg_assets.watched import look

if TYPE_CHECKING:
    from datetime import date

    from sg_assets.environment import Environment
    from sg_assets.freshness.graph import Graph
    from sg_assets.warehouse.contract import Warehouse
    from sg_assets.warehouse.state import TableState

UNFINISHED = dg.RunsFilter(
    statuses=[
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
)
KILLED = "The process of this run is no more: it was killed, or the machine was. The next run finds what it committed."
UNHEARD = "Committed by a run that ended before it could say so."
WATCHED = "Another system wrote it; this is how far it had got when it was looked at."
TO_BE_CONTINUED = "to_be_continued"
"""In the metadata of a report: that there are further days to report of the same state."""


def catch_up(env: Environment, graph: Graph, now: datetime) -> None:
    """Do what `catch_up_in` does, in the warehouse of an environment, and let its readers have it."""
    with closing(env.open_warehouse()) as warehouse:
        catch_up_in(warehouse, env, graph, now)


def catch_up_in(
    warehouse: Warehouse, env: Environment, graph: Graph, now: datetime, leave: Container[str] = ()
) -> None:
    """Create or evolve the tables of the start but those to `leave`, and look at those that other systems write.

    States that only the warehouse has, as a killed run leaves them, are copied.

    Raises:
        WarehouseError: a table cannot follow its declaration, or somebody else kept the warehouse for too long.
    """
    warehouse.ensure(prepared(graph, warehouse, leave), now)
    if not env.target:
        look(env, graph, warehouse, now)  # in a development copy production does
    env.operations.copy_states(warehouse.id, warehouse.states())


def end_the_killed(instance: dg.DagsterInstance, now: datetime) -> list[str]:
    """Say of runs whose process was killed that they failed, and remove what they left; gives their numbers.

    `now` is the machine's clock, as Dagster's times are. Runs that another machine executes are left to Dagster.
    """
    if instance.run_launcher.supports_check_run_worker_health:
        return []
    folders = run_folders(instance)
    unfinished = {record.dagster_run.run_id: record for record in instance.get_run_records(UNFINISHED)}
    killed = []
    for run_id, record in unfinished.items():
        started = datetime.fromtimestamp(record.start_time, UTC) if record.start_time else None
        if folders.was_killed(run_id, started, now):
            instance.report_run_failed(record.dagster_run, KILLED)
            killed.append(run_id)
    folders.sweep(unfinished.keys() - set(killed))
    return killed


def report_unheard(instance: dg.DagsterInstance, env: Environment, graph: Graph) -> list[str]:
    """Report a materialization of each table whose newest state Dagster has not heard of; gives their names.

    Of a table that is kept day by day, each such day is reported. That an empty table was made is no news.
    """
    warehouse = env.warehouse_id
    states = {
        name: state
        for name, state in env.operations.states(warehouse).items()
        if name in graph.tables and state.change is not Change.CREATE
    }
    heard = _heard(instance, warehouse, list(states))
    unheard = [name for name, state in states.items() if heard[name] < state.seq]
    for name in unheard:
        days = _unheard_days(instance, warehouse, states[name], heard[name])
        for number, day in enumerate(days, 1):
            _report(instance, warehouse, states[name], day.isoformat(), is_last=number == len(days))
        if not days:
            _report(instance, warehouse, states[name], None, is_last=True)
    return unheard


def _report(
    instance: dg.DagsterInstance, warehouse: str, state: TableState, partition: str | None, *, is_last: bool
) -> None:
    more = {} if is_last else {TO_BE_CONTINUED: True}
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            asset_key(state.table),
            partition=partition,
            description=WATCHED if state.change is Change.WATCH else UNHEARD,
            metadata={**state_metadata(warehouse, state), **more},
            tags={"dagster/data_version": state.content_version},
        )
    )


def _heard(instance: dg.DagsterInstance, warehouse: str, names: list[str]) -> Mapping[str, int]:
    """For each table, the sequence number of the newest state of which Dagster knows everything; 0 where of none."""
    known = dict.fromkeys(names, 0)
    told: dict[str, tuple[str, str | None]] = {}  # the run and the step
    for record in instance.get_asset_records([asset_key(name) for name in names]):
        entry = record.asset_entry.last_materialization
        found = entry.asset_materialization if entry else None
        if entry and found and TO_BE_CONTINUED not in found.metadata:
            name = ".".join(record.asset_entry.asset_key.path)
            known[name] = _seq(found, warehouse)
            if found.partition is not None and entry.run_id:
                told[name] = entry.run_id, entry.step_key
    return known | dict.fromkeys(_cut_short(instance, told), 0)


def _cut_short(instance: dg.DagsterInstance, told: Mapping[str, tuple[str, str | None]]) -> list[str]:
    """The tables of which a run that did not end well told only some days: their steps did not end."""
    runs = {run_id for run_id, _ in told.values()}
    known = instance.get_runs(dg.RunsFilter(run_ids=sorted(runs))) if runs else []
    cut_short = []
    for run_id in runs - {run.run_id for run in known if run.is_success}:
        stats = instance.get_run_step_stats(run_id)
        succeeded = {step.step_key for step in stats if step.status and step.status.value == "SUCCESS"}
        cut_short += [name for name, (run, step) in told.items() if run == run_id and step not in succeeded]
    return cut_short


def _unheard_days(instance: dg.DagsterInstance, warehouse: str, state: TableState, heard: int) -> list[date]:
    """The days of a table that were written after what Dagster heard of them last, the oldest first.

    `heard` is the newest state of the table of which it knows everything; only where there is none, as after a step
    that was cut short, it is asked about each day, of which there may be thousands. Where it heard of each, something
    else moved on: the newest day then stands for the table.
    """
    by_day = {} if heard else _heard_days(instance, warehouse, state.table)
    unheard = [day for day, part in sorted(state.partitions.items()) if by_day.get(day.isoformat(), heard) < part.seq]
    return unheard or sorted(state.partitions)[-1:]


def _heard_days(instance: dg.DagsterInstance, warehouse: str, table: str) -> Mapping[str | None, int]:
    """For each day of a table, the sequence number of the newest state that Dagster heard of."""
    key = asset_key(table)
    newest = instance.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_MATERIALIZATION)
    if not newest:
        return {}
    only = dg.AssetRecordsFilter(key, storage_ids=list(newest.values()))
    found = [record.asset_materialization for record in instance.fetch_materializations(only, len(newest)).records]
    return {one.partition: _seq(one, warehouse) for one in found if one}


def _seq(event: dg.AssetMaterialization, warehouse: str) -> int:
    """The sequence number of the state that an event is about; 0 where that is one of another warehouse."""
    seq, told = event.metadata.get("state_seq"), event.metadata.get("warehouse")
    is_ours = isinstance(told, dg.TextMetadataValue) and told.value == warehouse
    return seq.value if is_ours and isinstance(seq, dg.IntMetadataValue) and seq.value is not None else 0
