"""What HubSpot is told of pings: the address in them, and on which day an instance with it last pinged.

The first ping of a UTC day changes the contact, the later ones find it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_times import PingTimes

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
QUIET_DAYS = 3
"""An instance that pings at all does so several times a day."""


@dataclass(frozen=True, eq=False)
class MarketingPings:
    """The pings of a company's instances, by the address in them."""

    company: Company
    _days: dict[tuple[int, date], list[datetime]] = field(default_factory=dict)

    @cached_property
    def admins(self) -> dict[str, datetime]:
        """Everybody who installed an instance, and when it first pinged."""
        found: dict[str, datetime] = {}
        for email, instances in self._instances.items():
            for one in instances:
                for since, pings in one.pings:
                    if pings is not Pings.OFF:
                        found[email] = min(since, found.get(email, since))
                        break
        return found

    def latest(self, email: str, at: datetime) -> datetime | None:
        """The first ping with an address on the last UTC day that had one; None where there was none yet."""
        found = [moment for one in self._instances.get(email, ()) if (moment := self._latest(one, at))]
        return max(found, key=lambda moment: (moment.date(), -moment.timestamp()), default=None)

    @cached_property
    def _instances(self) -> dict[str, list[Instance]]:
        found: dict[str, list[Instance]] = {}
        for one in self.company.instances:
            found.setdefault(one.installer_email, []).append(one)
        return found

    @cached_property
    def _times(self) -> PingTimes:
        return PingTimes(self.company)

    def _latest(self, instance: Instance, at: datetime) -> datetime | None:
        end = at
        if instance.pings_at(at) is Pings.OFF:
            changes = [since for since, _ in instance.pings if since <= at]
            if len(changes) < 2:
                return None  # it has not begun, or never will
            end = changes[-1]
        for back in range(QUIET_DAYS):
            past = [ping for ping in self._of_day(instance, end.date() - back * DAY) if ping <= end]
            if past:
                return past[0]
        return None

    def _of_day(self, instance: Instance, day: date) -> list[datetime]:
        key = (instance.position, day)
        if key not in self._days:
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
            hours = (begin + place * HOUR for place in range(24))
            self._days[key] = [ping for hour in hours for ping in self._times.in_hour(instance, hour)]
        return self._days[key]
