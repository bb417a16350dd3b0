from datetime import date

import pytest

from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.marketing import Marketing
from sg_assets.sandbox.company.marketing_record import Record, record_id
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR

AT = ANCHOR + 30 * HOUR


@pytest.fixture(scope="module")
def marketing(company: Company) -> Marketing:
    return Marketing(company)


@pytest.fixture(scope="module")
def contacts(marketing: Marketing) -> dict[str | None, Record]:
    return {one.properties["email"]: one for one in marketing.at(AT).records["contact"].values()}


def test_everybody_in_salesforce_is_there_under_the_same_ids(
    company: Company, contacts: dict[str | None, Record]
) -> None:
    records = Crm(CrmChanges(company)).at(AT)
    for kind, link in (("Lead", "salesforceleadid"), ("Contact", "salesforcecontactid")):
        alive = {one["Email"]: one for one in records[kind].values() if not one["IsDeleted"]}
        assert len(alive) > 50
        for email, one in alive.items():
            contact = contacts[str(email)]
            assert contact.properties[link] == one["Id"]
            assert contact.created_at < one["CreatedDate"]  # pyrefly: ignore[unsupported-operation]
    for email, contact in contacts.items():
        assert contact.id == record_id("contact", str(email))


def test_who_was_merged_is_named_by_the_winner_and_gone(company: Company, contacts: dict[str | None, Record]) -> None:
    winners = {one.properties["email"]: one.properties["hs_merged_object_ids"] for one in contacts.values()}
    loser, winner = (crm_people.loose_person(company, place)[0].email for place in (7, 6))
    assert loser not in contacts
    assert record_id("contact", loser) in str(winners[winner]).split(";")


def test_a_lead_is_qualified_in_hubspot_as_in_salesforce(company: Company, contacts: dict[str | None, Record]) -> None:
    seen = set()
    for lead in Crm(CrmChanges(company)).at(AT)["Lead"].values():
        if not lead["IsDeleted"]:
            properties = contacts[str(lead["Email"])].properties
            marketed = lead["MQL_Date__c"]
            assert properties["mql_date"] == (marketed.isoformat() if isinstance(marketed, date) else None)
            assert (int(str(properties["intent_points"])) >= 15) == (properties["is_mql"] == "true") == bool(marketed)
            grades = {properties["cloud_engagement_grade"], properties["private_install_engagement_grade"]}
            assert bool(grades & {"A", "B"}) == (properties["pql_date"] is not None)
            seen.add(properties["lifecyclestage"])
    assert seen == {"lead", "marketingqualifiedlead", "productqualifiedlead", "opportunity", "customer"}


def test_who_installed_an_instance_is_its_administrator_with_the_day_of_its_latest_ping(
    company: Company, contacts: dict[str | None, Record]
) -> None:
    for email, admin in contacts.items():
        installed = [one for one in company.instances if one.installer_email == email]
        assert (admin.properties["is_server_admin"] == "true") == (admin.properties["latest_ping"] is not None)
        assert installed or admin.properties["latest_ping"] is None
    pinging = company.instances_of(company.case("full"))[0].installer_email
    assert contacts[pinging].properties["latest_ping"] == AT.date().isoformat()
    gone = company.instances_of(company.case("stopped 40 days ago"))[0].installer_email
    assert contacts[gone].properties["latest_ping"] in {str((ANCHOR - n * DAY).date()) for n in (40, 41)}


def test_the_latest_answer_to_the_survey_is_on_the_contact(
    marketing: Marketing, contacts: dict[str | None, Record]
) -> None:
    latest = {answer.email: str(answer.score) for answer in marketing.nps.answers(AT)}
    scored = {email: one.properties["nps_score"] for email, one in contacts.items() if one.properties["nps_score"]}
    assert len(scored) > 20
    assert scored == {email: score for email, score in latest.items() if email in scored}
    assert set(latest) & set(contacts) == set(scored)


def test_customers_became_customers_with_their_first_licence(
    company: Company, contacts: dict[str | None, Record]
) -> None:
    customer = company.case("renewed")
    first = company.subscriptions[customer.position][0].licenses[0].created_at
    properties = contacts[customer.people[0].email].properties
    assert properties["lifecyclestage"] == "customer"
    assert str(properties["hs_lifecyclestage_customer_date"])[:19] == f"{first:%Y-%m-%dT%H:%M:%S}"


def test_very_many_contacts_were_changed_at_the_same_instant(contacts: dict[str | None, Record]) -> None:
    times = [one.modified_at for one in contacts.values()]
    assert max(map(times.count, set(times))) > 20
