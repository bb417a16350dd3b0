from __future__ import annotations

from typing import Any

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.hubspot import MODIFIED, stand_in
from sg_assets.sandbox.hubspot_rights import TOKEN
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, DAY, NOW, move

CRM = "/crm/v3/objects"
FORM = "/form-integrations/v1/submissions/forms/ee042306-491a-4b06-bd9c-1181774dfda0"


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/hubspot"


def get(here: str, path: str, token: str = TOKEN, **params: str) -> requests.Response:
    return requests.get(here + path, params=params, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def post(here: str, path: str, body: object) -> requests.Response:
    return requests.post(here + path, json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)


def everything(here: str, path: str, **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        answer = get(here, path, **params).json()
        found += answer["results"]
        if "paging" not in answer:
            return found
        params["after"] = answer["paging"]["next"]["after"]


def test_a_listing_comes_page_by_page_and_ends_without_paging(here: str) -> None:
    first = get(here, f"{CRM}/contacts", limit="100", properties="email,nothing").json()
    assert len(first["results"]) == 40
    assert first["paging"]["next"]["link"].startswith("https://api.hubapi.com/crm/v3/objects/contacts?after=")
    found = everything(here, f"{CRM}/contacts", limit="100", properties="email,nothing")
    assert len({one["id"] for one in found}) == len(found) > 200
    assert [int(one["id"]) for one in found] == sorted(int(one["id"]) for one in found)
    assert set(found[0]) == {"id", "properties", "createdAt", "updatedAt", "archived"}
    assert set(found[0]["properties"]) == {"email", "createdate", "hs_object_id", "lastmodifieddate"}


def test_ten_rows_come_where_nobody_says_how_many_and_too_many_are_refused(here: str) -> None:
    assert len(get(here, f"{CRM}/deals").json()["results"]) == 10
    refused = get(here, f"{CRM}/deals", limit="101")
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_all_values_are_texts_or_null(here: str) -> None:
    names = [one["name"] for one in get(here, "/crm/v3/properties/deals").json()["results"]]
    found = everything(here, f"{CRM}/deals", limit="100", properties=",".join(names))
    values = [value for one in found for value in one["properties"].values()]
    assert {type(value) for value in values} == {str, type(None)}
    assert {one["properties"]["hs_is_closed"] for one in found} == {"true", "false"}


def test_what_is_archived_stands_in_a_listing_of_its_own_and_in_no_search(here: str, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + 3 * DAY)
    archived = everything(here, f"{CRM}/contacts", limit="100", archived="true")
    assert archived
    assert all(one["archived"] and one["archivedAt"] for one in archived)
    ids = {one["id"] for one in everything(here, f"{CRM}/contacts", limit="100")}
    assert not ids & {one["id"] for one in archived}
    assert post(here, f"{CRM}/contacts/search", {"limit": 1}).json()["total"] == len(ids)


@pytest.mark.parametrize("kind", MODIFIED)
def test_the_wrong_name_of_the_time_of_change_finds_nothing_and_is_no_error(here: str, kind: str) -> None:
    def total(name: str) -> int:
        condition = {"propertyName": name, "operator": "GTE", "value": "0"}
        asked = {"filterGroups": [{"filters": [condition]}], "limit": 1}
        return int(post(here, f"{CRM}/{kind}/search", asked).json()["total"])

    right = MODIFIED[kind]
    assert total(right) > 0
    assert total("hs_lastmodifieddate" if right == "lastmodifieddate" else "lastmodifieddate") == 0


def test_a_search_is_refused_beyond_its_caps(here: str) -> None:
    too_much: list[dict[str, object]] = [
        {"limit": 201}, {"limit": 200, "after": "10000"}, {"filterGroups": [{"filters": []}] * 6},
    ]  # fmt: skip
    for asked in too_much:
        refused = post(here, f"{CRM}/contacts/search", asked)
        assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_too_long_an_address_gets_html_of_a_proxy(here: str) -> None:
    refused = get(here, f"{CRM}/contacts", properties=",".join(f"property_{n:04}" for n in range(900)))
    assert (refused.status_code, refused.headers["Content-Type"]) == (414, "text/html; charset=utf-8")


def test_a_batch_of_associations_tells_beside_its_results_who_has_none(here: str) -> None:
    ids = [one["id"] for one in everything(here, f"{CRM}/companies", limit="100")][:60]
    path = "/crm/v4/associations/company/contact/batch/read"
    answer = post(here, path, {"inputs": [{"id": id_} for id_ in [*ids, "1"]]})
    assert answer.status_code == 207
    body = answer.json()
    assert body["numErrors"] == len(body["errors"]) == 61 - len(body["results"])
    assert {error["category"] for error in body["errors"]} == {"OBJECT_NOT_FOUND"}
    assert isinstance(body["results"][0]["to"][0]["toObjectId"], int)
    assert post(here, path, {"inputs": [{"id": "1"}] * 101}).status_code == 400


def test_a_record_with_many_associations_has_its_own_pages(here: str, sandbox: Sandbox) -> None:
    ids = [one["id"] for one in everything(here, f"{CRM}/companies", limit="100")][:90]
    path = "/crm/v4/associations/company/contact/batch/read"
    whole = {r["from"]["id"]: r["to"] for r in post(here, path, {"inputs": [{"id": i} for i in ids]}).json()["results"]}
    most = max(whole, key=lambda id_: len(whole[id_]))
    object.__setattr__(sandbox, "page_size", 2)
    (cut,) = post(here, path, {"inputs": [{"id": most}]}).json()["results"]
    rest = everything(
        here, f"/crm/v4/objects/company/{most}/associations/contact", after=cut["paging"]["next"]["after"]
    )
    object.__setattr__(sandbox, "page_size", 40)
    assert cut["to"] + rest == whole[most]


def test_submissions_come_the_newest_first_and_new_ones_shift_nothing(here: str, sandbox: Sandbox) -> None:
    first = get(here, FORM, limit="50").json()
    times = [one["submittedAt"] for one in first["results"]]
    assert (len(times), times) == (40, sorted(times, reverse=True))
    second = get(here, FORM, limit="50", after=first["paging"]["next"]["after"]).json()["results"]
    move(sandbox, NOW + 10 * DAY)
    assert get(here, FORM, limit="50").json()["results"] != first["results"]
    assert get(here, FORM, limit="50", after=first["paging"]["next"]["after"]).json()["results"] == second
    assert {"conversionId" in one for one in second} == {True, False}
    assert get(here, FORM.replace("ee04", "0000")).status_code == 404


def test_a_wrong_token_is_refused_everywhere(here: str) -> None:
    paths = (f"{CRM}/contacts", "/crm/v3/owners", "/crm/v3/pipelines/deals", "/crm/v3/properties/deals", FORM)
    for path in paths:
        refused = get(here, path, token="wrong")  # noqa: S106 (no password)
        assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_calls_are_counted_for_the_day_but_those_to_a_search_do_not_say(here: str) -> None:
    left = [int(get(here, "/crm/v3/owners").headers["X-HubSpot-RateLimit-Daily-Remaining"]) for _ in range(2)]
    assert left[0] - left[1] == 1
    assert "X-HubSpot-RateLimit-Daily" not in post(here, f"{CRM}/deals/search", {"limit": 1}).headers


def test_limits_are_said_in_a_shape_of_their_own(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "hubspot", count=1)
    sandbox.faults.switch_on(Kind.QUOTA, "hubspot", count=1)
    answers = [get(here, "/crm/v3/owners") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert [answer.json()["policyName"] for answer in answers] == ["TEN_SECONDLY_ROLLING", "DAILY"]


def test_faults_of_rows(here: str, sandbox: Sandbox) -> None:
    for kind, options in {
        Kind.EMPTY_LIST: {},
        Kind.REPEATED_ROW: {},
        Kind.UNKNOWN_FIELD: {"field": "odd"},
        Kind.NULL_VALUE: {"field": "email"},
        Kind.WRONG_VALUE: {"field": "email", "value": "?"},
    }.items():
        sandbox.faults.switch_on(kind, "hubspot", match="contacts", count=1, **options)
    empty, odd = (get(here, f"{CRM}/contacts", properties="email").json()["results"] for _ in range(2))
    assert empty == []
    assert odd[-1] == odd[-2]
    assert all("odd" in one for one in odd)
    assert odd[0]["properties"]["email"] == "?"


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_HUBSPOT_TOKEN", "SG_HUBSPOT_TIMEZONE"}
