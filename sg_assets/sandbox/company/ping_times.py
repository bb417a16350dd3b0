"""When each instance pings: every 30 to 40 minutes from the day before the anchor on, four times a day before that.

Time is cut into slots with one ping in each, a little before or after the slot's middle, so that the pings of an hour
are found without walking through those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.instances import Instance

REAL_SLOT, THIN_SLOT = 2107, 21_600
"""Seconds: thirty-five minutes and some, so that the hour of the day moves, and a quarter of a day."""
JITTER = 146
"""Seconds before or after the regular time: two real pings are then 1,815 to 2,399 seconds apart."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class PingTimes:
    """The update checks of all instances of a company."""

    company: Company

    @cached_property
    def real_from(self) -> datetime:
        """From when on the cadence is real."""
        always = datetime(2000, 1, 1, tzinfo=UTC)
        return always if self.company.pings_at_real_cadence else self.company.anchor - timedelta(days=1)

    @cached_property
    def _phases(self) -> dict[int, int]:
        return {one.position: number(self.company.seed, "phase", one.position) for one in self.company.instances}

    def in_hour(self, instance: Instance, hour: datetime) -> list[datetime]:
        """The times within an hour, given by its beginning, at which an instance pings."""
        slot = REAL_SLOT if hour >= self.real_from else THIN_SLOT
        begin = int(hour.timestamp())
        phase = self._phases[instance.position] % slot
        first, last = (begin - JITTER - phase) // slot, (begin + 3600 + JITTER - phase) // slot
        found = []
        for place in range(first, last + 1):
            regular = phase + place * slot
            if not begin - JITTER <= regular < begin + 3600 + JITTER:
                continue
            chance = number(self.company.seed, "jitter", instance.position, slot, place)
            at = regular - JITTER + chance % (2 * JITTER + 1)
            if begin <= at < begin + 3600:
                time = datetime.fromtimestamp(at, UTC)
                if instance.pings_at(time) is not Pings.OFF:
                    found.append(time)
        return found

    def last_before(self, instance: Instance, at: datetime, within: timedelta) -> datetime | None:
        """The last time up to an instant, and not longer before it than `within`, at which an instance pinged."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        while hour > at - within - HOUR:
            times = [time for time in self.in_hour(instance, hour) if at - within <= time <= at]
            if times:
                return times[-1]
            hour -= HOUR
        return None
