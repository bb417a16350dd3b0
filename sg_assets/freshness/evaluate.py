"""The evaluator: is each table's data as current as promised, and if not, since when, and because of what?

Pure. It judges data, never runs: `data_through` against the promise. Who is told of a verdict, and how, is decided
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.verdict import Root, State, Verdict, because, in_words
from sg_assets.promise import Promise
from sg_assets.table import Input, Table

__all__ = ["Root", "State", "Verdict", "evaluate"]

GRACE = timedelta(minutes=15)
"""How long a table may take to follow inputs that moved before it is held to be at fault itself."""

BAD = frozenset({State.LATE_SOON, State.LATE, State.NEVER_LANDED})


def evaluate(facts: Facts) -> dict[str, Verdict]:
    """The verdict on every declared table, in topological order."""
    return _Judging(facts).verdicts()


@dataclass(frozen=True, slots=True)
class _Timeliness:
    """A table's own standing towards its promise, before notes: its state, since when, and the window that it broke."""

    state: State
    since: datetime | None = None
    window: timedelta = timedelta(0)


class _Judging:
    """One evaluation of the graph, in topological order."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.standing: dict[str, _Timeliness] = {}
        self.roots: dict[str, tuple[Root, ...]] = {}
        active = sorted((note for note in facts.notes if note.is_active(facts.now)), key=lambda n: (n.until, n.id))
        self.notes = {name: note for note in active for name in note.tables}  # the one that lasts longest
        self.excused_since: dict[str, datetime] = {}
        for note in active:
            for name in note.tables:
                self.excused_since[name] = min(note.start, self.excused_since.get(name, note.start))
        self.note_above: dict[str, Note] = {}

    def verdicts(self) -> dict[str, Verdict]:
        return {table.name: self._verdict(table) for table in self.facts.graph}

    def _verdict(self, table: Table) -> Verdict:
        facts = self.facts
        standing = self.standing[table.name] = self._standing(table)
        roots = self.roots[table.name] = self._roots(table, standing)
        excuses = [self.notes.get(root.table) for root in roots]
        note = self._note(table, excuses)
        promise = table.promise if isinstance(table.promise, Promise) else None
        state = facts.states.get(table.name)
        verdict = Verdict(
            table.name,
            standing.state,
            table.owner,
            since=standing.since,
            data_through=state.data_through if state is not None else None,
            promise=promise,
            roots=roots,
            note=note,
        )
        if promise is not None and standing.state is not State.NOT_CONNECTED:
            through = self._through(table)
            verdict = replace(
                verdict,
                lag=None if through is None else max(facts.now - through, timedelta(0)),
                counted_lag=None if through is None else promise.counted(through, facts.now),
                next_expected=promise.next_tick(facts.now),
            )
        if standing.state in {State.LATE, State.LATE_SOON} and standing.since and None not in excuses:
            starts = [self.excused_since[root.table] for root in roots]
            verdict = replace(verdict, state=State.NOTED, since=max(standing.since, *starts))
        return replace(verdict, reason=self._reason(verdict))

    def _standing(self, table: Table) -> _Timeliness:
        """The table's data against its own promise."""
        facts = self.facts
        if not facts.is_connected(table.name):
            return _Timeliness(State.NOT_CONNECTED)
        through, promise = self._through(table), table.promise
        first_seen = facts.first_seen.get(table.name, facts.now)
        if not isinstance(promise, Promise):
            return _Timeliness(State.FROZEN) if through else _Timeliness(State.NEVER_LANDED, first_seen)
        late = promise.breach(through or first_seen, promise.fail)
        if late <= facts.now:
            return _Timeliness(State.LATE, late, promise.fail)
        if through is None:
            return _Timeliness(State.NEVER_LANDED, first_seen)
        soon = promise.breach(through, promise.warn)
        return _Timeliness(State.LATE_SOON, soon, promise.warn) if soon <= facts.now else _Timeliness(State.FRESH)

    def _through(self, table: Table) -> datetime | None:
        """A table's `data_through`; a claim about the future is not believed, but taken for when it was made."""
        state = self.facts.states.get(table.name)
        if state is None or state.data_through is None:
            return None
        return state.data_through if state.data_through <= self.facts.now else min(state.built_at, self.facts.now)

    def _roots(self, table: Table, standing: _Timeliness) -> tuple[Root, ...]:
        if standing.state is State.NOT_CONNECTED:
            path = self.facts.not_connected[table.name]
            return (Root(path[-1], path),)
        if standing.state not in BAD:
            return ()
        found: dict[str, Root] = {}
        for wanted in self._explaining(table, standing):
            for root in self.roots[wanted.table]:
                longer = Root(root.table, (table.name, *root.path))
                known = found.get(root.table)
                if known is None or (len(longer.path), longer.path) < (len(known.path), known.path):
                    found[root.table] = longer
        if not found or self._is_at_fault(table, standing):
            found[table.name] = Root(table.name, (table.name,))
        return tuple(found[name] for name in sorted(found))

    def _explaining(self, table: Table, standing: _Timeliness) -> list[Input]:
        """The inputs by which a table would be as it is even if it had just been built, or cannot be built at all."""
        facts = self.facts
        blocking = [i for i in table.inputs if not i.is_optional and not facts.has_landed(i.table)]
        counted = facts.graph.counted_inputs(table)
        if not blocking and counted and not any(facts.has_landed(i.table) for i in counted):
            blocking = [i for i in counted if facts.is_connected(i.table)]
        promise, state = table.promise, facts.states.get(table.name)
        if not isinstance(promise, Promise) or state is None or not state.has_landed:
            return blocking
        late = [
            wanted
            for wanted in facts.counted_inputs(table)
            if self.standing[wanted.table].state in {State.LATE, State.LATE_SOON}
            and (through := self._through(facts.graph[wanted.table])) is not None
            and promise.breach(through, standing.window) <= facts.now
        ]
        return blocking + late

    def _is_at_fault(self, table: Table, standing: _Timeliness) -> bool:
        """Whether a table would be late even if the inputs that explain it were not: it did not follow them either.

        It did not when its inputs reach further than it does, and its last try failed, or it was not built for longer
        than its window while they have been waiting for it.
        """
        facts, promise = self.facts, table.promise
        state, least = facts.states.get(table.name), facts.least_reach(table)
        if not isinstance(promise, Promise) or state is None or state.data_through is None:
            return False
        if least is None or least <= state.data_through:
            return False
        if table.name in facts.failing:
            return True
        moved = max(facts.states[i.table].built_at for i in facts.counted_inputs(table))
        return promise.breach(state.built_at, standing.window) <= facts.now and moved + GRACE <= facts.now

    def _note(self, table: Table, excuses: Iterable[Note | None]) -> Note | None:
        """The note to show: the table's own, else a root's, else that of the nearest noted table above."""
        above = (self.note_above.get(i.table) for i in self.facts.counted_inputs(table))
        note = next((n for n in (self.notes.get(table.name), *excuses, *above) if n is not None), None)
        if note is not None:
            self.note_above[table.name] = note
        return note

    def _reason(self, verdict: Verdict) -> str:
        facts, promise = self.facts, verdict.promise
        failing = facts.failing.get(verdict.table)
        cause = because(verdict.table, verdict.roots, failing)
        if verdict.state is State.NOT_CONNECTED:
            source = verdict.roots[0].table
            told = facts.unconnected[source]
            return told if source == verdict.table else f"{source} is not connected: {told}"
        if promise is None:
            return f"no data yet, {cause}" if verdict.state is State.NEVER_LANDED else "never changes again"
        if verdict.data_through is None or verdict.lag is None:
            waited = f"no data yet, {cause}"
        else:
            waited = f"complete to {verdict.data_through:%Y-%m-%d %H:%M}, {in_words(verdict.lag)} ago"
            if verdict.state is not State.FRESH:
                window = promise.warn if verdict.state is State.LATE_SOON else promise.fail
                waited += f", promised within {in_words(window)}, {cause}"
        if verdict.note is not None and verdict.state in {State.NOTED, State.LATE, State.LATE_SOON}:
            waited += f"; noted by {verdict.note.author}: {verdict.note.reason}"
        return waited
