"""Short ways to say what a test is about: small tables, and states that they might be in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Plan
from sg_assets.promise import DAILY, HOURLY, Frozen, Promise
from sg_assets.table import Delivery, Input, Origin, Part, Reach, Table
from sg_assets.warehouse.state import Change, PartitionState, TableState

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
FIRST_DAY = date(2026, 11, 11)
AT_SIX = NOON - 6 * HOUR + timedelta(seconds=7)  # when today's tick of a daily promise was pulled

Wanted = str | Input


def pull(name: str, promise: Promise = DAILY, known_delay: timedelta = timedelta(0)) -> Table:
    return replace(_table(name, promise), delivery=Delivery.PULL, known_delay=known_delay)


def files(name: str, promise: Promise = HOURLY) -> Table:
    return replace(_table(name, promise), delivery=Delivery.FILES, partition="_object_on", event_column="at")


def filled(name: str, reach: Reach = Reach.TOLD) -> Table:
    """A table that another system fills elsewhere."""
    origin = Origin("SG_R_DATASET", (Part("theirs.t", {}),), reach)
    return replace(_table(name, HOURLY), delivery=Delivery.WATCHED, event_column="at", origin=origin)


def frozen(name: str) -> Table:
    return replace(_table(name, Frozen("its writer is gone")), delivery=Delivery.FROZEN)


def derived(name: str, *inputs: Wanted, promise: Promise | Frozen = DAILY) -> Table:
    return replace(_table(name, promise), inputs=_inputs(inputs))


def daily(name: str, *inputs: Wanted, promise: Promise = DAILY, open_days: int = 3) -> Table:
    """A derived table that is partitioned by day."""
    return replace(
        _table(name, promise), inputs=_inputs(inputs), partition="on", event_column="on", open_days=open_days
    )


def facts(tables: Iterable[Table], states: Iterable[TableState] = (), **others: object) -> Facts:
    """The facts about these tables at noon; `others` are further fields of `Facts`."""
    found = {state.table: state for state in states}
    given: dict[str, object] = {"now": NOON, "history_start": FIRST_DAY, **others}
    return Facts(Graph.of(tables), states=found, **given)  # pyrefly: ignore[bad-argument-type]


def state(  # noqa: PLR0913 (a state has many sides)
    table: str,
    through: datetime | None,
    version: str = "1",
    *,
    inputs: Mapping[str, str] | None = None,
    days: Mapping[date, Mapping[str, str]] | None = None,
    event_days: Mapping[date, str] | None = None,
    built_at: datetime | None = None,
    code: str = "",
) -> TableState:
    """A table's state; `days` maps each day that was built to the marks of what it was built from."""
    partitions = {
        day: PartitionState(day, 1, built_at or NOON, 1, f"v{day}", code, marks) for day, marks in (days or {}).items()
    }
    return TableState(
        table,
        seq=1,
        built_at=built_at or through or NOON,
        rows=1,
        data_through=through,
        content_version=version,
        code_version=code,
        change=Change.BUILD,
        inputs=inputs or {},
        partitions=partitions,
        event_days=event_days or {},
    )


def built(table: str, through: float, **inputs: str) -> TableState:
    """A derived table's state, built from these versions of raw tables (`a="1"` is r.a)."""
    return state(table, at(through), inputs={f"r.{name}": mark for name, mark in inputs.items()})


def names(made: Plan) -> list[str]:
    return [step.table for step in made.steps]


def reasons(made: Plan) -> dict[str, str]:
    return {step.table: step.reason for step in made.steps}


def days(first: date, count: int) -> list[date]:
    return [first + n * DAY for n in range(count)]


def at(hours: float) -> datetime:
    """Some hours before noon, or after it when negative."""
    return NOON - hours * HOUR


def _table(name: str, promise: Promise | Frozen) -> Table:
    return Table(name, "", "somebody", (), (), promise, Path(f"{name}.sql"))


def _inputs(wanted: Iterable[Wanted]) -> tuple[Input, ...]:
    return tuple(Input(one) if isinstance(one, str) else one for one in wanted)
