"""What is said of one table's freshness, and how to say it in a sentence. How it is found out is in `evaluate.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sg_assets.freshness.notes import Note
from sg_assets.freshness.roots import Root, Roots
from sg_assets.promise import Promise

HOUR = timedelta(hours=1)
TWO_DAYS = timedelta(days=2)


class State(StrEnum):
    """The seven things that can be said of a table; `late` is the one that opens an incident."""

    FRESH = "fresh"
    LATE_SOON = "late_soon"
    LATE = "late"
    NEVER_LANDED = "never_landed"
    NOTED = "noted"
    FROZEN = "frozen"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is so of a table now, and why.

    Attributes:
        table: its name.
        state: one of seven.
        since: the instant at which this state began, as far as it follows from the data: the breach of a window for
            `late_soon` and `late`, the first start for `never_landed`; None where nothing began.
        data_through: the instant up to which its data is complete; None when no data has landed.
        lag: how long ago that was; `counted_lag` leaves out the days that its promise does not count.
        promise: what was promised; None for a frozen table.
        roots: what explains it, one for each independent cause; empty when all is well.
        note: the note that covers the table, a root of it, or, failing these, a table above it.
        next_expected: the promise's next tick.
        owner: who owns the table.
        reason: one plain sentence.
    """

    table: str
    state: State
    owner: str
    since: datetime | None = None
    data_through: datetime | None = None
    lag: timedelta | None = None
    counted_lag: timedelta | None = None
    promise: Promise | None = None
    roots: Sequence[Root] = ()
    note: Note | None = None
    next_expected: datetime | None = None
    reason: str = ""

    @property
    def root_names(self) -> tuple[str, ...]:
        """The names of the roots; the ways to them are not worked out for that."""
        roots = self.roots
        return tuple(roots.tables) if isinstance(roots, Roots) else tuple(root.table for root in roots)


def in_words(span: timedelta) -> str:
    """A span of time as a person says it: `50 min`, `31 h`, `4 days`."""
    if span < 2 * HOUR:
        return f"{span // timedelta(minutes=1)} min"
    return f"{span // HOUR} h" if span < TWO_DAYS else f"{span // timedelta(days=1)} days"
