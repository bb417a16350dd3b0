"""At-least-once delivery: what arrives when, once, twice or late, as a function of each message's own name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sg_assets.sandbox.company.dice import number

HOUR = timedelta(hours=1)
LATE = 30 * HOUR
"""How long a message that was held up is under way: it arrives on another day than it happened."""
AGAIN = 25 * HOUR
"""How long after the first delivery the same message can come again, on another day."""


def arrivals(seed: int, message: str, at: datetime) -> Iterator[datetime]:
    """The instants at which a message arrives that was sent at an instant, the same one twice where it came twice.

    One of 200 is late, one of 40 comes again at once, one of 100 comes again a day later.
    """
    chance = number(seed, "delivery", message)
    first = at + LATE if chance % 200 == 0 else at
    yield first
    if chance % 40 == 1:
        yield first
    if chance % 100 == 2:
        yield first + AGAIN


def hours_that_may_arrive_in(hour: datetime, spill: timedelta = timedelta(0)) -> tuple[datetime, ...]:
    """The hours of sending whose messages can arrive in an hour, the oldest first.

    `spill` (0 or an hour) is how long after the end of its hour a message may still be sent.
    """
    sent = {arrived - held for arrived in (hour, hour - spill) for held in (LATE, AGAIN, timedelta(0))}
    return tuple(sorted(sent))
