"""Targets: who asks the planner, and for what. Schedules, keeper and refresh differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sg_assets.freshness.graph import Graph


class Upstream(StrEnum):
    """What a refresh does above the tables that it names."""

    STALE = "stale"  # runs what is stale, pulls what is behind
    ALL = "all"  # pulls everything, builds what changes by it
    NONE = "none"  # leaves it as it is


class _Caller(StrEnum):
    KEEPER = "keeper"
    SCHEDULE = "schedule"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Target:
    """One request; made by `keeper`, `schedule` or `refresh`.

    `tables` are the names in it, None for all tables; `to` is the instant up to which their data is wanted, None for
    what their promises give by now.
    """

    caller: _Caller
    tables: frozenset[str] | None = None
    upstream: Upstream = Upstream.STALE
    is_full: bool = False
    days: tuple[date, ...] = ()
    to: datetime | None = None

    @classmethod
    def keeper(cls) -> Target:
        """Whatever is stale, due and ready; raw tables only that never landed or are late soon."""
        return cls(_Caller.KEEPER)

    @classmethod
    def schedule(cls, raw: Iterable[str]) -> Target:
        """These raw tables, and everything below them that is then due and ready."""
        return cls(_Caller.SCHEDULE, frozenset(raw))

    @classmethod
    def refresh(
        cls,
        tables: Iterable[str] = (),
        *,
        upstream: Upstream | str = Upstream.STALE,
        is_full: bool = False,
        days: Iterable[date] = (),
        to: datetime | None = None,
    ) -> Target:
        """These tables (none: all) and what is stale above them, without waiting for a tick.

        `is_full` builds the named tables anew, all their days; `days` only these days. `to` leaves alone what is
        complete up to that instant, and so what only such tables need.

        Raises:
            ValueError: `to` together with `is_full` or `days`, which ask for what is there already.
        """
        names, chosen = frozenset(tables), tuple(days)
        if to is not None and (is_full or chosen):
            msg = "either up to an instant, or anew: not both"
            raise ValueError(msg)
        return cls(_Caller.REFRESH, names or None, Upstream(upstream), is_full, chosen, to)

    @property
    def is_keeper(self) -> bool:
        """Whether nobody asked: what is run is run because it is needed."""
        return self.caller is _Caller.KEEPER

    @property
    def respects_ticks(self) -> bool:
        """Whether a stale derived table waits for its promise's next tick."""
        return self.caller is not _Caller.REFRESH

    @property
    def pulls_unasked(self) -> bool:
        """Whether raw tables that nobody named are pulled when they need it."""
        return self.caller is not _Caller.SCHEDULE

    @property
    def word(self) -> str:
        """Why a raw table is pulled that was asked for."""
        return "its schedule" if self.caller is _Caller.SCHEDULE else "requested"

    def names(self, table: str) -> bool:
        """Whether a table is meant by itself; of a refresh of everything, every table is only when it is a full one."""
        if self.tables is None:
            return self.is_full or bool(self.days)
        return table in self.tables

    def is_for(self, table: str) -> bool:
        """Whether somebody named just this table, however far above it or below it others are."""
        return self.tables is not None and table in self.tables

    def asks_for(self, raw: str) -> bool:
        """Whether a raw table is pulled whatever its state: it was named, or everything above the named ones was."""
        return self.names(raw) or (self.upstream is Upstream.ALL and self.caller is _Caller.REFRESH)

    def scope(self, graph: Graph) -> frozenset[str] | None:
        """The tables that may be in the plan; None for all."""
        if self.tables is None:
            return None
        if self.caller is _Caller.SCHEDULE:
            return self.tables | graph.descendants(self.tables)
        return self.tables if self.upstream is Upstream.NONE else self.tables | graph.ancestors(self.tables)
