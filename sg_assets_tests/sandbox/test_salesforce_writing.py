import pytest
import requests

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.salesforce_client import SalesforceClient
from sg_assets_tests.sandbox.world import HOUR, NOW, move

READ = "SELECT Id, Environment_Users__c, Environment_Answered_On__c, SystemModstamp FROM Account WHERE Id = '{}'"
UPDATE = "/composite/sobjects"


@pytest.fixture
def client(url: str, sandbox: Sandbox) -> SalesforceClient:
    (sandbox.state_dir / "salesforce.sqlite").unlink(missing_ok=True)
    return SalesforceClient(url)


def record(id_: str, **fields: object) -> dict[str, object]:
    return {"attributes": {"type": "Account"}, "Id": id_, **fields}


def update(client: SalesforceClient, *records: dict[str, object], all_or_none: bool = False) -> requests.Response:
    return client.ask("PATCH", UPDATE, {"allOrNone": all_or_none, "records": list(records)})


def read(client: SalesforceClient, id_: str) -> dict[str, object]:
    (found,) = client.ask("GET", "/query", q=READ.format(id_)).json()["records"]
    return dict(found)


def test_what_was_written_is_read_back_and_moves_the_stamp(
    client: SalesforceClient, sandbox: Sandbox, company: Company
) -> None:
    id_ = company.case("full").account_id
    move(sandbox, NOW + HOUR)
    fields = {"Environment_Users__c": 40, "Environment_Answered_On__c": "2026-11-02"}
    assert update(client, record(id_, **fields)).json() == [{"id": id_, "success": True, "errors": []}]
    found = read(client, id_)
    assert found.items() >= fields.items()
    assert found["SystemModstamp"] == "2026-11-21T04:30:00.000+0000"
    update(client, record(id_, Environment_Users__c=None))
    assert read(client, id_)["Environment_Users__c"] is None
    dated = "SELECT Id FROM Account WHERE Environment_Answered_On__c >= 2026-11-01"
    assert [one["Id"] for one in client.ask("GET", "/query", q=dated).json()["records"]] == [id_]


def test_each_record_is_taken_or_refused_by_itself(client: SalesforceClient, company: Company) -> None:
    good = company.case("full").account_id
    deleted = next(
        one["Id"]
        for one in client.ask("GET", "/queryAll", q="SELECT Id, IsDeleted FROM Account").json()["records"]
        if one["IsDeleted"]
    )
    bad = [record(deleted, Environment_Users__c=1), record("001x"), record(good, Name="Other")]
    results = update(client, *bad, record(good, Environment_Users__c=2)).json()
    assert [one["success"] for one in results] == [False, False, False, True]
    assert [one["errors"][0]["statusCode"] for one in results[:3]] == [
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    ]


def test_all_or_none_takes_none(client: SalesforceClient, company: Company) -> None:
    good = company.case("full").account_id
    results = update(client, record(good, Environment_Users__c=7), record("001x"), all_or_none=True).json()
    assert results[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert read(client, good)["Environment_Users__c"] is None


def test_more_than_two_hundred_records_are_refused(client: SalesforceClient) -> None:
    refused = update(client, *[record(f"001{number}") for number in range(201)])
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_BATCH_SIZE")
