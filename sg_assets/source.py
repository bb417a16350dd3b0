"""How a source is written: one `Source`, and one decorated function for each raw table.

A source module declares and fetches; it knows neither Dagster nor the warehouse. `raw.py` turns what is declared here
into assets. What its functions are given and give is in `fetching.py`. A module of `sources/` needs nothing else than
this file, `columns.py`, `promise.py` and a client.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.columns import Column
from sg_assets.fetching import Arrival, Connected, Fetch, Page, Parse, Pull, Read, Row
from sg_assets.filling import Filling
from sg_assets.promise import Frozen, Promise
from sg_assets.right import Right
from sg_assets.table import QUERIES, RUNS, Delivery, Input, Mode, Table

if TYPE_CHECKING:
    from sg_assets.examination import Examine

__all__ = [
    "ARRIVAL_COLUMNS", "DELETED_AT", "EXTRA", "Arrival", "Connected", "Fetch", "Files", "Page", "Parse", "Pull",
    "RateLimit", "RawTable", "Read", "Right", "Row", "Source", "Variable", "nowhere",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable of a source, such as `SG_SALESFORCE_CLIENT_SECRET`."""

    name: str
    description: str
    is_secret: bool = False
    default: str | None = None  # None: the source is not connected without it


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` requests in any `seconds`, shared by all tables of a source.

    `path`: it is for requests whose path ends so, and they count for no other limit.
    """

    calls: int
    seconds: float
    path: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """The objects of a `files` table: `<prefix>/<YYYY-MM-DD>/<HH>/<feed>.ndjson.gz`, one per hour and feed.

    `bucket` names the variable that holds the bucket. `lost` lists `(feed, hour)` that the writer will never deliver,
    so that they do not hold `data_through` for ever.
    """

    bucket: str
    prefix: str
    feeds: tuple[str, ...]
    lost: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """A declared raw table and the function that gives its rows: `fetch` for pulls, `parse` for files."""

    table: Table
    fetch: Fetch | None = None
    parse: Parse | None = None
    files: Files | None = None


def nowhere(base_url: str, settings: Mapping[str, str]) -> Connected:
    """How a source is reached whose tables are only watched: it is not."""
    raise AssertionError(base_url, settings)


@dataclass
class Source:
    """An outside system; its raw tables are `raw_<name>.<function name>`.

    `base_url` is where the real service is, or None where every customer has their own and `SG_<NAME>_URL` must say it.
    `connect` builds the authenticated client for one run. An address that is none of HTTP's says what it begins with
    (`schemes`); one that holds a password is secret. `fillings` say, by function name, who else may fill a table.
    `needs` are the rights of its credential, `excess` says how `sg-assets doctor` finds out that it has more, or why it
    cannot.
    """

    name: str
    description: str
    owner: str
    promise: Promise | Frozen
    connect: Callable[[str, Mapping[str, str]], Connected]  # (base_url, settings) -> client
    base_url: str | None = None
    variables: tuple[Variable, ...] = ()
    known_delay: timedelta = timedelta(0)
    tables: dict[str, RawTable] = field(default_factory=dict)
    fillings: dict[str, Filling] = field(default_factory=dict)
    examination: Examine | None = None  # every source of the package has one; `examine` declares it
    schemes: tuple[str, ...] = ("http", "https")
    is_url_secret: bool = False
    instead_of_url: tuple[str, ...] = ()  # once the first of these variables is set, all are needed, and no address
    needs: tuple[Right, ...] = ()
    excess: str = ""

    @property
    def is_only_watched(self) -> bool:
        """Whether another system writes all of its tables, so that there is nothing to reach."""
        return bool(self.tables) and all(raw.table.delivery is Delivery.WATCHED for raw in self.tables.values())

    @property
    def is_synced(self) -> bool:
        """Whether Fivetran fills all of its tables, and can be asked to."""
        return bool(self.tables) and all(raw.table.is_synced for raw in self.tables.values())

    @property
    def url_variable(self) -> str:
        """The variable that points the source somewhere else, a stand-in or a proxy for instance."""
        return f"SG_{self.name.upper()}_URL"

    def pull(  # noqa: PLR0913 (what can be said of a pull)
        self,
        *,
        columns: tuple[Column, ...],
        key: tuple[str, ...],
        mode: Mode = Mode.MERGE,
        promise: Promise | None = None,
        may_be_empty: bool = True,
        inputs: tuple[str, ...] = (),
    ) -> Callable[[Fetch], Fetch]:
        """Declare a table that we fetch by calling an API. The docstring of the function is the table's description.

        `inputs` are tables whose rows say what to ask the vendor for. They are in the lineage, and come first in a run
        that has both; the table is no later for them, and is pulled even where one is not connected.
        """
        asks_about = tuple(Input(name, is_lookup=True, is_optional=True) for name in inputs)

        def declare(fetch: Fetch) -> Fetch:
            table = self._table(fetch, Delivery.PULL, columns, key, mode=mode, may_be_empty=may_be_empty)
            table = replace(table, promise=promise or table.promise, inputs=asks_about)
            self._add(RawTable(table, fetch=fetch))
            return fetch

        return declare

    def frozen(self, reason: str, *, columns: tuple[Column, ...], key: tuple[str, ...]) -> Callable[[Fetch], Fetch]:
        """Declare a table that is fetched once and never changes again, and why."""

        def declare(fetch: Fetch) -> Fetch:
            table = self._table(fetch, Delivery.FROZEN, columns, key, mode=Mode.REPLACE)
            self._add(RawTable(replace(table, promise=Frozen(reason)), fetch=fetch))
            return fetch

        return declare

    def files(
        self, files: Files, *, columns: tuple[Column, ...], event_column: str, open_days: int = 7
    ) -> Callable[[Parse], Parse]:
        """Declare a table whose objects land in a bucket; the function turns one line of JSON into rows.

        The framework adds where each row came from: `_object_on` (the day in the object's name), `_object`, `_line` and
        `_item` (the row's number within its line), which together are the key.
        """

        def declare(parse: Parse) -> Parse:
            table = self._table(parse, Delivery.FILES, (*ARRIVAL_COLUMNS, *columns), ("_object", "_line", "_item"))
            table = replace(table, partition="_object_on", event_column=event_column, open_days=open_days)
            self._add(RawTable(table, parse=parse, files=files))
            return parse

        return declare

    def examine(self, examine: Examine) -> Examine:
        """Declare how `sg-assets doctor` looks at the source: see `examination.py`."""
        self.examination = examine
        return examine

    def watched(
        self, *, columns: tuple[Column, ...], key: tuple[str, ...], through: str = "", query: str = ""
    ) -> Callable[[Callable[[], None]], Callable[[], None]]:
        """Declare a table that another system writes into the warehouse under this name; we only look how far it got.

        `through` is the column whose greatest value says that: an instant, or a day that is then complete. Without one
        it is the newest good run of the scheduled query that writes it (`query`: what it is called, or its id). The
        function is never called; its docstring is the description.

        Raises:
            ValueError: there is neither.
        """
        if not (through or query):
            msg = f"{self.name}: a watched table needs a column, or a query, that says how far it reaches"
            raise ValueError(msg)
        runs = tuple(Input(name, is_lookup=True, is_optional=True) for name in ((QUERIES, RUNS) if query else ()))

        def declare(described: Callable[[], None]) -> Callable[[], None]:
            table = self._table(described, Delivery.WATCHED, columns, key)
            table = replace(table, columns=columns, event_column=through or None, scheduled_query=query, inputs=runs)
            self._add(RawTable(table))
            return described

        return declare

    def _table(  # noqa: PLR0913 (what the four declarations share)
        self,
        function: Callable[..., object],
        delivery: Delivery,
        columns: tuple[Column, ...],
        key: tuple[str, ...],
        *,
        mode: Mode | None = None,
        may_be_empty: bool = True,
    ) -> Table:
        code = inspect.unwrap(function).__code__
        table = Table(
            name=f"raw_{self.name}.{function.__name__}",
            description=inspect.cleandoc(function.__doc__ or ""),
            owner=self.owner,
            columns=columns,
            key=key,
            promise=self.promise,
            file=Path(code.co_filename),
            line=code.co_firstlineno,
            delivery=delivery,
            source=self.name,
            mode=mode,
            known_delay=self.known_delay,
            may_be_empty=may_be_empty,
        )
        ours = (DELETED_AT, EXTRA) if table.marks_deleted else (EXTRA,)
        return replace(table, columns=(*columns, *ours))

    def _add(self, raw: RawTable) -> None:
        self.tables[raw.table.name] = raw


ARRIVAL_COLUMNS = (
    Column(
        "_object_on",
        "DATE",
        "Day in the name of the object that the row came in: when it arrived, not when it happened.",
    ),
    Column("_object", "STRING", "Name of the object that the row came in."),
    Column("_line", "INT64", "Number of the line within the object, from 1."),
    Column("_item", "INT64", "Number of the row within its line, from 0."),
)
DELETED_AT = Column(
    "_deleted_at", "TIMESTAMP", "When the row was first missing where it should have come; null while it is there."
)
EXTRA = Column(
    "_extra", "JSON", "Fields that the source sent and nobody declared yet, as they came; null when there were none."
)
