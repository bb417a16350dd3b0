"""What the functions of a source are given, and what they give: pulls and pages, lines of files and their rows.

Values only; who asks for them is `pull.py` and `files.py`, and how a source is declared is in `source.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from sg_assets.table import Window

if TYPE_CHECKING:
    import pyarrow as pa

    from sg_assets.http import Client
    from sg_assets.http.quota import Quota
    from sg_assets.warehouse.contract import Rejected

Row = Mapping[str, object]
Answer = TypeVar("Answer")


class Connected(Protocol):
    """What a source's `connect` gives: a session with the outside system. HTTP's `Client` is one, a database another.

    `calls` counts what was asked; `patience` is how many seconds one question may wait for the system to recover;
    `quota` is what the system last said of its own, where it says anything.
    """

    @property
    def patience(self) -> float:
        """How many seconds one question may wait."""

    @patience.setter
    def patience(self, seconds: float, /) -> None: ...

    @property
    def calls(self) -> int:
        """How often it was asked."""

    @property
    def quota(self) -> Quota | None:
        """What it last said of its quota."""

    def __enter__(self) -> Self:
        """Close at the end of the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""

    def close(self) -> None:
        """Give back what is held; what is asked afterwards opens it anew."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some delivered rows. `cursor`, where the vendor allows resuming here, is what the next pull may start from.

    `covers`, only for a table of `Mode.WINDOW`: a range for which the rows given since the last page with a cursor, and
    those of this page, are all that the source has. Rows of the range that did not come get `_deleted_at` in the same
    landing; rows outside of it stay as they are. For a day that was read again, so that its vanished rows go:
    `Page(rows, cursor, covers=Window("day_on", day, day + DAY))`, the low end included, the high one not. A window of
    several pages is stated by its last one.

    `rejected` is what could not even be made a row. Rows that cost money to get are landed (`lands_now`, together with
    a cursor) before the next page is asked for. `note` is what people should know of this pull, such as a cap that was
    reached. `arrow` is for rows that came as columns, of the declared names and types: they stay columns.
    """

    rows: Sequence[Row] = ()
    cursor: Mapping[str, object] | None = None
    rejected: Sequence[Rejected] = ()
    lands_now: bool = False
    note: str = ""
    covers: Window | None = None
    arrow: pa.RecordBatch | None = None


Read = Callable[[str, Sequence[str]], Sequence[Row]]
"""Gives the rows of a table as it is now: some of its columns, or all where none are named."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What a fetch function is given.

    `client` is what the source's `connect` gave, and the same for all of its tables in a run. `settings` maps the
    source's variable names to their values; `cursor` is what the last landing left (None: fetch
    everything); `now` is the run's one clock, in UTC: `data_through` will be this less the vendor's known delay.
    `read` gives rows of the declared inputs, and of the tables of the source itself: what it delivered before.
    `answers` is what the run has asked this source `once`.
    """

    client: Connected
    settings: Mapping[str, str] = field(repr=False)
    now: datetime
    cursor: Mapping[str, object] | None = None
    read: Read = lambda _table, _columns: ()  # where there is no warehouse
    answers: MutableMapping[str, object] = field(default_factory=dict)

    @property
    def http(self) -> Client:
        """The client of a source that speaks HTTP."""
        return cast("Client", self.client)

    def once(self, name: str, ask: Callable[[], Answer]) -> Answer:
        """What several tables of a source need: the first of them in a run asks, the others are given its answer.

        Args:
            name: of the answer, the same one for all of them.
            ask: sends the requests; what it raises is not remembered.
        """
        if name not in self.answers:
            self.answers[name] = ask()
        return cast("Answer", self.answers[name])


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a line of a file came from: for the parser of a `files` table."""

    object_name: str
    generation: str
    feed: str
    day: date
    hour: int


Fetch = Callable[[Pull], Iterator[Page]]
Parse = Callable[[Row, Arrival], Iterable[Row]]
