"""What the analytics team wrote down about figures that were wrong, or differed between two tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.customers import Customer
from sg_assets.sandbox.company.dice import dice
from sg_assets.sandbox.company.staff import Department, staff

EVERY, FIRST, LAST = timedelta(days=12), -300, 1000
"""One about every so often, from this day after the anchor to that."""
DAY = timedelta(days=1)
KINDS = (
    ("Active users", "Looker and Amplitude", "Looker counts visitors without an account, Amplitude does not."),
    ("Events", "Amplitude", "Some events came twice after an upgrade, and were counted twice."),
    ("Pings", "Looker", "Two hours of pings came a day late."),
    ("Web traffic", "Looker", "A tag fired twice on every page of the docs."),
    ("Searches", "Looker and Amplitude", "Searches of the browser extension are missing in Amplitude."),
    ("Active users", "Looker", "A staging instance was counted as a customer's own."),
)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One entry: which days of which figure not to trust, in which tool; `mended_on` is None while it lasts."""

    number: int
    reported_at: datetime
    reported_by: str
    metric: str
    tools: str
    customer: Customer | None
    begins: date
    mended_on: date | None
    text: str


def data_anomalies(company: Company, at: datetime) -> list[Anomaly]:
    """The entries of the list at an instant, the oldest first."""
    found = sorted(_all(company, at), key=lambda one: one[0])
    return [
        Anomaly(number, reported, by, metric, tools, customer, begins, mended if mended <= at.date() else None, text)
        for number, (reported, by, metric, tools, customer, begins, mended, text) in enumerate(found, 1)
        if reported <= at
    ]


_Entry = tuple[datetime, str, str, str, Customer | None, date, date, str]


def _all(company: Company, at: datetime) -> Iterator[_Entry]:
    """Everything that is ever entered up to an instant: what really happened to two customers, and the usual."""
    anchor = company.anchor
    team = [one for one in staff(company) if one.department is Department.ANALYTICS]
    stopped, paused = company.case("events stopped"), company.case("paused")
    for customer, day, mended, metric, text in (
        (stopped, -45, 900, "Events", "No events since the agreement about them ended; pings go on."),
        (paused, -20, -8, "Pings", "No pings while the network was moved."),
    ):
        reported = anchor + (day + 3) * DAY + timedelta(hours=17, minutes=25)
        by = ([one for one in team if one.works_at(reported)] or team)[0].person.email
        begins = (anchor + day * DAY).date()
        yield reported, by, metric, "Looker and Amplitude", customer, begins, (anchor + mended * DAY).date(), text
    for day in range(FIRST, LAST, EVERY.days):
        if anchor + day * DAY > at:
            return
        chance = dice(company.seed, "anomaly", day)
        reported = anchor + day * DAY + timedelta(seconds=chance.randrange(15 * 3600, 23 * 3600))
        metric, tools, text = chance.choice(KINDS)
        by = chance.choice([one for one in team if one.works_at(reported)] or team).person.email
        customer = chance.choice([one for one in company.customers if one.plan.is_in_salesforce])
        begins = reported.date() - chance.randint(1, 9) * DAY
        whose = customer if chance.random() < 0.5 else None
        yield reported, by, metric, tools, whose, begins, reported.date() + chance.randint(2, 25) * DAY, text
