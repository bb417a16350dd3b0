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
from sg_assets.sandbox.company.company import Company
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
FIELDS = (
    "site_id", "license_key", "initial_admin_email", "deploy_type", "name", "url", "anonymous_user_id",
    "first_source_url", "last_source_url", "user_id", "source", "timestamp", "Version", "feature_flags", "cohort_id",
    "referrer", "public_argument", "device_id", "insert_id",
)  # fmt: skip
"""The fields of an event on the wire, in their order."""
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
        log = _Log(company, instance, hour, chance)
        happened = []
        for person in bits_of(self.pings.population(instance).active_in(hour.date(), hour.hour)):
            # The first one always counts as use, so that whoever is active in the pings is so in the events.
            happened.append(log.event(person, NAMES))
            happened += [log.event(person) for _ in range(chance.choice((0, 0, 1, 2)))]
        if chance.random() < 0.08:
            happened.append(log.event(None))
        if chance.random() < 0.03:
            happened.append(log.operator_event())
        return sorted(happened, key=lambda event: (event[0], str(event[1]["insert_id"])))


class _Log:
    """The log of one instance in one hour: what is the same in all of its events is looked up once."""

    def __init__(self, company: Company, instance: Instance, hour: datetime, chance: random.Random) -> None:
        self._seed, self._instance, self._hour, self._chance = company.seed, instance, hour, chance
        self._skew = timedelta(minutes=7 if number("skew", instance.site_id) % 15 == 0 else 0)  # a clock that is ahead
        release = releases.release_of(instance, company.anchor, hour)
        self._names_events = release >= releases.NAMES_EVENTS
        self._marks_operators = release >= releases.MARKS_OPERATORS
        self._usual: Json = dict.fromkeys(FIELDS) | {
            "site_id": instance.site_id,
            "license_key": instance.license_key(hour),
            "initial_admin_email": instance.installer_email,
            "deploy_type": instance.deploy_type,
            "url": "",
            "first_source_url": "",
            "last_source_url": "",
            "Version": releases.version_of(instance, company.anchor, hour),
            "public_argument": "{}",
        }

    def event(self, person: int | None, names: tuple[str, ...] = ()) -> tuple[datetime, Json]:
        """One event of a person, given by the bit, or of the backend; without names, it may be one of signing in."""
        chance = self._chance
        at = self._hour + timedelta(milliseconds=chance.randrange(3_600_000))
        browser = None if person is None else uuid(self._seed, "browser", self._instance.position, person)
        event = self._usual | {
            "name": chance.choice(names or (NAMES if chance.random() > 0.06 else NOT_ACTIVE)),
            "anonymous_user_id": browser or "backend",
            "user_id": 0 if person is None or person < VISITOR_BITS else person - VISITOR_BITS + FIRST_USER,
            "source": "BACKEND" if person is None else chance.choice(SOURCES),
            "timestamp": f"{(at + self._skew).isoformat(timespec='milliseconds')[:23]}Z",
            "feature_flags": '{"search-debug": false}' if chance.random() < 0.1 else "{}",
            "device_id": browser if self._names_events else None,
            "insert_id": uuid(chance.getrandbits(64)) if self._names_events else None,
        }
        return at, event

    def operator_event(self) -> tuple[datetime, Json]:
        """One event of a Sourcegraph admin, whom metrics leave out; old versions do not mark it."""
        at, event = self.event(VISITOR_BITS)
        event |= {"user_id": ADMIN, "anonymous_user_id": uuid(self._seed, "operator", self._instance.position)}
        if self._marks_operators:
            event["public_argument"] = '{"sourcegraph_operator": true}'
        return at, event


@lru_cache(maxsize=96)
def deliveries_of(events: ManagedEvents, hour: datetime) -> tuple[tuple[datetime, str], ...]:
    """What becomes of the messages of an hour; remembered, because a few arrive a day later."""
    return tuple(events.deliveries(hour))
