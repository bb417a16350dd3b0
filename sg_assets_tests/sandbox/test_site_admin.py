from typing import Any

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.site_admin import MOST_ALIASES, TOKEN, stand_in
from sg_assets_tests.sandbox.world import ANCHOR, DAY, move

LIST = """query List($first: Int) { dotcom { productSubscriptions(first: $first) {
  nodes { id uuid isArchived createdAt account { id username emails { email isPrimary } } activeLicense { revokedAt } }
  totalCount pageInfo { hasNextPage endCursor } } } }"""
LICENSES = """query List($first: Int) { dotcom { productLicenses(first: $first) {
  nodes { id licenseKey createdAt revokedAt revokeReason siteID version subscription { uuid }
    info { productNameWithBrand tags userCount expiresAt salesforceOpportunityID } }
  totalCount pageInfo { hasNextPage } } } }"""


def ask(url: str, query: str, **variables: object) -> requests.Response:
    return ask_as(f"token {TOKEN}", url, query, **variables)


def ask_as(sign: str, url: str, query: str, **variables: object) -> requests.Response:
    headers = {"Authorization": sign} if sign else {}
    body = {"query": query, "variables": variables}
    return requests.post(f"{url}/site_admin/.api/graphql", json=body, headers=headers, timeout=20)


def listed(url: str, query: str = LIST, **variables: object) -> dict[str, Any]:
    answer = ask(url, query, **variables).json()
    assert "errors" not in answer, answer
    found: dict[str, Any] = next(iter(answer["data"]["dotcom"].values()))
    return found


def test_a_list_that_has_more_gives_one_node_too_many_and_no_cursor(url: str) -> None:
    total = listed(url)["totalCount"]
    for first, nodes, has_more in (
        (2, 3, True),
        (total - 1, total, True),
        (total, total, False),
        (total + 9, total, False),
    ):
        found = listed(url, first=first)
        assert len(found["nodes"]) == nodes
        assert found["pageInfo"] == {"hasNextPage": has_more, "endCursor": None}
        assert found["totalCount"] == total


def test_the_newest_come_first_and_the_whole_list_comes_without_first(url: str) -> None:
    times = [node["createdAt"] for node in listed(url)["nodes"]]
    assert times == sorted(times, reverse=True)
    assert len(times) == listed(url)["totalCount"]


def test_an_archived_subscription_vanishes_and_answers_by_its_uuid(url: str, sandbox: Sandbox) -> None:
    after = sandbox.company.subscriptions[sandbox.company.case("archived after the anchor").position][0]
    one = f'{{ dotcom {{ a: productSubscription(uuid: "{after.uuid}") {{ uuid isArchived }} }} }}'
    assert after.uuid in {node["uuid"] for node in listed(url)["nodes"]}
    assert ask(url, one).json()["data"]["dotcom"]["a"]["isArchived"] is False
    move(sandbox, ANCHOR + 2 * DAY)
    assert after.uuid not in {node["uuid"] for node in listed(url)["nodes"]}
    assert ask(url, one).json()["data"]["dotcom"]["a"] == {"uuid": after.uuid, "isArchived": True}


def test_several_are_asked_for_at_once_by_aliases_and_one_that_is_not_there_spoils_all(
    url: str, sandbox: Sandbox
) -> None:
    one, other = (many[0].uuid for many in list(sandbox.company.subscriptions.values())[:2])
    both = "query Two($a: String!, $b: String!) { dotcom { a: SUB(uuid: $a) { uuid } b: SUB(uuid: $b) { uuid } } }"
    both = both.replace("SUB", "productSubscription")
    assert ask(url, both, a=one, b=other).json()["data"]["dotcom"] == {"a": {"uuid": one}, "b": {"uuid": other}}
    spoilt = ask(url, both, a=one, b="nobody")
    assert spoilt.status_code == 200
    assert spoilt.json()["data"] is None
    assert spoilt.json()["errors"][0]["path"] == ["dotcom", "b"]


def test_too_many_aliases_are_refused(url: str) -> None:
    parts = " ".join(f'a{place}: productSubscription(uuid: "x") {{ uuid }}' for place in range(MOST_ALIASES + 1))
    assert "too complex" in ask(url, f"{{ dotcom {{ {parts} }} }}").json()["errors"][0]["message"]


def test_the_active_licence_is_the_newest_even_when_revoked(url: str, sandbox: Sandbox) -> None:
    revoked = sandbox.company.subscriptions[sandbox.company.case("revoked").position][0]
    node = next(node for node in listed(url)["nodes"] if node["uuid"] == revoked.uuid)
    assert node["activeLicense"]["revokedAt"] is not None


def test_licences_say_everything_once_and_keys_are_those_of_the_company(url: str, sandbox: Sandbox) -> None:
    found = listed(url, LICENSES)["nodes"]
    assert len({node["id"] for node in found}) == len(found)
    existing = [
        one
        for many in sandbox.company.subscriptions.values()
        for each in many
        for one in each.licenses_at(sandbox.now())
    ]
    assert {node["licenseKey"] for node in found} == {one.key for one in existing}
    assert all(node["createdAt"] <= "2026-11-21T03:30:00Z" for node in found)
    assert {node["info"]["productNameWithBrand"] for node in found} == {
        "Sourcegraph Enterprise",
        "Sourcegraph Enterprise (trial)",
    }
    assert len(listed(url, LICENSES, first=5)["nodes"]) == 6


def test_renewals_appear_with_the_clock(url: str, sandbox: Sandbox) -> None:
    before = listed(url, LICENSES)["totalCount"]
    move(sandbox, ANCHOR + 4 * DAY)
    assert listed(url, LICENSES)["totalCount"] > before


def test_licences_can_be_looked_for(url: str, sandbox: Sandbox) -> None:
    license_ = sandbox.company.subscriptions[3][0].licenses[0]
    query = "query Find($x: String) { dotcom { productLicenses(licenseKeySubstring: $x) { nodes { licenseKey } } } }"
    assert [node["licenseKey"] for node in listed(url, query, x=license_.key[40:])["nodes"]] == [license_.key]
    subscription = listed(url)["nodes"][5]
    query = (
        "query Of($x: ID) { dotcom { productLicenses(productSubscriptionID: $x) { nodes { subscription { uuid } } } } }"
    )
    found = listed(url, query, x=subscription["id"])["nodes"]
    assert {node["subscription"]["uuid"] for node in found} == {subscription["uuid"]}


def test_subscriptions_can_be_looked_for(url: str) -> None:
    account = listed(url)["nodes"][5]["account"]
    by_account = (
        f'{{ dotcom {{ productSubscriptions(account: "{account["id"]}") {{ nodes {{ account {{ username }} }} }} }} }}'
    )
    assert {node["account"]["username"] for node in listed(url, by_account)["nodes"]} == {account["username"]}
    by_name = '{ dotcom { productSubscriptions(query: "kite-and") { nodes { account { username } } } } }'
    assert all(node["account"]["username"].startswith("Kite-and-Key-") for node in listed(url, by_name)["nodes"])
    assert listed(url, by_name)["nodes"]


def test_an_owner_who_is_gone_is_null_and_spoils_the_address(url: str) -> None:
    assert None in [node["account"] for node in listed(url)["nodes"]]
    broken = ask(url, "{ dotcom { productSubscriptions { nodes { url } } } }").json()
    assert broken["data"] is None
    assert broken["errors"][0]["message"] == "user not found"


def test_owners_have_one_primary_address(url: str) -> None:
    accounts = [node["account"] for node in listed(url)["nodes"] if node["account"]]
    assert all(sum(email["isPrimary"] for email in account["emails"]) == 1 for account in accounts)
    assert any(not account["emails"][0]["isPrimary"] for account in accounts)


def test_errors_are_in_a_good_answer_and_a_wrong_token_is_plain_text(url: str) -> None:
    for query in ("{ dotcom { nothing } }", "{ dotcom {"):
        answer = ask(url, query)
        assert answer.status_code == 200
        assert answer.json()["errors"]
    assert ask_as("", url, LIST).json()["errors"][0]["message"] == "must be site admin"
    refused = ask_as("token wrong", url, LIST)
    assert (refused.status_code, refused.text) == (401, "Invalid access token.\n")


@pytest.mark.parametrize(("kind", "count"), [(Kind.EMPTY_LIST, -1), (Kind.REPEATED_ROW, 1)])
def test_faults_of_lists(url: str, sandbox: Sandbox, kind: Kind, count: int) -> None:
    before = len(listed(url)["nodes"])
    sandbox.faults.switch_on(kind, "site_admin", match="productSubscriptions", count=1)
    assert len(listed(url)["nodes"]) == (0 if count < 0 else before + count)
    assert len(listed(url)["nodes"]) == before


def test_null_where_a_value_is_usual(url: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(
        Kind.NULL_VALUE, "site_admin", match="productSubscriptions", count=1, field="activeLicense"
    )
    assert listed(url)["nodes"][0]["activeLicense"] is None


def test_its_settings_are_those_of_the_source() -> None:
    assert stand_in.settings == {"SG_SITE_ADMIN_TOKEN": TOKEN}
