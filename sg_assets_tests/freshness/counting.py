"""Counted time hour by hour, as a promise says it: an oracle for `promise.py`. Zones are whole hours from UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from sg_assets.promise import Promise

HOUR = timedelta(hours=1)
SINCE = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1 << 16)
def breach(promise: Promise, through: datetime, window: timedelta) -> datetime:
    """The first instant that counts and before which the window is full."""
    first, rest = divmod(through - SINCE, HOUR)
    left = window + rest * _counts(promise.cron, promise.timezone, first)
    for hour in count(first):
        if _counts(promise.cron, promise.timezone, hour):
            if left < HOUR:
                return SINCE + hour * HOUR + left
            left -= HOUR
    raise AssertionError


@lru_cache(maxsize=1 << 16)
def counted(promise: Promise, start: datetime, end: datetime) -> timedelta:
    """The time between two instants that counts."""
    if end <= start or promise.cron.split()[4] == "*":  # all of it, of most promises
        return max(end - start, timedelta(0))
    (first, before), (last, after) = divmod(start - SINCE, HOUR), divmod(end - SINCE, HOUR)
    hours = sum(_counts(promise.cron, promise.timezone, hour) for hour in range(first, last))
    before *= _counts(promise.cron, promise.timezone, first)
    after *= _counts(promise.cron, promise.timezone, last)
    return hours * HOUR - before + after


@lru_cache(maxsize=1 << 16)
def _counts(cron: str, timezone: str, hour: int) -> bool:
    """Whether an hour since 1970 is on a day whose weekday, where the promise was made, its cron can fire on."""
    weekday = datetime.fromtimestamp(hour * 3600, ZoneInfo(timezone)).isoweekday() % 7
    said = cron.split()[4]
    spans = [part.partition("-") for part in said.split(",")]
    return said == "*" or any(int(first) <= weekday <= int(last or first) for first, _, last in spans)
