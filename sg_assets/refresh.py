"""Bring tables up to date now, in this process: plan, run once, account for every table.

The same planner as the keeper's; the run is an ordinary Dagster run in the same history. `cli.py` shows what comes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic

import dagster as dg

from sg_assets import definitions
from sg_assets.asset_spec import asset_key, sound_key
from sg_assets.discovery import Project
from sg_assets.environment import ROOT, Environment
from sg_assets.freshness import healing
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Plan, Target, days_touched, plan
from sg_assets.freshness.situation import facts_now, unconnected_tables
from sg_assets.order import Order
from sg_assets.session import Report, Result, loaded_anew

ALL_ASSETS_JOB = "__ASSET_JOB"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class Account:
    """What a refresh did: `run_id` is None where nothing had to run."""

    run_id: str | None
    seconds: float
    tables: tuple[Report, ...]

    @property
    def has_failed(self) -> bool:
        """Whether a table failed."""
        return any(report.result is Result.FAILED for report in self.tables)


def planned(project: Project, env: Environment, target: Target) -> Plan:
    """What a refresh would run now, nothing else."""
    return plan(facts_now(project, env, env.clock()), target)


def instance() -> dg.DagsterInstance:
    """The history that `dagster.yaml` in the repository describes; its paths count from there, so we go there."""
    os.chdir(ROOT)
    return dg.DagsterInstance.from_config(str(ROOT))


def refresh(  # noqa: PLR0913, PLR0917 (what is declared, where, what to do, and who is told)
    project: Project,
    env: Environment,
    target: Target,
    order: Order,
    history: dg.DagsterInstance,
    listener: Callable[[Report, int], None],
) -> Account:
    """Bring the target up to date; `listener` hears of each table as it is done, and how many there are.

    Raises:
        EnvironmentProblem, GraphError: nothing was run.
    """
    started = monotonic()
    reports: dict[str, Report] = {}

    def heard(report: Report) -> None:
        reports[report.table] = report
        listener(report, len(todo.steps))

    leave = loaded_anew(project.graph, order, unconnected_tables(project, env))
    healing.catch_up(env, project.graph, order.now, leave)
    healing.report_unheard(history, env, project.graph)
    env.operations.clear_attempts(None)
    facts = facts_now(project, env, order.now)
    todo = plan(facts, target)
    if not todo.steps:
        return Account(None, round(monotonic() - started, 3), ())
    names = [step.table for step in todo.steps]
    job = definitions.build_defs(env, project, heard).get_repository_def().get_job(ALL_ASSETS_JOB)
    run = job.get_subset(
        asset_selection={asset_key(name) for name in names},
        asset_check_selection={sound_key(name) for name in names},
    ).execute_in_process(
        run_config=QUIET,
        instance=history,
        tags=order.tags(days_touched(facts, todo), env.clock().date()),
        raise_on_error=False,
    )
    for name in names:
        if name not in reports:
            heard(_unreached(name, project.graph, reports.values()))
    return Account(run.run_id, round(monotonic() - started, 3), tuple(reports[name] for name in names))


def _unreached(name: str, graph: Graph, others: Iterable[Report]) -> Report:
    """The report of a table whose step did not run: a table above it failed, or the whole run ended."""
    above = graph.ancestors([name])
    failed = [report.table for report in others if report.result is Result.FAILED and report.table in above]
    if failed:
        return Report(name, Result.BLOCKED, reason=f"{', '.join(failed)} failed in this run")
    return Report(name, Result.FAILED, reason="the run ended before its turn; its page in Dagster says why")
