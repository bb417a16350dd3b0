"""Issues, pull requests and repositories: all of them and every change, whatever pages, ties and deletions do."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.rows import Shape
from sg_assets.sandbox.company.github_board import data_requests
from sg_assets.sandbox.company.github_threads import ANALYTICS, REPOSITORIES, Repository, Thread, threads
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources.github import github
from sg_assets_tests.mini import Mini
from sg_assets_tests.sources.conftest import ANCHOR, World


def there(world: World, *repositories: Repository) -> list[Thread]:
    found = [one for each in repositories or REPOSITORIES for one in threads(world.sandbox.company, each, world.now)]
    return [one for one in found if one.is_there(world.now)]


def stamps(rows: list[dict[str, object]]) -> dict[object, datetime]:
    return {row["id"]: datetime.fromisoformat(str(row["updated_at"])) for row in rows}


def rows_of(pages: list[Page]) -> list[dict[str, object]]:
    return [dict(row) for page in pages for row in page.rows]


@pytest.mark.parametrize("table", ["issue", "pull_request", "repository"])
def test_the_first_pull_gives_everything_in_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(github, table)
    fitted = Shape(github.tables[f"raw_github.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    expected = {
        "issue": {one.id for one in there(world)},
        "pull_request": {one.id + 500_000_000_000 for one in there(world) if one.is_pull_request},
        "repository": {one.id for one in REPOSITORIES},
    }
    assert {row["id"] for row in rows} == expected[table]


def test_issues_say_what_the_issues_say(world: World) -> None:
    rows = {row["number"]: row for row in world.rows(github, "issue") if row["repository"] == ANALYTICS.name}
    for one in there(world, ANALYTICS):
        row = rows[one.number]
        assert (row["title"], row["author_login"]) == (one.title, one.author.github_login)
        assert row["is_pull_request"] == one.is_pull_request
        assert row["state"] == ("closed" if one.is_closed(world.now) else "open")
    for number, request in data_requests(world.sandbox.company, world.now).items():
        assert "data-request" in list(rows[number]["label_names"])  # pyrefly: ignore[bad-argument-type]
        assert all(f"### {question}" in str(rows[number]["body"]) for question in request.answered)


@pytest.mark.parametrize("table", ["issue", "pull_request"])
def test_pulls_in_between_lose_no_change(world: World, table: str) -> None:
    seen: dict[object, datetime] = {}
    cursor = None
    offset = 0 if table == "issue" else 500_000_000_000
    for minutes in (0, 5, 60, 7, 400, 360):
        world.now += timedelta(minutes=minutes)
        pages = world.pages(github, table, cursor)
        seen |= stamps(rows_of(pages))
        cursor = pages[-1].cursor
        expected = {
            one.id + offset: one.updated_at(world.now) for one in there(world) if not offset or one.is_pull_request
        }
        assert {key: seen.get(key) for key in expected} == expected


def test_with_nothing_new_a_call_for_each_repository_is_enough(world: World) -> None:
    for table in ("issue", "pull_request"):
        cursor = world.pages(github, table)[-1].cursor
        fetch = github.tables[f"raw_github.{table}"].fetch
        assert fetch
        with world.client(github) as client:
            pages = list(fetch(Pull(client, world.settings(github), world.now, cursor)))
            assert client.calls == len(REPOSITORIES)
        assert pages[-1].cursor == cursor


def test_a_pull_of_issues_that_stopped_halfway_goes_on_from_its_last_page(world: World) -> None:
    whole = world.pages(github, "issue")
    part = whole[: len(whole) // 2]
    rest = world.pages(github, "issue", part[-1].cursor)
    assert len(rows_of(rest)) < len(rows_of(whole))
    assert set(stamps(rows_of(part)) | stamps(rows_of(rest))) == {one.id for one in there(world)}
    assert [page.covers for page in rest if page.covers] == []


def test_once_a_day_all_issues_are_listed_again_and_those_that_are_gone_say_so(world: World, tmp_path: Path) -> None:
    with Mini(tmp_path) as mini:
        mini.set("SG_GITHUB_URL", f"{world.url}/github")
        for name, value in world.settings(github).items():
            mini.set(name, value)
        mini.more_sources.append(github)
        world.now = ANCHOR
        for _ in range(2):
            mini.now = world.now
            assert {r.reason for r in mini.refresh("raw_github.issue").tables} == {""}
            before, world.now = world.now, world.now + timedelta(days=6)
        world.now = before
        gone = mini.rows("select number, _deleted_at from raw_github.issue where _deleted_at is not null")
        vanished = {one.number for one in threads(world.sandbox.company, ANALYTICS, before) if not one.is_there(before)}
        early = {one.number for one in threads(world.sandbox.company, ANALYTICS, ANCHOR) if not one.is_there(ANCHOR)}
        assert {number for number, _ in gone} == vanished - early
        assert {at for _, at in gone} == {before}
        ((alive,),) = mini.rows("select count(*) from raw_github.issue where _deleted_at is null")
        assert alive == len(there(world))
        mini.later(timedelta(hours=1))
        world.now += timedelta(hours=1)
        mini.refresh("raw_github.issue")
        assert mini.event("raw_github.issue").metadata["api_calls"].value == len(REPOSITORIES)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.TOO_MANY_REQUESTS, {"count": 1, "retry_after": 30}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1}),
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.SERVER_ERROR, {"count": 2, "status": 502}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.SLOW_BODY, {"count": 1, "seconds": 0.2}),
        (Kind.REPEATED_ROW, {"count": 1}),
    ],
)
def test_a_fault_that_passes_costs_no_row(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "github", **options)
    assert set(stamps(world.rows(github, "issue"))) == {one.id for one in there(world)}
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_a_field_that_nobody_declared_is_kept_and_a_deleted_author_is_none(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "github", match="issues", count=1)
    world.sandbox.faults.switch_on(Kind.NULL_VALUE, "github", match="issues", count=1, field="user")
    rows = world.rows(github, "issue")
    fitted = Shape(github.tables["raw_github.issue"].table).fit(rows)
    assert (fitted.misfits, set(fitted.unknown)) == ({}, {"surprise"})
    assert [row["author_login"] for row in rows].count(None) == 1


def test_a_repository_that_was_renamed_is_read_under_its_new_name(world: World) -> None:
    settings = dict(world.settings(github)) | {"SG_GITHUB_REPOSITORIES": "sourcegraph/bi"}
    for table in ("repository", "issue"):
        fetch = github.tables[f"raw_github.{table}"].fetch
        assert fetch
        with world.client(github) as client:
            rows = rows_of(list(fetch(Pull(client, settings, world.now))))
        assert {row["name" if table == "repository" else "repository"] for row in rows} == {"sourcegraph/analytics"}
