"""The Data Transfer Service: handing a scheduled query over, as documented, and the newest of its runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sg_assets.http import Client, SourceError
from sg_assets.sandbox.company.scheduled_queries import SERVICE_ACCOUNT
from sg_assets.sources.scheduled_queries import scheduled_queries
from sg_assets.sources.scheduled_queries.transfers import details, hand_over, listed, newest_run
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World

NAME = "projects/1/locations/us/transferConfigs/5d1bec8c"
SETTINGS = {"SG_GOOGLE_CREDENTIALS": "sandbox"}


@pytest.fixture
def http(world: World) -> Iterator[Client]:
    with world.client(scheduled_queries) as client:
        yield client


def name_of(http: Client, title: str) -> str:
    (name,) = (one["name"] for one in listed(http, "made-up-analytics") if one["displayName"] == title)
    return str(name)


def test_the_request_is_the_documented_one() -> None:
    config = {"name": NAME, "displayName": "x", "dataSourceId": "scheduled_query", "params": {"query": "select 1"}}
    with scripted(Answer.json(config)) as vendor, scheduled_queries.connect(vendor.url, SETTINGS) as http:
        assert isinstance(http, Client)
        hand_over(http, config, "sa@p.iam.gserviceaccount.com")
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("PATCH", f"/v1/{NAME}")
    assert asked.query == {
        "updateMask": "service_account_name",
        "serviceAccountName": "sa@p.iam.gserviceaccount.com",
    }
    assert json.loads(asked.body) == config  # all fields are set, even those that are not updated


def test_one_that_is_not_there_has_no_details_and_cannot_be_handed_over(http: Client) -> None:
    gone = "projects/made-up-analytics/locations/us/transferConfigs/none"
    assert details(http, gone) is None
    with pytest.raises(SourceError, match="404"):
        hand_over(http, {"name": gone, "displayName": "", "dataSourceId": "", "params": {}}, SERVICE_ACCOUNT)


def test_the_newest_run_is_the_one_that_began_last(http: Client) -> None:
    newest = newest_run(http, name_of(http, "events_usage"))
    assert newest
    assert newest["state"] == "SUCCEEDED"
    assert newest["scheduleTime"].startswith("2026-11-2")
    assert newest_run(http, name_of(http, "instances scheduled query 2")) is None
