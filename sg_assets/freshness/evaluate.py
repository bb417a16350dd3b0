"""The evaluator: is each table's data as current as promised, and if not, since when, and because of what?

Pure. It judges data, never runs: `data_through` against the promise. Who is told of a verdict, and how, is decided
elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.roots import Causes, Root, Roots
from sg_assets.freshness.verdict import State, Verdict, because, in_words
from sg_assets.promise import Promise
from sg_assets.table import Table

__all__ = ["Root", "State", "Verdict", "evaluate"]

GRACE = timedelta(minutes=15)
"""How long a table may take to follow inputs that moved before it is held to be at fault itself."""

MANY = 3  # roots that a sentence names

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
        self.causes = Causes(facts.graph.order)
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
        state, since = standing.state, standing.since
        if state in BAD:
            above, held = self._explaining(table, standing), self._holding(table)
            is_root = not (above or held) or self._is_at_fault(table, standing)
            roots = self.causes.tell(table.name, above, held, is_root=is_root)
            if state is not State.NEVER_LANDED and since is not None and not roots.bits & ~self.excused:
                state, since = State.NOTED, max(since, *(self.excused_since[name] for name in roots.tables))
        through = facts.data_through(table.name)
        promise = table.promise if isinstance(table.promise, Promise) else None
        lag = None if through is None or promise is None else facts.now - through
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
            reason=self._reason(table, standing, roots, lag, note),
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
        waits = not self.facts.has_landed(table.name) or self._lags(table)
        return self.facts.held_by(table) if waits else []

    def _is_at_fault(self, table: Table, standing: _Timeliness) -> bool:
        """Whether a table would be late even if the inputs that explain it were not: it did not follow them either.

        It did not when its inputs reach further than it does, and its last try failed, or it was not built for longer
        than its window while they have been waiting for it.
        """
        facts, promise = self.facts, table.promise
        if not isinstance(promise, Promise) or not self._lags(table) or facts.held_by(table):
            return False
        if table.name in facts.failing:
            return True
        state = facts.states[table.name]
        moved = max(facts.states[i.table].built_at for i in facts.counted_inputs(table))
        return promise.breach(state.built_at, standing.window) <= facts.now and moved + GRACE <= facts.now

    def _lags(self, table: Table) -> bool:
        """Whether a table has landed, and all its inputs reach further than it does."""
        through, least = self.facts.data_through(table.name), self.facts.least_reach(table)
        return through is not None and least is not None and through < least

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

    def _reason(
        self,
        table: Table,
        standing: _Timeliness,
        roots: Roots | tuple[()],
        lag: timedelta | None,
        note: Note | None,
    ) -> str:
        if standing.state is State.FROZEN:
            return "never changes again" + self._of_checks(table, roots)
        told = self._complete(table, lag) if lag is not None else "no data yet"
        if standing.window and lag is not None:
            told += f", promised within {in_words(standing.window)}"
        failing = self.facts.failing.get(table.name)
        if roots:
            own = self.causes.mask([table.name])
            above = [
                f"{name} ({self.facts.failed_checks[name]})" if name in self.facts.failed_checks else name
                for name in islice(self.causes.named(roots.bits & ~own), MANY)
            ]
            at_fault = failing if roots.bits & own else None
            told += ", " + because(above, (roots.bits & ~own).bit_count() - len(above), at_fault)
        elif failing:
            told += f"; {failing}"
        told += self._of_checks(table, roots)
        if note is not None:
            told += f"; noted by {note.author} until {note.until:%Y-%m-%d %H:%M}: {note.reason}"
        return told

    def _of_checks(self, table: Table, roots: Roots | tuple[()]) -> str:
        """What failed checks mean for a table, where its roots do not say so: its own, and those of what it reads."""
        failed = self.facts.failed_checks
        told = f"; what reads it waits: {failed[table.name]}" if table.name in failed else ""
        for name in self.facts.held_by(table):
            if not roots:
                told += f"; waits for {name} ({failed[name]})"
        return told

    def _complete(self, table: Table, lag: timedelta) -> str:
        through, claimed = self.facts.data_through(table.name), self.facts.states[table.name].data_through
        told = f"complete to {through:%Y-%m-%d %H:%M}, {in_words(lag)} ago"
        return told if claimed == through else f"{told} (that it reaches {claimed:%Y-%m-%d %H:%M} is not believed)"
