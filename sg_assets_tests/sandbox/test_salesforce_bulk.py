import csv
import io

import pytest
import requests

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.salesforce_client import SalesforceClient
from sg_assets_tests.sandbox.world import HOUR, NOW, move

CAMPAIGNS = "SELECT Id, Name, IsActive, ActualCost, EndDate, SystemModstamp FROM Campaign"


@pytest.fixture
def client(url: str) -> SalesforceClient:
    return SalesforceClient(url)


def create(client: SalesforceClient, query: str, operation: str = "queryAll") -> requests.Response:
    return client.ask("POST", "/jobs/query", {"operation": operation, "query": query, "contentType": "CSV"})


def done(client: SalesforceClient, query: str) -> str:
    """The path of a job that is done."""
    path = f"/jobs/query/{create(client, query).json()['id']}"
    states = [client.ask("GET", path).json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    return path


def test_a_job_is_made_asked_about_fetched_and_deleted(client: SalesforceClient) -> None:
    made = create(client, CAMPAIGNS).json()
    assert (made["state"], made["object"], made["apiVersion"]) == ("UploadComplete", "Campaign", 59.0)
    assert len(made["id"]) == 18
    path = done(client, CAMPAIGNS)
    answer = client.ask("GET", path + "/results")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert (answer.headers["Sforce-Locator"], answer.headers["Sforce-NumberOfRecords"]) == ("null", "6")
    assert client.ask("DELETE", path).status_code == 204
    assert client.ask("GET", path).status_code == 404


def test_csv_quotes_everything_says_null_with_nothing_and_writes_times_with_a_z(client: SalesforceClient) -> None:
    text = client.ask("GET", done(client, CAMPAIGNS) + "/results").text
    assert text.splitlines()[0] == '"Id","Name","IsActive","ActualCost","EndDate","SystemModstamp"'
    assert '"Search: ""code search""","true","",' in text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(row["SystemModstamp"].endswith(".000Z") for row in rows)
    assert {row["IsActive"] for row in rows} == {"true", "false"}


def test_pages_repeat_the_head_and_say_where_the_next_one_begins(client: SalesforceClient) -> None:
    path = done(client, "SELECT Id FROM Lead")
    params: dict[str, str] = {}
    ids: list[str] = []
    while params.get("locator") != "null":
        answer = client.ask("GET", path + "/results", maxRecords="50000", **params)
        head, *rows = csv.reader(io.StringIO(answer.text))
        assert (head, str(len(rows))) == (["Id"], answer.headers["Sforce-NumberOfRecords"])
        ids += [row[0] for row in rows]
        params["locator"] = answer.headers["Sforce-Locator"]
    assert len(ids) == len(set(ids)) > 80


def test_results_are_of_the_instant_at_which_the_job_was_made(client: SalesforceClient, sandbox: Sandbox) -> None:
    path = done(client, "SELECT Id, SystemModstamp FROM Lead")
    before = client.ask("GET", path + "/results").text
    move(sandbox, NOW + 20 * HOUR)
    assert client.ask("GET", path + "/results").text == before


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM OpportunityFieldHistory", "INVALIDENTITY"),
        ("SELECT COUNT() FROM Lead", "INVALIDENTITY"),
        ("SELECT Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
    ],
)
def test_a_query_that_cannot_be_run_makes_no_job(client: SalesforceClient, query: str, code: str) -> None:
    refused = create(client, query)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)
    assert create(client, CAMPAIGNS, "insert").json()[0]["errorCode"] == "INVALIDJOB"


def test_what_a_job_refuses(client: SalesforceClient, url: str) -> None:
    running = f"/jobs/query/{create(client, CAMPAIGNS).json()['id']}"
    assert client.ask("GET", running + "/results").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert client.ask("DELETE", running).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    path = done(client, CAMPAIGNS)
    assert client.ask("GET", path + "/results", locator="?").json()[0]["errorCode"] == "INVALIDLOCATOR"
    other = f"{url}/salesforce/services/data/v60.0{path}/results"
    headers = {"Authorization": "Bearer 00Dsandbox00000!AQsandbox"}
    assert requests.get(other, headers=headers, timeout=20).status_code == 409
    assert client.ask("PATCH", path, {"state": "Aborted"}).json()["state"] == "Aborted"
    assert client.ask("GET", "/jobs/query/7500").status_code == 404
    assert requests.get(other, timeout=20).status_code == 401
