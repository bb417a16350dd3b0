"""The Data Transfer Service as any client sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sg_assets.sandbox import server
from sg_assets.sandbox.company.scheduled_queries import LOCATIONS, PROJECT, SERVICE_ACCOUNT, ScheduledQueries
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.scheduled_queries import QUOTA, refuse, stand_in
from sg_assets.sandbox.storage_api import TOKEN
from sg_assets.sources.scheduled_queries import scheduled_queries
from sg_assets_tests.sandbox.world import ANCHOR, DAY, made_up, move

ALL = f"projects/{PROJECT}/locations"


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/scheduled_queries/v1"


def get(here: str, path: str, token: str = TOKEN, **params: Any) -> requests.Response:  # noqa: ANN401 (parameters)
    return requests.get(f"{here}/{path}", params, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def configs(here: str, location: str = "us") -> list[dict[str, Any]]:
    answer = get(here, f"{ALL}/{location}/transferConfigs", dataSourceIds="scheduled_query").json()
    return list(answer.get("transferConfigs", ()))


def test_every_location_is_listed_and_the_form_without_one_is_the_us_alone(here: str) -> None:
    locations = [one["locationId"] for one in get(here, ALL).json()["locations"]]
    assert locations == list(LOCATIONS)
    assert get(here, f"projects/{PROJECT}/transferConfigs").json()["transferConfigs"] == configs(here)
    assert len([one for location in locations for one in configs(here, location)]) > len(configs(here))
    assert get(here, f"{ALL}/asia-northeast1/transferConfigs").json() == {}  # nothing is left out, not an empty list


def test_a_list_never_tells_the_owner_and_get_does_where_it_can(here: str) -> None:
    listed = configs(here)
    assert all("ownerInfo" not in one for one in listed)
    told = {one["displayName"]: get(here, one["name"]).json() for one in listed}
    assert told["events_usage"]["ownerInfo"] == {"email": SERVICE_ACCOUNT}
    assert "ownerInfo" not in told["nobody knows whose"]


def test_what_is_false_or_empty_is_left_out(here: str) -> None:
    by_name = {one["displayName"]: one for one in configs(here)}
    assert by_name["instances scheduled query 2"]["disabled"] is True
    assert "nextRunTime" not in by_name["instances scheduled query 2"]
    assert "disabled" not in by_name["events_usage"]
    assert "destinationDatasetId" not in by_name["usage-data-amplitude"]
    assert by_name["latest answers"]["error"]["code"] == 7


def test_runs_have_a_state_and_an_error_where_they_failed(here: str) -> None:
    by_name = {one["displayName"]: one for one in configs(here)}
    runs = get(here, f"{by_name['latest answers']['name']}/runs", pageSize=1000).json()["transferRuns"]
    assert {run["state"] for run in runs} == {"FAILED"}
    assert all(run["errorStatus"]["code"] == 7 for run in runs)
    assert get(here, f"{by_name['latest answers']['name']}/runs", states="SUCCEEDED").json() == {}
    good = get(here, f"{by_name['events_usage']['name']}/runs").json()["transferRuns"][0]
    assert good["errorStatus"] == {}
    assert good["scheduleTime"] < good["startTime"] < good["endTime"]


def test_pages(here: str) -> None:
    path = f"{ALL}/us/transferConfigs"
    answer = get(here, path, pageSize=4).json()
    found = answer["transferConfigs"]
    while "nextPageToken" in answer:
        answer = get(here, path, pageSize=4, pageToken=answer["nextPageToken"]).json()
        found += answer["transferConfigs"]
    assert found == configs(here)
    assert get(here, path, pageToken="?").status_code == 400


@pytest.mark.parametrize(
    ("path", "token", "status", "word"),
    [
        (ALL, "wrong", 401, "UNAUTHENTICATED"),
        ("projects/other/locations", TOKEN, 403, "PERMISSION_DENIED"),
        (f"{ALL}/mars/transferConfigs", TOKEN, 404, "NOT_FOUND"),
        (f"{ALL}/us/transferConfigs/none", TOKEN, 404, "NOT_FOUND"),
        (f"{ALL}/us/transferConfigs/none/runs", TOKEN, 404, "NOT_FOUND"),
    ],
)
def test_refusals_have_a_status_in_words(here: str, path: str, token: str, status: int, word: str) -> None:
    refused = get(here, path, token)
    assert (refused.status_code, refused.json()["error"]["code"], refused.json()["error"]["status"]) == (
        status,
        status,
        word,
    )


def test_a_query_is_found_only_in_its_own_location(here: str, sandbox: Sandbox) -> None:
    queries = ScheduledQueries(sandbox.company)
    (european,) = (one for one in queries.all if one.location == "europe-west1")
    name = queries.resource(european)
    assert get(here, name).status_code == 200
    assert get(here, name.replace("europe-west1", "us")).status_code == 404


def test_the_state_goes_on_with_the_clock(here: str, sandbox: Sandbox) -> None:
    before = {one["name"] for one in configs(here)}
    move(sandbox, ANCHOR + 4 * DAY)
    assert len({one["name"] for one in configs(here)} - before) == 1


def test_faults_of_rows(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "scheduled_queries", match="locations", count=1)
    assert get(here, ALL).json() == {}
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "scheduled_queries", match="transferConfigs", count=1)
    first = get(here, f"{ALL}/us/transferConfigs", pageSize=4).json()
    second = get(here, f"{ALL}/us/transferConfigs", pageSize=4, pageToken=first["nextPageToken"]).json()
    assert second["transferConfigs"][0] == first["transferConfigs"][-1]


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {variable.name for variable in scheduled_queries.variables}
    assert (429, refuse(429)) == QUOTA


def patch(here: str, name: str, body: object, **params: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.patch(f"{here}/{name}", params=params, json=body, headers=headers, timeout=20)


def test_a_change_needs_a_mask_and_the_right_to_act_as_the_account(here: str) -> None:
    config = next(one for one in configs(here) if one["displayName"] == "users")
    refused = patch(here, config["name"], config)
    assert (refused.status_code, refused.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    mask = {"updateMask": "service_account_name", "serviceAccountName": "other@p.iam.gserviceaccount.com"}
    refused = patch(here, config["name"], config, **mask)
    assert (refused.status_code, refused.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert patch(here, f"{ALL}/us/transferConfigs/none", config, **mask).status_code == 404
    assert get(here, config["name"]).json()["ownerInfo"] != {"email": SERVICE_ACCOUNT}


def test_a_change_is_answered_with_the_whole_configuration_and_its_owner(tmp_path: Path) -> None:
    own = server.start(made_up(tmp_path))
    config = next(one for one in configs(f"{own.url}/scheduled_queries/v1") if one["displayName"] == "users")
    mask = {"updateMask": "service_account_name", "serviceAccountName": SERVICE_ACCOUNT}
    answer = patch(f"{own.url}/scheduled_queries/v1", config["name"], {**config, "schedule": "every 1 hours"}, **mask)
    own.stop()
    assert answer.json()["ownerInfo"] == {"email": SERVICE_ACCOUNT}
    assert answer.json()["schedule"] == config["schedule"]  # the mask did not name it
