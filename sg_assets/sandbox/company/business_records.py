"""What a vendor of business data knows of the companies and people in the CRM: about the same, and not of all of them.

A record is found by a company's domain or a person's e-mail address, and says nothing else than the CRM does at the
anchor; where the CRM has no value it may have one. One of eight companies and one of five people are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_accounts import accounts
from sg_assets.sandbox.company.crm_changes import FIRST_NEW_LEAD
from sg_assets.sandbox.company.crm_record import DAY
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.names import domain_of

HOUR = timedelta(hours=1)
LEVELS = {"CTO": "C-Level", "Director": "Director", "Head": "Director", "VP": "VP", "Manager": "Manager"}


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A company; `revenue_thousands_usd` is a year's, in thousands of US dollars."""

    id: int
    name: str
    domain: str
    industry: str
    country: str
    employees: int
    revenue_thousands_usd: int
    founded: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person at a company, which need not be known itself; `updated_at` is None where nobody wrote it down."""

    id: int
    first_name: str
    last_name: str
    email: str
    title: str
    level: str
    phone: str
    company_name: str
    company: CompanyRecord | None
    accuracy: int
    valid_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True)
class BusinessRecords:
    """The records about everybody whom a company's CRM knows."""

    company: Company

    @cached_property
    def companies(self) -> dict[str, CompanyRecord]:
        """The known companies by domain."""
        found = {}
        for change in accounts(self.company):
            domain = str(change.fields["Website"]).removeprefix("https://www.")
            if not change.fields["IsDeleted"] and number("unknown company", domain) % 8:
                found[domain] = self._company(domain, dict(change.fields))
        return found

    def person(self, email: str, at: datetime) -> PersonRecord | None:
        """The record of the person with an address, whatever its case; None where there is none at an instant."""
        wanted = email.lower()
        known = self._people.get(wanted) or self._new_people(hour_of(at)).get(wanted)
        return self._person(wanted, *known) if known and number("unknown person", wanted) % 5 else None

    @cached_property
    def _people(self) -> dict[str, tuple[str, str, str, str]]:
        """First and last name, title and employer of the people who are in the CRM at the anchor, by address."""
        company = self.company
        names = {one.account_id: one.name for one in company.customers}
        names |= {change.id: str(change.fields["Name"]) for change in accounts(company)}
        found = {}
        for change in (*crm_people.contacts(company), *crm_people.leads(company)):
            fields = change.fields
            employer = fields.get("Company") or names[str(fields["AccountId"])]
            about = tuple(str(fields[name]) for name in ("FirstName", "LastName", "Title"))
            found[str(fields["Email"])] = (*about, str(employer))
        return found  # pyrefly: ignore[bad-return]  # four texts each

    def _new_people(self, hour: datetime) -> dict[str, tuple[str, str, str, str]]:
        """The same of the leads that were entered since the anchor."""
        places = range(FIRST_NEW_LEAD, FIRST_NEW_LEAD + max(0, (hour - self.company.anchor) // HOUR + 1))
        people = (crm_people.loose_person(self.company, place) for place in places)
        return {one.email: (one.first_name, one.last_name, one.title, employer) for one, employer in people}

    def _company(self, domain: str, fields: dict[str, object]) -> CompanyRecord:
        chance = dice(self.company.seed, "business", domain)
        employees = fields["NumberOfEmployees"]
        count = employees if isinstance(employees, int) else chance.choice((80, 640, 2400))
        return CompanyRecord(
            id=100_000_000 + number("business", domain) % 400_000_000,
            name=str(fields["Name"]),
            domain=domain,
            industry=str(fields["Industry"]),
            country=str(fields["BillingCountry"]),
            employees=count,
            revenue_thousands_usd=count * chance.randint(90, 400),
            founded=chance.randint(1890, 2020),
            updated_at=self.company.anchor - chance.uniform(5, 700) * DAY,
        )

    def _person(self, email: str, first_name: str, last_name: str, title: str, employer: str) -> PersonRecord:
        chance = dice(self.company.seed, "business", email)
        level = next((level for word, level in LEVELS.items() if word in title), "Non-Manager")
        return PersonRecord(
            id=1_000_000_000 + number("business", email) % 1_000_000_000,
            first_name=first_name,
            last_name=last_name,
            email=email,
            title=title,
            level=level,
            phone=f"+1 555 01{chance.randint(0, 99):02}",
            company_name=employer,
            company=self.companies.get(domain_of(employer)),
            accuracy=chance.randint(70, 99),
            valid_at=self.company.anchor - chance.uniform(2, 500) * DAY,
            updated_at=None if chance.random() < 0.2 else self.company.anchor - chance.uniform(2, 500) * DAY,
        )
