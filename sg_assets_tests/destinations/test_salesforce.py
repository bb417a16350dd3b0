"""Salesforce, written to: accounts get the newest answers about environments, and what they show is read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sg_assets import discovery
from sg_assets.destination import Receipt, Send
from sg_assets.destinations.salesforce import FIELDS, to_salesforce
from sg_assets.http import Client, SourceError
from sg_assets.sandbox.company.crm_accounts import WRITABLE
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server import start
from sg_assets_tests.scripted_vendor import Answer, Asked, answering

ANCHOR = datetime(2026, 11, 20, tzinfo=UTC)
NOW = ANCHOR + timedelta(hours=6)
SETTINGS = {"SG_SALESFORCE_CLIENT_ID": "id", "SG_SALESFORCE_CLIENT_SECRET": "s3cret"}
UPDATE = "/services/data/v59.0/composite/sobjects"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return Sandbox(7, ANCHOR, 0.1, lambda: NOW, tmp_path_factory.mktemp("sandbox"), page_size=40)


@pytest.fixture(scope="module")
def url(sandbox: Sandbox) -> Iterator[str]:
    server = start(sandbox)
    yield f"{server.url}/salesforce"
    server.stop()


def answers(account_id: str, **other: object) -> dict[str, object]:
    return {
        "account_id": account_id,
        "answered_on": date(2026, 11, 2),
        "deployment_type": "Kubernetes",
        "hosted_on": "AWS",
        "sourcegraph_version": "4.2.0",
        "code_hosts": ["GitHub", "GitLab"],
        "user_count": 40,
        "repository_count": None,
        "submitted_at": datetime(2026, 11, 2, 9, tzinfo=UTC),
    } | other


def send(url: str, rows: list[dict[str, object]], settings: Mapping[str, str] = SETTINGS) -> list[list[Receipt]]:
    found = []
    with to_salesforce.system.connect(url, settings) as client:
        client.patience = 0.0
        for receipts in to_salesforce.sendings["environment"].send(
            Send(client, settings, NOW, pa.Table.from_pylist(rows))
        ):
            found.append(list(receipts))  # noqa: PERF401 (what came before an error counts)
    return found


def shown(sandbox: Sandbox, url: str, account_id: str) -> dict[str, object]:
    settings = sandbox.settings("salesforce")
    query = f"SELECT {', '.join(FIELDS.values())} FROM Account WHERE Id = '{account_id}'"
    with to_salesforce.system.connect(url, settings) as client:
        assert isinstance(client, Client)
        (record,) = client.get_json("/services/data/v59.0/query", {"q": query})["records"]
    return {name: record[name] for name in FIELDS.values()}


def test_accounts_get_the_answers_and_show_them(sandbox: Sandbox, url: str) -> None:
    account = sandbox.company.case("full").account_id
    ((receipt,),) = send(url, [answers(account)], sandbox.settings("salesforce"))
    assert (receipt.is_accepted, receipt.detail, receipt.row["account_id"]) == (True, None, account)
    assert shown(sandbox, url, account) == {
        "Environment_Answered_On__c": "2026-11-02",
        "Environment_Deployment__c": "Kubernetes",
        "Environment_Hosted_On__c": "AWS",
        "Environment_Version__c": "4.2.0",
        "Environment_Code_Hosts__c": "GitHub;GitLab",
        "Environment_Users__c": 40,
        "Environment_Repositories__c": None,
    }
    send(url, [answers(account, code_hosts=[], user_count=41)], sandbox.settings("salesforce"))
    after = shown(sandbox, url, account)
    assert (after["Environment_Code_Hosts__c"], after["Environment_Users__c"]) == (None, 41)


def test_accounts_that_are_gone_are_refused_and_the_others_are_not(sandbox: Sandbox, url: str) -> None:
    good = sandbox.company.case("renewal due").account_id
    rows = [answers("0010000000000000AA"), answers(good)]
    ((refused, accepted),) = send(url, rows, sandbox.settings("salesforce"))
    assert (accepted.is_accepted, refused.is_accepted) == (True, False)
    assert refused.detail == "INVALID_CROSS_REFERENCE_KEY: invalid cross reference id"


def test_what_cannot_be_reached_or_may_not_be_written_is_one_clear_error(sandbox: Sandbox, url: str) -> None:
    sandbox.faults.switch_on(Kind.FORBIDDEN, "salesforce", match="*composite*", count=1)
    with pytest.raises(SourceError, match=f"PATCH {UPDATE}: 403 .*INSUFFICIENT_ACCESS"):
        send(url, [answers("001")], sandbox.settings("salesforce"))
    wrong = dict(sandbox.settings("salesforce")) | {"SG_SALESFORCE_CLIENT_SECRET": "wr0ng"}
    with pytest.raises(SourceError, match="invalid client credentials") as caught:
        send(url, [answers("001")], wrong)
    assert "wr0ng" not in str(caught.value)


def test_anything_but_a_yes_is_none(sandbox: Sandbox, url: str) -> None:
    settings = {**sandbox.settings("salesforce"), "SG_SALESFORCE_WRITE_BACK": "off"}
    with pytest.raises(SourceError, match=r"SG_SALESFORCE_WRITE_BACK=off. Set it to accounts, or unset it\."):
        send(url, [answers("001")], settings)


def test_the_examination_says_of_every_field_whether_it_may_be_written(sandbox: Sandbox, url: str) -> None:
    examine = to_salesforce.system.examination
    assert examine
    settings = sandbox.settings("salesforce")
    with to_salesforce.system.connect(url, settings) as client:
        found = list(examine(client, settings))
        assert client.calls == 1
    assert {finding.subject: finding.is_permitted for finding in found} == {
        f"Account.{name}": True for name in FIELDS.values()
    }
    assert set(FIELDS.values()) == set(WRITABLE)


def vendor_of(codes: Mapping[str, str], changed: Mapping[str, object] | None = None) -> Callable[[Asked], Answer]:
    """Salesforce that refuses some accounts with a code, and shows others otherwise than they were written."""
    written: dict[str, dict[str, object]] = {}

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/token"):
            return Answer.json({"access_token": "00D!token", "instance_url": "https://elsewhere.example"})
        if asked.method == "PATCH":
            records = json.loads(asked.body)["records"]
            written.update({record["Id"]: record | (changed or {}) for record in records})
            return Answer.json([result(codes.get(record["Id"]), record["Id"]) for record in records])
        return Answer.json({"totalSize": len(written), "done": True, "records": list(written.values())})

    return answer


def result(code: str | None, id_: str) -> dict[str, object]:
    if code is None:
        return {"id": id_, "success": True, "errors": []}
    return {"success": False, "errors": [{"statusCode": code, "message": "so it is", "fields": []}]}


def test_what_is_asked() -> None:
    with answering(vendor_of({})) as vendor:
        send(vendor.url, [answers("0011"), answers("0012", code_hosts=None)])
    _, update, read = vendor.asked
    assert (update.method, update.path) == ("PATCH", UPDATE)
    body = json.loads(update.body)
    assert body["allOrNone"] is False
    assert body["records"][0] == {
        "attributes": {"type": "Account"}, "Id": "0011", "Environment_Answered_On__c": "2026-11-02",
        "Environment_Deployment__c": "Kubernetes", "Environment_Hosted_On__c": "AWS", "Environment_Version__c": "4.2.0",
        "Environment_Code_Hosts__c": "GitHub;GitLab", "Environment_Users__c": 40, "Environment_Repositories__c": None,
    }  # fmt: skip
    assert body["records"][1]["Environment_Code_Hosts__c"] is None
    assert read.query["q"].endswith("FROM Account WHERE Id IN ('0011', '0012')")


@pytest.mark.parametrize(("rows", "requests"), [(0, 0), (1, 1), (200, 1), (201, 2)])
def test_two_hundred_accounts_go_in_one_request_and_come_back_in_one(rows: int, requests: int) -> None:
    with answering(vendor_of({})) as vendor:
        found = send(vendor.url, [answers(f"001{number:015}") for number in range(rows)]) if rows else []
    assert [asked.method for asked in vendor.asked].count("PATCH") == requests
    assert len(vendor.asked) == 2 * requests + (1 if requests else 0)
    assert sum(len(receipts) for receipts in found) == rows
    assert all(len(asked.query.get("q", "")) < 16_000 for asked in vendor.asked)


def test_what_salesforce_shows_otherwise_was_not_taken_as_sent() -> None:
    with answering(vendor_of({}, {"Environment_Users__c": 12})) as vendor:
        ((receipt,),) = send(vendor.url, [answers("0011")])
    assert (receipt.is_accepted, receipt.detail) == (False, "read back: Environment_Users__c is 12")


def test_a_locked_account_is_tried_again_and_the_others_keep_their_receipts() -> None:
    codes = {"0012": "UNABLE_TO_LOCK_ROW", "0013": "ENTITY_IS_DELETED"}
    found = []
    with answering(vendor_of(codes)) as vendor, to_salesforce.system.connect(vendor.url, SETTINGS) as client:
        rows = pa.Table.from_pylist([answers(id_) for id_ in ("0011", "0012", "0013")])
        sending = to_salesforce.sendings["environment"].send(Send(client, SETTINGS, NOW, rows))
        found += [(receipt.row["account_id"], receipt.is_accepted) for receipt in next(sending)]
        with pytest.raises(SourceError, match="1 accounts could not be saved now, 0012 for one") as caught:
            next(sending)
    assert caught.value.status is None  # so that the step is tried again
    assert sorted(found, key=str) == [("0011", True), ("0013", False)]


def test_a_missing_right_is_no_refusal_of_an_account() -> None:
    with (
        answering(vendor_of({"0011": "INVALID_FIELD_FOR_INSERT_UPDATE"})) as vendor,
        pytest.raises(SourceError, match="INVALID_FIELD_FOR_INSERT_UPDATE: so it is") as caught,
    ):
        send(vendor.url, [answers("0011")])
    assert caught.value.status == 403
    assert "right to edit the field" in str(caught.value)


def test_its_ledger_reads_the_newest_answers() -> None:
    ledger = discovery.graph()["sent_salesforce.environment"]
    assert [wanted.table for wanted in ledger.inputs] == ["customers.environment_latest"]
    assert Path(ledger.file).name == "salesforce.py"
    assert {"SG_SALESFORCE_WRITE_BACK"} <= {variable.name for variable in to_salesforce.system.variables}
