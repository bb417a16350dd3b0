"""How far the feeds of a `files` table reach: the end of the unbroken line of hours that have arrived.

Pure: the same objects, losses and instant give the same answer, whatever the order they were read in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sg_assets.warehouse.state import LoadedObject

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hole:
    """An hour of a feed that has not arrived although a later one has."""

    feed: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a table is complete, None while a feed never delivered; and why it is no further.

    `holes` hold it where they are; `stopped` gives, of each feed of which nothing came for longer than an hour, the
    first hour that is missing (None: all are).
    """

    through: datetime | None
    holes: tuple[Hole, ...] = ()
    stopped: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def missing(self) -> str:
        """What is waited for, as a verdict names it; empty when nothing is."""
        told = [
            f"{feed} {first:%Y-%m-%dT%Hh}" + (f" to {last:%Y-%m-%dT%Hh}" if last > first else "")
            for feed, first, last in self._stretches()
        ]
        told += [
            f"{feed} from {hour:%Y-%m-%dT%Hh} on" if hour else f"all of {feed}" for feed, hour in self.stopped.items()
        ]
        return ", ".join(told)

    def _stretches(self) -> list[tuple[str, datetime, datetime]]:
        """Holes that follow one another, as (feed, first hour, last hour)."""
        found: list[tuple[str, datetime, datetime]] = []
        for hole in self.holes:
            if found and found[-1][0] == hole.feed and found[-1][2] + HOUR == hole.hour:
                found[-1] = (hole.feed, found[-1][1], hole.hour)
            else:
                found.append((hole.feed, hole.hour, hole.hour))
        return found


def data_through(
    feeds: Sequence[str],
    objects: Iterable[LoadedObject],
    lost: Iterable[tuple[str, datetime]],
    open_days: int,
    now: datetime,
) -> Reach:
    """How far all of the feeds are complete: the least over them.

    For each feed: from its first object on, every hour has arrived, is lost, or is a hole older than `open_days`. (An
    old hole is given up only where a later object has come; a feed that stopped reaches no further.) Hours that are not
    over do not count yet, whatever a writer's clock says.

    Args:
        feeds: the declared ones, none of which may be missing; objects of others do not count.
        objects: what has arrived, empty objects included.
        lost: the hours that their writer will never deliver.
        open_days: how long a missing hour is waited for.
        now: the run's instant.
    """
    arrived: dict[str, set[datetime]] = defaultdict(set)
    for item in objects:
        hour = datetime.combine(item.day, time(item.hour), UTC)
        if hour + HOUR <= now:
            arrived[item.feed].add(hour)
    if not all(arrived[feed] for feed in feeds):
        return Reach(None, stopped={feed: None for feed in feeds if not arrived[feed]})
    given_up = now - timedelta(days=open_days)
    through: list[datetime] = []
    holes: list[Hole] = []
    stopped: dict[str, datetime | None] = {}
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
        if hour + 2 * HOUR <= now:
            stopped[feed] = hour
    return Reach(min(through), tuple(holes), stopped)
