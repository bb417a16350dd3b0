from collections import Counter
from datetime import date

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm, Records
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.marketing import Marketing, State
from sg_assets.sandbox.company.marketing_record import AHEAD, record_id
from sg_assets_tests.sandbox.world import ANCHOR, HOUR

AT = ANCHOR + 30 * HOUR


@pytest.fixture(scope="module")
def state(company: Company) -> State:
    return Marketing(company).at(AT)


@pytest.fixture(scope="module")
def salesforce(company: Company) -> Records:
    return Crm(CrmChanges(company)).at(AT + AHEAD)


def test_every_account_is_a_company_of_the_same_name_and_domain(state: State, salesforce: Records) -> None:
    companies = state.records["company"]
    for account in salesforce["Account"].values():
        if not account["IsDeleted"]:
            found = companies[record_id("company", str(account["Id"]))].properties
            assert found["name"] == account["Name"]
            assert account["Website"] == f"https://www.{found['domain']}"
            assert found["salesforceaccountid"] == account["Id"]


def test_a_merged_account_is_part_of_another_company(company: Company, state: State) -> None:
    customer = company.case("merged account")
    winner = state.records["company"][record_id("company", customer.account_id)]
    loser = record_id("company", customer.loser_account_id)
    assert loser not in state.records["company"]
    assert winner.properties["hs_merged_object_ids"] == loser


def test_a_deleted_account_is_archived(company: Company, state: State) -> None:
    gone = state.records["company"][record_id("company", company.case("deleted account").account_id)]
    assert gone.archived_at is not None
    assert (ANCHOR - gone.archived_at).days in {14, 15}


def test_people_without_an_account_have_a_company_by_their_domain(state: State) -> None:
    domains = Counter(one.properties["domain"] for one in state.records["company"].values() if not one.archived_at)
    assert domains.most_common(1)[0][1] == 1
    assert "gmail.com" not in domains
    assert sum(one.properties["salesforceaccountid"] is None for one in state.records["company"].values()) > 50


def test_every_deal_is_an_opportunity_of_the_same_amount_and_stage(state: State, salesforce: Records) -> None:
    sales = {str(one["Id"]): one for one in salesforce["Opportunity"].values()}
    stages = set()
    for deal in state.records["deal"].values():
        sale = sales[str(deal.properties["salesforce_opportunity_id"])]
        amount, closes = deal.properties["amount_in_home_currency"], sale["CloseDate"]
        assert (None if amount is None else float(amount)) == sale["Amount"]
        assert deal.properties["hs_is_closed_won"] == str(sale["IsWon"]).lower()
        assert isinstance(closes, date)
        assert str(deal.properties["closedate"])[:10] == closes.isoformat()
        stages.add(deal.properties["dealstage"])
    assert {"closedwon", "closedlost", "negotiation"} <= stages
    assert len(state.records["deal"]) > 100


def test_owners_are_the_users_of_salesforce_and_own_what_they_own_there(state: State, salesforce: Records) -> None:
    owners = state.records["owner"]
    assert {one.properties["email"] for one in owners.values()} == {u["Email"] for u in salesforce["User"].values()}
    assert sum(one.archived_at is not None for one in owners.values()) == 2
    owned = {one.properties["hubspot_owner_id"] for one in state.records["deal"].values()}
    assert owned <= set(owners)
