"""The evaluator: is each table's data as current as promised, and if not, since when, and because of what?

Pure. It judges data, never runs: `data_through` against the promise. Who is told of a verdict, and how, is decided
elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.reason import reason
from sg_assets.freshness.roots import Causes, Root, Roots
from sg_assets.freshness.verdict import State, Verdict
from sg_assets.promise import Promise
from sg_assets.table import Table

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
        self.causes = Causes(facts.graph)
        active = sorted((note for note in facts.notes if note.is_active(facts.now)), key=lambda n: (n.until, n.id))
        self.notes = {name: note for note in active for name in note.tables}  # the one that lasts longest
        self.excused = self.causes.mask(self.notes)
        self.excused_since: dict[str, datetime] = {}
        for note in active:
            for name in note.tables:
                self.excused_since[name] = min(note.start, self.excused_since.get(name, note.start))
        self.shown: dict[str, Note] = {}

    def verdicts(self) -> dict[str, Verdict]:
        return {table.name: self._verdict(table) for table in self.facts.graph}

    def _verdict(self, table: Table) -> Verdict:
        facts = self.facts
        standing = self.standing[table.name] = self._standing(table)
        if standing.state is State.NOT_CONNECTED:
            return self._not_connected(table)
        roots: Roots | tuple[()] = ()
        state, since, mended = standing.state, standing.since, None
        if state in BAD:
            above: list[str] = self._explaining(table, standing)
            also: Collection[str] = self._holding(table)
            if not (above or also):
                also, mended = self._yet_to_follow(table)
            is_root = not (above or also) or self._is_at_fault(table, standing)
            roots = self.causes.tell(table.name, above, also, is_root=is_root)
            if state is not State.NEVER_LANDED and since is not None and not roots.bits & ~self.excused:
                state, since = State.NOTED, max(since, *(self.excused_since[name] for name in roots.tables))
        through = facts.data_through(table.name)
        promise = table.promise if isinstance(table.promise, Promise) else None
        lag = None if through is None or promise is None else max(facts.now - through, timedelta(0))
        note = self._note(table, roots)
        return Verdict(
            table.name,
            state,
            table.owner,
            since=since,
            data_through=through,
            lag=lag,
            counted_lag=promise.counted(through, facts.now) if promise is not None and through is not None else None,
            promise=promise,
            roots=roots,
            note=note,
            next_expected=promise.next_tick(facts.now) if promise is not None else None,
            reason=reason(facts, table, standing.window, roots, note, mended),
        )

    def _not_connected(self, table: Table) -> Verdict:
        facts, path = self.facts, self.facts.not_connected[table.name]
        told = facts.unconnected[path[-1]]
        return Verdict(
            table.name,
            State.NOT_CONNECTED,
            table.owner,
            data_through=facts.data_through(table.name),
            promise=table.promise if isinstance(table.promise, Promise) else None,
            roots=(Root(path[-1], path),),
            note=self._note(table, ()),
            reason=told if len(path) == 1 else f"{path[-1]} is not connected: {told}",
        )

    def _standing(self, table: Table) -> _Timeliness:
        """The table's data against its own promise."""
        facts = self.facts
        if not facts.is_connected(table.name):
            return _Timeliness(State.NOT_CONNECTED)
        through, promise = facts.data_through(table.name), table.promise
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

    def _explaining(self, table: Table, standing: _Timeliness) -> list[str]:
        """The inputs by which a table would be as it is even if it had just been built, or cannot be built at all."""
        facts = self.facts
        found = [i.table for i in table.inputs if not i.is_optional and not facts.has_landed(i.table)]
        counted = facts.graph.counted_inputs(table)
        if not found and counted and not any(facts.has_landed(i.table) for i in counted):
            found = [i.table for i in counted if facts.is_connected(i.table)]
        promise = table.promise
        if not isinstance(promise, Promise) or not facts.has_landed(table.name):
            return found
        for wanted in facts.counted_inputs(table):
            through = facts.data_through(wanted.table)
            is_late = self.standing[wanted.table].state in {State.LATE, State.LATE_SOON}
            if is_late and through is not None and promise.breach(through, standing.window) <= facts.now:
                found.append(wanted.table)
        return found

    def _holding(self, table: Table) -> list[str]:
        """The inputs whose failed checks keep a table from following them, whatever is so of themselves."""
        return self.facts.held_by(table) if not self.facts.has_landed(table.name) or self.facts.waits(table) else []

    def _yet_to_follow(self, table: Table) -> tuple[Collection[str], datetime | None]:
        """The roots that a table had, for a while after they are well again, and since when they are.

        It is yet to be built from what they gave.
        Else each table would be a root for a moment, one after the other, whenever something far above them is mended.
        """
        facts, before = self.facts, self.facts.last_roots.get(table.name)
        if not before or table.name in facts.failing or not facts.waits(table):
            return (), None
        moved = max(facts.states[i.table].built_at for i in facts.counted_inputs(table))
        roots = facts.graph.ancestors([table.name]) & set(before) if facts.now < moved + GRACE else frozenset()
        return roots, moved if roots else None

    def _is_at_fault(self, table: Table, standing: _Timeliness) -> bool:
        """Whether a table would be late even if the inputs that explain it were not: it did not follow them either.

        It did not when its inputs reach further than it does, and its last try failed, or it was not built for longer
        than its window while they have been waiting for it.
        """
        facts, promise = self.facts, table.promise
        if not isinstance(promise, Promise) or not facts.has_landed(table.name) or not facts.waits(table):
            return False
        if facts.held_by(table):
            return False
        if table.name in facts.failing:
            return True
        state = facts.states[table.name]
        moved = max(facts.states[i.table].built_at for i in facts.counted_inputs(table))
        return promise.breach(state.built_at, standing.window) <= facts.now and moved + GRACE <= facts.now

    def _note(self, table: Table, roots: Roots | tuple[()]) -> Note | None:
        """The note to show: the table's own, else a root's, else that of the first noted table right above."""
        if not self.notes:
            return None
        note = self.notes.get(table.name)
        if note is None and roots:
            note = next((self.notes[name] for name in self.causes.named(roots.bits & self.excused)), None)
        if note is None:
            above = (self.shown.get(i.table) for i in self.facts.counted_inputs(table))
            note = next((n for n in above if n is not None), None)
        if note is not None:
            self.shown[table.name] = note
        return note
