"""What Dagster knows that the watch asks about: runs, materializations, schedules, sensors.

Only reads, and only what a tick needs. That the watch itself or the daemon does not run cannot be seen from here: that
is the watchdog's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (  # noqa: TID251 (an argument of a public class)
    AssetCheckEvaluationTargetMaterializationData,
)

from sg_assets.asset_spec import asset_key, table_name
from sg_assets.freshness.busy import HOUSEKEEPING, unfinished
from sg_assets.freshness.incidents import Problem
from sg_assets.freshness.problems import run_url
from sg_assets.freshness.telling import minute
from sg_assets.message import Severity

if TYPE_CHECKING:
    from dagster import DagsterInstance, RepositoryDefinition

Judged = AssetCheckEvaluationTargetMaterializationData
"""The materialization that a check is about."""
FAILURE_REASON, WILL_RETRY, STEP_FAILURE = "dagster/failure_reason", "dagster/will_retry", "STEP_FAILURE"
RUNS = "runs"
CRASHED, STOPPED, TICK = "crashed", "stopped", "tick"
KINDS = (CRASHED, STOPPED, TICK, HOUSEKEEPING)
"""The aspects of problems of Dagster's parts; docs/runbook.md has a section for each."""
FAILING_TICKS = 2  # in a row: a sensor that fails once is asked again within the minute
TICKS_READ, RUNS_READ = 4, 10
UNREACHABLE = "DagsterUserCodeUnreachableError"
ASKED_AGAIN = timedelta(minutes=3)
"""For how long it is no failure that the code server could not be asked: Dagster asks again at the next full minute."""
FINISHED = dg.RunsFilter(
    statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
)


@dataclass(frozen=True)
class Parts:
    """Dagster's parts that should run by themselves: `subjects` maps each to its name, kind included.

    `location` is the code location that they are of, where that is known.
    """

    schedules: frozenset[str] = frozenset()
    sensors: frozenset[str] = frozenset()
    location: str | None = None

    @classmethod
    def of(cls, repository: RepositoryDefinition | None, location: str | None, but: str) -> Parts:
        """Those of a repository that run by default, but one."""
        if repository is None:
            return cls()
        schedules = {s.name for s in repository.schedule_defs if s.default_status is dg.DefaultScheduleStatus.RUNNING}
        sensors = {s.name for s in repository.sensor_defs if s.default_status is dg.DefaultSensorStatus.RUNNING}
        return cls(frozenset(schedules), frozenset(sensors - {but}), location)

    @property
    def subjects(self) -> Mapping[str, str]:
        """The subjects of problems that they may have, each with what it is called."""
        return {f"schedule:{name}": f"The schedule {name}" for name in self.schedules} | {
            f"sensor:{name}": f"The sensor {name}" for name in self.sensors
        }


@dataclass(frozen=True)
class Materialized:
    """The newest materialization of some tables, as a check is about one, and the run that was to make one."""

    newest: Mapping[str, Judged] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)


def running(instance: DagsterInstance, every: Iterable[str]) -> frozenset[str]:
    """The tables of all unfinished runs; a run that does not say is of all tables."""
    found: set[str] = set()
    for run in unfinished(instance):
        if run.asset_selection is None:
            return frozenset(every)
        found |= {table_name(key) for key in run.asset_selection}
    return frozenset(found)


def materialized(instance: DagsterInstance, tables: Iterable[str]) -> Materialized:
    """What Dagster knows of the newest materialization of some tables."""
    keys = [asset_key(name) for name in tables]
    newest: dict[str, Judged] = {}
    runs: dict[str, str] = {}
    for known in instance.get_asset_records(keys) if keys else ():
        entry = known.asset_entry
        name = table_name(entry.asset_key)
        if (record := entry.last_materialization_record) is not None:
            newest[name] = Judged(storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp)
        if entry.last_run_id:
            runs[name] = entry.last_run_id
    return Materialized(newest, runs)


def crashed(instance: DagsterInstance, owner: str, base_url: str) -> Problem | None:
    """That the run that ended last did so otherwise than by a step that failed, and will not be tried again."""
    ended = [
        (record.end_time or record.update_timestamp.timestamp(), record.storage_id, record.dagster_run)
        for record in instance.get_run_records(FINISHED, limit=RUNS_READ)
    ]
    if not ended:
        return None
    ended_at, _, run = max(ended, key=lambda one: one[:2])
    if run.status is not dg.DagsterRunStatus.FAILURE:
        return None
    reason = run.tags.get(FAILURE_REASON, "")
    if reason == STEP_FAILURE or run.tags.get(WILL_RETRY) == "true" or run.job_name == HOUSEKEEPING:
        return None
    count = len(run.asset_selection or ())
    return Problem(
        RUNS,
        frozenset({CRASHED}),
        Severity.ERROR,
        owner,
        since=_utc(ended_at),
        title=f"Run {run.run_id[:8]} ended before its end{f', of {count} tables' if count else ''}",
        why=(reason or "its page says why").replace("_", " ").lower(),
        lines=("Being done: the keeper launches what is still stale.",),
        links=(("Run", run_url(base_url, run.run_id)),),
        cure="Runs go through again",
    )


def unkept(instance: DagsterInstance, owner: str, base_url: str) -> Problem | None:
    """That the newest run of our housekeeping failed: no table says so, since it is about none."""
    newest = instance.get_run_records(dg.RunsFilter(job_name=HOUSEKEEPING, statuses=FINISHED.statuses), limit=1)
    if not newest or newest[0].dagster_run.status is not dg.DagsterRunStatus.FAILURE:
        return None
    run = newest[0].dagster_run
    return Problem(
        HOUSEKEEPING,
        frozenset({HOUSEKEEPING}),
        Severity.WARNING,
        owner,
        since=_utc(newest[0].end_time or newest[0].update_timestamp.timestamp()),
        title="Old runs and history are not removed",
        why="the job housekeeping failed; its page says why",
        lines=("Nothing is late because of it; the history grows.", "Being done: it runs again the next night."),
        links=(("Run", run_url(base_url, run.run_id)),),
        cure="Old runs and history are removed again",
    )


def parts_problems(
    instance: DagsterInstance, parts: Parts, now: datetime, owner: str, base_url: str
) -> dict[str, Problem]:
    """Which schedules and sensors are stopped, or fail."""
    if instance.schedule_storage is None or not parts.subjects:
        return {}
    states = {
        f"{state.instigator_type.value.lower()}:{state.instigator_name}": state
        for state in instance.all_instigator_state()
        if parts.location in {None, state.repository_selector.location_name}
    }
    states = {subject: state for subject, state in states.items() if subject in parts.subjects}
    ticks = instance.get_batch_ticks([state.selector_id for state in states.values()], limit=TICKS_READ)
    found: dict[str, Problem] = {}
    for subject, state in sorted(states.items()):
        page = f"{base_url}/automation"
        if not state.is_running:
            found[subject] = Problem(
                subject,
                frozenset({STOPPED}),
                Severity.WARNING,
                owner,
                since=now,
                title=f"{parts.subjects[subject]} is stopped",
                why="somebody switched it off; nothing switches it on again by itself",
                links=(("Automation", page),),
                cure=f"{parts.subjects[subject]} runs again",
            )
            continue
        ended = [tick for tick in ticks.get(state.selector_id, ()) if tick.is_completed]
        failing = ended[: FAILING_TICKS if subject.startswith("sensor") else 1]
        known = [(tick.is_failure, tick.error.cls_name if tick.error else None, tick.timestamp) for tick in failing]
        if known and all(is_bad and not _is_asked_again(kind, at, now) for is_bad, kind, at in known):
            error = failing[0].error
            found[subject] = Problem(
                subject,
                frozenset({TICK}),
                Severity.ERROR,
                owner,
                since=_utc(failing[-1].timestamp),
                title=f"{parts.subjects[subject]} fails",
                why=error.message if error is not None else f"the tick of {minute(_utc(failing[0].timestamp))} failed",
                links=(("Automation", page),),
                cure=f"{parts.subjects[subject]} goes well again",
            )
    return found


def _is_asked_again(error: str | None, at: float, now: datetime) -> bool:
    """Whether a tick failed while the code server was being started anew."""
    return error == UNREACHABLE and now - _utc(at) < ASKED_AGAIN


def _utc(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
