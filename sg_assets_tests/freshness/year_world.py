"""The outside of the simulated year, and its warehouse: objects that arrive or do not, answers, and what is true.

What is true of a table, how far it is really complete, is kept beside what the warehouse says of itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sg_assets.feeds import Reach, data_through
from sg_assets.promise import Frozen
from sg_assets.table import Table
from sg_assets.warehouse.state import MISSING_HOURS, Change, LoadedObject, TableState
from sg_assets_tests.freshness import year_faults as story
from sg_assets_tests.freshness.simulate import DAY, HOUR, Vendors, Warehouse
from sg_assets_tests.freshness.year_faults import FAULTS, GRAPH, START, Kind

FIRST_HOUR = START - 2 * DAY
MINUTE = timedelta(minutes=1)
OPEN = 7 * DAY


def arrives(table: str, feed: str, hour: datetime) -> datetime:
    """When the object of an hour can first be listed."""
    at = hour + HOUR + 4 * MINUTE
    for fault in FAULTS:
        if fault.table == table and fault.feed in {"", feed} and fault.is_on(hour):
            if fault.kind is Kind.STOPS:
                at = max(at, fault.end)
            elif fault.kind is Kind.COMES_LATE:
                at += 20 * HOUR
            elif fault.kind is Kind.NEVER_COMES:
                at = story.END + DAY
    return at


def is_quiet(at: datetime) -> bool:
    """Whether nothing happens at the vendors', who answer all the same."""
    return at.weekday() > 4 or story.QUIET[0] <= at < story.QUIET[1]


@dataclass
class Bucket:
    """The objects of a table, as far as they have been listed."""

    table: str
    feeds: tuple[str, ...]
    next_hour: datetime = FIRST_HOUR
    waiting: list[tuple[datetime, str, datetime]] = field(default_factory=list)  # arrival, feed, hour
    arrived: list[LoadedObject] = field(default_factory=list)
    event_days: dict[date, str] = field(default_factory=dict)
    rows: int = 0
    reached: dict[str, datetime] = field(default_factory=dict)  # the truth

    def list(self, now: datetime) -> None:
        """Take in what has come by now."""
        while self.next_hour + HOUR <= now:
            self.waiting += [(arrives(self.table, feed, self.next_hour), feed, self.next_hour) for feed in self.feeds]
            self.next_hour += HOUR
        for _, feed, hour in [one for one in self.waiting if one[0] <= now]:
            self.arrived.append(LoadedObject(f"{feed} {hour}", "1", feed, hour.date(), hour.hour, 1, 0, {}))
            for day in self._days(feed, hour):
                self.rows += 1
                self.event_days[day] = f"{self.rows}"
        self.waiting = [one for one in self.waiting if one[0] > now]

    def _days(self, feed: str, hour: datetime) -> Collection[date]:
        """The event days of an object's rows: none when it is quiet, yesterday, too, early in the day."""
        if (feed, hour) == ("shard-0", story.FROM_2099):
            return hour.date(), story.FAR_FUTURE
        return () if is_quiet(hour) else {hour.date(), (hour - 3 * HOUR).date()}

    def reach(self, now: datetime, open_days: int) -> Reach:
        """What the real rule says; of what is settled for long it is shown two days."""
        told = data_through(self.feeds, self.arrived, (), open_days, now)
        if told.through:
            settled = (told.through - 2 * DAY).date()
            self.arrived = [one for one in self.arrived if one.day >= settled]
        return told

    def truth(self, now: datetime) -> datetime:
        """The same, hour by hour from where it was."""
        for feed in self.feeds:
            hour = self.reached.get(feed, FIRST_HOUR)
            while arrives(self.table, feed, hour) <= now or hour + HOUR + OPEN <= now:
                hour += HOUR
            self.reached[feed] = hour
        return min(self.reached.values())


class World(Warehouse):
    """The warehouse; beside what it says of itself, `truth` is how far each table is really complete."""

    def __init__(self) -> None:
        super().__init__(GRAPH, FIRST_HOUR.date(), Vendors(), {"r.hub": "no key"})
        self.buckets = {table: Bucket(table, names) for table, names in story.FEEDS.items()}
        self.truth: dict[str, datetime] = {}
        self.lying: set[str] = set()

    def land(self, table: Table, run_now: datetime, wall: datetime) -> None:
        name = table.name
        if not is_quiet(run_now):
            self.vendors.values[name] = run_now.toordinal() // 2 % 3
        super().land(table, run_now, wall)
        self.truth[name] = self.buckets[name].truth(run_now) if name in self.buckets else run_now - table.known_delay
        if name in self.lying:
            self.states[name] = replace(self.states[name], data_through=START.replace(year=2099))
            self.lying.remove(name)
            self.vendors.refusing.add(name)

    def _load(self, table: Table, seq: int, run_now: datetime, wall: datetime) -> TableState:
        bucket = self.buckets[table.name]
        bucket.list(run_now)
        told = bucket.reach(run_now, table.open_days)
        version, days = f"{bucket.rows}", dict(bucket.event_days)
        missing = {MISSING_HOURS: told.missing} if told.missing else None
        return TableState(
            table.name, seq, wall, 1, told.through, version, "", Change.LOAD, cursor=missing, event_days=days
        )

    def build(self, table: Table, run_now: datetime, days: Collection[date] | None = None) -> str:
        result = super().build(table, run_now, days)
        if result == "built":
            counting = [
                i.table for i in table.inputs if not i.is_lookup and not isinstance(GRAPH[i.table].promise, Frozen)
            ]
            self.truth[table.name] = min(self.truth[name] for name in counting if name in self.truth)
        return result
