"""The made-up company's own people: who works in which department, since when and until when.

Everything else that shows one of them (users of Salesforce and Looker, authors on GitHub, senders of e-mail) takes them
from here, under the same name and address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import DAY, REPRESENTATIVES, user_id
from sg_assets.sandbox.company.dice import dice
from sg_assets.sandbox.company.people import Person, people_of

DOMAIN = "sourcegraph.com"


class Department(StrEnum):
    """Where somebody works."""

    ENGINEERING = "Engineering"
    PRODUCT = "Product"
    CUSTOMER_ENGINEERING = "Customer Engineering"
    SALES = "Sales"
    CUSTOMER_SUPPORT = "Customer Support"
    MARKETING = "Marketing"
    PEOPLE_OPS = "People Ops"
    TALENT = "Talent"
    CTO = "CTO"
    ANALYTICS = "Analytics"
    FINANCE = "Finance"


@dataclass(frozen=True, slots=True)
class Employee:
    """One of the company's people. `number` counts them; `salesforce_user_id` is that of those who use Salesforce."""

    number: int
    person: Person
    department: Department
    joined_at: datetime
    left_at: datetime | None = None
    salesforce_user_id: str | None = None

    @property
    def github_login(self) -> str:
        """The name on GitHub."""
        return f"{self.person.first_name}-{self.person.last_name}".lower()

    def works_at(self, at: datetime) -> bool:
        """Whether the person had joined by then, and not left."""
        return self.joined_at <= at and (self.left_at is None or self.left_at > at)


# Those beside the people who own something in Salesforce: how many had joined at the anchor, and what they are called.
_SIZES = {
    Department.ENGINEERING: (30, ("Software Engineer", "Senior Software Engineer", "Engineering Manager")),
    Department.PRODUCT: (6, ("Product Manager", "Product Designer")),
    Department.CUSTOMER_SUPPORT: (6, ("Application Engineer",)),
    Department.MARKETING: (8, ("Product Marketing Manager", "Demand Generation Manager", "Content Strategist")),
    Department.PEOPLE_OPS: (3, ("People Partner",)),
    Department.TALENT: (3, ("Recruiter",)),
    Department.CTO: (2, ("Chief Technology Officer", "Developer Advocate")),
    Department.ANALYTICS: (4, ("Data Analyst", "Analytics Engineer")),
    Department.FINANCE: (3, ("Controller", "Business Operations Manager")),
}
JOINERS = 52
"""Engineers and marketers who join after the anchor, one every eight days."""
JOINS_EVERY = 8 * DAY
LEAVERS = (5, 17, 33, 41)
"""Places among those who do not use Salesforce of people who left in the year before the anchor."""
LEAVES_NEXT = 22
"""The place of the one who leaves two days after the anchor."""


@lru_cache(maxsize=8)
def staff(company: Company) -> tuple[Employee, ...]:
    """Everybody who ever works at the company, the users of Salesforce first; a larger company has the same people."""
    return tuple(replace(one, number=number) for number, one in enumerate(_everybody(company)))


def in_department(company: Company, department: Department, at: datetime) -> tuple[Employee, ...]:
    """The people who then work in a department."""
    return tuple(one for one in staff(company) if one.department is department and one.works_at(at))


def _everybody(company: Company) -> Iterator[Employee]:
    """All employees, not numbered yet."""
    representatives = people_of(company.seed, "representatives", DOMAIN, REPRESENTATIVES)
    for place, person in enumerate(representatives):
        title, department = ("Account Executive", Department.SALES)
        if place % 3 == 0:
            title, department = ("Customer Engineer", Department.CUSTOMER_ENGINEERING)
        left = company.anchor - 60 * DAY if place >= REPRESENTATIVES - 2 else None
        yield Employee(
            0, replace(person, title=title), department, company.anchor - 1600 * DAY, left, user_id(company, place)
        )
    roles = [(department, titles) for department, (count, titles) in _SIZES.items() for _ in range(count)]
    hired = len(roles)
    growing = (Department.ENGINEERING, Department.MARKETING)
    roles += [(growing[place % 4 == 3], _SIZES[growing[place % 4 == 3]][1]) for place in range(JOINERS)]
    taken = {person.email for person in representatives}
    others = (
        one for one in people_of(company.seed, "staff", DOMAIN, len(roles) + len(taken)) if one.email not in taken
    )
    for place, ((department, titles), person) in enumerate(zip(roles, others, strict=False)):
        chance = dice(company.seed, "employee", person.email)
        joined = company.anchor - chance.randint(90, 1500) * DAY + timedelta(hours=16)
        if place >= hired:
            joined = company.anchor + DAY + (place - hired) * JOINS_EVERY + timedelta(hours=16)
        left = company.anchor - chance.randint(10, 80) * DAY if place in LEAVERS else None
        if place == LEAVES_NEXT:
            left = company.anchor + 2 * DAY + timedelta(hours=17)
        yield Employee(0, replace(person, title=chance.choice(titles)), department, joined, left)
