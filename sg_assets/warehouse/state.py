"""What a table is, as of now: the rows of `sg_ops` that move in the same transaction as the data.

Plain values, read by the planner and the evaluator; both warehouses and the operations store speak them. A *mark* is
an opaque text that differs when the content differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

CURRENT_DATE_INPUT = "CURRENT_DATE()"
"""The name under which the day of a run is an input of a table whose SQL reads it; its mark is the ISO date."""

MISSING_HOURS = "missing_hours"
"""What the cursor of a `files` table calls the hours that hold its `data_through`."""


class Change(StrEnum):
    """What wrote a state row."""

    LAND = "land"  # a complete pull
    PART = "part"  # a long pull landed what it had; never moves data_through
    LOAD = "load"  # files
    BUILD = "build"
    WATCH = "watch"  # another system wrote the table
    CARRY = "carry"  # no rows moved, the inputs reach further
    CREATE = "create"  # the empty table of a source that is not connected


class PartitionState(NamedTuple):
    """One day of a partitioned table; `inputs` maps each input to the mark of the days that it was built from.

    A tuple, because twenty tables of a thousand days are read at each start, and it is made in a fifth of the time.
    """

    day: date
    seq: int
    built_at: datetime
    rows: int
    content_version: str
    code_version: str
    inputs: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class TableState:
    """The newest state of one table; `seq` counts its state rows from 1.

    `data_through` is None until data has landed. `partitions` is filled for partitioned derived tables and for `files`
    tables (days of arrival); `event_days` maps the event days of a `files` table to their marks.
    """

    table: str
    seq: int
    built_at: datetime
    rows: int
    data_through: datetime | None
    content_version: str
    code_version: str
    change: Change
    inputs: Mapping[str, str] = field(default_factory=dict)
    cursor: Mapping[str, object] | None = None
    known_at: datetime | None = None  # snapshot: day
    is_carried: bool | None = None  # snapshot: day
    partitions: Mapping[date, PartitionState] = field(default_factory=dict)
    event_days: Mapping[date, str] = field(default_factory=dict)

    @property
    def has_landed(self) -> bool:
        """Whether the table ever held a complete delivery or build."""
        return self.data_through is not None


@dataclass(frozen=True)
class LoadedObject:
    """One object as it is in a `files` table: `day` and `hour` are of its name, `event_days` of its rows."""

    name: str
    generation: str
    feed: str
    day: date
    hour: int
    rows: int
    rejected: int
    event_days: Mapping[date, int]  # rows per event day
