"""Cron expressions in a time zone: when they tick, on which weekdays they can, and where their gaps are longest.

Instants in and out are UTC. What a tick means is not known here: see `promise.py`.

An hour that a zone skips ticks when the clock has jumped; an hour that it repeats ticks once, as Debian's cron does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FIELDS = 5
DAY_OF_MONTH, MONTH, DAY_OF_WEEK = 2, 3, 4
WEEK = 7
DAY = timedelta(days=1)
# Two years with a leap day, for patterns of months; any week in them shows a pattern of weekdays.
REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)
REFERENCE_DAYS = 731
AROUND = 8 * DAY  # a week, and what lies before and after it


def check(cron: str, timezone: str) -> None:
    """Refuse an expression that we could not keep.

    Raises:
        ValueError: it cannot be read, the zone is unknown, it counts seconds, or it names days both of the month and of
            the week, which no two crons take for the same thing.
    """
    fields = cron.split()
    try:
        ZoneInfo(timezone)
        weekdays = CronSim(cron, REFERENCE).weekdays
    except (CronSimError, KeyError, ValueError) as error:
        msg = f"cron {cron!r} in {timezone!r}: {error}"
        raise ValueError(msg) from error
    if len(fields) != FIELDS or not all(isinstance(day, int) for day in weekdays):
        msg = f"cron {cron!r}: needs five fields, and weekdays that are the same in every week"
        raise ValueError(msg)
    if fields[DAY_OF_MONTH] != "*" and fields[DAY_OF_WEEK] != "*":
        msg = f"cron {cron!r}: names days of the month and of the week; use one of them"
        raise ValueError(msg)


_stretches: dict[tuple[str, str], tuple[datetime, datetime]] = {}  # of each cron two ticks, one after the other


def next_tick(cron: str, timezone: str, after: datetime) -> datetime:
    """The first tick strictly after an instant."""
    return _stretch(cron, timezone, after)[1]


def newest_tick(cron: str, timezone: str, now: datetime) -> datetime:
    """The last tick at or before an instant."""
    return _stretch(cron, timezone, now)[0]


def _stretch(cron: str, timezone: str, at: datetime) -> tuple[datetime, datetime]:
    """The two ticks around an instant; they cost little as long as they are those that were given last."""
    known = _stretches.get((cron, timezone))
    if known is None or not known[0] <= at < known[1]:
        known = _stretches[cron, timezone] = _around(cron, timezone, at)
    return known


@lru_cache(maxsize=1 << 14)
def _around(cron: str, timezone: str, at: datetime) -> tuple[datetime, datetime]:
    # Instants are compared in UTC: within one zone Python compares wall clocks, and those repeat an hour in autumn.
    # CronSim goes back from the wall clock; starting some hours later leaves out no tick of a repeated or skipped hour.
    zone = ZoneInfo(timezone)
    before = CronSim(cron, (at + timedelta(hours=3)).astimezone(zone), reverse=True)
    after = CronSim(cron, at.astimezone(zone))
    return (
        next(tick for tick in (tick.astimezone(UTC) for tick in before) if tick <= at),
        next(tick for tick in (tick.astimezone(UTC) for tick in after) if tick > at),
    )


@lru_cache(maxsize=1024)
def weekdays(cron: str) -> frozenset[int]:
    """The weekdays (Monday is 0) on which it can tick; with days of the month, all of them in the long run."""
    named = CronSim(cron, REFERENCE).weekdays
    return frozenset((int(day) - 1) % WEEK for day in named if isinstance(day, int))  # cron's Sunday is 0 and 7


@lru_cache(maxsize=256)
def reference_ticks(cron: str, timezone: str) -> tuple[tuple[datetime, ...], ...]:
    """Stretches of consecutive ticks that together show every gap there can be, those at clock changes included."""
    zone, fields = ZoneInfo(timezone), cron.split()
    if fields[DAY_OF_MONTH] == fields[MONTH] == "*":
        stretches = [(middle - AROUND, middle + AROUND) for middle in turning_points(timezone)]
    else:
        stretches = [(REFERENCE, REFERENCE + REFERENCE_DAYS * DAY)]
    all_of_them = []
    for start, end in stretches:
        found: list[datetime] = []
        for tick in CronSim(cron, start.astimezone(zone)):
            found.append(tick.astimezone(UTC))
            if found[-1] >= end and len(found) > 1:
                break
        all_of_them.append(tuple(found))
    return tuple(all_of_them)


@lru_cache(maxsize=64)
def turning_points(timezone: str) -> tuple[datetime, ...]:
    """An ordinary instant, and the midnights before which the zone's clocks are changed."""
    zone = ZoneInfo(timezone)
    midnights = [REFERENCE + n * DAY for n in range(366)]
    offsets = [midnight.astimezone(zone).utcoffset() for midnight in midnights]
    changes = [midnights[n] for n in range(1, len(midnights)) if offsets[n] != offsets[n - 1]]
    return (REFERENCE, *changes)
