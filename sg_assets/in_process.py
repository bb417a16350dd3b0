"""Bring tables up to date now, in this process: plan, run once, account for every table.

The same planner as the keeper's; the run is an ordinary Dagster run in the same history. Who asks, and how the
definitions are had, is up to the callers: `refresh.py` for the command line, `bring_up.py` for the job in the UI.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic
from uuid import uuid4

import dagster as dg

from sg_assets.account import Account, Listener, left_out, unreached
from sg_assets.asset_spec import asset_key
from sg_assets.clock import wall_clock
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness import healing
from sg_assets.freshness.busy import busy_tables
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.own_checks import failed, reasons, requested
from sg_assets.freshness.plan import Plan, Target, days_touched, plan
from sg_assets.freshness.situation import facts_now, unconnected_tables
from sg_assets.order import Order
from sg_assets.prepared import loaded_anew
from sg_assets.run_folder import run_folders
from sg_assets.session import Report, Result
from sg_assets.settled import mark_of

ALL_ASSETS_JOB = "__ASSET_JOB"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


Build = Callable[[Callable[[Report], None], Callable[[str], None]], dg.Definitions]
"""Gives the definitions of the project, whose runs tell of each table as it ends and as it begins."""


def bring_up_to_date(  # noqa: PLR0913, PLR0917 (what is declared, where, what to do, and who is told)
    project: Project,
    env: Environment,
    target: Target,
    order: Order,
    history: dg.DagsterInstance,
    build: Build,
    listener: Listener,
) -> Account:
    """Bring the target up to date in one run, and put right what killed runs left undone.

    Raises:
        EnvironmentProblem, GraphError, WarehouseError: nothing was run.
    """
    started = monotonic()
    healing.end_the_killed(history, wall_clock())
    leave = loaded_anew(project.graph, order, unconnected_tables(project, env))
    with closing(env.open_warehouse()) as warehouse:  # readers get one copy of all that happens, at the end
        healing.catch_up_in(warehouse, env, project.graph, order.now, leave)
        healing.report_unheard(history, env, project.graph)
        env.operations.clear_attempts(None)
        busy = frozenset[str]() if env.has_one_writer else busy_tables(history, project)
        facts = replace(facts_now(project, env, order.now, history), busy=busy)
        todo = plan(facts, target)
        left = left_out(facts, target, todo)
        total = len(todo.steps) + len(left)
        run_id, reports = None, list[Report]()
        if todo.steps:
            warehouse.release()
            run_id, reports = _run(project, facts, todo, order, history, build, listener, total)
            healing.report_unheard(history, env, project.graph)
    for report in left:
        listener.ended(report, total)
    if not leave and not any(report.result is Result.FAILED for report in reports):
        mark = mark_of(project.graph, env.operations.states(env.warehouse_id))
        env.operations.settled.note(env.warehouse_id, mark, Path(history.storage_directory()))
    return Account(run_id, round(monotonic() - started, 3), (*reports, *left))


def _run(  # noqa: PLR0913, PLR0917 (one run)
    project: Project,
    facts: Facts,
    todo: Plan,
    order: Order,
    history: dg.DagsterInstance,
    build: Build,
    listener: Listener,
    total: int,
) -> tuple[str, list[Report]]:
    names = [step.table for step in todo.steps]
    reports: dict[str, Report] = {}

    def heard(report: Report) -> None:
        reports[report.table] = report
        listener.ended(report, total)

    job = build(heard, listener.began).get_repository_def().get_job(ALL_ASSETS_JOB)
    run_id = str(uuid4())
    with run_folders(history).held(run_id):
        job.get_subset(
            asset_selection={asset_key(name) for name in names}, asset_check_selection=set(requested(project, names))
        ).execute_in_process(
            run_config=QUIET,
            instance=history,
            run_id=run_id,
            tags=order.tags(days_touched(facts, todo), facts.now.date()),
            raise_on_error=False,
        )
    failed_checks = reasons(failed(project, history))
    for name in names:
        if name not in reports:
            heard(unreached(name, project.graph, reports.values(), failed_checks))
    return run_id, [reports[name] for name in names]
