from datetime import datetime, timedelta

import pytest

from sg_assets.sandbox.company.campaigns import CAMPAIGNS
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm, Records
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets_tests.sandbox.world import ANCHOR

INFLUENCE = timedelta(days=30)


@pytest.fixture(scope="module")
def records(company: Company) -> Records:
    return Crm(CrmChanges(company)).at(ANCHOR)


def test_campaigns_have_the_parameters_of_the_links_that_lead_to_them(records: Records) -> None:
    found = {one["Name"]: one for one in records["Campaign"].values()}
    assert set(found) == {one.name for one in CAMPAIGNS}
    assert [found[one.name]["UTM_Campaign__c"] for one in CAMPAIGNS] == [one.utm_campaign or None for one in CAMPAIGNS]
    assert found["Booth in Berlin"]["ParentId"] == found["Developer conferences"]["Id"]


def test_members_are_leads_or_contacts_never_both_and_never_before_they_were_there(records: Records) -> None:
    people = records["Lead"] | records["Contact"]
    assert len(records["CampaignMember"]) > 50
    for member in records["CampaignMember"].values():
        assert (member["LeadId"] is None) != (member["ContactId"] is None)
        person = people[str(member["LeadId"] or member["ContactId"])]
        assert person["CreatedDate"] <= member["CreatedDate"] < ANCHOR  # pyrefly: ignore[unsupported-operation]
        assert member["CampaignId"] in records["Campaign"]
        assert member["HasResponded"] == (member["FirstRespondedDate"] is not None)


def test_some_contacts_answered_in_the_thirty_days_before_their_opportunity_was_made(records: Records) -> None:
    made: dict[object, list[datetime]] = {}
    for one in records["Opportunity"].values():
        if isinstance(one["CreatedDate"], datetime):
            made.setdefault(one["AccountId"], []).append(one["CreatedDate"])
    touched = 0
    for member in records["CampaignMember"].values():
        if member["ContactId"] and isinstance(member["CreatedDate"], datetime):
            account = records["Contact"][str(member["ContactId"])]["AccountId"]
            waits = [at - member["CreatedDate"] for at in made.get(account, [])]
            touched += any(timedelta(0) <= wait <= INFLUENCE for wait in waits)
    assert touched >= 3
