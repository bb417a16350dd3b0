"""Instants and spans as people write them on the command line: RFC 3339 with an offset, or `3d`, `12h`, `1d12h`.

Instants out are UTC. How instants are shown is in `show.py` and `documents.py`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_SPAN = re.compile(rf"(\d{{1,4}}[{''.join(UNITS)}])+")
_PART = re.compile(r"(\d+)(\w)")


def parse_instant(text: str) -> datetime:
    """The instant of an RFC 3339 text, in UTC.

    Raises:
        ValueError: it is none, or has no offset, without which it is another instant in another place.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        msg = "write an instant with its offset, such as 2026-11-21T15:00:00Z"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def parse_span(text: str) -> timedelta:
    """The span of weeks, days, hours and minutes: `2w`, `3d`, `12h`, `1d12h30m`.

    Raises:
        ValueError: it is none.
    """
    if not _SPAN.fullmatch(text):
        msg = "write a span such as 3d, 12h or 1d12h"
        raise ValueError(msg)
    return sum((int(number) * UNITS[unit] for number, unit in _PART.findall(text)), timedelta(0))


def parse_end(text: str, now: datetime) -> datetime:
    """The end of something that begins `now`: an instant, or a span from now on.

    Raises:
        ValueError: it is neither, or not after now.
    """
    if _SPAN.fullmatch(text):
        end = now + parse_span(text)
    else:
        try:
            end = parse_instant(text)
        except ValueError as error:
            msg = f"{error}, or a span such as 3d or 12h"
            raise ValueError(msg) from None
    if end <= now:
        msg = f"it is not after now, {now:%Y-%m-%dT%H:%M:%SZ}"
        raise ValueError(msg)
    return end
