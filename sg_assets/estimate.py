"""What a plan would cost, where work is paid for by the byte: each build's query is tried without being run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.build_sql import build_sql
from sg_assets.freshness.plan import Plan, Step
from sg_assets.table import Table
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.price import Metered, usd

if TYPE_CHECKING:
    from sg_assets.environment import Environment
    from sg_assets.freshness.graph import Graph

FETCHED = "not known before it is fetched"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes that a step's query would read; None where that cannot be said, and `reason` says why."""

    bytes: int | None
    reason: str = ""

    @property
    def usd(self) -> float | None:
        """What that costs on demand, in US dollars."""
        return None if self.bytes is None else usd(self.bytes)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """What is known, added up."""
    return Estimate(sum(found.bytes or 0 for found in estimates))


def estimate(made: Plan, graph: Graph, env: Environment) -> Mapping[str, Estimate]:
    """What the steps of a plan would read, by table; nothing where nothing is paid for.

    It is the query that makes a table's rows. What checking and publishing them reads comes to that, and depends on how
    many there are; landing what a source delivers is not known before.
    """
    if not env.place.is_metered:
        return {}
    warehouse = env.open_warehouse()
    if not isinstance(warehouse, Metered):
        raise TypeError(env.place)
    try:
        return {step.table: _of(step, graph, env.clock(), warehouse) for step in made.steps}
    finally:
        warehouse.close()


def _of(step: Step, graph: Graph, now: datetime, warehouse: Metered) -> Estimate:
    table = graph[step.table]
    if step.action.leaves_rows:
        return Estimate(0)
    if not table.sql:
        return Estimate(None, FETCHED)
    known_at = now if table.is_day_snapshot else None
    sql = build_sql(table, graph.tables, _days(step, table, now), now, known_at)
    try:
        return Estimate(warehouse.would_read(table.name, sql))
    except WarehouseError as error:
        return Estimate(None, str(error))


def _days(step: Step, table: Table, now: datetime) -> tuple[date, ...]:
    """The days that a step is to build; where only its inputs will show them, those that are still open."""
    if not table.is_partitioned or step.partitions:
        return step.partitions
    return tuple(now.date() - timedelta(days=n) for n in range(table.open_days + 1))
