"""Why a run was started and how it is to go: what travels from whoever launches it to its steps, as run tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

CALLER, NOW, FULL, DAYS, SHRINK, NAMED = (
    f"sg_assets/{word}" for word in ("caller", "now", "full", "days", "accept_shrink", "named")
)
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
DONE_AGAIN = "dagster/parent_run_id"
"""Dagster's tag of a run that is a crashed one tried again, or re-executed in the UI: it has the other's tags, too."""
YES = "yes"


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `now` is what everything in the run takes for now.

    `caller` is empty for a run that a person started by hand in the UI: what they selected is then built whether it is
    stale or not. `is_full` loads and builds anew, `days` only these days of partitioned tables: both are about the
    tables that were `named`, not about those above them that are run, too; where none was named, about every table.
    """

    now: datetime
    caller: str = ""
    is_full: bool = False
    days: tuple[date, ...] = ()
    accept_shrink: bool = False
    named: frozenset[str] = frozenset()

    def is_full_for(self, table: str) -> bool:
        """Whether a table is loaded or built anew, whatever is there."""
        return self.is_full and self._names(table)

    def days_of(self, table: str) -> tuple[date, ...]:
        """The days of a table that are asked for; empty where none are."""
        return self.days if self._names(table) else ()

    def _names(self, table: str) -> bool:
        return not self.named or table in self.named

    @property
    def is_planned(self) -> bool:
        """Whether the planner chose the tables, so that each decides for itself what is stale when its turn comes."""
        return bool(self.caller)

    def tags(self, days_touched: Iterable[date], last_day: date) -> dict[str, str]:
        """The tags of a run that carries this order.

        `days_touched` are all days that some table of the run rebuilds. Dagster would report each day of a run's range
        as materialized for every table in it, written or not, so the range is the newest of them (with none,
        `last_day`, the newest partition there is), and each step tells of the other days that it wrote.
        """
        newest = min(max(days_touched, default=last_day), last_day).isoformat()
        tags = {
            CALLER: self.caller,
            NOW: self.now.isoformat(),
            RANGE_START: newest,
            RANGE_END: newest,
        }
        if self.is_full:
            tags[FULL] = YES
        if self.accept_shrink:
            tags[SHRINK] = YES
        if self.days:
            tags[DAYS] = f"{min(self.days)}..{max(self.days)}"
        if self.named and (self.is_full or self.days):
            tags[NAMED] = " ".join(sorted(self.named))
        return tags


def order_of(tags: Mapping[str, str], clock: Callable[[], datetime]) -> Order:
    """The order that a run's tags carry.

    A run started by hand takes the clock's now, and so does one that does an earlier run again: that one's tags tell of
    an instant that is long past, to which data would fall back.
    """
    return Order(
        now=datetime.fromisoformat(tags[NOW]) if NOW in tags and DONE_AGAIN not in tags else clock(),
        caller=tags.get(CALLER, ""),
        is_full=tags.get(FULL) == YES,
        days=parse_days(tags[DAYS]) if DAYS in tags else (),
        accept_shrink=tags.get(SHRINK) == YES,
        named=frozenset(tags.get(NAMED, "").split()),
    )


def parse_days(text: str) -> tuple[date, ...]:
    """`2026-11-01..2026-11-05`, or one day, as days.

    Raises:
        ValueError: not days, or the last before the first.
    """
    first, _, last = text.partition("..")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    if end < start:
        msg = f"{text}: the last day is before the first"
        raise ValueError(msg)
    return tuple(start + timedelta(days=n) for n in range((end - start).days + 1))
