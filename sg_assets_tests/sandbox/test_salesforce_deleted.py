from datetime import datetime, timedelta

import pytest

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.salesforce_client import SalesforceClient
from sg_assets_tests.sandbox.world import ANCHOR, DAY, move

DELETED = "/sobjects/Lead/deleted/"


@pytest.fixture
def client(url: str) -> SalesforceClient:
    return SalesforceClient(url)


def text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def test_it_names_what_was_erased_and_up_to_when_it_knows(client: SalesforceClient, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + 2 * DAY)
    answer = client.ask("GET", DELETED, start=text(ANCHOR), end=text(ANCHOR + 2 * DAY)).json()
    assert answer["latestDateCovered"] == "2026-11-22T23:55:00.000+0000"
    assert answer["earliestDateAvailable"] == "2026-10-24T00:00:00.000+0000"
    told = {one["id"] for one in answer["deletedRecords"]}
    listed = client.ask("GET", "/queryAll", q="SELECT Id, IsDeleted FROM Lead").json()["records"]
    assert len(told - {one["Id"] for one in listed}) >= 2
    assert all(one["deletedDate"].endswith(".000+0000") for one in answer["deletedRecords"])


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (ANCHOR - 31 * DAY, ANCHOR, "INVALID_REPLICATION_DATE"),
        (ANCHOR, ANCHOR + timedelta(seconds=50), "INVALID_REPLICATION_DATE"),
    ],
)
def test_what_is_too_long_ago_or_too_short_is_refused(
    client: SalesforceClient, start: datetime, end: datetime, code: str
) -> None:
    refused = client.ask("GET", DELETED, start=text(start), end=text(end))
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)
    assert client.ask("GET", DELETED, start="yesterday", end="today").status_code == 400
    assert client.ask("GET", "/sobjects/Nothing/deleted/", start=text(start), end=text(end)).status_code == 404
