"""How Looker is reached: signing in, the right without which lists are short, pages, and the doctor."""

from __future__ import annotations

from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.looker import CLIENT_ID, VIEWER_SECRET
from sg_assets.source import Pull
from sg_assets.sources.looker import connection, looker
from sg_assets.sources.looker.connection import connect, examine, paged, undeclared
from sg_assets_tests.scripted_vendor import Answer, answering, scripted
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.looker.conftest import NOW, SETTINGS, pull, telling

VIEWER = {"SG_LOOKER_CLIENT_ID": CLIENT_ID, "SG_LOOKER_CLIENT_SECRET": VIEWER_SECRET}


def test_a_key_is_sent_as_a_form_and_its_token_with_every_request() -> None:
    with answering(telling({"/groups": []})) as vendor:
        pull(vendor.url, "group")
    login, *others = vendor.asked
    assert (login.path, login.body) == ("/api/4.0/login", b"client_id=id&client_secret=s3cret")
    assert "s3cret" not in str(login.query)
    assert {asked.headers["Authorization"] for asked in others} == {"Bearer 4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4"}


def test_a_wrong_key_says_so_and_does_not_show_it(world: World) -> None:
    settings = dict(world.settings(looker)) | {"SG_LOOKER_CLIENT_SECRET": "wr0ng"}
    with (
        connect(f"{world.url}/looker", settings) as client,
        pytest.raises(SourceError, match=r"POST /api/4.0/login.*404.*wrong key: check SG_LOOKER_CLIENT_ID") as caught,
    ):
        client.get_json("/api/4.0/user")
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize("table", ["user", "group_membership", "dashboard", "look", "board", "scheduled_plan"])
def test_a_key_that_is_no_admins_is_refused_before_a_short_list_is_taken_for_a_whole_one(
    world: World, table: str
) -> None:
    fetch = looker.tables[f"raw_looker.{table}"].fetch
    assert fetch
    with (
        connect(f"{world.url}/looker", VIEWER) as client,
        pytest.raises(SourceError, match="make the owner of the API key an admin") as caught,
    ):
        list(fetch(Pull(client, VIEWER, world.now)))
    assert caught.value.status in {403, 404}


def test_an_owner_with_another_role_than_that_of_admins_is_none() -> None:
    answers = {"/user": {"id": "1", "role_ids": ["3"]}, "/users": []}
    with answering(telling(answers)) as vendor, pytest.raises(SourceError, match="the key's owner is no admin"):
        pull(vendor.url, "user")


@pytest.mark.parametrize(("total", "calls"), [(0, 1), (1, 1), (499, 1), (500, 2), (501, 2)])
def test_a_page_that_is_not_full_is_the_last_one(total: int, calls: int) -> None:
    rows = [{"id": str(n), "name": f"g{n}"} for n in range(total)]
    with answering(telling({"/groups": rows})) as vendor:
        assert [row["id"] for row in pull(vendor.url, "group")] == [row["id"] for row in rows]
    asked = [one.query for one in vendor.asked if one.path.endswith("/groups")]
    assert [one["offset"] for one in asked] == [str(500 * n) for n in range(calls)]
    assert {(one["limit"], one["sorts"]) for one in asked} == {("500", "id")}


def test_the_tables_of_a_run_share_what_they_ask(world: World) -> None:
    answers: dict[str, object] = {}
    with world.client(looker) as client:
        for table in ("user", "group_membership", "role"):
            fetch = looker.tables[f"raw_looker.{table}"].fetch
            assert fetch
            list(fetch(Pull(client, world.settings(looker), world.now, answers=answers)))
        assert client.calls == 4  # who we are, which roles there are to know that, users, roles


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.EXPIRED_TOKEN, {"match": "*groups"}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1}),
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.CUT_BODY, {"count": 1, "match": "*groups"}),
        (Kind.SLOW_BODY, {"count": 1, "seconds": 0.2, "match": "*groups"}),
    ],
)
def test_a_fault_that_passes_costs_no_row(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "looker", **options)
    assert len(world.rows(looker, "group")) == 12
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_a_limit_that_stays_is_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "looker")
    with pytest.raises(ComeBackLater):
        world.rows(looker, "group")


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b'[{"id": "1"'])
def test_what_is_no_json_is_one_clear_error(body: bytes) -> None:
    with (
        scripted(Answer.json({"access_token": "4QDkCyCt"}), Answer(200, body, {"Content-Type": "text/html"})) as vendor,
        pytest.raises(SourceError, match=r"looker: GET /api/4\.0/user: 200 .* no complete JSON"),
    ):
        pull(vendor.url, "user")


def test_fields_in_brackets_are_parts_of_what_is_before_them() -> None:
    came = {"a": 1, "b": 2, "c": 3, "new": 4}
    assert undeclared(came, "a,b(c,d(e)),f") == {"c": 3, "new": 4}


def test_the_doctor_finds_everything_permitted_to_an_admin(world: World) -> None:
    with world.client(looker) as client:
        found = list(examine(client, world.settings(looker)))
    assert [one.subject for one in found] == [
        "Admin", "users", "groups", "looks", "dashboards", "boards", "explores",
    ]  # fmt: skip
    assert all(one.is_permitted for one in found)


def test_the_doctor_tells_of_a_key_that_is_no_admins(world: World) -> None:
    with connect(f"{world.url}/looker", VIEWER) as client:
        found = list(examine(client, VIEWER))
    assert (found[0].subject, found[0].is_permitted) == ("Admin", False)
    assert "make the owner of the API key an admin" in found[0].detail


def test_a_listing_can_be_paged_by_itself(world: World) -> None:
    with world.client(looker) as client:
        pages = list(paged(Pull(client, world.settings(looker), NOW), "/looks/search", "id", deleted="false"))
    assert [len(page) > 0 for page in pages] == [True]
    assert connection.PAGE == 500
    assert SETTINGS.keys() == world.settings(looker).keys()
