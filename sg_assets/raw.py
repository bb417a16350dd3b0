"""A raw table as an asset: fetch what the source has, then land it, without holding the warehouse meanwhile.

What a source declares is in `source.py`; how a vendor is asked is in `pull.py`, how files are found and read in
`files.py`; how rows are published is the warehouse's.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import cast

import dagster as dg

from sg_assets import feeds, files
from sg_assets.asset_spec import (
    SESSION,
    asset_spec,
    given_up,
    materialize_result,
    report_other_days,
    selected_days,
    sound_spec,
    unsound,
)
from sg_assets.checks import judge
from sg_assets.environment import EnvironmentProblem
from sg_assets.google import Bucket
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.object_spool import Reading
from sg_assets.pull import pull
from sg_assets.session import Result, Session
from sg_assets.source import Connected, Files, RawTable, Source
from sg_assets.table import Delivery, Table
from sg_assets.warehouse.contract import (
    Load,
    Outcome,
    Soundness,
    UnsoundError,
    WarehouseError,
)
from sg_assets.warehouse.state import MISSING_HOURS, LoadedObject, TableState

RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def asset(
    raw: RawTable, source: Source, days: dg.DailyPartitionsDefinition, pool: str | None = None
) -> dg.AssetsDefinition:
    """The asset of a raw table; its runs hold `pool`."""
    table = raw.table

    @dg.multi_asset(
        name=table.name.replace(".", "__"),
        specs=[asset_spec(table, days, {source.name.replace("_", "")})],
        check_specs=[sound_spec(table)],
        required_resource_keys={SESSION},
        retry_policy=RETRIES,
        backfill_policy=dg.BackfillPolicy.single_run() if table.is_partitioned else None,
        pool=pool,
    )
    def fetch(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[object] | dg.AssetCheckResult]:
        session: Session = context.resources.session
        chosen = session.order.days_of(table.name) or (
            () if session.order.is_planned else selected_days(context, table)
        )
        has_tries = context.retry_number < RETRIES.max_retries
        with session.step(table, is_tried_again=has_tries):
            try:
                outcome, told = _fetch(session, raw, source, chosen)
            except UnsoundError as error:
                yield unsound(table, error)
                raise given_up(session, table, error) from error
            except (EnvironmentProblem, WarehouseError) as error:
                raise given_up(session, table, error) from error
            except (ComeBackLater, SourceError) as error:
                raise not_answered(session, table, error, has_tries=has_tries) from error
            result = Result.SKIPPED if outcome.is_skipped else Result.BUILT
            report = session.ended(table, result, outcome.state, outcome.reason)
        report_other_days(context, session, table)
        yield materialize_result(session, table, report, outcome, told)

    return fetch


def not_answered(session: Session, table: Table, error: ComeBackLater | SourceError, *, has_tries: bool) -> dg.Failure:
    """Account for an outside system that did not do what it was asked; what is then to be raised.

    What may pass, no answer or an error of its own, is tried again in this run while there are tries.
    """
    if isinstance(error, ComeBackLater):
        return given_up(session, table, error, error.at)
    may_pass = error.status is None or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return dg.Failure(str(error)) if may_pass and has_tries else given_up(session, table, error)


def _fetch(
    session: Session, raw: RawTable, source: Source, chosen: tuple[date, ...]
) -> tuple[Outcome, Mapping[str, object]]:
    """Fetch and publish one table; the outcome, and what to tell of the fetch.

    Raises:
        EnvironmentProblem: the source is not connected.
        SourceError: the source did not give what it should; nothing was published.
        WarehouseError: what it gave was not published.
    """
    connection = session.connection(source)
    if connection.settings is None:
        msg = f"{raw.table.name} cannot be fetched: {connection.reason}"
        raise EnvironmentProblem(msg)
    state, is_asked = session.own_states.get(raw.table.name), bool(chosen) or session.order.is_full_for(raw.table.name)
    if state is not None and state.has_landed and state.built_at > session.now and not is_asked:
        reason = "it was fetched since this run was asked for"
        return Outcome(state, 0, Soundness(()), is_skipped=True, reason=reason), {}
    client = session.client(source)
    asked_before = client.calls
    with session.asking(raw.table, client), tempfile.TemporaryDirectory(dir=session.folder) as folder:
        if raw.table.delivery is Delivery.FILES:
            outcome, told = _load(session, raw, client, connection.settings, chosen, Path(folder))
        else:
            outcome, told = pull(session, raw, client, connection.settings, Path(folder))
    return outcome, {"api_calls": client.calls - asked_before, **told}


def _load(  # noqa: PLR0913, PLR0917 (what one load needs)
    session: Session,
    raw: RawTable,
    client: Connected,
    settings: Mapping[str, str],
    chosen: tuple[date, ...],
    folder: Path,
) -> tuple[Outcome, Mapping[str, object]]:
    """Read the objects of a bucket that are new or changed, and put their rows in place, day by day as they are had.

    Of `chosen` days every object is read again, and of a full order every object there is.
    """
    table, state = raw.table, session.own_states.get(raw.table.name)
    if raw.files is None or raw.parse is None:
        raise AssertionError(table.name)  # files are declared with their parser
    is_full, seq = session.order.is_full_for(table.name), state.seq if state else 0
    loaded = session.warehouse.loaded_objects(table.name)
    session.release()
    bucket = Bucket(cast("Client", client), settings[raw.files.bucket])
    wanted = files.changed(
        bucket,
        raw.files,
        {} if is_full else {name: item for name, item in loaded.items() if item.day not in chosen},
        now=session.now,
        open_days=table.open_days,
        full_listing=is_full or bool(chosen) or _is_first_of_day(state, session.now),
    )
    outcome, told = None, Counter[str]()
    if is_full:
        loaded = {}
    for reading in files.read(bucket, table, raw.parse, wanted, folder):
        outcome = _put(session, raw.files, table, loaded, reading, seq, is_full=is_full and outcome is None)
        told.update(reading.spooled.unknown)
        told["objects_read"] += len(reading.objects)
        told["rows_ahead_of_their_hour"] += reading.skewed
        if outcome.is_skipped:
            return outcome, told
        seq = outcome.state.seq
        session.release()
    if outcome is None:
        outcome = _put(session, raw.files, table, loaded, None, seq, is_full=False)
    return outcome, {**told, **(outcome.state.cursor or {})}


def _put(  # noqa: PLR0913, PLR0917 (what one publication needs)
    session: Session,
    source: Files,
    table: Table,
    loaded: dict[str, LoadedObject],
    reading: Reading | None,
    seq: int,
    *,
    is_full: bool,
) -> Outcome:
    """Publish one reading (None: nothing new, but time went on), unless the table has moved on from `seq`.

    `loaded` then has the objects of the reading, too.
    """
    objects = list(reading.objects) if reading else []
    loaded |= {item.name: item for item in objects}
    reach = feeds.data_through(source.feeds, loaded.values(), source.lost, table.open_days, session.now)
    outcome = session.warehouse.load(
        table,
        reading.spooled.parquet if reading else (),
        Load(
            now=session.now,
            expected_seq=seq,
            data_through=reach.through,
            objects=objects,
            cursor={MISSING_HOURS: reach.missing} if reach.missing else None,
            rejected=reading.spooled.rejected if reading else (),
            full=is_full,
        ),
        judge,
    )
    session.wrote(outcome)
    return outcome


def _is_first_of_day(state: TableState | None, now: datetime) -> bool:
    """Whether the table was not written on this UTC day yet: then the whole prefix is listed, not only open days."""
    return state is None or not state.has_landed or state.built_at.date() < now.date()
