"""ZoomInfo's stand-in: tokens that end, a search of a thousand rows, and enrichment that spends credits once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from sg_assets.sandbox import zoominfo_credits
from sg_assets.sandbox.company.business_records import BusinessRecords
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.zoominfo import INPUTS, PASSWORD, USERNAME, stand_in
from sg_assets_tests.sandbox.world import NOW, move


def post(url: str, path: str, body: object, token: str = "") -> requests.Response:
    return requests.post(f"{url}/zoominfo{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=20)


@pytest.fixture
def token(url: str, sandbox: Sandbox) -> Iterator[str]:
    yield post(url, "/authenticate", {"username": USERNAME, "password": PASSWORD}).json()["jwt"]
    (sandbox.state_dir / zoominfo_credits.FILE).unlink(missing_ok=True)


def usage(url: str, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    rows = requests.get(f"{url}/zoominfo/lookup/usage", headers=headers, timeout=20).json()["usage"]
    return {
        row["limitType"]: row["currentUsage"]
        for row in rows
        if row["limit"] == row["currentUsage"] + row["usageRemaining"]
    }


def enrich(url: str, token: str, *domains: str, fields: tuple[str, ...] = ("id", "name")) -> requests.Response:
    body = {"matchCompanyInput": [{"companyWebsite": one} for one in domains], "outputFields": list(fields)}
    return post(url, "/enrich/company", body, token)


def test_a_token_ends_after_an_hour(url: str, token: str, sandbox: Sandbox) -> None:
    assert usage(url, token)
    move(sandbox, NOW + timedelta(minutes=59))
    assert post(url, "/search/company", {}, token).status_code == 200
    move(sandbox, NOW + timedelta(minutes=60))
    for path in ("/search/company", "/enrich/company"):
        assert post(url, path, {}, token).status_code == 401
    assert post(url, "/authenticate", {"username": USERNAME, "password": "wrong"}).status_code == 401
    assert post(url, "/search/company", {}, "nonsense").status_code == 401


def test_a_record_is_charged_once_and_an_unknown_one_never(url: str, token: str, sandbox: Sandbox) -> None:
    known, *others = BusinessRecords(sandbox.company).companies
    answer = enrich(url, token, known, "nobody.example")
    assert answer.headers["X-Usage-Record-Limit-Remaining"] == "19999"
    found, missing = answer.json()["data"]["result"]
    assert (found["input"], found["matchStatus"], set(found["data"][0])) == (
        {"companywebsite": known},
        "FULL_MATCH",
        {"id", "name"},
    )
    assert (missing["matchStatus"], missing["data"]) == ("NO_MATCH", [])
    enrich(url, token, f"https://www.{known.upper()}", others[0])
    assert usage(url, token) == {"requestLimit": 2, "recordLimit": 3, "uniqueIdLimit": 2}


def test_more_than_25_inputs_and_a_field_outside_the_contract_are_errors(url: str, token: str) -> None:
    assert enrich(url, token, *["a.example"] * INPUTS).status_code == 200
    assert enrich(url, token, *["a.example"] * (INPUTS + 1)).status_code == 400
    assert enrich(url, token).status_code == 400
    refused = enrich(url, token, "a.example", fields=("id", "techStack"))
    assert (refused.status_code, refused.json()["message"]) == (400, "Invalid output field requested: techStack")


def test_a_search_gives_pages_spends_nothing_and_ends_in_an_error(url: str, token: str, sandbox: Sandbox) -> None:
    every = BusinessRecords(sandbox.company).companies
    pages = [post(url, "/search/company", {"rpp": 10, "page": page}, token).json() for page in (1, 2)]
    assert [(one["maxResults"], one["totalResults"], one["currentPage"]) for one in pages] == [
        (len(every), 10, 1),
        (len(every), 10, 2),
    ]
    assert not {one["id"] for one in pages[0]["data"]} & {one["id"] for one in pages[1]["data"]}
    beyond = post(url, "/search/company", {"rpp": 10, "page": 90}, token)
    assert "greater than the available results" in beyond.json()["message"]
    too_far = post(url, "/search/company", {"rpp": 100, "page": 11}, token)
    assert (too_far.status_code, "max allowed value (1000)" in too_far.json()["message"]) == (400, True)
    assert usage(url, token) == {"requestLimit": 0, "recordLimit": 0, "uniqueIdLimit": 0}
    assert post(url, "/search/people", {}, token).status_code == 404


def test_a_person_is_found_by_an_address_and_the_search_does_not_show_it(
    url: str, token: str, sandbox: Sandbox
) -> None:
    records = BusinessRecords(sandbox.company)
    people = [one.people[0].email for one in sandbox.company.customers]
    email = next(email for email in people if records.person(email, NOW))
    (found,) = post(url, "/search/contact", {"emailAddress": email}, token).json()["data"]
    assert not {"email", "phone"} & set(found)
    wanted = ["id", "email", "companyName", "validDate"]
    body = {"matchPersonInput": [{"emailAddress": email}], "outputFields": wanted}
    (result,) = post(url, "/enrich/contact", body, token).json()["data"]["result"]
    assert set(result["data"][0]) == {"id", "email", "validDate", "company"}
    assert result["data"][0]["email"] == email


def test_faults_of_answers(url: str, token: str, sandbox: Sandbox) -> None:
    known = next(iter(BusinessRecords(sandbox.company).companies))
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "zoominfo", match="company", count=1)
    assert enrich(url, token, known).json()["data"]["result"] == []
    sandbox.faults.switch_on(Kind.WRONG_VALUE, "zoominfo", match="company", count=1, field="id", value="x")
    assert enrich(url, token, known).json()["data"]["result"][0]["data"][0]["id"] == "x"
    sandbox.faults.switch_on(Kind.QUOTA, "zoominfo", match="/enrich/*", count=1)
    refused = enrich(url, token, known)
    assert (refused.status_code, "used up all" in refused.json()["message"]) == (403, True)


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {
        "SG_ZOOMINFO_USERNAME",
        "SG_ZOOMINFO_PASSWORD",
        "SG_ZOOMINFO_CREDITS_PER_RUN",
        "SG_ZOOMINFO_CREDITS_PER_MONTH",
    }
