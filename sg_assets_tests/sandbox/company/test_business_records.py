"""What a vendor of business data knows: what the CRM says, of most companies and people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.sandbox.company.business_records import BusinessRecords
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets_tests.sandbox.world import ANCHOR

LATER = ANCHOR + timedelta(days=2)


@pytest.fixture(scope="module")
def records(company: Company) -> BusinessRecords:
    return BusinessRecords(company)


def test_a_company_is_what_its_account_says(records: BusinessRecords) -> None:
    accounts = Crm(CrmChanges(records.company)).at(ANCHOR - timedelta(hours=1))["Account"].values()
    by_domain = {str(one["Website"]).removeprefix("https://www."): one for one in accounts if not one["IsDeleted"]}
    assert 0.6 * len(by_domain) < len(records.companies) < len(by_domain)
    for domain, one in records.companies.items():
        account = by_domain[domain]
        assert (one.name, one.industry, one.country) == (
            account["Name"],
            account["Industry"],
            account["BillingCountry"],
        )
        assert account["NumberOfEmployees"] in {None, one.employees}


def test_a_person_is_who_the_crm_says_whatever_the_case_of_the_address(records: BusinessRecords) -> None:
    crm = Crm(CrmChanges(records.company)).at(LATER)
    people = [*crm["Contact"].values(), *crm["Lead"].values()]
    known = 0
    for one in people:
        found = records.person(str(one["Email"]).upper(), LATER)
        if found is not None:
            known += 1
            assert (found.first_name, found.last_name, found.email) == (
                one["FirstName"],
                one["LastName"],
                one["Email"],
            )
    assert 0.7 * len(people) < known < 0.9 * len(people)


def test_an_employer_that_is_known_is_the_companys_record(records: BusinessRecords) -> None:
    people = [records.person(one.people[0].email, ANCHOR) for one in records.company.customers]
    employed = [one for one in people if one is not None and one.company is not None]
    assert employed
    assert all(one.company == records.companies[one.email.partition("@")[2]] for one in employed)


def test_who_was_never_heard_of_is_not_known(records: BusinessRecords) -> None:
    assert records.person("nobody@nowhere.example", LATER) is None
    assert "nowhere.example" not in records.companies


def test_ids_tell_records_apart(records: BusinessRecords) -> None:
    ids = [one.id for one in records.companies.values()]
    assert len(set(ids)) == len(ids)
