"""How leads are graded: points for what they answered, grades for what they tried, and the days they qualified on.

Whoever shows a lead's score takes it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import dice

QUALIFIED_POINTS = 15
"""Points of intent from which on marketing takes a lead for qualified."""
QUALIFIED_GRADES = frozenset("AB")
"""Grades of engagement with which product takes a lead for qualified."""
NO_GRADE = "N/A"


@dataclass(frozen=True, slots=True)
class LeadScore:
    """One lead: the grade of its use of sourcegraph.com and of an instance of its own, and the days that count."""

    points: int
    cloud_grade: str
    private_grade: str
    mql_on: date | None
    pql_on: date | None

    @property
    def grade(self) -> str:
        """The better of the two grades."""
        return min(self.cloud_grade, self.private_grade)

    @property
    def stage(self) -> str:
        """How far it has come; a lead that is both counts as what product says, because it tried."""
        return "PQL" if self.pql_on else "MQL" if self.mql_on else "Lead"


def score_of(company: Company, email: str, mql_on: date | None, created_on: date) -> LeadScore:
    """The score of the person with an address.

    Args:
        company: whose lead it is.
        email: the address.
        mql_on: the day on which marketing qualified the lead, as Salesforce has it.
        created_on: the day since when there is a lead.
    """
    chance = dice(company.seed, "lead score", email)
    low, high = (QUALIFIED_POINTS, 60) if mql_on else (0, QUALIFIED_POINTS - 1)
    points = chance.randint(low, high)
    cloud = chance.choices(("A", "B", "C", "D", NO_GRADE), weights=(5, 8, 20, 17, 50))[0]
    private = chance.choices(("A", "B", "C", NO_GRADE), weights=(4, 5, 6, 85))[0]
    days = min(chance.randint(0, 20), max(0, (company.anchor.date() - created_on).days))
    is_qualified = min(cloud, private) in QUALIFIED_GRADES
    return LeadScore(points, cloud, private, mql_on, created_on + timedelta(days=days) if is_qualified else None)
