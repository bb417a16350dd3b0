"""A record of Salesforce, told as the changes that made it what it is, with the stamps that Salesforce keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.salesforce_ids import salesforce_id

DAY = timedelta(days=1)
REPRESENTATIVES = 14
"""Users of Salesforce; the last two of them have left."""
LEAD_SOURCES = ("Inbound", "Referral", "SDR Created", "Event", "Feedback Form", "Other")
MASS_UPDATE = -12 * DAY + timedelta(hours=2)
"""When, from the anchor, an automation touched two of five records in the same second."""


@dataclass(frozen=True, slots=True)
class Change:
    """New values for fields of a record of a kind, such as Account.

    `visible_at` is when a query sees them: a change that was committed late is stamped earlier.
    """

    at: datetime
    visible_at: datetime
    kind: str
    id: str
    fields: Mapping[str, object]


def made(  # noqa: PLR0913, PLR0917 (what a record is)
    company: Company, kind: str, id_: str, age: float, fields: Mapping[str, object], last: float | None = None
) -> Change:
    """The change that made a record before the anchor.

    Args:
        company: whose record it is.
        kind: such as Account.
        id_: its Salesforce id.
        age: days before the anchor at which it was created, about.
        fields: its own fields.
        last: the day from the anchor on which a person last changed it; None: any since then.
    """
    chance = dice(company.seed, "stamps", id_)
    created = company.anchor - max(age - chance.random(), 0.01) * DAY
    modified = (
        company.anchor + last * DAY if last is not None else created + (company.anchor - created) * chance.random()
    )
    modified = max(created, modified)
    mass = company.anchor + MASS_UPDATE
    touched = mass if modified < mass and number("mass", id_) % 5 < 2 else modified
    return Change(created, created, kind, id_, {"Id": id_, **fields, **stamps(created, modified, touched)})


def stamps(created: datetime, modified: datetime, touched: datetime | None = None) -> dict[str, object]:
    """The times that every record has, to the second."""
    system = touched or modified
    times = {"CreatedDate": created, "LastModifiedDate": modified, "SystemModstamp": system}
    return {name: time.replace(microsecond=0) for name, time in times.items()}


def user_id(company: Company, place: int) -> str:
    """The id of a user of Salesforce."""
    return salesforce_id("005", company.seed, "user", place)


def representative(company: Company, *names: object) -> str:
    """The id of the user who owns something."""
    return user_id(company, dice(company.seed, "owner", *names).randrange(REPRESENTATIVES - 2))


def factor_of(company: Company) -> float:
    """How many times its usual size a company is."""
    return 1.0 if company.scale == "full" else float(company.scale)
