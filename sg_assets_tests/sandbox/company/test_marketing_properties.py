from datetime import UTC, date, datetime

import pytest

from sg_assets.sandbox.company import marketing_properties
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.marketing_properties import Someone

MADE = datetime(2022, 3, 1, 10, tzinfo=UTC)
LEAD = {
    "CreatedDate": MADE,
    "ConvertedDate": None,
    "Status": "New",
    "MQL_Date__c": None,
    "Company": "Acme",
    "Id": "00Q",
}
CONTACT = {"CreatedDate": MADE, "AccountId": "001", "Id": "003", "Title": "CTO", "OwnerId": "005"}


def test_the_contact_says_more_than_the_lead() -> None:
    both = Someone("ada@b.c", {**LEAD, "Title": "Engineer"}, CONTACT)
    assert (both.get("Title"), both.get("Company"), both.get("Nothing")) == ("CTO", "Acme", None)
    assert Someone("ada@b.c").records == ()


@pytest.mark.parametrize(
    ("someone", "bought", "stage"),
    [
        (Someone("a@b.c"), None, "subscriber"),
        (Someone("a@b.c", LEAD), None, "lead"),
        (Someone("a@b.c", LEAD, CONTACT), None, "opportunity"),
        (Someone("a@b.c", {**LEAD, "ConvertedDate": date(2022, 4, 1)}), None, "opportunity"),
        (Someone("a@b.c", None, CONTACT), MADE, "customer"),
    ],
    ids=["nobody", "lead", "contact", "converted", "customer"],
)
def test_how_far_somebody_has_come(someone: Someone, bought: datetime | None, stage: str) -> None:
    assert marketing_properties.lifecycle(someone, None, bought)["lifecyclestage"] == stage


def test_only_who_is_a_lead_has_a_score(company: Company) -> None:
    assert marketing_properties.score(company, Someone("a@b.c", None, CONTACT)) is None
    scored = marketing_properties.score(company, Someone("a@b.c", {**LEAD, "MQL_Date__c": date(2022, 3, 9)}))
    assert scored is not None
    assert (scored.mql_on, scored.points >= 15) == (date(2022, 3, 9), True)


def test_zoominfo_says_something_once_it_was_asked() -> None:
    account = {"NumberOfEmployees": 450, "Industry": "Media"}
    assert set(marketing_properties.enriched(account, None).values()) == {None}
    assert set(marketing_properties.enriched(None, MADE).values()) == {None}
    assert marketing_properties.enriched(account, MADE)["zoominfo_updated_date"] == date(2022, 3, 1)
