"""What one run shares: its one instant, the graph, the warehouse, and what came of each table.

A session is opened by Dagster as a resource when a run starts and closed when it ends. It knows how state moves from
the warehouse to the operations store; what a table does with it is in `raw.py` and `derived.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from sg_assets import development
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.tries import fingerprint
from sg_assets.order import Order
from sg_assets.prepared import loaded_anew, prepared
from sg_assets.table import Table
from sg_assets.warehouse.state import TableState

if TYPE_CHECKING:
    from sg_assets.connection import Connection
    from sg_assets.environment import Environment
    from sg_assets.operations import Operations
    from sg_assets.source import Connected, Source
    from sg_assets.warehouse.contract import Outcome, Warehouse


class Result(StrEnum):
    """What became of a table in a run."""

    BUILT = "built"
    SKIPPED = "skipped"
    FAILED = "failed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Report:
    """One table's line in the account of a run; `rows` are those of the table, `seconds` those of its own step."""

    table: str
    result: Result
    rows: int | None = None
    seconds: float = 0.0
    data_through: datetime | None = None
    reason: str = ""


@dataclass
class Session:
    """One run's shared things. `began` hears of each table as its step begins, `listener` as it ends.

    `folder` is for files that the run needs meanwhile (None: where the machine has its temporary ones). `answers` are,
    by source, those that all of its tables need and that are asked for once (`Pull.once`).
    """

    environment: Environment
    graph: Graph
    order: Order
    listener: Callable[[Report], None] = lambda _report: None
    unconnected: Mapping[str, str] = field(default_factory=dict)
    began: Callable[[str], None] = lambda _table: None
    folder: Path | None = None
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    _warehouse: Warehouse | None = None
    _states: dict[str, TableState] | None = None
    _lent: Mapping[str, TableState] = field(default_factory=dict)
    _connections: dict[str, Connection] = field(default_factory=dict)
    _clients: dict[str, Connected] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)
    _before: dict[str, TableState | None] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The one instant that everything in this run takes for now."""
        return self.order.now

    @property
    def operations(self) -> Operations:
        """The operations store."""
        return self.environment.operations

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse; its raw tables exist once it is first asked for, but for those that are loaded in full."""
        if self._warehouse is None:
            self._warehouse = self.environment.open_warehouse()
            anew = loaded_anew(self.graph, self.order, self.unconnected)
            self._warehouse.ensure(prepared(self.graph, self._warehouse, anew), self.now)
            self.copy_states()
        return self._warehouse

    @property
    def own_states(self) -> Mapping[str, TableState]:
        """The newest state of every table that the warehouse has, while we hold it."""
        if self._states is None:
            self._states = dict(self.warehouse.states())
            self._lent = self.warehouse.lent()
        return self._states

    @property
    def states(self) -> Mapping[str, TableState]:
        """The newest state of every table; in a development copy also of those that production lends."""
        own = self.own_states
        return {**self._lent, **own} if self._lent else own

    def connection(self, source: Source) -> Connection:
        """Whether and how a source is reached in this run.

        Raises:
            EnvironmentProblem: its address is none.
        """
        if source.name not in self._connections:
            self._connections[source.name] = self.environment.connection(source)
        return self._connections[source.name]

    def client(self, source: Source) -> Connected:
        """The client of a connected source: one for all of its tables, from the first one until the run ends.

        So they share a token, and what else the source holds open, such as one snapshot of a database.
        """
        if source.name not in self._clients:
            connection = self.connection(source)
            if connection.settings is None:
                raise AssertionError(source.name)  # asked by whoever wants a client
            self._clients[source.name] = source.connect(connection.base_url, connection.settings)
        return self._clients[source.name]

    def facts(self) -> Facts:
        """What the planner's rules are told, as of this run and its warehouse."""
        return Facts(
            graph=self.graph,
            now=self.now,
            history_start=self.environment.history_start,
            states=self.states,
            lent=frozenset(self._lent.keys() - self.own_states.keys()),
            unconnected=self.unconnected,
        )

    def copy_states(self) -> None:
        """Bring the operations store up to the warehouse: what a killed run could not copy is copied here."""
        self.operations.copy_states(self.warehouse.id, self.own_states)

    def release(self) -> None:
        """Let others at the warehouse while we wait for a vendor; what we knew of its states is then old."""
        if self._warehouse is not None:
            self._warehouse.release()
        self._states = None

    def read(self, reader: Table, wanted: str, columns: Sequence[str]) -> list[dict[str, object]]:
        """Some columns of a table as it is now (none: all), for the pull of a raw table; others then get the warehouse.

        Raises:
            ValueError: it is neither of the reader's own source nor declared as its input.
        """
        if self.graph[wanted].source != reader.source and wanted not in {i.table for i in reader.inputs}:
            msg = f"{reader.file}: {reader.name} reads {wanted}, which is not among its inputs"
            raise ValueError(msg)
        rows = self.warehouse.read(wanted, columns).to_pylist() if wanted in self.states else []
        self.release()
        return rows

    def wrote(self, outcome: Outcome) -> None:
        """Take over the state that a verb left, and copy it to the operations store."""
        state = outcome.state
        if self._states is not None:
            self._states[state.table] = state
        self.operations.copy_state(self.warehouse.id, state)

    @contextmanager
    def step(self, table: Table, *, is_tried_again: bool = False) -> Generator[None]:
        """One table's step: keeps its time, and accounts for a failure that nobody else accounted for.

        Where Dagster tries the same step again in this run (`is_tried_again`), such a failure is left out.
        """
        self._started[table.name] = monotonic()
        self._before[table.name] = self.own_states.get(table.name)
        self.began(table.name)
        try:
            yield
        finally:
            error = sys.exc_info()[1]
            if isinstance(error, Exception) and table.name in self._started:
                if is_tried_again:
                    self._started.pop(table.name)
                else:
                    self.failed(table, f"{type(error).__name__}: {error}")

    def failed(self, table: Table, reason: str, come_back_at: datetime | None = None) -> None:
        """Account for a table that failed, and count the try, so that it is not tried again at once."""
        tried = fingerprint(table, self.states, self.now)
        self.operations.record_try(table.name, tried, self.now, come_back_at, reason)
        self.ended(table, Result.FAILED, self.states.get(table.name), reason)

    def ended(self, table: Table, result: Result, state: TableState | None, reason: str) -> Report:
        """Account for a table, and tell the listener; what led somewhere is no longer counted as tried.

        A raw table that reaches no further than before (an hour is missing in a feed) is: else the keeper, for which it
        stays late soon, would fetch it without a pause.
        """
        has_moved = not table.is_raw or _reach(self.states.get(table.name)) != _reach(self._before.get(table.name))
        if result is not Result.FAILED and has_moved:
            self.operations.clear_attempts([table.name])
        report = Report(
            table.name,
            result,
            state.rows if state else None,
            round(monotonic() - self._started.pop(table.name), 3),
            state.data_through if state else None,
            reason,
        )
        if result is not Result.FAILED:
            self.operations.durations.record(table.name, str(result), report.seconds, self.now)
        self.listener(report)
        return report

    @contextmanager
    def asking(self, table: Table, client: Connected) -> Generator[None]:
        """Count what a block asks of the table's outside system, also where it fails."""
        before = client.calls
        try:
            yield
        finally:
            if calls := client.calls - before:
                day = self.now.date()
                self.operations.api_calls.record(day, str(table.source), table.name, calls, client.quota)

    def holder_of(self, table: Table) -> str:
        """The id of the warehouse that has a table, as far as it is known: of one that is lent it is not."""
        return self.warehouse.id if table.name in self.own_states else development.FROM_PRODUCTION

    def days_written(self, table: Table) -> list[date]:
        """The days of a table that its step wrote."""
        before = self._before.get(table.name)
        seq = before.seq if before else 0
        return [day for day, part in self.states[table.name].partitions.items() if part.seq > seq]

    def close(self) -> None:
        """End of the run: clients are closed, readers get what was written, others get the warehouse."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


def _reach(state: TableState | None) -> datetime | None:
    return state.data_through if state else None
