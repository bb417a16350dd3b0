"""The analytics team's board: all of it each time, whatever its items are and however heavy the query."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.github_board import HIDDEN, data_requests, items
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources.github import github
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering, scripted
from sg_assets_tests.sources.conftest import World

SETTINGS = {
    "SG_GITHUB_TOKEN": "s3cret",
    "SG_GITHUB_ORGANIZATION": "acme",
    "SG_GITHUB_PROJECT": "63",
    "SG_GITHUB_REPOSITORIES": "acme/data",
}
TOO_HEAVY = Answer.json(
    {"data": None, "errors": [{"message": "Something went wrong while executing your query."}]}, 502
)


def pull(vendor: Vendor) -> list[Page]:
    fetch = github.tables["raw_github.project_item"].fetch
    assert fetch
    with github.connect(vendor.url, SETTINGS) as client:
        client.sleep = lambda _: None  # pyrefly: ignore[missing-attribute]
        return list(fetch(Pull(client, SETTINGS, World.now)))


def rows_of(pages: list[Page]) -> list[dict[str, Any]]:
    return [dict(row) for page in pages for row in page.rows]


def test_the_whole_board_comes_in_its_declared_shape(world: World) -> None:
    rows = world.rows(github, "project_item")
    fitted = Shape(github.tables["raw_github.project_item"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    truth = {item.id: item for item in items(world.sandbox.company, world.now)}
    assert {row["id"] for row in rows} == set(truth)
    for row in rows:
        item = truth[str(row["id"])]
        assert (row["status"], row["is_archived"]) == (item.status(world.now), item.is_archived(world.now))
        assert row["title"] == item.title


def test_when_a_request_was_triaged_is_when_it_got_its_first_status(world: World) -> None:
    rows = {row["number"]: row for row in world.rows(github, "project_item") if row["content_state"]}
    for number, request in data_requests(world.sandbox.company, world.now).items():
        stamp = f"{request.triaged_at:%Y-%m-%dT%H:%M:%SZ}" if request.triaged_at else None
        assert rows[number]["status_set_at"] == stamp


def test_what_may_not_be_seen_is_a_row_without_content(world: World) -> None:
    hidden = [row for row in world.rows(github, "project_item") if row["type"] == "REDACTED"]
    assert len(hidden) == HIDDEN
    assert {row["content_id"] for row in hidden} == {None}


def test_the_calls_are_the_fewest_and_the_same_each_time(world: World) -> None:
    fetch = github.tables["raw_github.project_item"].fetch
    assert fetch
    with world.client(github) as client:
        rows = rows_of(list(fetch(Pull(client, world.settings(github), world.now))))
        assert client.calls == -(-len(rows) // 40)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.TOO_MANY_REQUESTS, {"count": 1, "retry_after": 30}),
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.REPEATED_ROW, {"count": 1}),
    ],
)
def test_a_fault_that_passes_costs_no_item(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "github", **options)
    rows = world.rows(github, "project_item")
    assert {row["id"] for row in rows} == {item.id for item in items(world.sandbox.company, world.now)}


def node(number: int, **more: object) -> dict[str, Any]:
    """An item in the documented shape."""
    field = {"__typename": "ProjectV2ItemFieldDateValue", "date": "2026-12-01", "field": {"name": "Due"}}
    content = {
        "__typename": "Issue",
        "id": f"I_{number}",
        "number": number,
        "title": "Seats",
        "url": f"https://github.com/acme/data/issues/{number}",
        "state": "OPEN",
        "repository": {"nameWithOwner": "acme/data"},
    }
    return {
        "id": f"PVTI_{number}",
        "type": "ISSUE",
        "isArchived": False,
        "createdAt": "2026-11-20T10:00:00Z",
        "updatedAt": "2026-11-20T10:00:00Z",
        "content": content,
        "fieldValues": {"nodes": [field, {"__typename": "ProjectV2ItemFieldUserValue"}]},
    } | more


def board_of(total: int, most: int) -> Any:  # noqa: ANN401 (a function of the scripted vendor)
    """GitHub with so many items, whose answers fail when more than `most` are asked for at once."""

    def answer(asked: Asked) -> Answer:
        variables = json.loads(asked.body)["variables"]
        if variables["first"] > most:
            return TOO_HEAVY
        start = int(variables["after"] or 0)
        end = start + variables["first"]
        page = {"hasNextPage": end < total, "endCursor": str(end)}
        found = {"pageInfo": page, "nodes": [node(n) for n in range(start, min(end, total))]}
        project = {"id": "PVT_1", "title": "Analytics", "items": found}
        return Answer.json({"data": {"organization": {"projectV2": project}}})

    return answer


@pytest.mark.parametrize("total", [0, 1, 100, 101])
def test_every_page_boundary(total: int) -> None:
    with answering(board_of(total, 100)) as vendor:
        rows = rows_of(pull(vendor))
    assert [row["number"] for row in rows] == list(range(total))
    assert len(vendor.asked) == max(1, -(-total // 100))


def test_a_query_that_takes_too_long_is_asked_again_for_half_as_much() -> None:
    with answering(board_of(60, 30)) as vendor:
        rows = rows_of(pull(vendor))
    assert len(rows) == 60
    assert [json.loads(asked.body)["variables"]["first"] for asked in vendor.asked] == [100, 50, 25, 25, 25]


def test_a_query_that_takes_too_long_for_a_few_is_given_up() -> None:
    with answering(board_of(60, 5)) as vendor, pytest.raises(SourceError, match="502"):
        pull(vendor)
    assert len(vendor.asked) == 4


def test_values_of_any_type_are_kept_under_the_name_of_their_field() -> None:
    values = [
        {"__typename": "ProjectV2ItemFieldTextValue", "text": "Seats", "field": {"name": "Title"}},
        {"__typename": "ProjectV2ItemFieldNumberValue", "number": 0.5, "field": {"name": "Estimate"}},
        {
            "__typename": "ProjectV2ItemFieldIterationValue",
            "title": "Sprint 3",
            "startDate": "2026-11-16",
            "duration": 14,
            "field": {"name": "Sprint"},
        },
        {
            "__typename": "ProjectV2ItemFieldSingleSelectValue",
            "name": "Backlog",
            "createdAt": "2026-11-20T11:00:00Z",
            "updatedAt": "2026-11-20T12:00:00Z",
            "field": {"name": "Status"},
        },
    ]
    item = node(1, fieldValues={"nodes": values})
    project = {"id": "PVT_1", "title": "A", "items": {"pageInfo": {"hasNextPage": False}, "nodes": [item, None]}}
    with scripted(Answer.json({"data": {"organization": {"projectV2": project}}})) as vendor:
        (row,) = rows_of(pull(vendor))
    assert row["field_values"] == {
        "Title": "Seats",
        "Estimate": 0.5,
        "Sprint": {"title": "Sprint 3", "startDate": "2026-11-16", "duration": 14},
    }
    assert (row["status"], row["status_set_at"]) == ("Backlog", "2026-11-20T11:00:00Z")
    assert row["status_changed_at"] == "2026-11-20T12:00:00Z"


def test_a_board_that_is_not_there_is_an_error() -> None:
    gone = Answer.json({"data": {"organization": {"projectV2": None}}})
    with scripted(gone) as vendor, pytest.raises(SourceError, match=r"no board .*63.*read:project"):
        pull(vendor)


def test_a_limit_inside_a_good_answer_is_a_time_to_come_back() -> None:
    limited = Answer.json({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})
    with scripted(limited) as vendor, pytest.raises(ComeBackLater):
        pull(vendor)
    assert len(vendor.asked) == 1
