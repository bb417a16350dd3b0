"""What the simulated year is about: its tables, and everything that goes wrong in it, each with its time.

The year has both changes of the clocks of Los Angeles, where some of the promises are made: on 8 March and 1 November.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from sg_assets.freshness.graph import Graph
from sg_assets.freshness.notes import Note
from sg_assets.promise import DAILY, Promise
from sg_assets.table import Input
from sg_assets_tests.freshness.scenes import DAY, HOUR, daily, derived, files, frozen, pull

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
DAYS = 365
END = START + DAYS * DAY
FEEDS = {"r.pings": ("shard-0", "shard-1"), "r.events": ("dotcom",)}

FEED = Promise("10 */8 * * *", warn=11 * HOUR, fail=16 * HOUR)
SITE = Promise("0 15 * * *", warn=27 * HOUR, fail=30 * HOUR, timezone="America/Los_Angeles")
SALES = Promise("0 6 * * 1-5", warn=26 * HOUR, fail=30 * HOUR, timezone="America/Los_Angeles")
SLOW = Promise("0 4 * * *", warn=76 * HOUR, fail=84 * HOUR)  # its vendor is two days behind
JOINED = replace(SITE, warn=36 * HOUR, fail=48 * HOUR)
PATIENT = Promise("0 16 * * *", warn=4 * DAY, fail=5 * DAY, timezone="America/Los_Angeles")

GRAPH = Graph.of(
    [
        files("r.pings", FEED),
        files("r.events", FEED),
        pull("r.site", SITE),
        pull("r.sales", SALES),
        pull("r.slow", SLOW, known_delay=2 * DAY),
        pull("r.clock", DAILY),
        pull("r.hub", DAILY),
        pull("r.left", DAILY),
        pull("r.gone", DAILY),
        frozen("r.old"),
        daily("d.day", "r.pings", promise=FEED),
        derived("d.event", "r.events", "r.old", promise=FEED),
        derived("d.join", "d.day", "r.site", promise=JOINED),
        derived("d.sales", "r.sales", Input("r.site", is_lookup=True), promise=SALES),
        derived("d.link", "d.join", "r.sales", promise=PATIENT),
        replace(
            derived("d.people", "r.site", Input("r.hub", is_optional=True), promise=JOINED), reads_current_date=True
        ),
        derived("d.all", "d.event", "r.slow", "d.people", promise=replace(SLOW, warn=80 * HOUR, fail=90 * HOUR)),
        derived("d.clock", "r.clock", promise=DAILY),
        derived("d.hub", "r.hub", promise=DAILY),
        derived("d.left", "r.left", promise=DAILY),
        derived("d.gone", "r.gone", promise=DAILY),
    ]
)


def day(number: int, hour: float = 0) -> datetime:
    """An instant of the year."""
    return START + number * DAY + hour * HOUR


class Kind(StrEnum):
    """What can go wrong."""

    FAILS = "its fetches or builds fail"
    STOPS = "no object of it comes until the end, then all do"
    COMES_LATE = "its objects come twenty hours later"
    NEVER_COMES = "one of its objects never comes"
    LIES = "it claims to be complete to the year 2099, and is not to be had any more"
    UNSCHEDULED = "its schedule is stopped, the keeper is not"
    NOTHING_RUNS = "neither schedules nor keeper run"
    ASLEEP = "the laptop sleeps: nothing is watched, either"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with a table (empty: with everything), or with one feed of it, for a time."""

    kind: Kind
    table: str
    start: datetime
    end: datetime
    feed: str = ""

    def is_on(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def healed(self) -> datetime:
        """When everything must be well again at the latest: minutes after the next tick at which it can be."""
        over = self.end
        if self.kind is Kind.COMES_LATE:
            over += 20 * HOUR
        elif self.kind is Kind.NEVER_COMES:
            over += 7 * DAY  # then it is given up
        promise = GRAPH[self.table].promise if self.table else None
        return (promise.next_tick(over) if isinstance(promise, Promise) else over) + HOUR / 4


FRIDAY_IN_SPRING, FRIDAY_IN_AUTUMN = datetime(2026, 3, 6, 15, tzinfo=UTC), datetime(2026, 10, 30, 15, tzinfo=UTC)
LATE_FEED = Fault(Kind.COMES_LATE, "r.events", day(20, 5), day(22, 11))
DEAD_FEED = Fault(Kind.STOPS, "r.events", day(40, 3), day(43, 7))
SPRING = Fault(Kind.FAILS, "r.sales", FRIDAY_IN_SPRING, FRIDAY_IN_SPRING + 4 * DAY)
DEAD_SHARD = Fault(Kind.STOPS, "r.pings", day(80, 1), day(82, 13), "shard-1")
FAILING_PULL = Fault(Kind.FAILS, "r.site", day(100), day(102, 2))
FAILING_BUILD = Fault(Kind.FAILS, "d.join", day(110), day(113))
FIRST_PULL = Fault(Kind.FAILS, "r.hub", day(119), day(122, 4))
LIE = Fault(Kind.LIES, "r.clock", day(150), day(154, 5))
PAUSED = Fault(Kind.UNSCHEDULED, "r.site", day(180), day(183))
NOTHING_RUNS = Fault(Kind.NOTHING_RUNS, "", day(188, 2), day(190, 9))
REMOVED = Fault(Kind.FAILS, "r.gone", day(197), END)
ASLEEP = Fault(Kind.ASLEEP, "", day(210, 5.3), day(212, 9.1))
NOTED = Fault(Kind.STOPS, "r.events", day(230, 2), day(236, 5))
LOST_KEY = Fault(Kind.FAILS, "r.left", day(246), END)
AUTUMN = Fault(Kind.FAILS, "r.sales", FRIDAY_IN_AUTUMN, FRIDAY_IN_AUTUMN + 4 * DAY)
LATE_SOON = Fault(Kind.FAILS, "r.site", day(320, 22), day(321, 2.5))
LOST_OBJECT = Fault(Kind.NEVER_COMES, "r.events", day(340, 4), day(340, 5))
FAULTS = (
    LATE_FEED,
    DEAD_FEED,
    SPRING,
    DEAD_SHARD,
    FAILING_PULL,
    FAILING_BUILD,
    FIRST_PULL,
    LIE,
    PAUSED,
    NOTHING_RUNS,
    REMOVED,
    ASLEEP,
    NOTED,
    LOST_KEY,
    AUTUMN,
    LATE_SOON,
    LOST_OBJECT,
)

CONNECTED = day(120, 9)  # r.hub, which refuses for another day and a half
DISCONNECTED = day(250, 11)  # r.left, whose key is lost since day 246
REMOVED_AT = day(204, 8)  # r.gone and what reads it
QUIET = (day(130), day(150))  # answers and objects are empty
FROM_2099 = day(90, 5)  # the hour of an object with an event of that year
FAR_FUTURE = date(2099, 1, 1)

EXPIRES = Note("1", ("r.events",), "ada", "the stream is being moved", day(231, 10), day(234, 12) + 2096 * HOUR / 3600)
ENDED = Note(
    "2",
    ("r.sales",),
    "bob",
    "the vendor knows",
    FRIDAY_IN_AUTUMN + 3 * DAY + 6 * HOUR,
    FRIDAY_IN_AUTUMN + 9 * DAY,
    FRIDAY_IN_AUTUMN + 3 * DAY + 8.5 * HOUR,
)
NOTES = (EXPIRES, ENDED)
