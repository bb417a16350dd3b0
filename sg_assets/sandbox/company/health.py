"""How every managed instance does at any instant: the truth that its metrics are told from.

It is up or not, busy as its people are, its disk fills until somebody cleans up, and on some days requests fail. All of
it is a function of the instance and the instant; nothing here knows Prometheus.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sg_assets.sandbox.company.activity import Population
from sg_assets.sandbox.company.cases import Hosting, Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import dice, fraction
from sg_assets.sandbox.company.instances import Instance

DAY, HOUR, BLOCK = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)
BLOCKS = DAY // BLOCK
RESTARTS_AT = 4
"""The hour of the day (UTC) at which every managed instance is restarted, so that its counters begin anew."""
DISK_BYTES = 512 << 30
FILLING, FILLS_IN, FAILING = "user-level", 30, "old managed"
"""The customer whose disk is nearly full at the anchor, in how many days it was, and the one who had a bad night."""
_USUAL_ERRORS, _BAD_ERRORS = 0.002, 0.04


@dataclass(frozen=True, slots=True)
class Outage:
    """From when to when (not included) an instance was down."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """How an instance does during 15 minutes: shares are 0 to 1; the scale of a latency is its mean in seconds."""

    requests_per_second: float
    error_share: float
    cpu_share: float
    page_seconds: float
    search_seconds: float


@dataclass(frozen=True, eq=False)
class Health:
    """The health of the managed instances of a company. Days are remembered; they never change."""

    company: Company
    _blocks: dict[tuple[int, date], tuple[Block, ...]] = field(default_factory=dict)
    _outages: dict[tuple[int, date], tuple[Outage, ...]] = field(default_factory=dict)
    _populations: dict[int, Population] = field(default_factory=dict)

    def instances(self, at: datetime) -> tuple[Instance, ...]:
        """The managed instances that run at an instant, down or not: those are what Prometheus watches."""
        managed = (one for one in self.company.instances if one.hosting is Hosting.MANAGED)
        return tuple(one for one in managed if one.pings_at(at) is not Pings.OFF)

    def outages(self, instance: Instance, day: date) -> tuple[Outage, ...]:
        """When an instance was down on a day: one day of twenty, for ten to fifty minutes."""
        key = (instance.position, day)
        if key not in self._outages:
            self._outages[key] = self._outages_of(instance, day)
        return self._outages[key]

    def _outages_of(self, instance: Instance, day: date) -> tuple[Outage, ...]:
        midnight = datetime.combine(day, time(), UTC)
        if _case(instance) == FAILING and midnight == self.company.anchor - DAY:
            return (Outage(midnight + timedelta(hours=3, minutes=10), midnight + timedelta(hours=4, minutes=40)),)
        chance = dice(self.company.seed, "outage", instance.position, day)
        if chance.random() >= 0.05:
            return ()
        start = midnight + timedelta(seconds=chance.randrange(5 * 3600, 22 * 3600))
        return (Outage(start, start + timedelta(seconds=chance.randrange(600, 3000))),)

    def is_up(self, instance: Instance, at: datetime) -> bool:
        """Whether it answers."""
        return not any(outage.start <= at < outage.end for outage in self.outages(instance, at.date()))

    def block(self, instance: Instance, at: datetime) -> Block:
        """How it does in the 15 minutes that an instant is in, when it is up."""
        return self.blocks(instance, at.date())[(at - _midnight(at)) // BLOCK]

    def blocks(self, instance: Instance, day: date) -> tuple[Block, ...]:
        """The 96 blocks of a day."""
        key = (instance.position, day)
        if key not in self._blocks:
            self._blocks[key] = tuple(self._block(instance, day, place) for place in range(BLOCKS))
        return self._blocks[key]

    def memory_share(self, instance: Instance, at: datetime) -> float:
        """The share of its memory that is used: it grows from one restart to the next."""
        since = (at - _midnight(at) - RESTARTS_AT * HOUR) % DAY / DAY
        return 0.3 + 0.2 * fraction(self.company.seed, "memory", instance.position) + 0.35 * since

    def disk_free_share(self, instance: Instance, at: datetime) -> float:
        """The share of gitserver's disk that is free: it falls for some weeks, and then somebody cleans up."""
        if _case(instance) == FILLING:
            used = 1 - (self.company.anchor - at) / (FILLS_IN * DAY)
            return max(0.02, 0.9 - 0.85 * max(0.0, used))
        every = (20 + 20 * fraction(self.company.seed, "cleaning", instance.position)) * DAY
        since = (at - self.company.anchor + instance.position * HOUR) % every / every
        return 0.75 - 0.35 * since

    def _block(self, instance: Instance, day: date, place: int) -> Block:
        hour = place * BLOCK // HOUR
        active = self._population(instance).active_in(day, hour).bit_count()
        noise = 0.8 + 0.4 * fraction(self.company.seed, "load", instance.position, day, place)
        load = active / (1 + instance.accounts) * noise
        is_bad = fraction(self.company.seed, "errors", instance.position, day) < 0.06 and 9 <= hour < 12
        return Block(
            requests_per_second=(0.02 + 0.08 * active) * noise,
            error_share=_BAD_ERRORS if is_bad else _USUAL_ERRORS,
            cpu_share=min(0.97, 0.08 + 0.9 * math.sqrt(load) * noise),
            page_seconds=(0.25 + 1.2 * load) * (3 if is_bad else 1),
            search_seconds=0.6 + 3 * load,
        )

    def _population(self, instance: Instance) -> Population:
        """The same people as in its pings and events."""
        if instance.position not in self._populations:
            anchor = self.company.anchor.date()
            seed, position = self.company.seed, instance.position
            self._populations[position] = Population(
                seed, position, instance.accounts, instance.visitors, instance.utc_offset, anchor
            )
        return self._populations[instance.position]


def _case(instance: Instance) -> str:
    return instance.customer.case if instance.customer else ""


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
