"""Counted time hour by hour, as a promise says it: an oracle for `promise.py`. Zones are whole hours from UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from sg_assets.promise import Promise

HOUR = timedelta(hours=1)


@lru_cache(maxsize=1 << 16)
def breach(promise: Promise, through: datetime, window: timedelta) -> datetime:
    """The first instant that counts and before which the window is full."""
    left = window
    for start, end in _hours_from(through):
        if is_counted(promise, start):
            if left < end - start:
                return start + left
            left -= end - start
    raise AssertionError


@lru_cache(maxsize=1 << 16)
def counted(promise: Promise, start: datetime, end: datetime) -> timedelta:
    """The time between two instants that counts."""
    if promise.cron.split()[4] == "*":  # all of it, of most promises
        return max(end - start, timedelta(0))
    hours = takewhile(lambda hour: hour[0] < end, _hours_from(start))
    return sum((min(end, to) - at for at, to in hours if is_counted(promise, at)), start=timedelta(0))


def is_counted(promise: Promise, at: datetime) -> bool:
    """Whether an instant is on a day whose weekday, where the promise was made, its cron can fire on."""
    return _counts(promise.cron, promise.timezone, int(at.timestamp()) // 3600)


@lru_cache(maxsize=1 << 16)
def _counts(cron: str, timezone: str, hour: int) -> bool:
    """The same of an hour since 1970: the zones of these tests are whole hours from UTC."""
    weekday = datetime.fromtimestamp(hour * 3600, ZoneInfo(timezone)).isoweekday() % 7
    said = cron.split()[4]
    spans = [part.partition("-") for part in said.split(",")]
    return said == "*" or any(int(first) <= weekday <= int(last or first) for first, _, last in spans)


def _hours_from(at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The rest of the hour of an instant, and the hours after it."""
    end = at.replace(minute=0, second=0, microsecond=0) + HOUR
    while True:
        yield at, end
        at, end = end, end + HOUR
