"""What a look at another system's table makes of its state, on every kind of warehouse; pure, as `transitions.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sg_assets.table import Table
from sg_assets.warehouse.contract import Watch
from sg_assets.warehouse.state import Change, TableState
from sg_assets.warehouse.transitions import DAY, next_state


@dataclass(frozen=True, slots=True)
class Seen:
    """What a table is now: its rows, a mark of their content, how far they reach (None: there are none).

    `event_days` are the marks of its days, of a table that has them (`Table.has_event_days`).
    """

    rows: int
    version: str
    through: datetime | None
    event_days: Mapping[date, str] = field(default_factory=dict)


def reached_by(newest: date | datetime | None, now: datetime) -> datetime | None:
    """How far a table reaches whose newest day or time is this; no further than now."""
    if newest is None:
        return None
    if isinstance(newest, datetime):
        return min(newest.astimezone(UTC), now)
    return min(datetime.combine(newest, datetime.min.time(), UTC) + DAY, now)


def unmoved(previous: TableState | None, found: Seen, watch: Watch) -> str | None:
    """Why nothing is to be noted; None when something is."""
    if found.through is None:
        return "nothing was written yet"
    if previous is None or previous.data_through is None:
        return None
    if found.version == previous.content_version and found.through <= previous.data_through:
        return "nothing new was written"
    has_recovered = watch.is_overdue(previous.data_through) and not watch.is_overdue(found.through)
    if previous.built_at >= watch.last_tick and not has_recovered:
        return "what was written since will be noted at the next tick"
    return None


def watched(table: Table, watch: Watch, previous: TableState | None, found: Seen) -> TableState:
    """The state row of what was seen; how far the data reaches never goes back.

    What a delivery of our own would go on from is forgotten: were the table fetched again, it would begin anew.
    """
    reached = [at for at in (previous.data_through if previous else None, found.through) if at is not None]
    return next_state(
        previous,
        table=table.name,
        built_at=watch.now,
        rows=found.rows,
        data_through=max(reached),
        content_version=found.version,
        code_version=table.code_version,
        change=Change.WATCH,
        cursor=None,
        partitions={},
        event_days=dict(found.event_days),
    )


def moved_days(before: Mapping[date, str], state: TableState) -> dict[date, str | None]:
    """The new marks of the event days whose marks are not as before; None of a day that is gone."""
    days = sorted({*before, *state.event_days})
    return {day: state.event_days.get(day) for day in days if state.event_days.get(day) != before.get(day)}
