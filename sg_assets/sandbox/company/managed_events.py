"""User-level events of managed and cloud instances, as the messages in which a worker on the instance exports them.

A message is one scrape of the instance's own log: a JSON array in the field `data`. Who is active comes from
`activity.py`, so that the events of a day have the same people as the pings of that day count.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company import releases
from sg_assets.sandbox.company.activity import VISITOR_BITS, bits_of
from sg_assets.sandbox.company.cases import Pings
from sg_assets.sandbox.company.delivery import arrivals, hours_that_may_arrive_in
from sg_assets.sandbox.company.dice import dice, number, uuid
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets.sandbox.company.ping_usage import Json
from sg_assets.sandbox.company.template import compact

SCRAPE = timedelta(minutes=30)
"""How much of the log one message holds here; a real worker scrapes every minute."""
HOUR = timedelta(hours=1)
ADMIN, FIRST_USER = 1, 2
NAMES = (
    "ViewSearchResults", "SearchResultsFetched", "hover", "search.latencies.literal", "search.latencies.regexp",
    "codeintel.searchHover", "codeintel.lsifHover", "codeintel.lsifDefinitions", "codeintel.searchDefinitions",
    "ViewHome", "search.latencies.symbol", "RecentSearchesPanelLoaded", "SearchNotebookBlocksUpdated",
    "SavedSearchesPanelLoaded",
)  # fmt: skip
NOT_ACTIVE = ("SignInSucceeded", "ViewSignIn", "SignOutSucceeded")
"""Names that do not make a person active."""
SOURCES = ("WEB",) * 8 + ("CODEHOSTINTEGRATION", "IDEEXTENSION")


@dataclass(frozen=True, eq=False)
class ManagedEvents:
    """The export of all instances of a company; `pings` knows the people."""

    pings: PingRows

    def lines(self, hour: datetime) -> list[str]:
        """The messages that arrive in an hour, given by its beginning."""
        sent = hours_that_may_arrive_in(hour, HOUR)
        return [message for one in sent for arrived, message in deliveries_of(self, one) if arrived == hour]

    def deliveries(self, hour: datetime) -> Iterator[tuple[datetime, str]]:
        """What becomes of the messages of an hour: the hour in which each arrives, and the message."""
        seed = self.pings.company.seed
        for instance in self.pings.company.instances:
            happened = self.events_of(instance, hour) if instance.events else []
            for place in range(HOUR // SCRAPE):
                scrape = [event for at, event in happened if (at - hour) // SCRAPE == place]
                if scrape:
                    scraped = hour + (place + 1) * SCRAPE + timedelta(seconds=instance.position % 50)
                    message = compact({"data": compact(scrape)})
                    for at in arrivals(seed, f"managed {instance.position} {hour:%Y%m%d%H} {place}", scraped):
                        yield hour_of(at), message

    def events_of(self, instance: Instance, hour: datetime) -> list[tuple[datetime, Json]]:
        """What happened on an instance in an hour, in order, each with the time of its event."""
        company = self.pings.company
        if not instance.exports_events(hour) or instance.pings_at(hour) is Pings.OFF:
            return []
        chance = dice(company.seed, "events", instance.position, f"{hour:%Y%m%d%H}")
        people = self.pings.population(instance).active_in(hour.date(), hour.hour)
        happened = []
        for person in bits_of(people):
            # The first one always counts as use, so that whoever is active in the pings is so in the events.
            happened.append(self._event(instance, hour, chance, person, NAMES))
            happened += [self._event(instance, hour, chance, person) for _ in range(chance.choice((0, 0, 1, 2)))]
        if chance.random() < 0.08:
            happened.append(self._event(instance, hour, chance, None))
        if chance.random() < 0.03:
            happened.append(self._operator_event(instance, hour, chance))
        return sorted(happened, key=lambda event: (event[0], str(event[1]["insert_id"])))

    def _event(
        self, instance: Instance, hour: datetime, chance: random.Random, person: int | None, names: tuple[str, ...] = ()
    ) -> tuple[datetime, Json]:
        """One event of a person, given by the bit, or of the backend; without names, it may be one of signing in."""
        company = self.pings.company
        at = hour + timedelta(milliseconds=chance.randrange(3_600_000))
        version = releases.version_of(instance, company.anchor, at)
        names_itself = releases.release_of(instance, company.anchor, at) >= releases.NAMES_EVENTS
        is_known = person is not None and person >= VISITOR_BITS
        own_id = uuid(company.seed, "browser", instance.position, person)
        event: Json = {
            "site_id": instance.site_id,
            "license_key": instance.license_key(at),
            "initial_admin_email": instance.installer_email,
            "deploy_type": instance.deploy_type,
            "name": chance.choice(names or (NAMES if chance.random() > 0.06 else NOT_ACTIVE)),
            "url": "",
            "anonymous_user_id": "backend" if person is None else own_id,
            "first_source_url": "",
            "last_source_url": "",
            "user_id": person - VISITOR_BITS + FIRST_USER if person is not None and is_known else 0,
            "source": "BACKEND" if person is None else chance.choice(SOURCES),
            "timestamp": f"{at + _skew(instance):%Y-%m-%dT%H:%M:%S.%f}Z",
            "Version": version,
            "feature_flags": '{"search-debug": false}' if chance.random() < 0.1 else "{}",
            "cohort_id": None,
            "referrer": None,
            "public_argument": "{}",
            "device_id": own_id if names_itself and person is not None else None,
            "insert_id": uuid(chance.getrandbits(64)) if names_itself else None,
        }
        return at, event

    def _operator_event(self, instance: Instance, hour: datetime, chance: random.Random) -> tuple[datetime, Json]:
        """One event of a Sourcegraph admin, whom metrics leave out; old versions do not mark it."""
        at, event = self._event(instance, hour, chance, VISITOR_BITS)
        own_id = uuid(self.pings.company.seed, "operator", instance.position)
        event |= {"user_id": ADMIN, "anonymous_user_id": own_id}
        if releases.release_of(instance, self.pings.company.anchor, at) >= releases.MARKS_OPERATORS:
            event["public_argument"] = '{"sourcegraph_operator": true}'
        return at, event


@lru_cache(maxsize=96)
def deliveries_of(events: ManagedEvents, hour: datetime) -> tuple[tuple[datetime, str], ...]:
    """What becomes of the messages of an hour; remembered, because a few arrive a day later."""
    return tuple(events.deliveries(hour))


def _skew(instance: Instance) -> timedelta:
    """How far the clock of an instance is ahead: seven minutes on one of fifteen."""
    return timedelta(minutes=7 if number("skew", instance.site_id) % 15 == 0 else 0)
