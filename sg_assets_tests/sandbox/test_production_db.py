"""The sandbox's database shows the company as it is at the sandbox's time, and its faults come and go."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.sandbox import production_db
from sg_assets.sandbox.company.event_log import EventLog
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.production_db import ProductionDb
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, HOUR, MovableClock


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    made = Sandbox(1, ANCHOR, 0.05, MovableClock(ANCHOR), tmp_path_factory.mktemp("small"))
    yield made
    production_db.of_this_process(made).stop()


@pytest.fixture
def shown(small: Sandbox) -> Iterator[ProductionDb]:
    """The database, brought to the anchor."""
    show(small, timedelta(0))
    yield production_db.of_this_process(small)
    small.faults.clear()


def show(sandbox: Sandbox, after: timedelta) -> str:
    assert isinstance(sandbox.clock, MovableClock)
    sandbox.clock.now = ANCHOR + after
    return production_db.url_of(sandbox)


def count(shown: ProductionDb, table: str) -> int:
    return int(shown.run(f"select count(*) from {table}"))


def works(shown: ProductionDb, url: str, query: str) -> bool:
    command = [str(shown.server.programs / "psql"), "-XqAt", "-c", query, url]
    return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode == 0


def test_a_sandbox_has_one_server_in_a_process(small: Sandbox, shown: ProductionDb) -> None:
    assert production_db.of_this_process(small) is shown
    assert show(small, timedelta(0)) == show(small, timedelta(0))
    assert small.own_url("production_db") == show(small, timedelta(0))


def test_it_goes_with_the_clock_forwards_and_backwards(small: Sandbox, shown: ProductionDb) -> None:
    for after in (3 * HOUR, 30 * HOUR, -2 * HOUR, timedelta(0)):
        show(small, after)
        assert count(shown, "event_logs") == len(EventLog(small.company).until(ANCHOR + after))
        assert count(shown, "users where created_at > '2026-11-21 12:00Z'") == (
            0 if after < 12 * HOUR else count(shown, "users where created_at > '2026-11-21 12:00Z'")
        )


def test_what_is_the_same_is_not_written_again(small: Sandbox, shown: ProductionDb) -> None:
    before = shown.run("select xmin from users limit 1")
    show(small, timedelta(0))
    assert shown.run("select xmin from users limit 1") == before


@pytest.mark.parametrize(
    ("kind", "match", "options", "query"),
    [
        (Kind.EXPIRED_TOKEN, "*", {}, "select 1"),
        (Kind.SERVER_ERROR, "*", {}, "select 1"),
        (Kind.TOO_MANY_REQUESTS, "*", {}, "select 1"),
        (Kind.FORBIDDEN, "org*", {}, "select id from orgs"),
        (Kind.RENAMED_FIELD, "orgs", {"field": "name", "to": "title"}, "select name from orgs"),
        (Kind.CUT_BODY, "users", {}, "select id, username, display_name, created_at, updated_at from users"),
    ],
)
def test_a_fault_is_done_when_it_is_on_and_mended_afterwards(  # noqa: PLR0913, PLR0917 (one case)
    small: Sandbox, shown: ProductionDb, kind: Kind, match: str, options: dict[str, str], query: str
) -> None:
    small.faults.switch_on(kind, "production_db", match=match, count=None, **options)
    assert not works(shown, show(small, timedelta(0)), query)
    small.faults.clear()
    assert works(shown, show(small, timedelta(0)), query)


def test_a_renamed_column_does_not_hinder_time(small: Sandbox, shown: ProductionDb) -> None:
    small.faults.switch_on(Kind.RENAMED_FIELD, "production_db", match="users", field="username", to="login")
    show(small, HOUR)
    show(small, 7 * HOUR)
    assert shown.run("select count(login) from users").strip() == str(count(shown, "users"))


def test_faults_of_others_are_not_its_own(small: Sandbox, shown: ProductionDb) -> None:
    small.faults.switch_on(Kind.SERVER_ERROR, "hubspot")
    assert works(shown, show(small, timedelta(0)), "select 1")


def test_nothing_is_started_before_it_is_asked_for(tmp_path: Path) -> None:
    made = Sandbox(2, ANCHOR, 0.05, MovableClock(ANCHOR), tmp_path)
    assert dict(made.settings("production_db")) == {}
    assert "production_db" not in made.apps()
    assert list(tmp_path.iterdir()) == []
