"""Tag Manager: what is live, every state that it had, few calls, and no key of a server's tags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.account import Account
from sg_assets.examination import Finding
from sg_assets.http import ComeBackLater
from sg_assets.http.client import MAX_WAIT
from sg_assets.http.pace import pace
from sg_assets.rows import Shape
from sg_assets.sandbox.company.tag_containers import TagContainers
from sg_assets.sandbox.faults import Kind
from sg_assets.session import Result
from sg_assets.sources.google_tag_manager import RATE, google_tag_manager
from sg_assets_tests.mini import Mini, results
from sg_assets_tests.sources.conftest import World

TABLES = ("container", "live_version", "tag", "trigger", "variable")
DAY = timedelta(days=1)
NAMES = [f"raw_google_tag_manager.{name}" for name in TABLES]


@pytest.fixture(autouse=True)
def _own_window() -> Iterator[None]:
    """Each test has the calls of a hundred seconds for itself."""
    yield
    pace.cache_clear()


def live(world: World, kind: str, at: datetime | None = None) -> dict[tuple[str, str], str]:
    """The fingerprint of every object that is live."""
    truth = TagContainers(world.sandbox.company)
    versions = ((one, truth.live(one, at or world.now)) for one in truth.containers)
    return {(one.id, item.id): item.fingerprint for one, version in versions if version for item in version.of(kind)}


@pytest.mark.parametrize("kind", ["tag", "trigger", "variable"])
def test_what_is_live_comes_in_its_declared_shape(world: World, kind: str) -> None:
    rows = world.rows(google_tag_manager, kind)
    assert {(row["container_id"], row[f"{kind}_id"]): row["fingerprint"] for row in rows} == live(world, kind)
    fitted = Shape(google_tag_manager.tables[f"raw_google_tag_manager.{kind}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})


def test_containers_and_their_live_versions(world: World) -> None:
    truth = TagContainers(world.sandbox.company)
    containers = world.rows(google_tag_manager, "container")
    assert {row["container_id"]: row["name"] for row in containers} == {one.id: one.name for one in truth.containers}
    versions = {row["container_id"]: row for row in world.rows(google_tag_manager, "live_version")}
    assert set(versions) == {one.id for one in truth.containers if one.is_published}
    for one in truth.containers:
        if version := truth.live(one, world.now):
            row = versions[one.id]
            assert row["version_id"] == str(version.number)
            assert row["tags"] == len(version.of("tag"))
    for name, rows in (("container", containers), ("live_version", list(versions.values()))):
        fitted = Shape(google_tag_manager.tables[f"raw_google_tag_manager.{name}"].table).fit(rows)
        assert (fitted.misfits, fitted.unknown) == ({}, {})


def test_what_runs_on_a_server_of_ours_keeps_its_keys(world: World) -> None:
    (server,) = (one.id for one in TagContainers(world.sandbox.company).containers if one.context == "server")
    parameters = []
    for kind in ("tag", "trigger", "variable"):
        pace.cache_clear()
        rows = world.rows(google_tag_manager, kind)
        parameters += [row["parameters"] for row in rows if row.get("parameters")]
        assert "made-up-secret" not in json.dumps(rows)
        assert {row["parameters"] is None for row in rows if row["container_id"] == server} == {True}
        assert not [row for row in rows if row["container_id"] == server and row.get("settings")]
    assert parameters


@pytest.fixture
def mini(world: World, tmp_path: Path) -> Iterator[Mini]:
    """A project that has Tag Manager."""
    with Mini(tmp_path) as made:
        made.set("SG_GOOGLE_TAG_MANAGER_URL", f"{world.url}/google_tag_manager")
        for name, value in world.settings(google_tag_manager).items():
            made.set(name, value)
        made.more_sources.append(google_tag_manager)
        yield made


def refresh(world: World, mini: Mini, *names: str) -> Account:
    """Bring tables up to date at the world's time, so much later than before that the rate does not matter."""
    mini.now = world.now
    pace.cache_clear()
    return mini.refresh(*names)


def test_five_tables_cost_one_call_and_one_for_each_container(world: World, mini: Mini) -> None:
    for _ in range(2):
        assert {report.reason for report in refresh(world, mini, *NAMES).tables} == {""}
        calls = [int(str(mini.event(name).metadata["api_calls"].value)) for name in NAMES]
        assert sum(calls) == 6
        world.now += DAY


def test_the_rate_is_google_s_and_no_wait_for_it_is_given_up() -> None:
    windows = -(-100 // RATE.seconds)  # that begin within 100 seconds
    assert windows * RATE.calls <= 25
    assert RATE.seconds < MAX_WAIT


def test_every_state_that_a_tag_had_stays_with_its_end(world: World, mini: Mini) -> None:
    seen: dict[tuple[str, str, str], datetime | None] = {}
    for _ in range(6):
        refresh(world, mini, "raw_google_tag_manager.tag")
        now = {(*key, mark) for key, mark in live(world, "tag").items()}
        seen = {key: end or (None if key in now else world.now) for key, end in seen.items()} | dict.fromkeys(now)
        world.now += 4 * DAY
    rows = mini.rows("select container_id, tag_id, fingerprint, _deleted_at from raw_google_tag_manager.tag")
    assert {tuple(row[:3]): row[3] for row in rows} == seen
    assert {end is None for end in seen.values()} == {True, False}


def test_nothing_new_changes_nothing(world: World, mini: Mini) -> None:
    refresh(world, mini, *NAMES)
    before = {name: mini.states[name].content_version for name in NAMES}
    world.now += timedelta(minutes=5)
    refresh(world, mini, *NAMES)
    assert {name: mini.states[name].content_version for name in NAMES} == before


def test_a_refresh_that_fails_halfway_changes_nothing_and_the_next_one_has_it_all(world: World, mini: Mini) -> None:
    name = "raw_google_tag_manager.tag"
    refresh(world, mini, name)
    before = mini.states[name]
    world.now += 20 * DAY
    last = TagContainers(world.sandbox.company).containers[2].id
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "google_tag_manager", match=f"*{last}*live")
    assert results(refresh(world, mini, name)) == {name: Result.FAILED}
    assert mini.states[name] == before
    world.sandbox.faults.clear()
    world.now += timedelta(minutes=1)
    refresh(world, mini, name)
    rows = mini.rows(f"select container_id, tag_id, fingerprint from {name} where _deleted_at is null")
    assert {(row[0], row[1]): row[2] for row in rows} == live(world, "tag")


def test_an_empty_list_of_containers_is_not_believed(world: World, mini: Mini) -> None:
    refresh(world, mini, "raw_google_tag_manager.container")
    world.sandbox.faults.switch_on(Kind.EMPTY_LIST, "google_tag_manager")
    world.now += DAY
    (report,) = refresh(world, mini, "raw_google_tag_manager.container").tables
    assert "0 rows came where 5 are live" in report.reason


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.EXPIRED_TOKEN, {}),
        (Kind.SERVER_ERROR, {"count": 2}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1}),
    ],
)
def test_a_fault_that_passes_costs_no_row(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "google_tag_manager", **options)
    rows = world.rows(google_tag_manager, "tag")
    assert {(row["container_id"], row["tag_id"]): row["fingerprint"] for row in rows} == live(world, "tag")


def test_the_days_quota_is_a_403_and_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "google_tag_manager")
    with pytest.raises(ComeBackLater, match="quota is used up: dailyLimitExceeded"):
        world.rows(google_tag_manager, "container")
    assert world.waits == []


def test_a_field_of_a_version_that_nobody_declared_is_kept(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "google_tag_manager", count=1)
    rows = world.rows(google_tag_manager, "live_version")
    fitted = Shape(google_tag_manager.tables["raw_google_tag_manager.live_version"].table).fit(rows)
    assert fitted.unknown == {"surprise": 1}


def test_an_examination_looks_at_the_account_and_every_container(world: World) -> None:
    assert google_tag_manager.examination
    names = {f"container {one.public_id}" for one in TagContainers(world.sandbox.company).containers}
    with world.client(google_tag_manager) as http:
        account, *containers = google_tag_manager.examination(http, world.settings(google_tag_manager))
        assert account == Finding("account 6001234567")
        assert {one.subject for one in containers if one.is_permitted} == names  # also the one without a version
        (refused,) = google_tag_manager.examination(http, {"SG_GOOGLE_TAG_MANAGER_ACCOUNT": "1"})
    assert not refused.is_permitted
