"""What every warehouse can do, whichever it is: land, load, build, query, and say what its tables are.

Only values and the protocol; `duckdb.py` and `bigquery.py` are its two kinds, and one test suite runs on both.
Each writing verb publishes atomically: it stages, has the staged rows judged, and then swaps them in, together with the
new state row, in one transaction. Readers see the old table or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sg_assets.table import Table, Window
from sg_assets.warehouse.state import LoadedObject, TableState

if TYPE_CHECKING:
    import pyarrow as pa


class WarehouseError(Exception):
    """The warehouse refused, and the message says what to do about it."""


class ShrunkError(WarehouseError):
    """A delivery that should be complete lost over half of the live rows; `--accept-shrink` takes it as true."""


class EvolutionError(WarehouseError):
    """A declared column changed in a way that cannot be applied to the rows already there."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that does not fit its declared shape; `original` is JSON without secrets, None where it did not parse."""

    reason: str
    original: str | None
    sha256: str  # of the original bytes
    object_name: str | None = None
    generation: str | None = None
    byte_from: int | None = None
    byte_length: int | None = None


@dataclass(frozen=True, slots=True)
class Soundness:
    """What the check `sound` found in staged rows; `problems` is empty when they may be published."""

    problems: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


class UnsoundError(WarehouseError):
    """Staged rows failed their check; nothing was published."""

    def __init__(self, table: str, soundness: Soundness) -> None:
        """Keep the finding, which the asset check reports."""
        super().__init__(f"{table}: " + "; ".join(soundness.problems))
        self.soundness = soundness


class Staged(Protocol):
    """Rows about to be published: enough to judge them."""

    @property
    def relation(self) -> str:
        """The name under which SQL of `rows` finds them."""

    def rows(self, sql: str, /) -> list[tuple[object, ...]]:
        """The rows of a query in BigQuery's dialect."""


Judge = Callable[[Table, Staged], Soundness]


@dataclass(frozen=True, slots=True)
class Landing:
    """How delivered rows are landed.

    `expected_seq` is the table's sequence number when the extraction began (0: none): when it has moved since, nothing
    is written. `data_through` is ignored for a part of a longer pull (`is_part`), which only a merged table takes.
    `covers`: ranges of which the delivered rows are all there are (`Mode.WINDOW`); none for the other modes. `full`:
    the rows are the whole table, in its declared shape, whatever was there. `inputs` are the marks of what a ledger was
    sent from; raw tables have none.
    """

    now: datetime
    expected_seq: int
    data_through: datetime
    cursor: Mapping[str, object] | None = None
    is_part: bool = False
    rejected: Sequence[Rejected] = ()
    accept_shrink: bool = False
    full: bool = False
    covers: Sequence[Window] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsent:
    """Which rows of a table its ledger does not have as they are now.

    Those whose newest entry in the ledger, by `sent_at`, has other values in the `sent` columns, or that have none. A
    row without a `key` is left out. `since`: only rows of that day on, by the table's column `day`; `is_full`: all of
    them, whatever the ledger has. `kept` columns are given, and not compared.
    """

    table: str
    ledger: str
    key: tuple[str, ...]
    sent: tuple[str, ...]
    kept: tuple[str, ...]
    sent_at: str
    day: str | None = None
    since: date | None = None
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """Objects to put in place of what was loaded under their names before; rows carry their object in `_object`.

    `cursor` is kept in the state: what the reader wants remembered, such as hours that are missing. `full`: they are
    all that the table has, in its declared shape, whatever was there.
    """

    now: datetime
    expected_seq: int
    data_through: datetime | None
    objects: Sequence[LoadedObject]
    cursor: Mapping[str, object] | None = None
    rejected: Sequence[Rejected] = ()
    full: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """How to look at a table that another system writes: at most once a tick of its promise something is noted.

    `last_tick`: the newest up to `now`. `is_overdue`: data that reaches to an instant is late soon (that it no longer
    is, is noted at once). `told`: how far its writer says it got. Asked about with it: `beside`, and `own` by our name.
    """

    now: datetime
    last_tick: datetime
    is_overdue: Callable[[datetime], bool]
    told: datetime | None = None
    beside: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Build:
    """What a derived table is built from.

    `sql` is BigQuery's dialect, already narrowed to the input days that the partitions read (`derived.py` does that);
    the warehouse turns it into its own dialect and keeps, of what it gives, the rows of `partitions`. `inputs` are the
    marks of the inputs (unpartitioned tables), `partitions` those of each day to replace (partitioned tables). With
    neither SQL to run nor days (`is_carry`), only the state moves on. `known_at` is how far the inputs reach of which a
    `snapshot: day` is made.
    """

    now: datetime
    data_through: datetime | None
    sql: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    partitions: Mapping[date, Mapping[str, str]] = field(default_factory=dict)
    is_carry: bool = False
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb did. `is_skipped`: nothing was written, `reason` says why; `state` is the newest state either way."""

    state: TableState
    changed_rows: int
    soundness: Soundness
    is_skipped: bool = False
    reason: str = ""
    notes: Sequence[str] = ()  # worth telling: rows outside the table's days, columns added, …


class Warehouse(Protocol):
    """One warehouse of one environment. Opened late, held across consecutive writes, given back by `release`."""

    @property
    def id(self) -> str:
        """The id stored inside the warehouse; made with it, and another one in every other."""

    def states(self) -> dict[str, TableState]:
        """The newest state of every table that has one, partitions included."""

    def lent(self) -> dict[str, TableState]:
        """In a development copy, the states of the tables that it reads from production; else none."""

    def loaded_objects(self, table: str) -> dict[str, LoadedObject]:
        """What a `files` table was loaded from, by object name."""

    def ensure(self, tables: Sequence[Table], now: datetime) -> None:
        """Create missing tables, empty, and evolve raw ones whose declared columns grew.

        A raw table that had no state gets one (`Change.CREATE`), which does not count as landed. A derived table is as
        its last build left it.

        Raises:
            EvolutionError: a column vanished or changed its type to one that does not hold the old values.
        """

    def land(self, table: Table, parquet: Sequence[Path], landing: Landing, judge: Judge) -> Outcome:
        """Land delivered rows by the table's mode.

        Raises:
            UnsoundError, ShrunkError: nothing was published.
        """

    def load(self, table: Table, parquet: Sequence[Path], load: Load, judge: Judge) -> Outcome:
        """Put the rows of some objects in place of those of the same objects."""

    def watch(self, table: Table, watch: Watch, judge: Judge) -> Outcome:
        """Look how far another system has written its table, and keep that as the state when it is time to.

        Raises:
            UnsoundError, WarehouseError: it is not sound, or not as declared; the state stays.
        """

    def overwrite(self, table: Table, parquet: Sequence[Path]) -> None:
        """Put rows in place of a watched table, as the system that writes it would: its state is not touched."""

    def build(self, table: Table, build: Build, judge: Judge) -> Outcome:
        """Build a derived table, or some of its days, from its SQL."""

    def preview(self, table: str, limit: int) -> pa.Table:
        """A few rows, for the asset's page."""

    def read(self, table: str, columns: Sequence[str]) -> pa.Table:
        """All rows of a table, in no order: these columns of it, or all where none are named.

        Raises:
            WarehouseError: there is no such table, or no such column.
        """

    def ask(self, sql: str, limit: int) -> pa.Table:
        """The first rows of what a query in BigQuery's dialect gives of the tables as they are now.

        Raises:
            WarehouseError: the query cannot be run.
        """

    def unsent(self, wanted: Unsent) -> pa.Table:
        """The rows of a table that its ledger does not have as they are now, in the order of their keys."""

    def release(self) -> None:
        """Let other processes at the warehouse until the next write."""

    def close(self) -> None:
        """End of a run: publish what readers read, if anything was written, and release."""
