"""On demand: what a refresh would run, and running it, through the running Dagster where there is one, else here.

Where there is nothing to do, neither Dagster is loaded nor the warehouse opened: the states that were copied into the
operations store suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from sg_assets import running_dagster
from sg_assets.account import Account, left_out, unreached
from sg_assets.checks import SOUND
from sg_assets.freshness.plan import Action, Plan, Target, days_touched, plan
from sg_assets.freshness.situation import facts_now
from sg_assets.running_dagster import DagsterError, RunningDagster
from sg_assets.session import Report, Result
from sg_assets.settled import mark_of

if TYPE_CHECKING:
    from sg_assets.discovery import Project
    from sg_assets.environment import Environment
    from sg_assets.freshness.facts import Facts
    from sg_assets.operations import Operations
    from sg_assets.order import Order

MANY = 10  # tables that a run reads from sources

QUEUED_FOR = {
    True: "one run writes the warehouse at a time",
    False: "it waits for other runs of its sources, if there are any",
}
"""What a run waits for in Dagster's queue, by whether the warehouse has one writer at a time."""


class Watcher(Protocol):
    """Who is told how it goes."""

    def __call__(self, report: Report, total: int) -> None:
        """A table is done, of so many."""

    def began(self, table: str) -> None:
        """A table's step began."""

    def says(self, words: str) -> None:
        """Something that people should know meanwhile."""


def facts_of(project: Project, env: Environment, now: datetime) -> Facts:
    """What is so at an instant, Dagster's history asked only where that may have something to tell."""
    if not project.checks:
        return facts_now(project, env, now)
    from sg_assets.refresh import instance  # noqa: PLC0415 (brings Dagster)

    with instance(env.dagster_home) as history:
        return facts_now(project, env, now, history)


def planned(project: Project, env: Environment, target: Target) -> Plan:
    """What a refresh would run now, nothing else."""
    return plan(_facts(project, env, env.clock()), target)


def estimates(made: Plan, operations: Operations) -> dict[str, float | None]:
    """How many seconds each step of a plan will take, as the median of those before; None for what never ran."""
    typical = operations.durations.typical()

    def of(table: str, *results: Result) -> float | None:
        return next((typical[table, result] for result in results if (table, result) in typical), None)

    either = (Result.BUILT, Result.SKIPPED)
    return {s.table: of(s.table, *(either[::-1] if s.action.leaves_rows else either)) for s in made.steps}


def bring_up_to_date(  # noqa: PLR0913 (what is declared, where, what to do, and who is told)
    project: Project,
    env: Environment,
    target: Target,
    order: Order,
    watcher: Watcher,
    *,
    is_waiting: bool = True,
    beside: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Account:
    """Bring the target up to date in one run; where Dagster runs, that need not be waited for (`is_waiting`).

    A run in this process that reads many tables has the block of `beside` around it.

    Raises:
        DagsterError: the running Dagster did not take it, or is gone.
        EnvironmentProblem, GraphError, WarehouseError: nothing was run.
    """
    started = monotonic()
    dagster, was_at_rest = running_dagster.find(env.home), env.place.is_at_rest
    facts = _facts(project, env, order.now)
    todo = plan(facts, target)
    is_settled = was_at_rest and env.operations.settled.is_so(env.warehouse_id, mark_of(project.graph, facts.states))
    if dagster is not None or (is_settled and not todo.steps):
        env.operations.clear_attempts(None)
        left = left_out(facts, target, todo)
        total = len(todo.steps) + len(left)
        run_id, reports = None, list[Report]()
        if dagster is not None and todo.steps:
            run_id = _launch(dagster, project, facts, todo, order)
            watcher.says(f"run {run_id}: {dagster.url}/runs/{run_id}")
            if is_waiting:
                reports = _follow(dagster, run_id, todo, project, env, watcher, total)
        for report in left:
            watcher(report, total)
        return Account(run_id, round(monotonic() - started, 3), (*reports, *left))
    if not is_waiting:
        msg = "no Dagster is running here that a run could be left to: start it with `make up`, or wait"
        raise DagsterError(msg)
    reads = sum(project.graph[step.table].is_raw for step in todo.steps)
    with beside() if reads >= MANY else nullcontext():
        from sg_assets import refresh  # noqa: PLC0415 (brings Dagster)

        with refresh.instance(env.dagster_home) as history:
            return refresh.refresh(project, env, target, order, history, watcher, watcher.began)


def _launch(dagster: RunningDagster, project: Project, facts: Facts, todo: Plan, order: Order) -> str:
    """Have a plan run; gives the run's id."""
    names = [step.table for step in todo.steps]
    tags = order.tags(days_touched(facts, todo), order.now.date())
    code = {name: project.graph[name].code_version for name in names}
    is_other_check = any(step.action is Action.CHECK for step in todo.steps)  # no version has the query of a check
    return dagster.launch(names, _checks(project, names), tags, code, is_other_code=is_other_check)


def _follow(  # noqa: PLR0913, PLR0917 (one run)
    dagster: RunningDagster,
    run_id: str,
    todo: Plan,
    project: Project,
    env: Environment,
    watcher: Watcher,
    total: int,
) -> list[Report]:
    """The reports of a run's tables, as the run goes on."""
    names = [step.table for step in todo.steps]
    reports: dict[str, Report] = {}
    metadata: dict[str, Mapping[str, Any]] = {}

    def heard(report: Report) -> None:
        reports[report.table] = report
        watcher(report, total)

    with _left_alone(run_id, watcher):
        for event in dagster.follow(run_id, names):
            if event.what == "began":
                watcher.began(event.table)
            elif event.what == "materialized":
                metadata[event.table] = event.metadata
            elif event.what == "ended":
                heard(_report(event.table, metadata.get(event.table, {})))
            elif event.what == "failed":
                tried = env.operations.attempts().get(event.table)
                told = tried.reason if tried else ""
                heard(Report(event.table, Result.FAILED, reason=told or "its page in Dagster says why"))
            elif event.status == "QUEUED":
                watcher.says(f"it is queued: {QUEUED_FOR[env.has_one_writer]}")
    failed_checks = _facts(project, env, env.clock()).failed_checks
    for name in names:
        if name not in reports:
            heard(unreached(name, project.graph, reports.values(), failed_checks))
    return [reports[name] for name in names]


@contextmanager
def _left_alone(run_id: str, watcher: Watcher) -> Generator[None]:
    """Who stops waiting is told that the run goes on."""
    try:
        yield
    except KeyboardInterrupt:
        watcher.says(f"run {run_id} goes on in Dagster; end it there")
        raise


def _report(table: str, metadata: Mapping[str, Any]) -> Report:
    """What a materialization's metadata says of a table; see `asset_spec.materialize_result`."""
    through = metadata.get("data_through")
    return Report(
        table,
        Result(metadata.get("result", Result.BUILT)),
        metadata.get("dagster/row_count"),
        metadata.get("seconds", 0.0),
        through if isinstance(through, datetime) else None,
        metadata.get("reason", ""),
    )


def _checks(project: Project, names: Sequence[str]) -> list[tuple[str, str]]:
    """The checks of a run of these tables, as (table, name of the check)."""
    if not project.checks:
        return [(name, SOUND) for name in names]
    from sg_assets.freshness.own_checks import requested  # noqa: PLC0415 (brings Dagster)

    return [(".".join(key.asset_key.path), key.name) for key in requested(project, names)]


def _facts(project: Project, env: Environment, now: datetime) -> Facts:
    """What the planner is told: failed tries are no reason to wait for somebody who asks."""
    return replace(facts_of(project, env, now), held={})
