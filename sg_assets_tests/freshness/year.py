"""A year of the simulated system, lived from event to event: ticks, steps of runs, tries, faults, breaches.

What goes wrong is listed in `year_faults.py`, what is said of it is compared in `year_watch.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Target
from sg_assets.promise import Promise
from sg_assets.table import Delivery
from sg_assets_tests.freshness import year_faults as story
from sg_assets_tests.freshness.runs import System
from sg_assets_tests.freshness.year_faults import FAULTS, GRAPH, START, Kind
from sg_assets_tests.freshness.year_watch import Watch
from sg_assets_tests.freshness.year_world import World

SECOND = timedelta(seconds=1)
LAUNCH = 7 * SECOND  # from a tick to its run
STEP = 3 * SECOND
KEEPER = 30
Action = Callable[[], object]  # gives something true where it may have changed what is to be said


class Year:
    """The year; `live` it, then look at `watch`."""

    def __init__(self) -> None:
        self.world = World()
        self.system = System(self.world, START)
        self.system.notes = story.NOTES
        self.watch = Watch(self.system, self.world.truth)
        self.todo: list[tuple[datetime, int, Action]] = []
        self.numbers = count()
        self.keeper_wakes: datetime | None = None
        self.is_working = False
        self._meet(GRAPH.order)
        self._plan_ticks()
        self._plan_story()
        self._at(START, self._wake)

    def live(self) -> Year:
        """From event to event; before each the breaches that come first."""
        while self.todo and self.todo[0][0] < story.END:
            at = self.todo[0][0]
            breach = self.watch.next_breach(self.system.now, at)
            if breach is not None:
                self._observe(max(breach - SECOND, self.system.now))
                self._observe(breach)
                self._wake_keeper()
                continue
            self.system.now = at
            if heappop(self.todo)[2]():
                self._observe(at)
        return self

    def _observe(self, at: datetime) -> None:
        self.system.now = at
        if not self._is(Kind.ASLEEP):
            self.watch.look()

    def _at(self, at: datetime, action: Action) -> None:
        heappush(self.todo, (at, next(self.numbers), action))

    def _is(self, kind: Kind, tables: Collection[str] = ()) -> bool:
        """Whether something of this kind is wrong now, with everything or with one of some tables."""
        return any(f.kind is kind and f.is_on(self.system.now) and (not f.table or f.table in tables) for f in FAULTS)

    def _can_run(self) -> bool:
        return not self._is(Kind.ASLEEP) and not self._is(Kind.NOTHING_RUNS)

    def _meet(self, tables: Collection[str]) -> None:
        """The age of tables counts from now on where they are connected."""
        connected = self.system.facts().is_connected
        for name in tables:
            if connected(name):
                self.system.first_seen.setdefault(name, self.system.now)

    def _plan_ticks(self) -> None:
        cadences: dict[Promise, list[str]] = {}
        for table in GRAPH:
            if table.delivery in {Delivery.PULL, Delivery.FILES} and isinstance(table.promise, Promise):
                cadences.setdefault(table.promise, []).append(table.name)
        for promise, names in cadences.items():
            self._plan_tick(promise, names)

    def _plan_tick(self, promise: Promise, names: list[str]) -> None:
        def tick() -> None:
            here = [name for name in names if name in self.world.graph.tables]
            if self._can_run() and not self._is(Kind.UNSCHEDULED, names):
                self.system.launch(Target.schedule(here))
                self._work()
            self._wake_keeper()
            self._plan_tick(promise, names)

        self._at(promise.next_tick(self.system.now) + LAUNCH, tick)

    def _work(self) -> None:
        """The next step of the run that is on, if there is one."""
        if self.system.runs and not self.is_working:
            self.is_working = True
            self._at(self.system.now + STEP, self._step)

    def _step(self) -> bool:
        self.is_working = False
        self.system.go_on(self.system.runs[0])
        if not self.system.runs:
            self._wake_keeper()
        self._work()
        return True

    def _wake_keeper(self, at: datetime | None = None) -> None:
        """The keeper's next turn at or after an instant; it looks every thirty seconds."""
        at = at or self.system.now + SECOND
        turn = at + timedelta(seconds=-(at - START).total_seconds() % KEEPER)
        if self.keeper_wakes is None or turn < self.keeper_wakes:
            self.keeper_wakes = turn
            self._at(turn, self._keep)

    def _keep(self) -> None:
        if self.system.now != self.keeper_wakes:
            return  # it was woken before
        self.keeper_wakes = None
        if not self._can_run():
            return
        self.system.keep()
        self._work()
        pauses = [until for until in self.system.facts().held.values() if until > self.system.now]
        if pauses:
            self._wake_keeper(min(pauses))

    def _plan_story(self) -> None:
        refusing, lying = self.world.vendors.refusing, self.world.lying
        for fault in FAULTS:
            if fault.kind is Kind.FAILS:
                self._at(fault.start, lambda table=fault.table: refusing.add(table))
            if fault.kind is Kind.LIES:
                self._at(fault.start, lambda table=fault.table: lying.add(table))
            if fault.kind in {Kind.FAILS, Kind.LIES}:
                self._at(fault.end, lambda table=fault.table: refusing.discard(table))
            self._at(fault.end, self._wake)
        for note in story.NOTES:
            for at in (note.start, note.ended_at or note.until):
                for instant in (at - SECOND, at):
                    self._at(instant, lambda: True)
        self._at(story.CONNECTED, self._connect)
        self._at(story.DISCONNECTED, self._disconnect)
        self._at(story.REMOVED_AT, self._remove)

    def _wake(self) -> bool:
        self._wake_keeper()
        return True

    def _connect(self) -> bool:
        self.world.unconnected.pop("r.hub")
        self._meet(["r.hub", "d.hub"])
        self._wake_keeper()
        return True

    def _disconnect(self) -> bool:
        self.world.unconnected["r.left"] = "listed in SG_DISCONNECTED"
        return True

    def _remove(self) -> bool:
        gone = {"r.gone", "d.gone"}
        self.world.graph = Graph.of([table for table in GRAPH if table.name not in gone])
        return True
