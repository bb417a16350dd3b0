"""The evaluator's rules read as slowly as they can be: hour by hour, and path by path.

Written from the rules, not from the evaluator: it shares no code with it but the words of `verdict.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

from sg_assets.freshness.evaluate import State, Verdict, evaluate
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.promise import Promise
from sg_assets.table import Input
from sg_assets_tests.freshness.counting import breach, counted

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
BEGUN = {State.LATE, State.LATE_SOON}
BAD = {*BEGUN, State.NEVER_LANDED}
Path = tuple[str, ...]


class Oracle:
    """What is to be said of each table, given the facts; each question is answered once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        for question in ("is_connected", "plain", "steps", "causes", "roots"):
            setattr(self, question, cache(getattr(self, question)))

    def through(self, name: str) -> datetime | None:
        found = self.facts.states.get(name)
        if not found or not found.data_through:
            return None
        claims_the_future = found.data_through > self.facts.now and found.data_through > found.built_at
        return min(found.built_at, self.facts.now) if claims_the_future else found.data_through

    def promise(self, name: str) -> Promise | None:
        promise = self.facts.graph[name].promise
        return promise if isinstance(promise, Promise) else None

    def is_connected(self, name: str) -> bool:
        inputs = self.facts.graph[name].inputs
        counting = [i for i in inputs if self.could_count(i)]
        return (
            name not in self.facts.unconnected
            and all(i.is_optional or self.is_connected(i.table) for i in inputs)
            and (not counting or any(self.is_connected(i.table) for i in counting))
        )

    def could_count(self, wanted: Input) -> bool:
        return not wanted.is_lookup and self.promise(wanted.table) is not None

    def counts(self, wanted: Input) -> bool:
        if wanted.is_optional and (self.through(wanted.table) is None or not self.is_connected(wanted.table)):
            return False
        return self.could_count(wanted)

    def plain(self, name: str) -> tuple[State, datetime | None]:
        """State and since, notes left out of account."""
        promise, through, facts = self.promise(name), self.through(name), self.facts
        first_seen = facts.first_seen.get(name, facts.now)
        if not self.is_connected(name):
            return State.NOT_CONNECTED, None
        if promise is None:
            return (State.FROZEN, None) if through else (State.NEVER_LANDED, first_seen)
        late = breach(promise, through or first_seen, promise.fail)
        if late <= facts.now:
            return State.LATE, late
        if through is None:
            return State.NEVER_LANDED, first_seen
        soon = breach(promise, through, promise.warn)
        return (State.LATE_SOON, soon) if soon <= facts.now else (State.FRESH, None)

    def explains(self, wanted: Input, name: str) -> bool:
        """Whether an input's state alone suffices for that of its reader."""
        there, own, promise = self.through(wanted.table), self.through(name), self.promise(name)
        if there is None:
            inputs = self.facts.graph[name].inputs
            counting = [i for i in inputs if self.could_count(i)]
            is_last_hope = wanted in counting and all(self.through(i.table) is None for i in counting)
            others_block = any(not i.is_optional and self.through(i.table) is None for i in inputs)
            return not wanted.is_optional or (is_last_hope and not others_block and self.is_connected(wanted.table))
        if own is None or promise is None or not self.counts(wanted):
            return False
        window = promise.fail if self.plain(name)[0] is State.LATE else promise.warn
        return self.plain(wanted.table)[0] in BEGUN and breach(promise, there, window) <= self.facts.now

    def lags(self, name: str) -> bool:
        """Whether all that counts for a table reaches further than it does."""
        own = self.through(name)
        reaches = [self.through(i.table) for i in self.facts.graph[name].inputs if self.counts(i)]
        return own is not None and bool(reaches) and all(reach is not None and reach > own for reach in reaches)

    def held_by(self, name: str) -> list[str]:
        return [i.table for i in self.facts.graph[name].inputs if i.table in self.facts.failed_checks]

    def is_at_fault(self, name: str) -> bool:
        """Whether a table has not followed its inputs although it could."""
        promise, facts = self.promise(name), self.facts
        if promise is None or not self.lags(name) or self.held_by(name):
            return False
        counting = [i.table for i in facts.graph[name].inputs if self.counts(i)]
        window = promise.fail if self.plain(name)[0] is State.LATE else promise.warn
        is_idle = breach(promise, facts.states[name].built_at, window) <= facts.now
        is_waited_for = all(facts.states[table].built_at + QUARTER <= facts.now for table in counting)
        return name in facts.failing or (is_idle and is_waited_for)

    def steps(self, name: str) -> tuple[list[str], set[str]]:
        """What explains a table: inputs, whose roots are its own; and tables that are roots of it whatever they are."""
        if self.plain(name)[0] not in BAD:
            return [], set()
        up = [i.table for i in self.facts.graph[name].inputs if self.explains(i, name)]
        held = set(self.held_by(name)) if self.through(name) is None or self.lags(name) else set[str]()
        return up, held or (set() if up else self.roots_before(name))

    def roots_before(self, name: str) -> set[str]:
        """The roots that a table had, while it is yet to be built from inputs that have just come to be well."""
        counting = [i.table for i in self.facts.graph[name].inputs if self.counts(i)]
        states = [self.facts.states.get(table) for table in counting]
        moved = [state.built_at for state in states if state and state.data_through]
        is_waiting = len(moved) == len(counting) > 0 and (self.through(name) is None or self.lags(name))
        if not is_waiting or name in self.facts.failing or max(moved) + QUARTER <= self.facts.now:
            return set()
        above = {path[-1] for path in self.paths(name, self.inputs)} - {name}
        return above & set(self.facts.last_roots.get(name, ()))

    def inputs(self, name: str) -> list[str]:
        return [i.table for i in self.facts.graph[name].inputs]

    def causes(self, name: str) -> set[str]:
        """Where the ways up along what explains end."""
        up, also = self.steps(name)
        found = set(also).union(*(self.causes(table) for table in up))
        return found if (up or also) and not self.is_at_fault(name) else {*found, name}

    def paths(self, name: str, step: Callable[[str], Iterable[str]]) -> list[Path]:
        """Every way up, as far as it leads and to each table on it."""
        return [(name,), *((name, *path) for table in step(name) for path in self.paths(table, step))]

    def roots(self, name: str) -> dict[str, Path]:
        """Each root with the shortest way to it, of equally short ones the first by name.

        Ways over tables that explain come before others.
        """
        if self.plain(name)[0] not in BAD:
            return {}
        over_inputs, over_causes = self.paths(name, self.inputs), self.paths(name, lambda one: self.steps(one)[0])
        ways: dict[str, Path] = {}
        for paths in (over_inputs, over_causes):
            ways |= {path[-1]: path for path in sorted(paths, key=lambda path: (len(path), path), reverse=True)}
        return {root: ways[root] for root in self.causes(name)}

    def judged(self, name: str) -> tuple[State, datetime | None]:
        """State and since."""
        plain, since = self.plain(name)
        starts = [[note.start for note in self.active() if root in note.tables] for root in self.roots(name)]
        if since is None or plain not in BEGUN or not all(starts):
            return plain, since
        return State.NOTED, max(since, *(min(start) for start in starts))

    def active(self) -> list[Note]:
        """The notes of which it is the time, those that last longest first."""
        now = self.facts.now
        active = [n for n in self.facts.notes if n.start <= now < min(n.until, n.ended_at or n.until)]
        return sorted(active, key=lambda note: (note.until, note.id), reverse=True)

    def note(self, name: str) -> Note | None:
        """The table's own, else that of its first noted root, else that of the first input that shows one."""
        covering = [name, *(sorted(self.roots(name)) if self.is_connected(name) else ())]
        for table in covering:
            for note in self.active():
                if table in note.tables:
                    return note
        shown = (self.note(i.table) for i in self.facts.graph[name].inputs if self.counts(i))
        return next((note for note in shown if note), None)

    def is_why_not_connected(self, path: Path) -> bool:
        """Whether a path leads from what is not connected, along inputs that are not either, to the outside."""
        return (
            path[-1] in self.facts.unconnected
            and not any(map(self.is_connected, path))
            and all(up in {i.table for i in self.facts.graph[down].inputs} for down, up in pairwise(path))
        )


def assert_true(world: Facts) -> None:
    """Everything that is said of each table is what the oracle says."""
    oracle = Oracle(world)
    for name, verdict in evaluate(world).items():
        assert (verdict.state, verdict.since) == oracle.judged(name)
        assert verdict.note == oracle.note(name)
        assert verdict.data_through == oracle.through(name)
        assert bool(verdict.roots) == (verdict.state not in {State.FRESH, State.FROZEN})
        if verdict.state is State.NOT_CONNECTED:
            assert all(oracle.is_why_not_connected(root.path) for root in verdict.roots)
        else:
            assert {root.table: root.path for root in verdict.roots} == oracle.roots(name)
            assert_measured(world, oracle, verdict)


def assert_measured(world: Facts, oracle: Oracle, verdict: Verdict) -> None:
    """Lag and counted lag, and when the next update is due."""
    promise, through = oracle.promise(verdict.table), oracle.through(verdict.table)
    assert verdict.lag == (world.now - through if promise and through else None)
    assert verdict.counted_lag == (counted(promise, through, world.now) if promise and through else None)
    assert verdict.next_expected == (promise.next_tick(world.now) if promise else None)
