"""Tables that Fivetran fills, as assets: bringing one up to date is having its connection synced, and looking then.

Nobody does so but on demand, from the UI or by `sg-assets refresh TABLE`: Fivetran syncs by its own schedule, and the
lookout sees what came of it. How a sync is asked for and followed is in `fivetran_sync.py`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import dagster as dg

from sg_assets.asset_spec import SESSION, asset_key, asset_spec, materialize_result, sound_spec, unsound
from sg_assets.checks import judge
from sg_assets.fivetran_sync import SyncError, line, sync_all
from sg_assets.session import Result, Session
from sg_assets.source import Source
from sg_assets.table import Table
from sg_assets.warehouse.contract import UnsoundError, WarehouseError, Watch


def asset(source: Source, days: dg.DailyPartitionsDefinition, kinds: set[str], pool: str | None) -> dg.AssetsDefinition:
    """The assets of a source that Fivetran fills; whichever of them are run together are one sync."""
    tables = {asset_key(name): raw.table for name, raw in source.tables.items()}

    @dg.multi_asset(
        name=source.name,
        specs=[asset_spec(table, days, kinds) for table in tables.values()],
        check_specs=[sound_spec(table) for table in tables.values()],
        required_resource_keys={SESSION},
        can_subset=True,
        pool=pool,
    )
    def fill(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[object] | dg.AssetCheckResult]:
        session: Session = context.resources.session
        chosen = [table for key, table in tables.items() if key in context.selected_asset_keys]
        told = _synced(session, chosen)
        failed = []
        for table in chosen:
            with session.step(table):
                try:
                    outcome = session.warehouse.watch(table, _watch(session, chosen, told), judge)
                except UnsoundError as error:
                    yield unsound(table, error)
                    session.failed(table, str(error))
                    failed.append(str(error))
                except WarehouseError as error:
                    session.failed(table, str(error))
                    failed.append(str(error))
                else:
                    session.wrote(outcome)
                    result = Result.SKIPPED if outcome.is_skipped else Result.BUILT
                    report = session.ended(table, result, outcome.state, outcome.reason or "its connection was synced")
                    yield materialize_result(session, table, report, outcome)
        if failed:
            raise dg.Failure("; ".join(failed), allow_retries=False)

    return fill


def _synced(session: Session, tables: Sequence[Table]) -> datetime:
    """When the syncs ended that fill these tables.

    Raises:
        Failure: one did not end well, or could not be asked for; every table is accounted for.
    """
    try:
        done = sync_all(session.environment, sorted({t.origin.connection for t in tables if t.origin}))
        problems = [line(one) for one in done if one.ended is None or not one.ended.has_succeeded]
    except SyncError as error:
        done, problems = [], [str(error)]
    if problems:
        for table in tables:
            with session.step(table):
                session.failed(table, "; ".join(problems))
        raise dg.Failure("; ".join(problems), allow_retries=False)
    return min(one.ended.at for one in done if one.ended)


def _watch(session: Session, tables: Sequence[Table], told: datetime) -> Watch:
    """Look now, whatever was noted in this tick."""
    beside = frozenset(name for table in tables if table.origin for name in table.origin.tables)
    return Watch(session.now, session.now, lambda _through: False, told, beside)
