"""How a destination is written: one `Destination`, and one decorated function for each table that is sent there.

A destination module says which derived table is sent, and how the outside system is told; it knows neither Dagster nor
the warehouse. What was sent, when and with which result is in its *ledger*, a table `sent_<system>.<function name>`
that is kept up to date as any other: `sending.py` finds out what is not in the ledger as it is now, hands it to the
function, and writes down what became of it.

A row is sent again only when its values changed, whatever was restarted or run twice. Between the outside system and
the ledger there is no common transaction: what was sent by a run that was killed before it wrote that down is sent
again, so the function must name rows by an id by which the system knows them again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sg_assets.columns import Column
from sg_assets.promise import Promise
from sg_assets.source import Row, Source
from sg_assets.table import Input, Mode, Table

if TYPE_CHECKING:
    import pyarrow as pa

SENT_AT = Column("sent_at", "TIMESTAMP", "When the outside system answered.")
IS_ACCEPTED = Column("is_accepted", "BOOL", "Whether it took the row; a refused one is sent again once it has changed.")
DETAIL = Column("detail", "STRING", "What it said of the row, or why it refused it; null where that is nothing.")
OURS = (SENT_AT, IS_ACCEPTED, DETAIL)


class DestinationError(ValueError):
    """A destination does not fit the table that it sends; the message names the file and says what to change."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one row: `row` is as it was given to the function, `detail` what the outside system said of it.

    A refusal that may pass (a lock, a limit) is none: the function raises, and what it did not get to is sent later.
    """

    row: Row
    is_accepted: bool = True
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """What a send function is given: the client, the settings by variable name, the run's one clock, and the rows.

    `rows` are those that the ledger does not have as they are now, in the order of their keys, with the columns that
    were declared to be sent, kept and told.
    """

    http: Any
    settings: Mapping[str, str] = field(repr=False)
    now: datetime
    rows: pa.Table

    def batches(self, most: int) -> Iterator[list[dict[str, Any]]]:
        """The rows, so many at a time."""
        for start in range(0, self.rows.num_rows, most):
            yield self.rows.slice(start, most).to_pylist()


SendRows = Callable[[Send], Iterator[Sequence[Receipt]]]
"""Sends rows, and gives the receipts of each request as soon as it is answered.

What it raises ends the step: the receipts until then are kept, and the other rows are sent by the next try.
"""


@dataclass(frozen=True, slots=True)
class Sending:
    """One derived table that is sent: `key` names a row of it, `sent` are the columns that the outside system is told.

    `kept` are noted in the ledger too, but a change of them alone sends nothing; `told` are given to the function, and
    not even noted: what rows that never change consist of. `days`: of a table kept by day, only the last so many days
    are compared with the ledger; what is older is left as it is. `file` and `line` are where it is declared.
    """

    name: str
    reads: str
    key: tuple[str, ...]
    sent: tuple[str, ...]
    kept: tuple[str, ...]
    days: int | None
    description: str
    promise: Promise
    file: Path
    line: int
    send: SendRows
    told: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the ledger notes."""
        return (*self.key, *self.sent, *self.kept)

    def ledger(self, system: Source, read: Table) -> Table:
        """The ledger: its columns are those of the table that is read, of the same types and classes.

        Raises:
            DestinationError: that table has no such column.
        """
        known = {column.name: column for column in read.columns}
        if missing := [name for name in (*self.columns, *self.told) if name not in known]:
            msg = f"{self.file}: {self.name} sends {', '.join(missing)}, which {self.reads} does not have"
            raise DestinationError(msg)
        if self.days is not None and read.partition is None:
            msg = f"{self.file}: {self.name} compares only {self.days} days of {self.reads}, which is not kept by day"
            raise DestinationError(msg)
        version = sha256(repr((self.reads, self.key, self.sent, self.days)).encode()).hexdigest()[:16]
        return Table(
            name=self.name,
            description=self.description,
            owner=system.owner,
            columns=(*(known[name] for name in self.columns), *OURS),
            key=(*self.key, SENT_AT.name),
            promise=self.promise,
            file=self.file,
            line=self.line,
            source=system.name,
            mode=Mode.MERGE,
            inputs=(Input(self.reads),),
            is_ledger=True,
            code_version=version,
        )


@dataclass
class Destination:
    """An outside system that we write to; `system` says how it is reached, and has no tables of its own.

    It needs a variable that nothing else does, so that reading a system does not begin to write to it. The examination
    of the system asks for the right to write, and writes nothing.
    """

    system: Source
    sendings: dict[str, Sending] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called beside the source of the same system, in `SG_DISCONNECTED` for instance."""
        return f"sent_{self.system.name}"

    def sends(  # noqa: PLR0913 (what can be said of it)
        self,
        reads: str,
        *,
        key: tuple[str, ...],
        sent: tuple[str, ...] = (),
        kept: tuple[str, ...] = (),
        told: tuple[str, ...] = (),
        days: int | None = None,
        promise: Promise | None = None,
    ) -> Callable[[SendRows], SendRows]:
        """Declare that a derived table is sent. The docstring of the function is the ledger's description.

        Args:
            reads: the derived table.
            key: its columns that name a row to the outside system.
            sent: the columns that it is told; a row is sent again when one of them changed.
            kept: columns that the ledger notes besides.
            told: columns that the function is given besides, and the ledger does not note.
            days: of a table kept by day, how many days back are compared with the ledger.
            promise: by default that of the system.
        """
        owns = promise or self.system.promise
        if not isinstance(owns, Promise):
            raise TypeError(owns)  # what is frozen is never sent

        def declare(send: SendRows) -> SendRows:
            code = inspect.unwrap(send).__code__
            self.sendings[send.__name__] = Sending(
                name=f"{self.name}.{send.__name__}",
                reads=reads,
                key=key,
                sent=sent,
                kept=kept,
                days=days,
                description=inspect.cleandoc(send.__doc__ or ""),
                promise=owns,
                file=Path(code.co_filename),
                line=code.co_firstlineno,
                send=send,
                told=told,
            )
            return send

        return declare

    def ledgers(self, tables: Mapping[str, Table]) -> list[Table]:
        """The ledgers, given all tables that there are.

        Raises:
            DestinationError: one sends a table, or a column, that nobody defines.
        """
        found = []
        for sending in self.sendings.values():
            if sending.reads not in tables:
                msg = f"{sending.file}: {sending.name} sends {sending.reads}, which no .sql file defines"
                raise DestinationError(msg)
            found.append(sending.ledger(self.system, tables[sending.reads]))
        return found
