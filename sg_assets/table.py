"""A table as it is declared: what its file says of it, before anything ran.

Raw and derived tables are the same kind of thing here, so that one graph of them serves the planner, the evaluator,
the command line and Dagster. How a raw table is fetched is in `source.py`; what a table is *now* is in
`warehouse/state.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sg_assets.columns import Column
from sg_assets.promise import Frozen, Promise

HOUR = timedelta(hours=1)
QUERIES, RUNS = "raw_scheduled_queries.config", "raw_scheduled_queries.run"
"""The tables that say how a scheduled query of BigQuery's went."""


class Delivery(StrEnum):
    """How a raw table gets its data."""

    PULL = "pull"
    FILES = "files"
    WATCHED = "watched"
    FROZEN = "frozen"


class Mode(StrEnum):
    """How landed rows meet those already there.

    `merge`: by key, rows not delivered stay. `window`: a merge that also says for which ranges of a column it is
    complete; rows missing from those get `_deleted_at` and stay. `snapshot`: a complete listing, rows missing from it
    get `_deleted_at` and stay. `replace`: the delivered rows are the table.
    """

    MERGE = "merge"
    WINDOW = "window"
    SNAPSHOT = "snapshot"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Window:
    """The rows whose value in a column (DATE, TIMESTAMP or STRING) is at least `low` and below `high`, of its type."""

    column: str
    low: date | datetime | str
    high: date | datetime | str


@dataclass(frozen=True, slots=True)
class Input:
    """One table that a derived table reads.

    A `lookup` does not count for freshness; an `optional` one counts from its first landing on. `days` are the input
    days, relative to a partition's own day, that the partition reads: `(-29, 0)` is a trailing window of thirty days.
    """

    table: str
    is_lookup: bool = False
    is_optional: bool = False
    days: tuple[int, int] = (0, 0)


class Reach(StrEnum):
    """By what it is known how far another system has written.

    `column`: the greatest value of the event column. `written`: when its table was last written, where it has no column
    to ask and is written all the time. `told`: it says so itself (`Origin.connection`).
    """

    COLUMN = "column"
    WRITTEN = "written"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that another system writes, seen as ours.

    `table` is `dataset.table` or `project.dataset.table`. `fields` are its columns by ours, whose values are brought to
    our types; `computed` are expressions in BigQuery's SQL over its row `t`; a column of ours that is in neither is
    null. `lacking` gives, by name, what stands for a column of theirs where it is not there; any other one that is
    missing is refused, or null where `may_lack`. `tail` is what follows FROM: a condition, an UNNEST, a join. Of the
    tables `beside` it, in the same dataset, `computed` and `tail` speak as `{their_name}`.
    """

    table: str
    fields: Mapping[str, str]
    computed: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    tail: str = ""
    may_lack: bool = False
    beside: tuple[str, ...] = ()


def in_project(name: str, project: str) -> str:
    """Where a table of another system is: in a project of its own where its name has one, else in `project`."""
    return name if name.count(".") > 1 else f"{project}.{name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where another system writes what a watched table shows; `variable` said so.

    `connection` is the connection of Fivetran that fills it, by id or schema, where `reach` is what it told.
    """

    variable: str
    parts: tuple[Part, ...]
    reach: Reach
    connection: str = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table that is read, each once: those whose rows are shown first."""
        beside = (name for part in self.parts for name in part.beside)
        return tuple(dict.fromkeys((*(part.table for part in self.parts), *beside)))


@dataclass(frozen=True)
class Table:
    """A raw or derived table: `name` is `dataset.table`, its asset key and its name in the warehouse.

    `partition` is the DATE column by whose days the stored table is cut; `event_column` the column (DATE or TIMESTAMP)
    whose UTC day a partitioned reader asks for. They are the same in derived tables; in `files` tables the first is the
    day of arrival, the second the time of the event. `open_days` is how long a day may still change by itself.
    `max_bytes` caps what one build may read where bytes are paid for; a dearer one is refused before it runs. Of a
    watched table, `origin` is where its rows are; None: its writer writes it under this name. `scheduled_query` is the
    query, by what it is called or by its id, whose runs say how far such a table reaches.
    """

    name: str
    description: str
    owner: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    promise: Promise | Frozen
    file: Path
    line: int = 1
    delivery: Delivery | None = None  # None: derived
    source: str | None = None
    mode: Mode | None = None
    inputs: tuple[Input, ...] = ()
    partition: str | None = None
    event_column: str | None = None
    cluster: tuple[str, ...] = ()
    open_days: int = 7
    is_day_snapshot: bool = False
    max_bytes: int | None = None
    known_delay: timedelta = timedelta(0)
    may_be_empty: bool = True
    code_version: str = ""
    sql: str = ""
    reads_current_date: bool = False
    origin: Origin | None = None
    scheduled_query: str = ""
    is_ledger: bool = False  # of a destination: what was sent to `source`
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def dataset(self) -> str:
        """The part before the dot: the group in the UI, the dataset in the warehouse."""
        return self.name.partition(".")[0]

    @property
    def is_raw(self) -> bool:
        """Whether the table holds what a source delivered."""
        return self.delivery is not None

    @property
    def is_landed(self) -> bool:
        """Whether rows are brought into the table, rather than made by its SQL: it exists before the first of them."""
        return self.is_raw or self.is_ledger

    @property
    def kind(self) -> str:
        """`raw`, `derived`, or `destination` for the ledger of one."""
        return "destination" if self.is_ledger else "raw" if self.is_raw else "derived"

    @property
    def is_partitioned(self) -> bool:
        """Whether it is built, and marked, day by day."""
        return self.partition is not None

    @property
    def has_event_days(self) -> bool:
        """Whether its state marks each day of its events, so that who reads it by days learns which have changed."""
        return self.delivery is Delivery.FILES or (self.origin is not None and self.origin.reach is Reach.COLUMN)

    @property
    def is_synced(self) -> bool:
        """Whether a connection of Fivetran fills it, which can be asked to."""
        return self.origin is not None and self.origin.reach is Reach.TOLD

    @property
    def takes_parts(self) -> bool:
        """Whether a delivery may be a part of what the source has, so that rows which it does not bring stay."""
        return self.mode in {Mode.MERGE, Mode.WINDOW}

    @property
    def marks_deleted(self) -> bool:
        """Whether rows that the source no longer has stay, with `_deleted_at` set."""
        return self.mode in {Mode.WINDOW, Mode.SNAPSHOT}

    @property
    def grain(self) -> timedelta:
        """How much later than its last instant data can arrive when all is well: an object holds an hour.

        (The day that a `snapshot: day` waits for is added where promises are checked.)
        """
        return HOUR if self.delivery is Delivery.FILES else timedelta(0)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        msg = f"{self.name} has no column {name}"
        raise KeyError(msg)
