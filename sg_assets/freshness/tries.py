"""Tries of tables that failed: what counts as the same try again, and how long to pause before it.

Pure; the operations store counts. A try is the same for the same code and the same versions of the inputs (of a raw
table: for the same tick of its schedule), so that a table whose inputs moved on is tried at once.

A raw table that has landed before is pulled outside its schedule only to heal it: three times in a tick, farther and
farther apart, and then not before the next tick. Whether there was a failure or nothing new makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.promise import Promise

if TYPE_CHECKING:
    from sg_assets.operations import Attempt
    from sg_assets.table import Table
    from sg_assets.warehouse.state import TableState

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
_DOUBLINGS = 10  # enough for the longest pause
HEALING_PAUSES = (timedelta(minutes=10), timedelta(hours=1))
"""Before the second and the third pull of a raw table in a tick; there is no fourth."""


def fingerprint(table: Table, states: Mapping[str, TableState], now: datetime) -> str:
    """A text that is the same for the same try."""
    if table.is_raw:
        return table.promise.newest_tick(now).isoformat() if isinstance(table.promise, Promise) else "once"
    versions = [f"{i.table}={states[i.table].content_version}" for i in table.inputs if i.table in states]
    return " ".join([table.code_version, *sorted(versions)])


def held_until(tries: Attempt, *, is_same: bool, next_tick: datetime | None = None) -> datetime:
    """When a failed table may be tried again: when the vendor said; the same try only after a pause that grows.

    `next_tick` is that of a raw table that has landed before: in the tick that is on, three tries are the most.
    """
    earliest = tries.come_back_at or tries.last_at
    if not is_same:
        return earliest
    if next_tick is not None:
        pauses = HEALING_PAUSES[tries.count - 1 : tries.count]
        return max(earliest, min(tries.last_at + pauses[0], next_tick) if pauses else next_tick)
    pause = FIRST_PAUSE * (1 << min(tries.count - 1, _DOUBLINGS))
    return max(earliest, tries.last_at + min(LONGEST_PAUSE, pause))
