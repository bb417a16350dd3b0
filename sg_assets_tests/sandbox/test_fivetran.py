"""Fivetran's API as any client sees it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.fivetran import KEY, QUOTA, SECRET, refuse, stand_in
from sg_assets.sandbox.fivetran_requests import Requests
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, move

GITHUB, SALESFORCE = "amber_compass", "brisk_harbor"


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/fivetran"


def ask(here: str, path: str, method: str = "GET", **params: Any) -> requests.Response:  # noqa: ANN401 (JSON)
    where = {"params": params} if method == "GET" else {"json": params}
    return requests.request(method, f"{here}/v1/{path}", auth=(KEY, SECRET), timeout=20, **where)  # pyrefly: ignore[bad-argument-type]


def items(here: str, path: str = "connections", **params: str) -> list[dict[str, Any]]:
    return list(ask(here, path, **params).json()["data"]["items"])


def status(here: str, connection: str) -> tuple[str, str | None, str | None]:
    data = ask(here, f"connections/{connection}").json()["data"]
    return data["status"]["sync_state"], data["succeeded_at"], data["failed_at"]


def test_a_list_comes_page_by_page_and_the_last_one_has_no_cursor(here: str) -> None:
    first = ask(here, "connections", limit=2).json()
    assert first["code"] == "Success"
    assert len(first["data"]["items"]) == 2
    found, data = first["data"]["items"], first["data"]
    while "next_cursor" in data:
        data = ask(here, "connections", limit=2, cursor=data["next_cursor"]).json()["data"]
        found += data["items"]
    assert found == items(here)
    assert ask(here, "connections", limit=1001).status_code == 400
    assert ask(here, "connections", cursor="x").json()["code"] == "InvalidInput"


def test_connections_are_found_under_their_old_name_their_group_and_schema(here: str) -> None:
    (group,) = items(here, "groups")
    every = items(here)
    assert items(here, "connectors") == items(here, f"groups/{group['id']}/connectors") == every
    assert items(here, group_id="other") == []
    assert [one["id"] for one in items(here, schema="github")] == [GITHUB]


def test_only_details_have_the_configuration(here: str) -> None:
    assert "config" not in items(here)[0]
    assert ask(here, f"connections/{GITHUB}").json()["data"]["config"]["password"] == "******"  # noqa: S105 (masked)
    missing = ask(here, "connections/no_such")
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound_Connection")


def test_schemas_are_not_there_before_they_were_read(here: str) -> None:
    schemas = ask(here, f"connections/{GITHUB}/schemas").json()["data"]["schemas"]
    assert schemas["github"]["tables"]["Issue"]["name_in_destination"] == "issue"
    missing = ask(here, "connections/early_thicket/schemas")
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound_SchemaConfig")


def test_a_sync_on_demand_is_begun_once_unless_forced(here: str, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + 30 * HOUR)
    state, before, _ = status(here, SALESFORCE)
    assert state == "scheduled"
    answer = ask(here, f"connections/{SALESFORCE}/sync", "POST", force=False).json()
    assert answer["message"] == f"Sync has been successfully triggered for connection with id '{SALESFORCE}'"
    assert status(here, SALESFORCE)[:2] == ("syncing", before)
    move(sandbox, sandbox.now() + HOUR / 12)
    ask(here, f"connectors/{SALESFORCE}/force", "POST")
    move(sandbox, sandbox.now() + HOUR / 6)
    state, once, _ = status(here, SALESFORCE)
    assert (state, once != before) == ("scheduled", True)


def test_force_stops_what_runs_and_begins_anew(here: str, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + 26 * HOUR)
    ask(here, f"connections/{SALESFORCE}/sync", "POST", force=False)
    _, before, _ = status(here, SALESFORCE)
    move(sandbox, sandbox.now() + HOUR / 12)
    ask(here, f"connections/{SALESFORCE}/sync", "POST", force=True)
    move(sandbox, sandbox.now() + HOUR / 12)
    assert status(here, SALESFORCE)[:2] == ("syncing", before)


def test_schedules_go_on_with_the_clock_and_a_deleted_connection_vanishes(here: str, sandbox: Sandbox) -> None:
    _, before, _ = status(here, GITHUB)
    move(sandbox, ANCHOR + 5 * HOUR)
    assert status(here, GITHUB)[1] != before
    assert "faded_meadow" in {one["id"] for one in items(here)}
    move(sandbox, ANCHOR + 4 * DAY)
    assert "faded_meadow" not in {one["id"] for one in items(here)}


def test_a_change_is_remembered(here: str, sandbox: Sandbox) -> None:
    assert ask(here, f"connections/{GITHUB}", "PATCH", paused=True).json()["code"] == "Success"
    assert ("PATCH", {"paused": True}) in [(one.what, one.asked) for one in Requests(sandbox.state_dir).all(GITHUB)]


def test_who_may_not_ask_is_told_so(here: str) -> None:
    for auth in (None, (KEY, "wrong")):
        refused = requests.get(f"{here}/v1/connections", auth=auth, timeout=20)
        assert (refused.status_code, refused.json()["code"]) == (401, "AuthFailed")
    for state in (401, 403, 429):
        assert b'"code"' in refuse(state).body
    assert QUOTA[0] == 429


def test_faults_of_rows(here: str, sandbox: Sandbox) -> None:
    every = items(here)
    for kind, options in (
        (Kind.EMPTY_LIST, {}),
        (Kind.UNKNOWN_FIELD, {"field": "odd"}),
        (Kind.NULL_VALUE, {"field": "service"}),
    ):
        sandbox.faults.switch_on(kind, "fivetran", count=1, **options)
    assert items(here) == []
    assert (items(here)[0]["odd"], every[0]["service"]) == ("surprise", "salesforce")
    sandbox.faults.clear()
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "fivetran", count=2)
    first = ask(here, "connections", limit=3).json()["data"]
    second = ask(here, "connections", limit=3, cursor=first["next_cursor"]).json()["data"]
    assert second["items"][0] == first["items"][-1]


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_FIVETRAN_API_KEY", "SG_FIVETRAN_API_SECRET"}
