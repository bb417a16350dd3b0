"""The evaluator against a brute-force reading of the rules: hour by hour, and path by path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sg_assets.freshness.evaluate import State, evaluate
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.promise import DAILY, HOURLY, Promise
from sg_assets.table import Input, Table
from sg_assets_tests.freshness.scenes import HOUR, at, derived, facts, frozen, pull, state

QUARTER = timedelta(minutes=15)
WEEKDAYS = Promise("0 6 * * 1-5", warn=27 * HOUR, fail=40 * HOUR, timezone="America/Los_Angeles")
PROMISES = [HOURLY, DAILY, WEEKDAYS, Promise("0 0 * * 3", warn=30 * HOUR, fail=48 * HOUR)]
ages = st.one_of(st.integers(0, 60), st.integers(0, 250))  # hours before noon


@st.composite
def worlds(draw: st.DrawFn) -> Facts:
    """A few tables in any state, some noted, some not connected, some failing."""
    tables: list[Table] = []
    states, first_seen = [], {}
    for n in range(draw(st.integers(1, 7))):
        name = f"t.{n}"
        promise = draw(st.sampled_from(PROMISES))
        above = draw(st.lists(st.sampled_from(tables), unique_by=lambda t: t.name, max_size=4)) if tables else []
        if above:
            kinds = st.sampled_from(["", "", "", "lookup", "optional"])
            inputs = [_input(table.name, draw(kinds)) for table in above]
            tables.append(derived(name, *inputs, promise=promise))
        else:
            tables.append(frozen(name) if draw(st.integers(0, 5)) == 0 else pull(name, promise))
        first_seen[name] = at(draw(ages))
        if draw(st.integers(0, 5)):
            through = draw(ages)
            states.append(state(name, at(through), built_at=at(draw(st.integers(0, through)))))
    some = st.lists(st.sampled_from([t.name for t in tables]), unique=True, max_size=2)
    return facts(
        tables,
        states,
        first_seen=first_seen,
        unconnected={name: "no key" for name in draw(some) if not any(t.inputs for t in tables if t.name == name)},
        failing=dict.fromkeys(draw(some), "it broke"),
        notes=tuple(_note(n, names, draw(ages)) for n, names in enumerate(draw(st.lists(some, max_size=3))) if names),
    )


def _input(name: str, kind: str) -> Input:
    return Input(name, is_lookup=kind == "lookup", is_optional=kind == "optional")


def _note(number: int, names: list[str], age: int) -> Note:
    return Note(str(number), tuple(names), "ada", "it is known", start=at(age + 1), until=at(-number))


@dataclass(frozen=True)
class Oracle:
    """The rules, read as slowly as they can be."""

    facts: Facts

    def through(self, name: str) -> datetime | None:
        found = self.facts.states.get(name)
        return found.data_through if found else None

    def breach(self, promise: Promise, at: datetime, window: timedelta) -> datetime:
        """The first hour that counts and before which the window is full."""
        while True:
            counts = at.astimezone(promise.zone).weekday() in promise.counted_weekdays
            if counts and window == timedelta(0):
                return at
            window -= HOUR if counts else timedelta(0)
            at += HOUR

    def is_connected(self, name: str) -> bool:
        inputs = self.facts.graph[name].inputs
        counting = [i for i in inputs if self.could_count(i)]
        return (
            name not in self.facts.unconnected
            and all(i.is_optional or self.is_connected(i.table) for i in inputs)
            and (not counting or any(self.is_connected(i.table) for i in counting))
        )

    def could_count(self, wanted: Input) -> bool:
        return not wanted.is_lookup and isinstance(self.facts.graph[wanted.table].promise, Promise)

    def counts(self, wanted: Input) -> bool:
        if wanted.is_optional and (self.through(wanted.table) is None or not self.is_connected(wanted.table)):
            return False
        return self.could_count(wanted)

    def plain(self, name: str) -> tuple[State, datetime | None]:
        """State and since, notes left out of account."""
        promise, through, facts = self.facts.graph[name].promise, self.through(name), self.facts
        if not self.is_connected(name):
            return State.NOT_CONNECTED, None
        if not isinstance(promise, Promise):
            return (State.FROZEN, None) if through else (State.NEVER_LANDED, facts.first_seen[name])
        late = self.breach(promise, through or facts.first_seen[name], promise.fail)
        if late <= facts.now:
            return State.LATE, late
        if through is None:
            return State.NEVER_LANDED, facts.first_seen[name]
        soon = self.breach(promise, through, promise.warn)
        return (State.LATE_SOON, soon) if soon <= facts.now else (State.FRESH, None)

    def explains(self, wanted: Input, name: str) -> bool:
        """Whether an input's state alone suffices for that of its reader."""
        there, own, promise = self.through(wanted.table), self.through(name), self.facts.graph[name].promise
        if there is None:
            inputs = self.facts.graph[name].inputs
            counting = [i for i in inputs if self.could_count(i)]
            is_last_hope = wanted in counting and all(self.through(i.table) is None for i in counting)
            others_block = any(
                not i.is_optional and self.through(i.table) is None for i in self.facts.graph[name].inputs
            )
            return not wanted.is_optional or (is_last_hope and not others_block and self.is_connected(wanted.table))
        if own is None or not isinstance(promise, Promise) or not self.counts(wanted):
            return False
        window = promise.fail if self.plain(name)[0] is State.LATE else promise.warn
        is_bad = self.plain(wanted.table)[0] in {State.LATE, State.LATE_SOON}
        return is_bad and self.breach(promise, there, window) <= self.facts.now

    def is_at_fault(self, name: str) -> bool:
        own, promise, facts = self.through(name), self.facts.graph[name].promise, self.facts
        counting = [i.table for i in facts.graph[name].inputs if self.counts(i)]
        reaches = [self.through(table) for table in counting]
        if own is None or not isinstance(promise, Promise) or not reaches or None in reaches:
            return False
        if min(reach for reach in reaches if reach) <= own:
            return False
        window = promise.fail if self.plain(name)[0] is State.LATE else promise.warn
        is_idle = self.breach(promise, facts.states[name].built_at, window) <= facts.now
        is_waited_for = all(facts.states[table].built_at + QUARTER <= facts.now for table in counting)
        return name in facts.failing or (is_idle and is_waited_for)

    def paths(self, name: str) -> list[tuple[str, ...]]:
        """Every way up along inputs that explain, to where nothing further up does."""
        up = [i.table for i in self.facts.graph[name].inputs if self.explains(i, name)]
        found = [(name, *path) for table in up for path in self.paths(table)]
        return found if up and not self.is_at_fault(name) else [*found, (name,)]

    def roots(self, name: str) -> dict[str, tuple[str, ...]]:
        if self.plain(name)[0] not in {State.LATE, State.LATE_SOON, State.NEVER_LANDED}:
            return {}
        paths = sorted(self.paths(name), key=lambda path: (len(path), path), reverse=True)
        return {path[-1]: path for path in paths}

    def judged(self, name: str) -> tuple[State, datetime | None]:
        plain, since = self.plain(name)
        active = [note for note in self.facts.notes if note.is_active(self.facts.now)]
        starts = [[note.start for note in active if root in note.tables] for root in self.roots(name)]
        if since is None or plain not in {State.LATE, State.LATE_SOON} or not all(starts):
            return plain, since
        return State.NOTED, max(since, *(min(start) for start in starts))


@given(worlds())
@settings(max_examples=10 * settings().max_examples)
def test_verdicts_are_what_the_rules_say_read_slowly(world: Facts) -> None:
    oracle = Oracle(world)
    for name, verdict in evaluate(world).items():
        assert (verdict.state, verdict.since) == oracle.judged(name)
        if verdict.state is not State.NOT_CONNECTED:
            assert {root.table: root.path for root in verdict.roots} == oracle.roots(name)
        assert bool(verdict.roots) == (verdict.state not in {State.FRESH, State.FROZEN})


@given(worlds(), st.integers(0, 100))
def test_without_new_data_nothing_ever_gets_better(world: Facts, hours: int) -> None:
    order = [State.FRESH, State.LATE_SOON, State.NEVER_LANDED, State.LATE]
    now, then = (evaluate(replace(world, notes=(), now=at)) for at in (world.now, world.now + hours * HOUR))
    for name, verdict in now.items():
        if verdict.state in order:
            assert order.index(then[name].state) >= order.index(verdict.state)


@given(worlds())
def test_a_state_that_has_begun_was_so_at_its_first_instant_and_not_before(world: Facts) -> None:
    for name, verdict in evaluate(world).items():
        if verdict.state in {State.LATE, State.LATE_SOON} and verdict.since is not None:
            began, before = (evaluate(replace(world, notes=(), now=verdict.since - n * QUARTER))[name] for n in (0, 1))
            assert began.state is verdict.state
            assert before.state is not verdict.state
