"""`data_through` of derived tables: how far they reach, and which days they therefore must hold.

Pure rules about one table, given the facts. That a day is missing or changed is decided in `stale.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.marks import days_between
from sg_assets.table import Table

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


def midnight(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(day, time(), tzinfo=UTC)


def declared_days(facts: Facts, table: Table) -> list[date]:
    """The days that a partitioned derived table must hold now.

    From the start of history to the day that the counted inputs reach into, today at the latest, whatever they claim.
    A `snapshot: day` table holds only days that are over, and none before the first that it wrote: what was true on a
    day cannot be written later.
    """
    least = facts.least_reach(table)
    if least is None:
        return []
    if not table.is_day_snapshot:
        return days_between(facts.history_start, (min(least, _tomorrow(facts)) - INSTANT).date())
    last_closed = min(least, facts.now).date() - DAY
    state = facts.states.get(table.name)
    written = state.partitions if state is not None else {}
    return days_between(min(written, default=last_closed), last_closed)


def reach(facts: Facts, table: Table) -> datetime | None:
    """The `data_through` of a table that is built, or carried, from its inputs as they are now, leaving nothing stale.

    The least of its counted inputs' values, but never beyond the last day that it holds; the end of the last closed
    day for a `snapshot: day` table. A table with nothing but lookups and frozen inputs was true when it was built: its
    value is now.
    """
    if not facts.graph.counted_inputs(table):
        return facts.now
    if table.is_day_snapshot:
        days = declared_days(facts, table)
        return midnight(days[-1] + DAY) if days else None
    least = facts.least_reach(table)
    return min(least, _tomorrow(facts)) if least is not None and table.is_partitioned else least


def _tomorrow(facts: Facts) -> datetime:
    return midnight(facts.now.date() + DAY)


def reach_of_part(facts: Facts, table: Table, left: Collection[date]) -> datetime | None:
    """The `data_through` of a partitioned table after a build that leaves some of its declared days stale or missing.

    It never says more than before, and never reaches across a missing day; None as long as there is no first day.
    """
    full = reach(facts, table)
    if not left or full is None:
        return full
    state = facts.states.get(table.name)
    before = state.data_through if state is not None else None
    present = state.partitions if state is not None else {}
    missing = [day for day in left if day not in present]
    bounds = [full, before if before is not None else midnight(min(left))]
    if missing:
        bounds.append(midnight(min(missing)))
    least = min(bounds)
    return least if least > midnight(declared_days(facts, table)[0]) else None
