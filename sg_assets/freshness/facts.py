"""All that planner and evaluator are told: what is declared, and what is so, at one instant.

Pure: whoever reads the operations store and the environment fills it in. What follows from these facts at once, and for
both of them, is here: which tables are connected, which have landed, which inputs count now. What is stale, due or late
is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from sg_assets.freshness.graph import Graph
from sg_assets.freshness.notes import Note
from sg_assets.table import Input, Table
from sg_assets.warehouse.state import TableState


@dataclass(frozen=True)
class Facts:
    """What is declared, and what is so at `now`; all instants in UTC.

    Attributes:
        graph: the declared tables.
        now: the one instant for which everything is decided.
        history_start: the first day of every partitioned derived table.
        states: the newest state of each table that has one.
        lent: of a development copy, the tables of these that it reads from production, where they are built and kept.
        unconnected: raw tables of sources that are not connected, each with the reason.
        held: tables not to be tried before an instant: their tries failed, or a vendor said when to come back.
        busy: tables that an unfinished run is to build.
        failing: what went wrong in the last try of a table, where nothing went right since.
        failed_checks: tables as they are now that failed a check of their own at ERROR, each with the reason: what
            reads them waits.
        checked_again: those of them whose check may be answered otherwise now, although they are as they were.
        notes: all notes; those that are not active are ignored.
        first_seen: since when a table has existed while its source was connected; absent: since now.
        last_roots: the roots of tables that were not as they should be when they were looked at last.
    """

    graph: Graph
    now: datetime
    history_start: date
    states: Mapping[str, TableState] = field(default_factory=dict)
    lent: frozenset[str] = frozenset()
    unconnected: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, datetime] = field(default_factory=dict)
    busy: frozenset[str] = frozenset()
    failing: Mapping[str, str] = field(default_factory=dict)
    failed_checks: Mapping[str, str] = field(default_factory=dict)
    checked_again: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()
    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    last_roots: Mapping[str, Collection[str]] = field(default_factory=dict)
    window_marks: dict[tuple[str, tuple[int, int]], Mapping[date, str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # filled by marks.py, so that many readers of the same days cost no more than one

    def __post_init__(self) -> None:
        """Refuse an instant that would make `now.date()` somebody's local day."""
        if self.now.utcoffset() != timedelta(0):
            msg = f"now is {self.now.isoformat()}, not in UTC"
            raise ValueError(msg)

    def as_own(self, table: str) -> Facts:
        """The same facts where a table that is lent is about to be built here: it was never built here before."""
        if table not in self.lent:
            return self
        states = {name: state for name, state in self.states.items() if name != table}
        return replace(self, states=states, lent=self.lent - {table})

    def has_landed(self, table: str) -> bool:
        """Whether a table ever held a complete delivery or build."""
        state = self.states.get(table)
        return state is not None and state.has_landed

    def data_through(self, table: str) -> datetime | None:
        """Up to when a table's data is complete; None as long as none landed.

        A claim about the future, of a vendor or a clock that lies, is not believed, but taken for when it was made.
        (What was built after `now` is no such claim: a run that began earlier may well see it.)
        """
        state = self.states.get(table)
        if state is None or state.data_through is None:
            return None
        is_lie = state.data_through > max(self.now, state.built_at)
        return min(self.now, state.built_at) if is_lie else state.data_through

    def held_by(self, table: Table) -> list[str]:
        """The inputs that hold a table up, because they failed a check."""
        return [i.table for i in table.inputs if i.table in self.failed_checks] if self.failed_checks else []

    def is_connected(self, table: str) -> bool:
        """Whether everything that a table needs comes from connected sources."""
        return table not in self.not_connected

    @cached_property
    def not_connected(self) -> Mapping[str, tuple[str, ...]]:
        """Tables that are not connected, each with the path from it to the unconnected raw table.

        A derived table is not connected when an input is not that it cannot do without: one not marked `optional`, or
        the last that could count.
        """
        paths: dict[str, tuple[str, ...]] = {}
        if not self.unconnected:
            return paths
        for table in self.graph:
            if table.name in self.unconnected:
                paths[table.name] = (table.name,)
            elif absent := [i for i in table.inputs if i.table in paths]:
                counted = self.graph.counted_inputs(table)
                needed = [i for i in absent if not i.is_optional]
                if not needed and counted and all(i.table in paths for i in counted):
                    needed = list(counted)
                if needed:
                    paths[table.name] = (table.name, *paths[needed[0].table])
        return paths

    def counted_inputs(self, table: Table) -> tuple[Input, ...]:
        """The inputs that count for freshness now: an `optional` one from its first landing on, while connected."""
        counted = self.graph.counted_inputs(table)
        if table.name not in self.graph.has_optional:
            return counted
        return tuple(
            i for i in counted if not i.is_optional or (self.has_landed(i.table) and self.is_connected(i.table))
        )

    def least_reach(self, table: Table) -> datetime | None:
        """The least `data_through` of a table's counted inputs; None when one never landed, or when none counts."""
        reaches: list[datetime] = []
        for wanted in self.counted_inputs(table):
            through = self.data_through(wanted.table)
            if through is None:
                return None
            reaches.append(through)
        return min(reaches, default=None)

    def waits(self, table: Table) -> bool:
        """Whether all inputs that count have landed, and reach further than the table does."""
        through, least = self.data_through(table.name), self.least_reach(table)
        return least is not None and (through is None or through < least)
