"""The tables through whole runs, into DuckDB: two runs of the sandbox two days apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from sg_assets.asset_spec import asset_key
from sg_assets.discovery import Project
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.sandbox import production_db as stand_in
from sg_assets.sandbox.company.event_log import EventLog
from sg_assets.session import Result
from sg_assets.sources.events import events
from sg_assets.sources.production_db import production_db

FIRST, SECOND = "2026-03-10T01:30:00Z", "2026-03-12T14:30:00Z"
PROJECT = Project.of([production_db, events], [])
"""Dagster wants a partitioned table in a project; it is not fetched."""


def environment(home: Path, clock: str) -> Environment:
    return load(
        {
            "SG_HOME": str(home),
            "SG_CLOCK": clock,
            "SG_SANDBOX_ANCHOR": "2026-03-10",
            "SG_SANDBOX_SCALE": "0.1",
        }
    )


def run(home: Path, clock: str) -> tuple[Environment, Account, dict[str, int]]:
    """One refresh of everything; also the calls that each table says it took."""
    env = environment(home, clock)
    with dg.DagsterInstance.ephemeral() as history:
        target, order = Target.refresh(production_db.tables), Order(env.clock(), "refresh")
        account = refresh(PROJECT, env, target, order, history, lambda _report, _of: None)
        calls = {}
        for name in production_db.tables:
            event = history.get_latest_materialization_event(asset_key(name))
            assert event
            assert event.asset_materialization
            calls[name] = event.asset_materialization.metadata["api_calls"].value
    stand_in.of_this_process(env.sandbox).stop()
    return env, account, calls  # pyrefly: ignore[bad-return]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, list[dict[str, int]]]]:
    home = tmp_path_factory.mktemp("refresh")
    told = []
    for clock in (FIRST, SECOND):
        env, account, calls = run(home, clock)
        assert {report.table: report.reason for report in account.tables if report.result is not Result.BUILT} == {}
        told.append(calls)
    yield env, told
    env.operations.close()


def rows(env: Environment, sql: str) -> list[tuple[object, ...]]:
    return env.read_copy().query(sql).rows


def test_a_run_asks_each_table_once_and_for_the_snapshot_once(
    runs: tuple[Environment, list[dict[str, int]]],
) -> None:
    _, told = runs
    for calls in told:
        assert sorted(calls.values()) == [1] * (len(production_db.tables) - 1) + [2]


def test_events_are_all_there_once(runs: tuple[Environment, list[dict[str, int]]]) -> None:
    env, _ = runs
    truth = {row[0] for row in EventLog(env.sandbox.company).until(env.clock())}
    found = [id_ for (id_,) in rows(env, "select id from raw_production_db.event_logs")]
    assert len(found) == len(set(found))
    assert set(found) == truth


def test_what_was_erased_stays_and_is_marked(runs: tuple[Environment, list[dict[str, int]]]) -> None:
    env, _ = runs
    erased = rows(env, "select id, _deleted_at from raw_production_db.users where _deleted_at is not null")
    assert erased
    assert {at for _, at in erased} == {env.clock()}
    left = rows(env, "select count(*) from raw_production_db.org_members where _deleted_at is not null")
    assert left != [(0,)]


def test_no_key_no_secret_and_no_password_is_anywhere(runs: tuple[Environment, list[dict[str, int]]]) -> None:
    env, _ = runs
    company = env.sandbox.company
    keys = [one.licenses[0].key.encode() for many in company.subscriptions.values() for one in many]
    forbidden = [stand_in.PASSWORD.encode(), b"secret-hash-of", b"secret-owner", b"private/repository", *keys[:50]]
    for path in env.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [each for each in forbidden if each in content], path
