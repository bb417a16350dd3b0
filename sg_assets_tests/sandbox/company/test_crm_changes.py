from datetime import timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import prospects
from sg_assets.sandbox.company.crm_changes import LATEST, CrmChanges
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


@pytest.fixture(scope="module")
def changes(company: Company) -> CrmChanges:
    return CrmChanges(company)


def test_something_of_everything_happens_every_hour_and_always_the_same(changes: CrmChanges) -> None:
    again = CrmChanges(changes.company)
    for place in (0, 13, 500):
        hour = ANCHOR + place * HOUR
        found = list(changes.of_hour(hour))
        assert {"Account", "Opportunity", "Contact", "Lead"} <= {change.kind for change in found}
        assert all(hour <= change.at < hour + HOUR for change in found)
        assert list(again.of_hour(hour)) == found


def test_what_changes_is_there(changes: CrmChanges) -> None:
    known = {change.id for change in changes.first}
    for place in range(48):
        for change in changes.of_hour(ANCHOR + place * HOUR):
            assert change.id in known or "Id" in change.fields
            known.add(change.id)


def test_some_commits_are_seen_late(changes: CrmChanges) -> None:
    waits = [change.visible_at - change.at for place in range(200) for change in changes.of_hour(ANCHOR + place * HOUR)]
    assert timedelta(0) in waits
    assert timedelta(seconds=60) < max(waits) < timedelta(seconds=LATEST)


def test_an_automation_touches_many_accounts_in_one_second_every_night(changes: CrmChanges) -> None:
    night = ANCHOR + 26 * HOUR
    touched = [change for change in changes.of_hour(night) if change.fields.get("SystemModstamp") == night]
    assert len(touched) >= 3
    assert all(list(change.fields) == ["SystemModstamp"] for change in touched)


def test_a_renewal_wins_its_opportunity_and_prolongs_the_contract(changes: CrmChanges) -> None:
    due = changes.company.case("renewal due")
    license_ = changes.company.subscriptions[due.position][0].active_license(ANCHOR + 5 * DAY)
    assert license_ is not None
    found = {change.id: change for change in changes.scheduled if change.at == license_.created_at}
    assert found[str(license_.salesforce_opportunity_id)].fields["StageName"] == "Closed Won"
    assert found[due.account_id].fields["Active_Contract_Period_End__c"] == license_.expires_at.date()


def test_leads_become_contacts_until_every_prospect_had_one(changes: CrmChanges) -> None:
    count = prospects(changes.company)
    converted = []
    for place in range(0, (count + 3) * 6, 6):
        converted += [change for change in changes.of_hour(ANCHOR + place * HOUR) if change.fields.get("IsConverted")]
    assert len({change.id for change in converted}) == len(converted) == count


def test_new_leads_are_new_people(changes: CrmChanges) -> None:
    known = {change.id for change in changes.first}
    new = [
        change
        for place in range(100)
        for change in changes.of_hour(ANCHOR + place * HOUR)
        if "Company" in change.fields
    ]
    assert len({change.id for change in new} - known) == 100
