from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.salesforce import CLIENT_ID, CLIENT_SECRET, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, NOW, move

DATA = "/services/data/v59.0"
ALL_LEADS = "SELECT Id, SystemModstamp, IsDeleted FROM Lead"


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/salesforce"


@pytest.fixture
def token(here: str) -> str:
    return str(sign_in(here).json()["access_token"])


def sign_in(here: str, **changed: str) -> requests.Response:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return requests.post(f"{here}/services/oauth2/token", data=form | changed, timeout=20)


def get(here: str, token: str, path: str, **params: str) -> requests.Response:
    return requests.get(here + path, params=params, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def records(here: str, token: str, query: str, verb: str = "queryAll") -> list[dict[str, Any]]:
    answer = get(here, token, f"{DATA}/{verb}", q=query).json()
    found = answer["records"]
    while not answer["done"]:
        answer = get(here, token, answer["nextRecordsUrl"]).json()
        found += answer["records"]
    return list(found)


def test_signing_in_gives_a_token_without_an_end_and_where_to_ask(here: str) -> None:
    answer = sign_in(here).json()
    assert answer["instance_url"] == here
    assert answer["token_type"] == "Bearer"  # noqa: S105 (no password)
    assert "expires_in" not in answer
    assert get(here, answer["access_token"], f"{DATA}/limits").status_code == 200


def test_errors_of_signing_in_are_an_object_and_others_an_array(here: str) -> None:
    wrong = sign_in(here, client_id="wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")
    assert sign_in(here, grant_type="password").json()["error"] == "unsupported_grant_type"
    refused = get(here, "wrong", f"{DATA}/query", q=ALL_LEADS)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_all_records_come_page_by_page(here: str, token: str) -> None:
    first = get(here, token, f"{DATA}/queryAll", q=ALL_LEADS).json()
    assert len(first["records"]) == 40 < first["totalSize"]
    assert first["nextRecordsUrl"].startswith(f"{DATA}/query/")  # also of queryAll, and it is relative
    found = records(here, token, ALL_LEADS)
    assert len(found) == len({one["Id"] for one in found}) == first["totalSize"]
    assert found[0]["attributes"]["type"] == "Lead"


def test_deleted_records_are_in_query_all_only(here: str, token: str) -> None:
    everything = records(here, token, ALL_LEADS)
    alive = records(here, token, ALL_LEADS, "query")
    assert {one["IsDeleted"] for one in everything} == {True, False}
    assert {one["IsDeleted"] for one in alive} == {False}
    assert len(alive) == sum(not one["IsDeleted"] for one in everything)


def test_nothing_is_promised_about_the_order_unless_it_is_asked_for(here: str, token: str) -> None:
    unordered = [one["SystemModstamp"] for one in records(here, token, ALL_LEADS)]
    ordered = [one["SystemModstamp"] for one in records(here, token, ALL_LEADS + " ORDER BY SystemModstamp")]
    assert unordered != sorted(unordered)
    assert ordered == sorted(ordered)
    assert Counter(ordered).most_common(1)[0][1] > 40  # ties that fill more than a page


def test_a_window_has_what_changed_in_it(here: str, token: str, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + DAY)
    window = "SystemModstamp >= 2026-11-21T05:00:00Z AND SystemModstamp < 2026-11-21T07:00:00Z"
    found = records(here, token, f"SELECT Id, SystemModstamp, CreatedDate FROM Account WHERE {window}")
    assert 1 <= len(found) < 10
    assert all("2026-11-21T05:00:00.000+0000" <= one["SystemModstamp"] < "2026-11-21T07" for one in found)


def test_a_started_query_goes_on_with_the_state_in_which_it_began(here: str, token: str, sandbox: Sandbox) -> None:
    whole = records(here, token, ALL_LEADS)
    first = get(here, token, f"{DATA}/queryAll", q=ALL_LEADS).json()
    move(sandbox, NOW + 20 * HOUR)
    rest, answer = [], first
    while not answer["done"]:
        answer = get(here, token, answer["nextRecordsUrl"]).json()
        rest += answer["records"]
    assert first["records"] + rest == whole
    assert records(here, token, ALL_LEADS) != whole
    move(sandbox, NOW + 3 * DAY)
    expired = get(here, token, first["nextRecordsUrl"])
    assert (expired.status_code, expired.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
    assert get(here, token, f"{DATA}/query/nothing-40").status_code == 400


def test_a_client_may_ask_for_the_size_of_a_page(here: str, token: str, sandbox: Sandbox) -> None:
    object.__setattr__(sandbox, "page_size", 2000)
    headers = {"Authorization": f"Bearer {token}", "Sforce-Query-Options": "batchSize=10"}
    answer = requests.get(f"{here}{DATA}/query", params={"q": ALL_LEADS}, headers=headers, timeout=20).json()
    object.__setattr__(sandbox, "page_size", 40)
    assert len(answer["records"]) == 200  # the least that Salesforce gives


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Nothing__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Nothing__c = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
    ],
)
def test_queries_that_cannot_be_run_are_refused(here: str, token: str, query: str, code: str) -> None:
    refused = get(here, token, f"{DATA}/query", q=query)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)


def test_counting_limits_and_describing(here: str, token: str) -> None:
    counted = get(here, token, f"{DATA}/query", q="SELECT COUNT() FROM User")
    assert counted.json() == {"totalSize": 14, "done": True, "records": []}
    assert counted.headers["Sforce-Limit-Info"].startswith("api-usage=")
    assert get(here, token, f"{DATA}/limits").json()["DailyApiRequests"]["Max"] == 15_000
    described = get(here, token, f"{DATA}/sobjects/Account/describe").json()
    assert {"name": "ARR__c", "type": "currency", "updateable": False} in described["fields"]
    assert get(here, token, f"{DATA}/sobjects/Nothing/describe").status_code == 404


def test_a_row_comes_twice_across_pages(here: str, token: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.REPEATED_ROW, "salesforce", match="Lead", count=1)
    ids = [one["Id"] for one in records(here, token, ALL_LEADS)]
    assert len(ids) == len(set(ids)) + 1


def test_a_row_changes_while_somebody_pages(here: str, token: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.CHANGED_ROW, "salesforce", match="Lead", count=1)
    found = records(here, token, ALL_LEADS)
    twice = [one for one in found if one["Id"] == found[0]["Id"]]
    assert len({one["SystemModstamp"] for one in twice}) == 2


def test_faults_of_rows(here: str, token: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.NULL_VALUE, "salesforce", match="User", count=1, field="Name")
    assert [one["Name"] for one in records(here, token, "SELECT Id, Name FROM User")].count(None) == 1
    sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "salesforce", match="User", count=1, field="Odd__c")
    assert all("Odd__c" in one for one in records(here, token, "SELECT Id FROM User"))
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "salesforce", match="User", count=1)
    assert records(here, token, "SELECT Id FROM User") == []


def test_a_session_ends_once_and_the_quota_is_used_up(here: str, token: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.EXPIRED_TOKEN, "salesforce")
    assert sign_in(here).status_code == 200  # signing in is not what has expired
    statuses = [get(here, token, f"{DATA}/query", q=ALL_LEADS).status_code for _ in range(2)]
    assert statuses == [401, 200]
    sandbox.faults.switch_on(Kind.QUOTA, "salesforce")
    refused = get(here, token, f"{DATA}/query", q=ALL_LEADS)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_the_state_goes_on_with_the_clock(here: str, token: str, sandbox: Sandbox) -> None:
    query = "SELECT Id, StageName FROM Opportunity"
    before = {one["Id"]: one["StageName"] for one in records(here, token, query)}
    move(sandbox, NOW + 4 * DAY + timedelta(minutes=1))
    after = {one["Id"]: one["StageName"] for one in records(here, token, query)}
    company = sandbox.company
    due = company.subscriptions[company.case("renewal due").position][0].active_license(ANCHOR + 4 * DAY)
    assert due is not None
    won = str(due.salesforce_opportunity_id)
    assert (before[won], after[won]) == ("Negotiation", "Closed Won")


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {"SG_SALESFORCE_CLIENT_ID", "SG_SALESFORCE_CLIENT_SECRET"}
