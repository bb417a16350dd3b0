"""The visible schedules: one for each cadence that raw tables promise, named after it.

A tick pulls the raw tables of its cadence and builds, in the same run, everything below them that is then due and
ready. Derived tables have no schedule of their own; the keeper sees to what is left.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import dagster as dg
from cron_descriptor import Options, get_description

from sg_assets.asset_spec import asset_key
from sg_assets.freshness.busy import busy_tables
from sg_assets.freshness.keep import run_request
from sg_assets.freshness.plan import Target, plan
from sg_assets.freshness.situation import facts_now
from sg_assets.promise import Promise
from sg_assets.table import Delivery

if TYPE_CHECKING:
    from sg_assets.discovery import Project
    from sg_assets.environment import Environment


def per_cadence(project: Project, env: Environment) -> list[dg.ScheduleDefinition]:
    """One schedule for each distinct cron and time zone among the raw tables that we fetch."""
    cadences: dict[tuple[str, str], list[str]] = {}
    for table in project.graph:
        if table.delivery in {Delivery.PULL, Delivery.FILES} and isinstance(table.promise, Promise):
            cadences.setdefault((table.promise.cron, table.promise.timezone), []).append(table.name)
    return [_schedule(project, env, cron, zone, names) for (cron, zone), names in sorted(cadences.items())]


def schedule_name(cron: str, timezone: str) -> str:
    """A cadence in words that Dagster accepts as a name: `at_10_minutes_past_the_hour_utc`, whatever the locale."""
    words = get_description(cron, Options(locale_code="en_US", use_24hour_time_format=True))
    return re.sub(r"[^a-z0-9]+", "_", f"{words} {timezone}".lower()).strip("_")


def _schedule(project: Project, env: Environment, cron: str, timezone: str, names: list[str]) -> dg.ScheduleDefinition:
    status = dg.DefaultScheduleStatus.RUNNING if env.runs_by_itself else dg.DefaultScheduleStatus.STOPPED
    reach = sorted({*names, *project.graph.descendants(names)})

    @dg.schedule(
        name=schedule_name(cron, timezone),
        cron_schedule=cron,
        execution_timezone=timezone,
        target=dg.AssetSelection.assets(*(asset_key(name) for name in reach)),
        default_status=status,
        description=f"Pulls {', '.join(names)}, and builds what is then due below them.",
    )
    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        history = context.instance if project.checks else None  # opened only where it has something to tell
        busy = frozenset[str]() if env.has_one_writer else busy_tables(context.instance, project)
        facts = replace(facts_now(project, env, env.clock(), history), busy=busy)
        todo = plan(facts, Target.schedule(names))
        if not todo.steps:
            return dg.SkipReason("no source of this cadence is connected, or all of them wait for a vendor")
        return run_request(project, facts, todo, "schedule")

    return tick
