"""Tables that accumulate a copy of what is true at the end of each day: the header's `snapshot: day`.

The SQL of such a table says what is true now. A day is written once, by the first build whose inputs reach the end of
it, and never again: what was true then cannot be found out later. So history here is what was known, not what is
thought of it today. Which days there are to write is decided in `freshness/reach.py` and `stale.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.columns import Column

if TYPE_CHECKING:
    from sg_assets.table import Table

DAY_ON = Column("day_on", "DATE", "UTC day at whose end the rest of the row was true.")
KNOWN_AT = Column("known_at", "TIMESTAMP", "How far the inputs reached when the day was written: its end, or later.")
IS_CARRIED = Column(
    "is_carried",
    "BOOL",
    "Whether the day was written only from what was known after the day that follows it: changes of more than a day "
    "later may be in it.",
)
ADDED = (DAY_ON, KNOWN_AT, IS_CARRIED)
WRITTEN_ONCE = (
    "it keeps what was true at the end of each day, which cannot be found out later: its days are written once, "
    "and neither in full nor again"
)


def columns(selected: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of the stored table, given those that its SQL selects."""
    return (DAY_ON, *selected, KNOWN_AT, IS_CARRIED)


def dated(sql: str, days: Collection[date], known_at: datetime) -> str:
    """BigQuery SQL that gives what a query gives now as the rows of these days; `known_at` is how far it reaches."""
    listed = ", ".join(f"date '{day}'" for day in sorted(days))
    known = f"timestamp '{known_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"
    return (
        f"select {DAY_ON.name}, now.*, {known} as {KNOWN_AT.name},\n"
        f"    {DAY_ON.name} <= date '{_last_carried(known_at)}' as {IS_CARRIED.name}\n"
        f"from unnest([{listed}]) as {DAY_ON.name}\ncross join (\n{sql}\n) as now"
    )


def is_carried(day: date, known_at: datetime) -> bool:
    """Whether what was known at an instant is too late for a day to be told from the one that follows it."""
    return day <= _last_carried(known_at)


def _last_carried(known_at: datetime) -> date:
    """The last day of which the one that follows was over, too, at an instant."""
    return known_at.astimezone(UTC).date() - timedelta(days=2)


def refusal(table: Table, *, is_full: bool, asked: Collection[date], unwritten: Collection[date]) -> str | None:
    """Why what was asked of such a table cannot be done; None where it can, or where the table is no such table."""
    if not table.is_day_snapshot or not (is_full or set(asked) - set(unwritten)):
        return None
    return f"{table.name}: {WRITTEN_ONCE}"
