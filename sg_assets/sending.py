"""A ledger as an asset: send what it does not have as it is now, and write down what became of it.

What a destination declares is in `destination.py`; why a ledger is stale is decided in `freshness/stale.py`, as of a
derived table. The warehouse is not held while the outside system is told.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import dagster as dg

from sg_assets import raw
from sg_assets.asset_spec import SESSION, asset_spec, given_up, materialize_result, sound_spec, unsound
from sg_assets.checks import judge
from sg_assets.destination import SENT_AT, Destination, DestinationError, Send, Sending
from sg_assets.development import NEVER_SENT
from sg_assets.environment import EnvironmentProblem
from sg_assets.freshness.plan import missing_input
from sg_assets.freshness.stale import Staleness, build_for, staleness
from sg_assets.http import ComeBackLater, SourceError
from sg_assets.ledger import Ledger
from sg_assets.session import Result, Session
from sg_assets.table import Table
from sg_assets.warehouse.contract import Build, Outcome, Soundness, Unsent, UnsoundError, WarehouseError


def asset(table: Table, sending: Sending, destination: Destination, pool: str | None = None) -> dg.AssetsDefinition:
    """The asset of a ledger; its runs hold `pool`."""

    @dg.multi_asset(
        name=table.name.replace(".", "__"),
        specs=[asset_spec(table, None, {destination.system.name.replace("_", "")})],
        check_specs=[sound_spec(table)],
        required_resource_keys={SESSION},
        retry_policy=raw.RETRIES,
        pool=pool,
    )
    def send(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[object] | dg.AssetCheckResult]:
        session: Session = context.resources.session
        has_tries = context.retry_number < raw.RETRIES.max_retries
        with session.step(table, is_tried_again=has_tries):
            try:
                outcome, reason, told = _send(session, table, sending, destination)
            except UnsoundError as error:
                yield unsound(table, error)
                raise given_up(session, table, error) from error
            except (DestinationError, EnvironmentProblem, WarehouseError) as error:
                raise given_up(session, table, error) from error
            except (ComeBackLater, SourceError) as error:
                raise raw.not_answered(session, table, error, has_tries=has_tries) from error
            result = Result.SKIPPED if outcome.is_skipped else Result.BUILT
            report = session.ended(table, result, outcome.state, reason)
        yield materialize_result(session, table, report, outcome, told)

    return send


def _send(
    session: Session, table: Table, sending: Sending, destination: Destination
) -> tuple[Outcome, str, Mapping[str, object]]:
    """Send what is to be sent; the outcome, why it was done, and what to tell of it.

    Raises:
        EnvironmentProblem: the outside system is not connected.
        DestinationError: the table cannot be sent, or not all of it was.
        SourceError: the system could not be told; what it was told before is in the ledger.
        WarehouseError: the ledger could not be written.
    """
    if session.environment.target:
        msg = f"{table.name} cannot be sent: SG_TARGET={session.environment.target}: {NEVER_SENT}"
        raise EnvironmentProblem(msg)
    connection = session.environment.connection(destination.system)
    if connection.settings is None or table.name in session.unconnected:
        msg = f"{table.name} cannot be sent: {session.unconnected.get(table.name) or connection.reason}"
        raise EnvironmentProblem(msg)
    facts = session.facts()
    if lacking := missing_input(facts, table):
        msg = f"{table.name} cannot be sent: {lacking}"
        raise WarehouseError(msg)
    is_full = session.order.is_full_for(table.name)
    found = _work(staleness(facts, table), session, is_full=is_full)
    if found is None:
        reason = f"{sending.reads} is as it was"
        return Outcome(session.states[table.name], 0, Soundness(()), is_skipped=True, reason=reason), reason, {}
    made_of = build_for(facts, table)
    if found.is_carry:
        carried = Build(session.now, made_of.data_through, inputs=made_of.inputs, is_carry=True)
        outcome = session.warehouse.build(table, carried, judge)
        session.wrote(outcome)
        return outcome, found.reason, {}
    rows = session.warehouse.unsent(_unsent(session, table, sending, is_full=is_full))
    if repeated := rows.num_rows - rows.group_by(list(sending.key)).aggregate([]).num_rows:
        msg = f"{sending.file}: {repeated} rows of {sending.reads} repeat {', '.join(sending.key)}; nothing was sent"
        raise DestinationError(msg)
    state = session.states.get(table.name)
    ledger = Ledger(session, table, state.seq if state else 0)
    session.release()
    with destination.system.connect(connection.base_url, connection.settings) as client, session.asking(table, client):
        try:
            for receipts in sending.send(Send(client, connection.settings, session.now, rows)):
                ledger.add(receipts)
        except SourceError:
            ledger.write_part()
            raise
        told = {"rows_sent": ledger.accepted, "rows_refused": ledger.refused, "api_calls": client.calls}
    if missing := rows.num_rows - ledger.accepted - ledger.refused:
        ledger.write_part()
        msg = f"{sending.file}: {table.name} gave no receipt of {missing} rows"
        raise DestinationError(msg)
    outcome = ledger.close(made_of.data_through, made_of.inputs)
    return outcome, f"{found.reason}: {ledger.accepted} rows sent, {ledger.refused} refused", told


def _work(found: Staleness | None, session: Session, *, is_full: bool) -> Staleness | None:
    """Why there is something to do: the ledger is stale, or a person asked; None when there is nothing."""
    if is_full:
        return Staleness("in full")
    if found is None or found.is_carry:
        return found if session.order.is_planned else Staleness("requested")
    return found


def _unsent(session: Session, table: Table, sending: Sending, *, is_full: bool) -> Unsent:
    """What to ask the warehouse for; of an order in full every row, whatever was sent before."""
    read = session.graph[sending.reads]
    since = None if sending.days is None else session.now.date() - timedelta(days=sending.days - 1)
    return Unsent(
        table=sending.reads,
        ledger=table.name,
        key=sending.key,
        sent=sending.sent,
        kept=(*sending.kept, *sending.told),
        sent_at=SENT_AT.name,
        day=read.partition,
        since=since,
        is_full=is_full,
    )
