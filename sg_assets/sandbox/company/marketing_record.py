"""A record of HubSpot: its id, its stamps, its properties as the texts that HubSpot makes of everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sg_assets.sandbox.company.dice import number

AHEAD = timedelta(minutes=10)
"""How long before Salesforce HubSpot knows a thing: the two are brought into line every quarter of an hour."""
KEPT = timedelta(days=90)
"""How long an archived record can be seen."""
DELETED = "DeletedDate"
"""A field of our own in a record of Salesforce: when it went to the recycle bin."""
LONG_AGO = timedelta(days=5000)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is at an instant; `archived_at` is None while it is not archived."""

    id: str
    created_at: datetime
    modified_at: datetime
    archived_at: datetime | None
    properties: Mapping[str, str | None]


def record_id(kind: str, key: str) -> str:
    """The id of the record that belongs to a key: an e-mail address, a domain, an id of Salesforce."""
    return str(1_000_000 + number("hubspot", kind, key) % 90_000_000_000)


def texts(values: Mapping[str, object]) -> dict[str, str | None]:
    """Values as HubSpot writes them; days stay days, instants are in UTC with milliseconds."""
    return {name: text(value) for name, value in values.items()}


def text(value: object) -> str | None:
    """One value as HubSpot writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else str(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def time(at: datetime) -> str:
    """An instant as HubSpot writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def latest(moments: Iterable[datetime | None], at: datetime) -> datetime:
    """The last of some moments that is not after an instant; long before it where none is.

    Whole milliseconds, which is what HubSpot keeps.
    """
    past = [moment for moment in moments if moment is not None and moment <= at]
    found = max(past, default=at - LONG_AGO)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def archived(salesforce: Mapping[str, object]) -> datetime | None:
    """When HubSpot archived what Salesforce has in its recycle bin; None for what is not there."""
    return stamp(salesforce, DELETED) if salesforce.get(DELETED) else None


def stamp(salesforce: Mapping[str, object], name: str) -> datetime:
    """When HubSpot knew what Salesforce has under a stamp of its own.

    Raises:
        TypeError: the record has no such stamp.
    """
    value = salesforce[name]
    if not isinstance(value, datetime):
        raise TypeError(name)
    return value - AHEAD
