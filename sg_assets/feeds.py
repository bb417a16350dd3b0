"""How far the feeds of a `files` table reach: the end of the unbroken line of hours that have arrived.

Pure: the same objects, losses and instant give the same answer, whatever the order they were read in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sg_assets.warehouse.state import LoadedObject

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hole:
    """An hour of a feed that has not arrived although a later one has."""

    feed: str
    hour: datetime

    def __str__(self) -> str:
        """As a verdict names it."""
        return f"{self.feed} {self.hour:%Y-%m-%dT%H}h"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a table is complete, None while a feed never delivered; and the holes that hold it there."""

    through: datetime | None
    holes: tuple[Hole, ...] = ()


def data_through(
    feeds: Sequence[str],
    objects: Iterable[LoadedObject],
    lost: Iterable[tuple[str, datetime]],
    open_days: int,
    now: datetime,
) -> Reach:
    """How far all of the feeds are complete: the least over them.

    For each feed: from its first object on, every hour has arrived, is lost and over, or is a hole older than
    `open_days`. (An old hole is given up only where a later object has come; a feed that stopped reaches no further.)

    Args:
        feeds: the declared ones, none of which may be missing; objects of others do not count.
        objects: what has arrived, empty objects included.
        lost: the hours that their writer will never deliver.
        open_days: how long a missing hour is waited for.
        now: the run's instant.
    """
    arrived: dict[str, set[datetime]] = defaultdict(set)
    for item in objects:
        arrived[item.feed].add(datetime.combine(item.day, time(item.hour), UTC))
    if not all(arrived[feed] for feed in feeds):
        return Reach(None)
    given_up = now - timedelta(days=open_days)
    through: list[datetime] = []
    holes: list[Hole] = []
    for feed in feeds:
        gone = {hour for of, hour in lost if of == feed and hour + HOUR <= now}
        hour, last = min(arrived[feed]), max(arrived[feed])
        missing: list[datetime] = []
        while hour <= last or hour in gone:
            is_there = hour in arrived[feed] or hour in gone
            if not is_there and hour + HOUR > given_up:
                missing.append(hour)
            hour += HOUR
        through.append(missing[0] if missing else hour)
        holes += [Hole(feed, hour) for hour in missing]
    return Reach(min(through), tuple(holes))
