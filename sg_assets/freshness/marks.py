"""Marks: what a derived table would be built from if it were built now.

A build stores the mark of each input; a later mark that differs makes the table stale. An unpartitioned input, or one
read by an unpartitioned table, has its content version for a mark; of a partitioned input, a partitioned table marks
the days that each of its own days reads. Which difference matters is decided in `stale.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate

from sg_assets.freshness.facts import Facts
from sg_assets.table import Input, Table
from sg_assets.warehouse.state import CURRENT_DATE_INPUT

NOTHING = ""
"""The mark of what is not there: an optional input that never landed, days without a row."""

ONE_DAY = (0, 0)
BYTES = 8


def is_windowed(facts: Facts, table: Table, wanted: Input) -> bool:
    """Whether each day of a table reads some days of this input, rather than all of it."""
    found = facts.graph[wanted.table]
    return table.is_partitioned and (found.is_partitioned or found.has_event_days)


def input_marks(facts: Facts, table: Table) -> dict[str, str]:
    """The mark of every input of an unpartitioned table; the run's day is one where the SQL reads `CURRENT_DATE()`."""
    marks = {wanted.table: whole_mark(facts, wanted.table) for wanted in table.inputs}
    if table.reads_current_date:
        marks[CURRENT_DATE_INPUT] = facts.now.date().isoformat()
    return marks


def whole_mark(facts: Facts, table: str) -> str:
    """The mark of a whole table: its content version once it has landed."""
    state = facts.states.get(table)
    return state.content_version if state is not None and state.has_landed else NOTHING


class DayMarks:
    """The marks of what each day of a partitioned table reads; whole inputs have the same mark on every day."""

    def __init__(self, facts: Facts, table: Table) -> None:
        """Prepare the marks of every input once, for all days."""
        self.windowed: dict[str, Mapping[date, str]] = {}
        self.whole: dict[str, str] = {}
        for wanted in table.inputs:
            if is_windowed(facts, table, wanted):
                self.windowed[wanted.table] = _window_marks(facts, wanted)
            else:
                self.whole[wanted.table] = whole_mark(facts, wanted.table)

    def of(self, day: date) -> dict[str, str]:
        """The mark of every input for one day."""
        return {name: marks.get(day, NOTHING) for name, marks in self.windowed.items()} | self.whole


def _window_marks(facts: Facts, wanted: Input) -> Mapping[date, str]:
    """For each day that reads anything of a partitioned input, the mark of the days that it reads.

    The window of one day has that day's own mark. A wider one has the sum of a hash of each (day, mark) in it, which
    a running total gives for every day at once.
    """
    known = facts.window_marks.get((wanted.table, wanted.days))
    if known is None:
        present = _present_days(facts, wanted.table)
        known = present if wanted.days == ONE_DAY else _summed(facts, present, *wanted.days)
        facts.window_marks[wanted.table, wanted.days] = known
    return known


def _summed(facts: Facts, present: Mapping[date, str], first: int, last: int) -> Mapping[date, str]:
    start = facts.history_start.toordinal()  # of the readers: no day before is ever built
    readers = max(facts.now.toordinal() + 2 - start, 0)
    hashes = {day.toordinal(): _day_hash(day, mark) for day, mark in present.items()}
    totals = [0, *accumulate(hashes.get(n, 0) for n in range(start + first, start + readers + last))]
    width = last - first + 1
    sums = [totals[n + width] - totals[n] for n in range(readers)]
    return {facts.history_start + timedelta(days=n): f"{total:x}" for n, total in enumerate(sums) if total}


def _present_days(facts: Facts, table: str) -> Mapping[date, str]:
    """The days of a partitioned table that have something, each with its own mark."""
    state = facts.states.get(table)
    if state is None or not state.has_landed:
        return {}
    if facts.graph[table].has_event_days:
        return state.event_days
    return {day: partition.content_version for day, partition in state.partitions.items()}


@lru_cache(maxsize=1 << 18)
def _day_hash(day: date, mark: str) -> int:
    digest = blake2b(f"{day.isoformat()} {mark}".encode(), digest_size=BYTES).digest()
    return int.from_bytes(digest)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included; none when the last is earlier."""
    return list(map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)))
