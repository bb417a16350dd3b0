"""The keeper: a sensor that asks the planner what is stale, due and ready, and launches one run for all of it.

Level-triggered: it compares what each table was built from with what is now, so that nothing is lost whatever was
missed, restarted or killed. What is stale is decided in `stale.py` and `plan.py`; tries are judged in `tries.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.asset_spec import asset_key
from sg_assets.clock import wall_clock
from sg_assets.freshness import healing
from sg_assets.freshness.busy import busy_tables, waited_for
from sg_assets.freshness.own_checks import requested
from sg_assets.freshness.plan import Plan, Target, days_touched, plan
from sg_assets.freshness.situation import facts_now
from sg_assets.freshness.tries import fingerprint
from sg_assets.order import Order

if TYPE_CHECKING:
    from sg_assets.discovery import Project
    from sg_assets.environment import Environment
    from sg_assets.freshness.facts import Facts

INTERVAL_SECONDS = 30


def keeper(project: Project, env: Environment) -> dg.SensorDefinition:
    """The sensor; running by default, unless the sandbox's clock stands still."""
    status = dg.DefaultSensorStatus.RUNNING if env.runs_by_itself else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name="keeper",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=status,
        description="Keeps every table up to date: runs what is stale, due and ready, in one run.",
    )
    def keep(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        healing.end_the_killed(context.instance, wall_clock())
        # First the runs, then the states: a run that ends in between makes us wait a tick, never run twice.
        if env.has_one_writer and (reason := waited_for(context.instance)):
            return dg.SkipReason(reason)
        busy = busy_tables(context.instance, project)
        now = env.clock()
        healing.report_unheard(context.instance, env, project.graph)
        facts = replace(facts_now(project, env, now, context.instance), busy=busy)
        todo = plan(facts, Target.keeper())
        if not todo.steps:
            return dg.SkipReason("everything is up to date, or waits for its next tick")
        for step in todo.steps:  # before the run, so that one that crashes is counted, too
            env.operations.record_try(step.table, fingerprint(project.graph[step.table], facts.states, now), now)
        return dg.SensorResult(run_requests=[run_request(project, facts, todo, "keeper")])

    return keep


def run_request(project: Project, facts: Facts, todo: Plan, caller: str) -> dg.RunRequest:
    """One run for a plan: its tables with their checks, but never the check `fresh`, which the watch writes."""
    names = [step.table for step in todo.steps]
    return dg.RunRequest(
        asset_selection=[asset_key(name) for name in names],
        asset_check_keys=requested(project, names),
        tags=Order(facts.now, caller).tags(days_touched(facts, todo), facts.now.date()),
    )
