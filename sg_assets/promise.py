"""A promise: how often a table is brought up to date, and how old its data may be.

From this one object come the visible schedule, the native freshness policy, the warn and fail windows, and the next
expected update. Whether a promise is possible given the tables above it is decided in `freshness/graph.py`; what a cron
means, in `cron.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from sg_assets import cron as crons

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = 7


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
        ValueError: the cron cannot be kept (see `cron.check`), or not `timedelta(0) < warn < fail`.
    """

    cron: str
    warn: timedelta
    fail: timedelta
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        """Read the cron once, so that a wrong one is refused where it is written."""
        crons.check(self.cron, self.timezone)
        if not timedelta(0) < self.warn < self.fail:
            msg = f"promise {self.cron!r}: needs 0 < warn < fail, got warn {self.warn}, fail {self.fail}"
            raise ValueError(msg)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The promise's time zone."""
        return ZoneInfo(self.timezone)

    def next_tick(self, after: datetime) -> datetime:
        """The first tick strictly after an instant, in UTC."""
        return crons.next_tick(self.cron, self.timezone, after)

    def newest_tick(self, now: datetime) -> datetime:
        """The last tick at or before an instant, in UTC."""
        return crons.newest_tick(self.cron, self.timezone, now)

    @cached_property
    def counted_weekdays(self) -> frozenset[int]:
        """The weekdays (Monday is 0) on which the cron can fire."""
        return crons.weekdays(self.cron)

    @cached_property
    def counts_every_day(self) -> bool:
        """Whether counted time is simply time."""
        return len(self.counted_weekdays) == WEEK

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """The counted time from `start` to `end`; zero when `end` is not later."""
        if end <= start:
            return timedelta(0)
        if self.counts_every_day:
            return end - start
        total = timedelta(0)
        for opens, closes in self.counted_days(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def breach(self, data_through: datetime, window: timedelta) -> datetime:
        """The instant from which on data complete to `data_through` is older than `window` of counted time."""
        if self.counts_every_day:
            return data_through + window
        left = window
        for opens, closes in self.counted_days(data_through):
            if opens + left < closes:
                return opens + left
            left -= closes - opens
        raise AssertionError(self.cron)  # there is always another counted day

    def counted_days(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From an instant on, the counted days as (opens, closes) in UTC; the first is cut at the instant."""
        day, opens = start.astimezone(self.zone).toordinal(), start
        while True:
            closes = _midnight(self.timezone, day + 1)
            if (day - 1) % WEEK in self.counted_weekdays and opens < closes:
                yield opens, closes
            day, opens = day + 1, max(closes, start)

    def longest_gap(self, cron: str | None = None, timezone: str | None = None) -> timedelta:
        """The longest counted time between two ticks of `cron` (by default this promise's own)."""
        return _longest_gap(self, cron or self.cron, timezone or self.timezone)

    def longest_wait(self, other: Promise) -> timedelta:
        """The longest time, as this promise counts it, for which another one allows data to be behind."""
        if other.counts_every_day or (other.counted_weekdays, other.timezone) == (self.counted_weekdays, self.timezone):
            return other.fail
        return _longest_wait(self, other)

    def longest_span(self, window: timedelta) -> timedelta:
        """The longest time that it takes until a window of counted time is full: over weekends, and clocks set back."""
        return window if self.counts_every_day else _longest_span(self, window)


@lru_cache(maxsize=1 << 14)
def _midnight(timezone: str, day: int) -> datetime:
    """When a day, by its ordinal, begins on the wall clock of a zone, in UTC."""
    first = date.fromordinal(day)
    return datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _longest_gap(promise: Promise, cron: str, timezone: str) -> timedelta:
    stretches = crons.reference_ticks(cron, timezone)
    return max(promise.counted(a, b) for ticks in stretches for a, b in pairwise(ticks))


@lru_cache(maxsize=1024)
def _longest_wait(promise: Promise, other: Promise) -> timedelta:
    """Tried for data complete to any hour of an ordinary week, and of those in which clocks are changed."""
    hours = range(2 * crons.AROUND // HOUR)
    starts = (turn - crons.AROUND + n * HOUR for turn in crons.turning_points(other.timezone) for n in hours)
    return max(promise.counted(start, other.breach(start, other.fail)) for start in starts)


@lru_cache(maxsize=1024)
def _longest_span(promise: Promise, window: timedelta) -> timedelta:
    """It is longest for data complete to the last instant of a counted day; tried for those of a year."""
    end = crons.REFERENCE + 366 * DAY
    ends = takewhile(lambda closes: closes < end, (closes for _, closes in promise.counted_days(crons.REFERENCE)))
    return max(promise.breach(closes, window) - closes for closes in ends)


HOURLY = Promise("10 * * * *", warn=3 * HOUR, fail=6 * HOUR)
DAILY = Promise("0 6 * * *", warn=27 * HOUR, fail=36 * HOUR)
