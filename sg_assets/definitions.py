"""Where the parts meet: every table as an asset, and what keeps them up to date. Read this file first.

`build_defs(environment)` is all of it; `defs` is what Dagster loads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import dagster as dg

from sg_assets import (
    asset_spec,
    bring_up,
    derived,
    discovery,
    environment,
    fivetran_sync,
    fivetran_tables,
    garbage,
    housekeeping,
    order,
    raw,
    sending,
)
from sg_assets.alerts import routing
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness import check, keep, lookout, published, schedules, watch
from sg_assets.freshness.situation import unconnected_tables
from sg_assets.run_folder import run_folders
from sg_assets.session import Report, Session
from sg_assets.source import Source
from sg_assets.table import Delivery


def build_defs(
    env: Environment,
    project: Project,
    listener: Callable[[Report], None] = lambda _report: None,
    began: Callable[[str], None] = lambda _table: None,
) -> dg.Definitions:
    """All definitions of a project in an environment; `listener` hears of each table as it is done.

    `began` hears of each as its step begins.

    Raises:
        EnvironmentProblem: production is half configured, or the warehouse is not one for these tables.
    """
    sources, graph = project.sources, project.graph
    env.check_sources(sources)
    days = asset_spec.daily(env.history_start)
    purge = housekeeping.job(project, env)
    pool = env.pool  # asks what the warehouse is, too

    @dg.resource
    def session(context: dg.InitResourceContext) -> Iterator[Session]:
        if context.run is None or context.instance is None:
            raise AssertionError  # Dagster has a run and a history whenever it runs a step
        asked = order.order_of(context.run.tags, env.clock)
        with run_folders(context.instance).held(context.run.run_id) as folder, garbage.sought_in_what_is_new():
            opened = Session(env, graph, asked, listener, unconnected_tables(project, env), began, folder)
            try:
                yield opened
            finally:
                opened.close()

    return dg.Definitions(
        assets=[
            *(made for source in sources for made in _of_source(source, days, pool)),
            *(derived.asset(table, days, pool) for table in graph if table.sql),
            *(
                sending.asset(graph[one.name], one, to, pool)
                for to in project.destinations
                for one in to.sendings.values()
            ),
            *published.assets(project, pool),
        ],
        asset_checks=[check.fresh(project, env), *lookout.sound(project, env), *project.checks],
        jobs=[
            bring_up.job(project, env, partial(build_defs, env, project)),
            *([fivetran_sync.job(env)] if any(source.name == "fivetran" for source in sources) else []),
            purge,
            *(
                dg.define_asset_job(
                    source.name,
                    selection=dg.AssetSelection.assets(*(asset_spec.asset_key(name) for name in source.tables)),
                    description=f"Fetch every raw table of {source.name} now.",
                )
                for source in sources
                if not source.is_only_watched
            ),
        ],
        schedules=[*schedules.per_cadence(project, env), housekeeping.schedule(purge, env)],
        sensors=[
            keep.keeper(project, env),
            *lookout.lookout(project, env),
            watch.watch(project, env, routing.read().platform),
        ],
        resources={asset_spec.SESSION: session},
        executor=dg.in_process_executor,
    )


def _of_source(
    source: Source, days: dg.DailyPartitionsDefinition, pool: str | None
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets of a source: of what another system writes only what it is, where nothing can have it written.

    Where the warehouse has no pool, each source has one: it is asked by one run at a time.
    """
    own = pool or f"source_{source.name}"
    if source.is_synced:
        return [fivetran_tables.asset(source, days, _kinds(source), own)]
    return [
        asset_spec.asset_spec(one.table, days, _kinds(source))
        if one.table.delivery is Delivery.WATCHED
        else raw.asset(one, source, days, own)
        for one in source.tables.values()
    ]


def _kinds(source: Source) -> set[str]:
    """What Dagster shows beside the assets of a source: which it is, and who fills it."""
    origin, _, filler = source.name.rpartition("_")
    is_filled = any(one.table.origin for one in source.tables.values())
    return {origin.replace("_", ""), filler} if is_filled else {source.name.replace("_", "")}


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads: everything that is declared, in the environment that the variables describe."""
    env = environment.load()
    return build_defs(env, discovery.project(env.variables))
