"""The lookout: a sensor that looks how far other systems have written the tables that are only watched.

What it finds becomes a state as any landing does, and an event in Dagster: at most one a tick of the table's promise.
Such a table has no step of its own, so that its check `sound` is made here, too.
"""

from collections.abc import Iterator

import dagster as dg

from sg_assets.asset_spec import asset_key, table_name
from sg_assets.checks import SOUND
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness import healing
from sg_assets.freshness.busy import waited_for
from sg_assets.table import Delivery, Table
from sg_assets.watched import is_due

INTERVAL_SECONDS = 60
AS_DECLARED = "It has the declared columns, its key is there and unique."


def lookout(project: Project, env: Environment) -> list[dg.SensorDefinition]:
    """The sensor, running by default unless the sandbox's clock stands still; none where nothing is watched."""
    tables = _watched(project)
    status = dg.DefaultSensorStatus.RUNNING if env.runs_by_itself else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name="lookout",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=status,
        description="Looks how far other systems have written the tables that are only watched.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        now = env.clock()
        states = env.operations.states(env.warehouse_id)
        due = [table.name for table in tables if is_due(table, states.get(table.name), now)]
        if not due:
            return dg.SkipReason("all of them were looked at in this tick of their promises")
        if env.has_one_writer and (reason := waited_for(context.instance)):
            return dg.SkipReason(reason)
        healing.catch_up(env, project.graph, now)
        told = [name for name in healing.report_unheard(context.instance, env, project.graph) if name in due]
        for name in due:
            passed, words = _judged(env, name)
            context.instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(asset_key(name), SOUND, passed=passed, description=words, metadata={})
            )
        return dg.SkipReason(f"looked at {', '.join(due)}; new: {', '.join(told) or 'nothing'}")

    return [look] if tables else []


def sound(project: Project, env: Environment) -> list[dg.AssetChecksDefinition]:
    """The check `sound` of tables that nothing of ours can run: a run by hand looks at them now."""
    tables = [table for table in _watched(project) if not table.is_synced]

    @dg.multi_asset_check(
        name="watched_is_sound",
        specs=[dg.AssetCheckSpec(SOUND, asset=asset_key(t.name), description=AS_DECLARED) for t in tables],
        can_subset=True,
        pool=env.pool,
    )
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        healing.catch_up(env, project.graph, env.clock())
        for key in context.selected_asset_check_keys:
            passed, words = _judged(env, table_name(key.asset_key))
            yield dg.AssetCheckResult(check_name=SOUND, asset_key=key.asset_key, passed=passed, description=words)

    return [check] if tables else []


def _watched(project: Project) -> list[Table]:
    return [table for table in project.graph if table.delivery is Delivery.WATCHED]


def _judged(env: Environment, table: str) -> tuple[bool, str]:
    """Whether a table was sound when it was looked at last, and in words."""
    tried = env.operations.attempts().get(table)
    return (False, tried.reason) if tried and tried.reason else (True, AS_DECLARED)
