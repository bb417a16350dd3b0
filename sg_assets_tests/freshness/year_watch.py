"""What is said of the simulated year, compared with what is true, each time that anything can have changed.

The truth is how far each table is really complete, kept beside what its states claim; since when it is late follows
from that by counting hours (`counting.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sg_assets.freshness.evaluate import State, Verdict, evaluate
from sg_assets.promise import Promise
from sg_assets_tests.freshness.counting import breach
from sg_assets_tests.freshness.oracle import Oracle
from sg_assets_tests.freshness.runs import System

QUIET = {State.FRESH, State.FROZEN, State.NOT_CONNECTED}


@dataclass(frozen=True)
class Told:
    """A verdict that differs from the one before, and when it was first given; `is_late` leaves out notes."""

    at: datetime
    state: State
    since: datetime | None
    roots: frozenset[str]
    reason: str
    is_late: bool


class Watch:
    """Looks at verdicts and remembers what changed; every look is compared with the truth."""

    def __init__(self, system: System, truth: Mapping[str, datetime]) -> None:
        self.system = system
        self.truth = truth
        self.told: dict[str, list[Told]] = defaultdict(list)
        self.true: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)  # from when on, complete to when
        self.needs = {"d.hub": "r.hub", "d.left": "r.left"}
        self.looks = 0
        self.breaches: dict[str, tuple[datetime, datetime, datetime]] = {}  # complete to when, warn, fail

    def next_breach(self, after: datetime, until: datetime) -> datetime | None:
        """The first instant from one to the other at which, in truth, a window of a table is full."""
        found = None
        for table in self.system.warehouse.graph:
            start = self.truth.get(table.name) or self.system.first_seen.get(table.name)
            if start is None or not isinstance(table.promise, Promise):
                continue
            known = self.breaches.get(table.name)
            if known is None or known[0] != start:
                promise = table.promise
                known = start, breach(promise, start, promise.warn), breach(promise, start, promise.fail)
                self.breaches[table.name] = known
            for at in known[1:]:
                if after < at <= until and (found is None or at < found):
                    found = at
        return found

    def look(self) -> None:
        """Evaluate, compare, remember."""
        self.looks += 1
        self._remember_truth()
        roots = {name: told[-1].roots for name, told in self.told.items() if told[-1].roots}
        facts = replace(self.system.facts(), last_roots=roots)
        verdicts = evaluate(facts)
        assert verdicts.keys() == self.system.warehouse.graph.tables.keys()
        is_noted = any(verdict.state is State.NOTED for verdict in verdicts.values())
        bare = evaluate(replace(facts, notes=())) if is_noted else verdicts
        for name, verdict in bare.items():
            assert (verdict.state, verdict.since) == self._expected(name), (facts.now, verdict)
        self._compare_with_dagsters_own(verdicts)
        changed = [verdict for verdict in verdicts.values() if self._is_news(verdict, bare[verdict.table])]
        oracle = Oracle(facts) if any(verdict.state not in QUIET for verdict in changed) else None
        for name, verdict in verdicts.items() if oracle else ():
            if oracle and verdict.state not in QUIET:
                assert (verdict.state, verdict.since) == oracle.judged(name), (facts.now, verdict)
                assert {root.table: root.path for root in verdict.roots} == oracle.roots(name), (facts.now, verdict)
        for one in changed:
            is_late = bare[one.table].state is State.LATE
            self.told[one.table].append(Told(facts.now, one.state, one.since, _roots(one), one.reason, is_late))

    def _compare_with_dagsters_own(self, verdicts: Mapping[str, Verdict]) -> None:
        """Its window begins with the newest materialization; what it finds late is late, or noted."""
        for name, verdict in verdicts.items():
            state, promise = self.system.copy.get(name), verdict.promise
            if state is not None and promise is not None:
                is_alarm = self.system.now - state.built_at > promise.longest_span(promise.fail)
                assert not is_alarm or verdict.state in {State.LATE, State.NOTED, State.NOT_CONNECTED}, verdict

    def _is_news(self, verdict: Verdict, bare: Verdict) -> bool:
        before = self.told[verdict.table][-1] if verdict.table in self.told else None
        now = verdict.state, _roots(verdict), bare.state is State.LATE
        return before is None or (before.state, before.roots, before.is_late) != now

    def _remember_truth(self) -> None:
        for name, through in self.truth.items():
            if not self.true[name] or self.true[name][-1][1] != through:
                self.true[name].append((self.system.now, through))

    def _expected(self, name: str) -> tuple[State, datetime | None]:
        """The truth about a table, notes left out of account."""
        now, promise, through = self.system.now, self.system.warehouse.graph[name].promise, self.truth.get(name)
        if self.needs.get(name, name) in self.system.warehouse.unconnected:
            return State.NOT_CONNECTED, None
        first_seen = self.system.first_seen[name]
        if not isinstance(promise, Promise):
            return (State.FROZEN, None) if through else (State.NEVER_LANDED, first_seen)
        late = breach(promise, through or first_seen, promise.fail)
        if late <= now:
            return State.LATE, late
        if through is None:
            return State.NEVER_LANDED, first_seen
        soon = breach(promise, through, promise.warn)
        return (State.LATE_SOON, soon) if soon <= now else (State.FRESH, None)


def _roots(verdict: Verdict) -> frozenset[str]:
    return frozenset(root.table for root in verdict.roots)
