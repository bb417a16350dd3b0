"""A promise: how often a table is brought up to date, and how old its data may be.

From this one object come the visible schedule, the native freshness policy, the warn and fail windows, and the next
expected update. Whether a promise is possible given the tables above it is decided in `freshness/graph.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
# A reference year with a leap day and both clock changes, long enough for any yearly pattern of a cron.
_REFERENCE = datetime(2024, 1, 1, tzinfo=UTC)
_REFERENCE_TICKS = 3000


@dataclass(frozen=True)
class Frozen:
    """No promise at all, and why: the table's content never changes again."""

    reason: str


@dataclass(frozen=True)
class Promise:
    """`cron` in `timezone`; data older than `warn` is late soon, older than `fail` is late.

    Ages are *counted* time: whole days, in the promise's zone, whose weekday the cron never names do not count, so that
    a weekday promise is not broken by a weekend.

    Raises:
        ValueError: the cron cannot be read, or not `timedelta(0) < warn < fail`.
    """

    cron: str
    warn: timedelta
    fail: timedelta
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        """Read the cron once, so that a wrong one is refused where it is written."""
        CronSim(self.cron, _REFERENCE)
        ZoneInfo(self.timezone)
        if not timedelta(0) < self.warn < self.fail:
            msg = f"promise {self.cron!r}: needs 0 < warn < fail, got warn {self.warn}, fail {self.fail}"
            raise ValueError(msg)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The promise's time zone."""
        return ZoneInfo(self.timezone)

    def next_tick(self, after: datetime) -> datetime:
        """The first tick strictly after an instant, in UTC."""
        return _next_tick(self.cron, self.timezone, after)

    def newest_tick(self, now: datetime) -> datetime:
        """The last tick at or before an instant, in UTC."""
        return _newest_tick(self.cron, self.timezone, now)

    @cached_property
    def counted_weekdays(self) -> frozenset[int]:
        """The weekdays (Monday is 0) on which the cron can fire."""
        return _weekdays(self.cron)

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """The counted time from `start` to `end`; zero when `end` is not later."""
        if end <= start:
            return timedelta(0)
        if len(self.counted_weekdays) == 7:  # noqa: PLR2004 (days of a week)
            return end - start
        total = timedelta(0)
        at = start
        while at < end:
            local = at.astimezone(self.zone)
            midnight = datetime(local.year, local.month, local.day, tzinfo=self.zone) + DAY
            until = min(midnight.astimezone(UTC), end)
            if local.weekday() in self.counted_weekdays:
                total += until - at
            at = until
        return total

    def breach(self, data_through: datetime, window: timedelta) -> datetime:
        """The instant from which on data complete to `data_through` is older than `window` of counted time."""
        if len(self.counted_weekdays) == 7:  # noqa: PLR2004
            return data_through + window
        at, left = data_through, window
        while True:
            local = at.astimezone(self.zone)
            midnight = (datetime(local.year, local.month, local.day, tzinfo=self.zone) + DAY).astimezone(UTC)
            if local.weekday() in self.counted_weekdays:
                if at + left < midnight:
                    return at + left
                left -= midnight - at
            at = midnight

    def longest_gap(self, cron: str | None = None, timezone: str | None = None) -> timedelta:
        """The longest counted time between two ticks of `cron` (by default this promise's own)."""
        return _longest_gap(self, cron or self.cron, timezone or self.timezone)

    @cached_property
    def longest_uncounted(self) -> timedelta:
        """The longest stretch of uncounted days: what a native window, which counts every day, must allow on top."""
        run = best = 0
        for weekday in [*range(7)] * 2:
            run = 0 if weekday in self.counted_weekdays else run + 1
            best = max(best, run)
        return DAY * min(best, 7) + (timedelta(hours=1) if best else timedelta(0))  # an hour for the clock change


@lru_cache(maxsize=1024)
def _next_tick(cron: str, timezone: str, after: datetime) -> datetime:
    # Instants are compared in UTC: within one zone Python compares wall clocks, which repeat when clocks are set back.
    ticks = (tick.astimezone(UTC) for tick in CronSim(cron, after.astimezone(ZoneInfo(timezone))))
    return next(tick for tick in ticks if tick > after)


@lru_cache(maxsize=1024)
def _newest_tick(cron: str, timezone: str, now: datetime) -> datetime:
    # Going back starts an hour later, which covers the hour that a wall clock shows twice.
    later = (now + timedelta(hours=1, minutes=1)).astimezone(ZoneInfo(timezone))
    ticks = (tick.astimezone(UTC) for tick in CronSim(cron, later, reverse=True))
    return next(tick for tick in ticks if tick <= now)


@lru_cache(maxsize=256)
def _weekdays(cron: str) -> frozenset[int]:
    """The weekdays a cron names; a cron that names days of the month can fire on any weekday in the long run."""
    fields = cron.split()
    if fields[2] != "*" or fields[4] == "*":
        return frozenset(range(7))
    return frozenset(tick.weekday() for tick in _first_ticks_of_days(cron, days=366))


def _first_ticks_of_days(cron: str, days: int) -> Iterator[datetime]:
    at = _REFERENCE
    for _ in range(days):
        tick = next(CronSim(cron, at - timedelta(seconds=1)))
        yield tick
        at = tick.replace(hour=0, minute=0) + DAY


@lru_cache(maxsize=1024)
def _longest_gap(promise: Promise, cron: str, timezone: str) -> timedelta:
    zone = ZoneInfo(timezone)
    ticks = islice(CronSim(cron, _REFERENCE.astimezone(zone)), _REFERENCE_TICKS)
    return max(promise.counted(a.astimezone(UTC), b.astimezone(UTC)) for a, b in pairwise(ticks))


HOUR = timedelta(hours=1)
HOURLY = Promise("10 * * * *", warn=3 * HOUR, fail=6 * HOUR)
DAILY = Promise("0 6 * * *", warn=27 * HOUR, fail=36 * HOUR)
