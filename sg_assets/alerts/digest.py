"""The daily digest: what is still open, once a day to each owner; nothing where nothing is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sg_assets import cron
from sg_assets.freshness.telling import one_line
from sg_assets.freshness.verdict import in_words
from sg_assets.message import MOST_LINES, Kind, Message, Severity

SEVERITY_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def is_due(expression: str, timezone: str, last: datetime, now: datetime) -> bool:
    """Whether its hour has come since it was last thought of; after a sleep, once."""
    return cron.newest_tick(expression, timezone, now) > last


def digests(still_open: Iterable[Message], timezone: str, now: datetime) -> list[Message]:
    """One message for each owner of something open, given the newest message of each incident.

    Its incident is the day in that zone, so that a day has one whatever happens.
    """
    day = now.astimezone(ZoneInfo(timezone)).date()
    by_owner = sorted(still_open, key=lambda one: one.owner)
    return [
        _digest(
            owner, sorted(mine, key=lambda one: (SEVERITY_ORDER.index(one.severity), one.created_at)), now, f"{day}"
        )
        for owner, mine in groupby(by_owner, key=lambda one: one.owner)
    ]


def _digest(owner: str, mine: list[Message], now: datetime, day: str) -> Message:
    most = MOST_LINES - 1
    lines = [one_line(f"{one.title} (told {in_words(now - one.created_at)} ago)") for one in mine]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"… and {len(mine) - most + 1} more"]
    count = "1 incident is" if len(mine) == 1 else f"{len(mine)} incidents are"
    return Message(
        f"digest:{owner}/{day}", 1, Kind.DIGEST, Severity.INFO, owner, f"{count} still open", tuple(lines), (), now
    )
