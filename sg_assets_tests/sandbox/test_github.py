from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sg_assets.sandbox.company.github_threads import ANALYTICS, Thread, threads
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.github import HOURLY, TOKEN, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import NOW

REPO = "/repos/sourcegraph/analytics"


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/github"


def get(here: str, path: str, **params: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.get(here + path, params=params, headers=headers, timeout=20, allow_redirects=False)


def listed(here: str, path: str, **params: str) -> list[dict[str, Any]]:
    """Everything, following the links as they are."""
    answer = get(here, path, **params)
    found: list[dict[str, Any]] = answer.json()
    while "next" in answer.links:
        answer = requests.get(answer.links["next"]["url"], headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
        found += answer.json()
    return found


def truth(sandbox: Sandbox) -> dict[int, Thread]:
    return {one.number: one for one in threads(sandbox.company, ANALYTICS, NOW) if one.is_there(NOW)}


def test_open_issues_come_first_and_few_unless_more_is_asked_for(here: str, sandbox: Sandbox) -> None:
    found = get(here, f"{REPO}/issues").json()
    assert len(found) == 30
    assert {each["state"] for each in found} == {"open"}
    assert found[0]["created_at"] > found[-1]["created_at"]
    everything = listed(here, f"{REPO}/issues", state="all", per_page="100")
    assert {each["number"] for each in everything} == set(truth(sandbox))
    assert {"pull_request" in each for each in everything} == {True, False}


def test_links_name_the_repository_by_its_id(here: str) -> None:
    link = get(here, f"{REPO}/issues", state="all").links["next"]["url"]
    parts = urlsplit(link)
    assert parts.path.endswith(f"/repositories/{ANALYTICS.id}/issues")
    assert parse_qs(parts.query) == {"state": ["all"], "page": ["2"]}
    assert "first" in get(here, f"{REPO}/issues", state="all", page="2").links


def test_since_is_about_the_last_change_and_includes_its_instant(here: str, sandbox: Sandbox) -> None:
    newest = max(one.updated_at(NOW) for one in truth(sandbox).values())
    since = f"{newest:%Y-%m-%dT%H:%M:%SZ}"
    found = listed(here, f"{REPO}/issues", state="all", since=since)
    assert {each["updated_at"] for each in found} == {since}


def test_pull_requests_have_another_id_than_as_issues(here: str) -> None:
    pulls = {each["number"]: each for each in listed(here, f"{REPO}/pulls", state="all")}
    issues = {each["number"]: each for each in listed(here, f"{REPO}/issues", state="all")}
    for number, pull in pulls.items():
        assert issues[number]["pull_request"]["merged_at"] == pull["merged_at"]
        assert issues[number]["id"] != pull["id"]
        assert (issues[number]["body"], issues[number]["node_id"]) == (pull["body"], pull["node_id"])


def test_a_repository_that_was_renamed_has_moved(here: str) -> None:
    moved = get(here, "/repos/sourcegraph/bi/issues", state="all")
    assert moved.status_code == 301
    assert moved.headers["Location"].endswith(f"/repositories/{ANALYTICS.id}/issues?state=all")
    assert get(here, moved.headers["Location"].removeprefix(here)).status_code == 200


def test_deleted_issues_are_gone_and_transferred_ones_have_moved(here: str, sandbox: Sandbox) -> None:
    gone = [one for one in threads(sandbox.company, ANALYTICS, NOW) if not one.is_there(NOW)]
    statuses = {one.is_transferred: get(here, f"{REPO}/issues/{one.number}").status_code for one in gone}
    assert statuses == {False: 410, True: 301}
    assert get(here, f"{REPO}/issues/1").json()["number"] == 1
    assert get(here, f"{REPO}/issues/99999").status_code == 404


def test_what_the_token_may_not_see_is_not_found(here: str) -> None:
    assert get(here, "/repos/sourcegraph/secret").json()["message"] == "Not Found"
    assert get(here, "/repos/sourcegraph/secret/issues").status_code == 404


def test_who_asks_has_to_say_so(here: str) -> None:
    wrong = requests.get(f"{here}{REPO}", headers={"Authorization": "Bearer x"}, timeout=20)
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Bad credentials")
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": ""}
    assert requests.get(f"{here}{REPO}", headers=headers, timeout=20).status_code == 403


def test_what_is_left_of_the_hour_is_told(here: str) -> None:
    headers = get(here, REPO).headers
    assert headers["x-ratelimit-limit"] == str(HOURLY)
    assert int(headers["x-ratelimit-remaining"]) < HOURLY
    assert headers["x-ratelimit-reset"] == str(int(NOW.replace(hour=4, minute=0).timestamp()))
    assert get(here, "/rate_limit").json()["resources"]["graphql"]["limit"] == HOURLY


def test_the_days_quota_is_a_403(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.QUOTA, "github", count=1)
    refused = get(here, REPO)
    assert (refused.status_code, refused.json()["message"][:23]) == (403, "API rate limit exceeded")


def test_faults_of_rows(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "github", match="issues", count=1)
    ids = [each["id"] for each in listed(here, f"{REPO}/issues", state="all", per_page="100")]
    assert len(ids) == len(set(ids)) + 1
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "github", match="pulls", count=1)
    assert listed(here, f"{REPO}/pulls", state="all") == []
    sandbox.faults.switch_on(Kind.NULL_VALUE, "github", match="issues", count=1, field="user")
    assert get(here, f"{REPO}/issues").json()[0]["user"] is None


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {
        "SG_GITHUB_TOKEN",
        "SG_GITHUB_ORGANIZATION",
        "SG_GITHUB_PROJECT",
        "SG_GITHUB_REPOSITORIES",
    }
