"""The reason of a verdict, in one plain sentence: how far the data is complete, why it is no further, what is noted.

Words only: what is so, and which tables explain it, was found out in `evaluate.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.freshness.roots import Roots
from sg_assets.freshness.verdict import in_words
from sg_assets.promise import Promise

if TYPE_CHECKING:
    from sg_assets.freshness.facts import Facts
    from sg_assets.freshness.notes import Note
    from sg_assets.table import Table

MANY = 3  # roots that a sentence names


def reason(  # noqa: PLR0913, PLR0917 (what a sentence is made of)
    facts: Facts, table: Table, window: timedelta, roots: Roots | tuple[()], note: Note | None, mended: datetime | None
) -> str:
    """Why a connected table is as it is.

    Args:
        facts: what is so.
        table: the table.
        window: the window that it broke; zero where it broke none.
        roots: the tables that explain it.
        note: the note that is shown for it.
        mended: when its roots were well again, where it is only yet to be built from what they gave.
    """
    told = _complete(facts, table)
    if window and facts.has_landed(table.name):
        told += f", promised within {in_words(window)}"
    failing = facts.failing.get(table.name)
    if isinstance(roots, Roots) and roots:
        is_own, above, more = roots.besides(table.name, MANY)
        names = [f"{name} ({facts.failed_checks[name]})" if name in facts.failed_checks else name for name in above]
        told += ", " + because(names, more, (failing or _idle(facts, table)) if is_own else None)
    elif failing:
        told += f"; {failing}"
    if mended is not None:
        told += f"; what was missing came at {mended:%Y-%m-%d %H:%M}, it is yet to be built from it"
    told += _of_checks(facts, table, is_explained=bool(roots))
    if note is not None:
        told += f"; noted by {note.author} until {note.until:%Y-%m-%d %H:%M}: {note.reason}"
    return told


def because(above: Sequence[str], more: int, own: str | None) -> str:
    """The cause of a verdict in a clause.

    `above` are the first of the roots other than the table itself, `more` the number of the others; `own` is what is
    wrong with the table itself, where it is a root.
    """
    if not above:
        return own or "nothing above it explains it"
    named = ", ".join(above) + (f" and {more} more" if more else "")
    return f"because of {named}" + (f"; besides, by itself: {own}" if own else "")


def _complete(facts: Facts, table: Table) -> str:
    through = facts.data_through(table.name)
    if through is None:
        return "no data yet"
    if not isinstance(table.promise, Promise):
        return "never changes again"
    claimed = facts.states[table.name].data_through
    told = f"complete to {through:%Y-%m-%d %H:%M}, {in_words(max(facts.now - through, timedelta(0)))} ago"
    return told if claimed == through else f"{told} (that it reaches {claimed:%Y-%m-%d %H:%M} is not believed)"


def _idle(facts: Facts, table: Table) -> str | None:
    """What did not happen to a table that is a root although nothing is known to have failed."""
    state = facts.states.get(table.name)
    has_landed = facts.has_landed(table.name)
    if table.is_raw:
        return (
            f"last fetched at {state.built_at:%Y-%m-%d %H:%M}" if state is not None and has_landed else "never fetched"
        )
    if not facts.waits(table):
        return None
    moved = max(facts.states[i.table].built_at for i in facts.counted_inputs(table))
    return f"not built from what its inputs have since {moved:%Y-%m-%d %H:%M}"


def _of_checks(facts: Facts, table: Table, *, is_explained: bool) -> str:
    """What failed checks mean for a table, where its roots do not say so: its own, and those of what it reads."""
    failed = facts.failed_checks
    told = f"; what reads it waits: {failed[table.name]}" if table.name in failed else ""
    if not is_explained:
        told += "".join(f"; waits for {name} ({failed[name]})" for name in facts.held_by(table))
    return told
