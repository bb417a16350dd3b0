"""Users, contacts and leads in Salesforce up to the anchor."""

from __future__ import annotations

from collections.abc import Iterator

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import prospect_id, prospect_name, prospects
from sg_assets.sandbox.company.crm_record import (
    DAY,
    LEAD_SOURCES,
    REPRESENTATIVES,
    Change,
    factor_of,
    made,
    representative,
    user_id,
)
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import dice, pick
from sg_assets.sandbox.company.names import FIRST_NAMES, LAST_NAMES, company_name, domain_of
from sg_assets.sandbox.company.people import Person, people_of
from sg_assets.sandbox.company.salesforce_ids import salesforce_id
from sg_assets.sandbox.company.subscriptions import opportunity_of

LOOSE_LEADS = 350
LEAD_STATUSES = ("New", "Working", "Nurture", "Self-Service", "Unqualified", "Bad-Data", "Replied", "Unresponsive")


def users(company: Company) -> Iterator[Change]:
    """The company's own people, who are never deleted: two of them have left."""
    for place, person in enumerate(people_of(company.seed, "representatives", "sourcegraph.com", REPRESENTATIVES)):
        fields = {
            "Username": person.email,
            "Name": person.name,
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Email": person.email,
            "Title": "Account Executive" if place % 3 else "Customer Engineer",
            "IsActive": place < REPRESENTATIVES - 2,
        }
        yield made(company, "User", user_id(company, place), 1600, fields)


def contacts(company: Company) -> Iterator[Change]:
    """The people at customers, and the first of each prospect; now and then a merged or a deleted one."""
    for one in company.customers:
        if one.plan.is_in_salesforce:
            for place, person in enumerate(one.people):
                fields = contact(company, person, one.account_id)
                if place == 2 and one.position % 25 == 4:
                    fields |= {"IsDeleted": True, "MasterRecordId": contact_id(company, one.people[0])}
                elif place == 2 and one.position % 25 == 6:
                    fields["IsDeleted"] = True
                yield made(company, "Contact", contact_id(company, person), 1000, fields)
    for place in range(prospects(company)):
        person = prospect_people(company, place)[0]
        yield made(
            company, "Contact", contact_id(company, person), 400, contact(company, person, prospect_id(company, place))
        )


def contact(company: Company, person: Person, account_id: str) -> dict[str, object]:
    """The fields of a contact."""
    return {
        "AccountId": account_id,
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "Name": person.name,
        "Email": person.email,
        "Title": person.title,
        "LeadSource": pick(LEAD_SOURCES, company.seed, person.email),
        "OwnerId": representative(company, account_id),
        "IsDeleted": False,
        "MasterRecordId": None,
    }


def contact_id(company: Company, person: Person) -> str:
    """The id of the contact that a person is, or becomes."""
    return salesforce_id("003", company.seed, "contact", person.email)


def prospect_people(company: Company, place: int) -> tuple[Person, ...]:
    """The people at a company that has bought nothing yet: a contact, then leads."""
    return people_of(company.seed, f"prospect {place}", domain_of(prospect_name(company, place)), 4)


def leads(company: Company) -> Iterator[Change]:
    """People who are no contact yet, those who became one, and some who were entered twice and merged."""
    for one in company.customers:
        if one.plan.is_in_salesforce and one.position % 3 == 0:
            person = one.people[0]
            yield made(
                company,
                "Lead",
                lead_id(company, person),
                1100,
                lead(company, person, one.name) | _converted(company, one),
            )
    for place in range(prospects(company)):
        for person in prospect_people(company, place)[1:]:
            yield made(
                company, "Lead", lead_id(company, person), 300, lead(company, person, prospect_name(company, place))
            )
    for place in range(round(LOOSE_LEADS * factor_of(company))):
        person, employer = loose_person(company, place)
        fields = lead(company, person, employer)
        if place % 40 == 7:
            fields |= {"IsDeleted": True, "MasterRecordId": lead_id(company, loose_person(company, place - 1)[0])}
        elif place % 40 == 9:
            fields["IsDeleted"] = True
        yield made(company, "Lead", lead_id(company, person), 250, fields)


def lead(company: Company, person: Person, employer: str) -> dict[str, object]:
    """The fields of a lead that was not converted."""
    chance = dice(company.seed, "lead", person.email)
    marketing = company.anchor.date() - chance.randint(1, 200) * DAY if chance.random() < 0.3 else None
    return {
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "Name": person.name,
        "Email": person.email,
        "Company": employer,
        "Title": person.title,
        "Status": chance.choice(LEAD_STATUSES),
        "LeadSource": chance.choice(LEAD_SOURCES),
        "OwnerId": representative(company, person.email),
        "IsConverted": False,
        "ConvertedDate": None,
        "ConvertedAccountId": None,
        "ConvertedContactId": None,
        "ConvertedOpportunityId": None,
        "MQL_Date__c": marketing,
        "IsDeleted": False,
        "MasterRecordId": None,
    }


def lead_id(company: Company, person: Person) -> str:
    """The id of the lead that a person is, or was."""
    return salesforce_id("00Q", company.seed, "lead", person.email)


def loose_person(company: Company, place: int) -> tuple[Person, str]:
    """Somebody at a company without an account, and the company as they wrote it."""
    chance = dice(company.seed, "loose", place)
    employer = company_name(company.seed, 12_000 + place)
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return Person(first, last, "Software Engineer", f"{first}.{last}.{place}@{domain_of(employer)}".lower()), employer


def _converted(company: Company, one: Customer) -> dict[str, object]:
    """What a lead says that became the first contact of a customer, with the first sale as its opportunity."""
    first_sale = company.subscriptions[one.position][0].licenses[0].created_at
    converted_on = min(first_sale, company.anchor).date() - 60 * DAY
    return {
        "Status": "Converted",
        "IsConverted": True,
        "ConvertedDate": converted_on,
        "MQL_Date__c": converted_on - 9 * DAY,
        "ConvertedAccountId": one.account_id,
        "ConvertedContactId": contact_id(company, one.people[0]),
        "ConvertedOpportunityId": None
        if one.plan.subscriptions[0].is_trial
        else opportunity_of(company.seed, one, (0, 0)),
    }
