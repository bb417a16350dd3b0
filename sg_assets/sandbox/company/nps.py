"""Answers to the NPS survey that the product shows: who gave which score when, and what the score of a month truly is.

Every answer is a submission of HubSpot's form; those on sourcegraph.com are its database's survey responses, too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sg_assets.sandbox.company import crm_people
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm_record import factor_of
from sg_assets.sandbox.company.dice import dice, fraction, uuid
from sg_assets.sandbox.company.instances import STAFF_ADMIN, Instance

HISTORY = timedelta(days=425)
"""How long before the anchor the survey was first shown."""
SHARE_ANSWERING = 0.35
"""Share of instances on which somebody answers in a month."""
DOTCOM_ANSWERS = 8
"""Answers on sourcegraph.com in a month."""
PROMOTER, DETRACTOR = 9, 6
"""The least score of a promoter, and the highest of a detractor."""

_REASONS = {
    "promoter": ("I find anything in seconds.", "Code navigation across repositories!", "Could not work without it"),
    "passive": ("Good search, slow start.", "does what it says", ""),
    "detractor": (
        "Too slow on our monorepo",
        'It said "no results" and there were some.',
        "I never know which branch, sorry",
    ),
}
_IMPROVEMENTS = (
    "",
    "",
    "Faster indexing",
    "Search in\nmore branches",
    "Ein dunkleres Thema, bitte",
    "better regexp help; docs",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `email` is None where nobody was signed in; `site_id` is that of the instance it was given on."""

    at: datetime
    site_id: str
    email: str | None
    score: int
    reason: str
    improvement: str

    @property
    def kind(self) -> str:
        """promoter, passive or detractor."""
        return "promoter" if self.score >= PROMOTER else "detractor" if self.score <= DETRACTOR else "passive"


@dataclass(frozen=True, eq=False)
class Nps:
    """The answers of a company, month by month. Months that were asked for are remembered; they never change."""

    company: Company
    _months: dict[date, tuple[Answer, ...]] = field(default_factory=dict)

    def answers(self, until: datetime) -> list[Answer]:
        """Every answer up to an instant, the oldest first."""
        first, found = (self.company.anchor - HISTORY).date().replace(day=1), []
        while first <= until.date():
            found += [answer for answer in self._of_month(first) if answer.at <= until]
            first = _next(first)
        return found

    def by_month(self, until: datetime) -> dict[date, float]:
        """The truth: the share of promoters less that of detractors among all answers of a month, by its first day."""
        months: dict[date, list[Answer]] = {}
        for answer in self.answers(until):
            months.setdefault(answer.at.date().replace(day=1), []).append(answer)
        weights = {"promoter": 1, "passive": 0, "detractor": -1}
        return {month: sum(weights[one.kind] for one in given) / len(given) for month, given in months.items()}

    def _of_month(self, first: date) -> tuple[Answer, ...]:
        if first not in self._months:
            made = [*self._on_instances(first), *self._on_dotcom(first)]
            self._months[first] = tuple(sorted(made, key=lambda answer: (answer.at, answer.site_id)))
        return self._months[first]

    def _on_instances(self, first: date) -> Iterator[Answer]:
        """One or two answers on some instances; nobody is asked where no pings show that it lives."""
        company = self.company
        for instance in company.instances:
            chance = dice(company.seed, "nps", instance.site_id, first)
            if chance.random() < SHARE_ANSWERING:
                for _ in range(chance.choice((1, 1, 2))):
                    at = _moment(first, chance)
                    if instance.pings_at(at) is not Pings.OFF:
                        yield _answer(company, at, instance.site_id, _respondent(instance, chance), chance)

    def _on_dotcom(self, first: date) -> Iterator[Answer]:
        """Answers of people who only use sourcegraph.com, every fourth of them without an account."""
        company = self.company
        for turn in range(max(2, round(DOTCOM_ANSWERS * factor_of(company)))):
            chance = dice(company.seed, "nps on dotcom", first, turn)
            place = chance.randrange(round(crm_people.LOOSE_LEADS * factor_of(company)))
            person = crm_people.loose_person(company, place)[0]
            yield _answer(
                company, _moment(first, chance), dotcom_site(company), None if turn % 4 == 3 else person.email, chance
            )


def dotcom_site(company: Company) -> str:
    """The site id of sourcegraph.com itself."""
    return uuid(company.seed, "site", "sourcegraph.com")


def _respondent(instance: Instance, chance: random.Random) -> str | None:
    """Who answers on an instance: somebody at the customer, or who installed it; now and then nobody signed in."""
    if chance.random() < 0.12:
        return None
    if instance.customer is not None:
        return chance.choice(instance.customer.people).email
    return None if instance.installer_email == STAFF_ADMIN else instance.installer_email


def _answer(company: Company, at: datetime, site_id: str, email: str | None, chance: random.Random) -> Answer:
    """An answer; on each instance people are more or less content, and always were."""
    content = fraction(company.seed, "content", site_id)
    score = min(10, max(0, round(chance.gauss(6.6 + 2.6 * content, 2.1))))
    kind = Answer(at, site_id, email, score, "", "").kind
    return Answer(at, site_id, email, score, chance.choice(_REASONS[kind]), chance.choice(_IMPROVEMENTS))


def _moment(first: date, chance: random.Random) -> datetime:
    """Some millisecond of a month."""
    begin = datetime(first.year, first.month, 1, tzinfo=UTC)
    length = (_next(first) - first) / timedelta(milliseconds=1)
    return begin + timedelta(milliseconds=chance.randrange(int(length)))


def _next(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)
