"""Transitions: when each table's state changed, at the instant at which it did, not at which somebody looked.

Pure. A breach begins at the second that follows from the data, and ends with the build that mended it; so history is
right, too, for the hours in which nobody looked. What is made of it is in `history.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.freshness.verdict import State, Verdict
from sg_assets.promise import Promise

if TYPE_CHECKING:
    from sg_assets.freshness.facts import Facts
    from sg_assets.freshness.notes import Note

REMOVED = "removed"
"""The state of a table that is no longer defined; it ends its history."""

KEPT = frozenset({State.FRESH, State.LATE_SOON})


@dataclass(frozen=True, slots=True)
class Transition:
    """A table's state from `since` on; `recorded_at` is when it was found out."""

    table: str
    state: str
    since: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a table stood when it was looked at last: its last transition, how far its data reached, and its roots."""

    state: str
    since: datetime
    data_through: datetime | None = None
    roots: tuple[str, ...] = ()


def transitions(known: Mapping[str, Standing], verdicts: Mapping[str, Verdict], facts: Facts) -> list[Transition]:
    """What changed since the tables were looked at last, in the order in which it happened to each."""
    found: list[Transition] = []
    for verdict in verdicts.values():
        before = known.get(verdict.table)
        if before is not None:
            found += missed(before, verdict, facts)
        last = found[-1] if found and found[-1].table == verdict.table else None
        if before is None or (last.state if last else before.state) != verdict.state:
            since = _since(Standing(last.state, last.since) if last else before, verdict, facts)
            found.append(Transition(verdict.table, verdict.state, since, facts.now))
    gone = [name for name, before in known.items() if name not in verdicts and before.state != REMOVED]
    return found + [Transition(name, REMOVED, facts.now, facts.now) for name in gone]


def missed(before: Standing, verdict: Verdict, facts: Facts) -> list[Transition]:
    """A breach that began and ended while nobody looked: the data stood still past its window, and was then mended."""
    state = facts.states.get(verdict.table)
    promise = facts.graph[verdict.table].promise
    if before.state not in KEPT or before.data_through is None or not isinstance(promise, Promise):
        return []
    if state is None or verdict.data_through is None or verdict.data_through <= before.data_through:
        return []
    breach = promise.breach(before.data_through, promise.fail)
    if breach >= min(state.built_at, facts.now) or any(n.is_active(breach) for n in _notes({verdict.table}, facts)):
        return []
    return [Transition(verdict.table, State.LATE, max(breach, before.since), facts.now)]


def _since(before: Standing | None, verdict: Verdict, facts: Facts) -> datetime:
    """When a state began: not before the one that it follows, and not after now."""
    state = facts.states.get(verdict.table)
    began = verdict.since
    if verdict.state in {State.FRESH, State.FROZEN} and state is not None:
        began = state.built_at
    if before is not None and before.state == State.NOTED and verdict.state in {State.LATE, State.LATE_SOON}:
        # What a note excused began earlier; what nothing excuses any more, with its end, or with another cause: now.
        covering = _notes({verdict.table, *(root.table for root in verdict.roots)}, facts)
        began = max((_end(n) for n in covering if before.since <= _end(n) <= facts.now), default=facts.now)
    earliest = before.since if before is not None else None
    if began is None or began > facts.now:
        return facts.now
    return began if earliest is None else max(began, earliest)


def _notes(tables: Collection[str], facts: Facts) -> Iterable[Note]:
    return (note for note in facts.notes if not set(note.tables).isdisjoint(tables))


def _end(note: Note) -> datetime:
    return note.until if note.ended_at is None else min(note.until, note.ended_at)
