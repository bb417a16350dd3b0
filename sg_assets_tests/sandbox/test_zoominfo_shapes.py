from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sg_assets.sandbox.company.business_records import BusinessRecords
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.zoominfo_shapes import FIELDS, american, company, person
from sg_assets_tests.sandbox.world import NOW


@pytest.mark.parametrize(
    ("hour", "text"), [(0, "6/19/2020 12:41 AM"), (12, "6/19/2020 12:41 PM"), (13, "6/19/2020 1:41 PM")]
)
def test_dates_are_american_and_have_no_zone(hour: int, text: str) -> None:
    assert american(datetime(2020, 6, 19, hour, 41, tzinfo=UTC)) == text


def test_records_have_the_fields_of_the_contract(company_records: BusinessRecords) -> None:
    assert set(company(next(iter(company_records.companies.values())))) == FIELDS["company"]
    emails = [one.people[0].email for one in company_records.company.customers]
    people = [found for email in emails if (found := company_records.person(email, NOW))]
    shown = [person(one) for one in people]
    assert all({*one, "companyId", "companyName"} - {"company"} == FIELDS["contact"] for one in shown)
    assert "" in {one["lastUpdatedDate"] for one in shown}


@pytest.fixture
def company_records(company: Company) -> BusinessRecords:
    return BusinessRecords(company)
