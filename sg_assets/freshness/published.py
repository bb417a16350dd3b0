"""What we know ourselves as assets of the warehouse: freshness now and in the past, attainment, notes, API calls.

Read from the operations store, landed as any raw table is, last in a run, so that it tells of what the run did. What
the tables are is declared in `published_tables.py`.
"""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import dagster as dg

from sg_assets.asset_spec import SESSION, asset_spec, given_up, materialize_result, sound_spec, unsound
from sg_assets.checks import judge
from sg_assets.discovery import Project
from sg_assets.freshness.evaluate import Verdict, evaluate
from sg_assets.freshness.history import by_table, looked_back
from sg_assets.freshness.problems import OWN
from sg_assets.freshness.published_tables import API_CALL, ATTAINMENT, FRESHNESS, HISTORY, NOTE
from sg_assets.freshness.situation import facts_now
from sg_assets.session import Result, Session
from sg_assets.source import Row
from sg_assets.spool import Spool
from sg_assets.table import Table
from sg_assets.warehouse.contract import Landing, Outcome, UnsoundError, WarehouseError

LAST = "-10"
"""Dagster's priority of these steps: of those that could run next, they do only when there is no other."""


def assets(project: Project, pool: str | None = None) -> list[dg.AssetsDefinition]:
    """The assets of those tables of a project that publish what we know; their runs hold `pool`."""
    return [_asset(table, project, pool) for table in project.published]


def rows(table: Table, project: Project, session: Session) -> list[Row]:
    """What is to be in one of these tables now."""
    read = {
        FRESHNESS.name: _freshness,
        HISTORY.name: _history,
        ATTAINMENT.name: _attainment,
        NOTE.name: _notes,
        API_CALL.name: _api_calls,
    }
    return list(read[table.name](project, session))


def _asset(table: Table, project: Project, pool: str | None) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=table.name.replace(".", "__"),
        specs=[asset_spec(table, None, {OWN.replace("_", "")})],
        check_specs=[sound_spec(table)],
        required_resource_keys={SESSION},
        op_tags={"dagster/priority": LAST},
        pool=pool,
    )
    def publish(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[object] | dg.AssetCheckResult]:
        session: Session = context.resources.session
        with session.step(table):
            try:
                outcome = _land(session, table, rows(table, project, session))
            except UnsoundError as error:
                yield unsound(table, error)
                raise given_up(session, table, error) from error
            except WarehouseError as error:
                raise given_up(session, table, error) from error
            result = Result.SKIPPED if outcome.is_skipped else Result.BUILT
            report = session.ended(table, result, outcome.state, outcome.reason)
        yield materialize_result(session, table, report, outcome)

    return publish


def _land(session: Session, table: Table, found: list[Row]) -> Outcome:
    state = session.own_states.get(table.name)
    with tempfile.TemporaryDirectory(prefix="sg-assets-") as folder:
        spool = Spool(table, Path(folder))
        spool.add(found)
        spooled = spool.take()
        outcome = session.warehouse.land(
            table,
            spooled.parquet,
            Landing(
                now=session.now,
                expected_seq=state.seq if state else 0,
                data_through=session.now,
                rejected=spooled.rejected,
            ),
            judge,
        )
    session.wrote(outcome)
    return outcome


def _freshness(project: Project, session: Session) -> Iterator[Row]:
    facts = facts_now(project, session.environment, session.now)
    for verdict in evaluate(facts).values():
        yield {**_verdict(project, verdict), "evaluated_at": facts.now}


def _verdict(project: Project, verdict: Verdict) -> Mapping[str, object]:
    promise = verdict.promise
    return {
        "table_name": verdict.table,
        "source": project.graph[verdict.table].source,
        "owner": verdict.owner,
        "state": str(verdict.state),
        "since": verdict.since,
        "data_through": verdict.data_through,
        "lag_seconds": _seconds(verdict.lag),
        "counted_lag_seconds": _seconds(verdict.counted_lag),
        "warn_seconds": int(promise.warn.total_seconds()) if promise else None,
        "fail_seconds": int(promise.fail.total_seconds()) if promise else None,
        "roots": [root.table for root in verdict.roots],
        "reason": verdict.reason,
        "note_id": verdict.note.id if verdict.note else None,
        "next_expected": verdict.next_expected,
    }


def _history(_project: Project, session: Session) -> Iterator[Row]:
    found = session.operations.watch_book.transitions()
    for number, (one, after) in enumerate(pairwise([*found, None]), start=1):
        if one is not None:
            until = after.since if after is not None and after.table == one.table else None
            yield {
                "id": number,
                "table_name": one.table,
                "state": one.state,
                "since": one.since,
                "until": until,
                "recorded_at": one.recorded_at,
            }


def _attainment(project: Project, session: Session) -> Iterator[Row]:
    timelines = by_table(session.operations.watch_book.transitions())
    groups = {("table", table.name): [table.name] for table in project.graph}
    groups |= {("source", source.name): [*source.tables] for source in project.sources}
    for (kind, name), tables in groups.items():
        for (_, days), found in looked_back(timelines, {name: tables}, session.now).items():
            yield {
                "kind": kind,
                "name": name,
                "days": days,
                "kept_seconds": _seconds(found.kept),
                "judged_seconds": _seconds(found.judged),
                "share": found.share,
            }


def _notes(_project: Project, session: Session) -> Iterator[Row]:
    for note in session.operations.notes():
        yield {
            "id": note.id,
            "table_names": note.tables,
            "author": note.author,
            "reason": note.reason,
            "valid_from": note.start,
            "valid_until": note.until,
            "ended_at": note.ended_at,
        }


def _api_calls(_project: Project, session: Session) -> Iterator[Row]:
    yield from session.operations.api_calls.all()


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
