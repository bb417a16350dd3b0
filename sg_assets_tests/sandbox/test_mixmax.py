"""Mixmax's stand-in: what a token shows, a cursor here and an offset there, and the cap of a list."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sg_assets.sandbox import mixmax
from sg_assets.sandbox.company.outreach import Outreach
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.mixmax import TOKENS, stand_in, user_id
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import NOW


def get(url: str, path: str, token: str = TOKENS[0], **params: str) -> requests.Response:
    return requests.get(f"{url}/mixmax/v1{path}", params=params, headers={"X-API-Token": token}, timeout=20)


def sequences(url: str, token: str = TOKENS[0]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        answer = get(url, "/sequences", token, limit="3", **more).json()
        found += answer["results"]
        if not answer["hasNext"]:
            return found
        more = {"next": answer["next"]}


@pytest.fixture
def busy(url: str) -> str:
    """The path of the recipients of a sequence that has more than a few."""
    found = [f"/sequences/{one['_id']}/recipients" for one in sequences(url)]
    return max(found, key=lambda path: len(get(url, path, limit="300").json()))


def test_a_token_is_one_users_in_the_header_or_in_the_address(url: str, sandbox: Sandbox) -> None:
    executives = Outreach(sandbox.company).executives
    me = get(url, "/users/me", TOKENS[1]).json()
    assert me == {"_id": user_id(executives[1]), "name": executives[1].person.name, "email": executives[1].person.email}
    by_address = requests.get(f"{url}/mixmax/v1/users/me", params={"apiToken": TOKENS[1]}, timeout=20)
    assert by_address.json() == me
    for path in ("/users/me", "/sequences", "/sequences/x/recipients"):
        refused = get(url, path, "wrong")
        assert (refused.status_code, refused.json()) == (401, {"message": "Invalid API token provided"})


def test_a_user_sees_the_own_sequences_and_shared_ones_the_newest_first(url: str) -> None:
    first, second = sequences(url, TOKENS[0]), sequences(url, TOKENS[1])
    for token, seen in zip(TOKENS, (first, second), strict=False):
        me = get(url, "/users/me", token).json()["_id"]
        assert all(one["shared"] or one["userId"] == me for one in seen)
        created = [one["createdAt"] for one in seen]
        assert created == sorted(created, reverse=True)
        assert len({one["_id"] for one in seen}) == len(seen) > 3
    hidden = next(one for one in second if not one["shared"])
    assert hidden["_id"] not in {one["_id"] for one in first}
    assert get(url, f"/sequences/{hidden['_id']}/recipients").status_code == 404


def test_the_last_page_has_a_cursor_too(url: str) -> None:
    answer = get(url, "/sequences", limit="300").json()
    assert (answer["hasNext"], answer["hasPrevious"], "next" in answer) == (False, False, True)
    beyond = get(url, "/sequences", next=answer["next"]).json()
    assert (beyond["results"], beyond["hasNext"], beyond["hasPrevious"]) == ([], False, True)


def test_a_sequence_has_the_fields_of_the_reference(url: str) -> None:
    plain, expanded = (
        get(url, "/sequences", limit="1", **more).json()["results"][0] for more in ({}, {"expand": "stages"})
    )
    assert set(plain) == {
        "_id", "userId", "createdAt", "updatedAt", "name", "stages", "variables", "sendStagesAsReplies",
        "linkTrackingEnabled", "timezone", "shared",
    }  # fmt: skip
    assert [stage["_id"] for stage in expanded["stages"]] == plain["stages"]


def test_a_sequence_was_updated_when_somebody_was_last_added(url: str) -> None:
    for one in sequences(url):
        added = [each["createdAt"] for each in get(url, f"/sequences/{one['_id']}/recipients", limit="300").json()]
        assert one["updatedAt"] == max(added, default=one["createdAt"])


def test_recipients_are_an_array_with_an_offset(url: str, busy: str) -> None:
    whole = get(url, busy, limit="300").json()
    assert len(whole) > 4
    pages = [get(url, busy, limit="3", offset=str(offset)).json() for offset in range(0, len(whole), 3)]
    assert [one for page in pages for one in page] == whole
    assert get(url, busy, offset=str(len(whole))).json() == []
    assert set(whole[0]) == {"_id", "userId", "sequenceId", "email", "state", "createdAt", "updatedAt"}
    assert "Email" in get(url, busy, includeVariables="true").json()[0]["variables"]


def test_no_record_beyond_ten_thousand_can_be_asked_for(url: str, busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixmax, "REACHABLE", 4)
    assert len(get(url, busy, limit="1", offset="3").json()) == 1
    assert get(url, busy, limit="2", offset="3").status_code == 400


def test_faults_of_rows(url: str, busy: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "mixmax", match="recipients", count=1)
    shown = get(url, busy, limit="3").json()
    assert shown[-1] == shown[-2]
    sandbox.faults.switch_on(Kind.CHANGED_ROW, "mixmax", match="recipients", count=1)
    assert get(url, busy, limit="3", offset="2").json()[-1]["state"] == "failed"
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "mixmax", match="recipients", count=1)
    assert get(url, busy).json() == []
    sandbox.faults.switch_on(Kind.NULL_VALUE, "mixmax", match="sequences", count=1, field="name")
    assert get(url, "/sequences").json()["results"][0]["name"] is None


def test_times_are_written_with_milliseconds() -> None:
    assert mixmax.time(NOW) == "2026-11-21T03:30:00.000Z"


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_MIXMAX_TOKENS"}
