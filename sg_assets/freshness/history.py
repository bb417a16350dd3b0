"""Attainment: for what share of the time a table, or all tables of a source, kept their promise. Pure.

Time in which there is no promise to keep does not count: nothing landed yet, nothing is connected, frozen, removed.
Neither does time that a note excuses: it is neither kept nor broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sg_assets.freshness.transitions import KEPT, Transition
from sg_assets.freshness.verdict import State

WINDOWS = (7, 30, 90)
"""Days that are looked back on."""


@dataclass(frozen=True, slots=True)
class Attainment:
    """For how long a promise was kept, of the time in which there was one to be kept."""

    kept: timedelta
    judged: timedelta

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there was no promise to be kept at any time."""
        return self.kept / self.judged if self.judged else None


def by_table(history: Iterable[Transition]) -> dict[str, list[Transition]]:
    """The transitions of each table, in the order in which they took place."""
    found: dict[str, list[Transition]] = {}
    for one in history:
        found.setdefault(one.table, []).append(one)
    return found


def attainment(timelines: Iterable[Sequence[Transition]], start: datetime, end: datetime) -> Attainment:
    """How well the tables of some timelines kept their promises together from `start` to `end`.

    The promise is kept while it is by every table that has one to keep then.
    """
    changes: list[tuple[datetime, int, int]] = []  # when, by how many more tables are judged, and late
    for timeline in timelines:
        for at, until, state in _stretches(timeline, start, end):
            late = int(state == State.LATE)
            if late or state in KEPT:
                changes += [(at, 1, late), (until, -1, -late)]
    kept = judged = timedelta(0)
    with_promise = late_now = 0
    changes.sort()
    for (at, more, more_late), (until, _, _) in pairwise([*changes, (end, 0, 0)]):
        with_promise, late_now = with_promise + more, late_now + more_late
        if with_promise:
            judged += until - at
            kept += timedelta(0) if late_now else until - at
    return Attainment(kept, judged)


def looked_back(
    timelines: Mapping[str, Sequence[Transition]], groups: Mapping[str, Iterable[str]], now: datetime
) -> dict[tuple[str, int], Attainment]:
    """The attainment of each group of tables over each of the `WINDOWS`, by group and days."""
    return {
        (name, days): attainment((timelines.get(t, ()) for t in tables), now - timedelta(days=days), now)
        for name, tables in ((name, list(tables)) for name, tables in groups.items())
        for days in WINDOWS
    }


def _stretches(
    timeline: Sequence[Transition], start: datetime, end: datetime
) -> Iterable[tuple[datetime, datetime, str]]:
    """From when to when a table was in which state, within the time looked at."""
    ends = [*(one.since for one in timeline[1:]), end]
    for one, until in zip(timeline, ends, strict=True) if timeline else ():
        cut, until_cut = max(one.since, start), min(until, end)
        if cut < until_cut:
            yield cut, until_cut, one.state
