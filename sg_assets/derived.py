"""A derived table as an asset: when its turn comes in a run, it asks what of it is stale, and builds that.

What a `.sql` file says is read in `sql_file.py`; why a table is stale is decided in `freshness/stale.py`; how rows are
published is the warehouse's.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import dagster as dg

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
from sg_assets.build_sql import build_sql
from sg_assets.checks import judge
from sg_assets.day_snapshot import refusal
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.plan import missing_input
from sg_assets.freshness.reach import declared_days
from sg_assets.freshness.stale import build_for, staleness
from sg_assets.session import Result, Session
from sg_assets.table import Table
from sg_assets.warehouse.contract import (
    Build,
    Outcome,
    Soundness,
    UnsoundError,
    WarehouseError,
)


def asset(table: Table, days: dg.DailyPartitionsDefinition, pool: str | None = None) -> dg.AssetsDefinition:
    """The asset of a derived table; its runs hold `pool`."""

    @dg.multi_asset(
        name=table.name.replace(".", "__"),
        specs=[asset_spec(table, days, {"sql"})],
        check_specs=[sound_spec(table)],
        required_resource_keys={SESSION},
        backfill_policy=dg.BackfillPolicy.single_run() if table.is_partitioned else None,
        pool=pool,
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[object] | dg.AssetCheckResult]:
        session: Session = context.resources.session
        with session.step(table):
            try:
                outcome, reason = _build(session, table, selected_days(context, table))
            except UnsoundError as error:
                yield unsound(table, error)
                raise given_up(session, table, error) from error
            except WarehouseError as error:
                raise given_up(session, table, error) from error
            result = Result.SKIPPED if outcome.is_skipped else Result.BUILT
            report = session.ended(table, result, outcome.state, reason)
        report_other_days(context, session, table)
        yield materialize_result(session, table, report, outcome)

    return build


@dataclass(frozen=True, slots=True)
class Work:
    """What a step is to do: nothing but move `data_through` on (`is_carry`), the whole table, or these days."""

    reason: str
    days: Collection[date] | None = None
    is_carry: bool = False


def work(session: Session, table: Table, facts: Facts, chosen: tuple[date, ...]) -> Work | None:
    """What there is to do for a table now; None when it is up to date.

    In a planned run that is what is stale, or what the order names; in a run by hand what the person selected (`chosen`
    days) as well.

    Raises:
        WarehouseError: it is a table whose days are written once, and something else was asked of it.
    """
    found = staleness(facts, table)
    is_full = session.order.is_full_for(table.name)
    asked = session.order.days_of(table.name) or (chosen if not session.order.is_planned else ())
    if table.is_day_snapshot:
        unwritten = found.partitions if found else ()
        if wrong := refusal(table, is_full=is_full, asked=asked, unwritten=unwritten):
            raise WarehouseError(wrong)
    elif is_full or not session.order.is_planned or (asked and table.is_partitioned):
        why = "in full" if is_full else "requested"
        if not table.is_partitioned:
            return Work(why)
        wanted = set(asked) if asked else set(declared_days(facts, table))
        return Work(why, wanted)
    return Work(found.reason, found.partitions or None, found.is_carry) if found else None


def _build(session: Session, table: Table, chosen: tuple[date, ...]) -> tuple[Outcome, str]:
    """Do what there is to do; the outcome, and why it was done.

    Raises:
        WarehouseError: an input never landed, the SQL failed, or what it gave is not sound.
    """
    facts = session.facts()
    if lacking := missing_input(facts, table):
        msg = f"{table.name} cannot be built: {lacking}"
        raise WarehouseError(msg)
    if session.order.is_planned and _is_as_lent(facts, table):
        reason = "it would be as production has it"
        return Outcome(session.states[table.name], 0, Soundness(()), is_skipped=True, reason=reason), reason
    facts = facts.as_own(table.name)
    todo = work(session, table, facts, chosen)
    if todo is None:
        reason = "its inputs are as they were"
        return Outcome(session.states[table.name], 0, Soundness(()), is_skipped=True, reason=reason), reason
    made_of = build_for(facts, table, todo.days)
    known_at = facts.least_reach(table) if table.is_day_snapshot else None
    is_carry = todo.is_carry or (table.is_partitioned and not made_of.partitions)
    outcome = session.warehouse.build(
        table,
        Build(
            now=session.now,
            data_through=made_of.data_through,
            sql="" if is_carry else build_sql(table, session.graph.tables, made_of.partitions, session.now, known_at),
            inputs=made_of.inputs,
            partitions=made_of.partitions,
            is_carry=is_carry,
            known_at=None if is_carry else known_at,
        ),
        judge,
    )
    session.wrote(outcome)
    return outcome, todo.reason


def _is_as_lent(facts: Facts, table: Table) -> bool:
    """Whether a table that production lends is in the run only for inputs that were built here, to the same rows."""
    if table.name not in facts.lent or all(i.table in facts.lent or i.table not in facts.states for i in table.inputs):
        return False
    found = staleness(facts, table)
    return found is None or found.is_carry
