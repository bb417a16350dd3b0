"""Short ways to have tables judged: a chain of four, each complete to so many hours ago. Test support."""

from __future__ import annotations

from sg_assets.freshness.evaluate import Verdict, evaluate
from sg_assets.freshness.notes import Note
from sg_assets.table import Table
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import at, derived, facts, pull, state

CHAIN = (pull("r.a"), pull("r.b"), derived("d.x", "r.a"), derived("d.y", "d.x", "r.b"))
NOTE = Note("1", ("r.a",), "ada", "the vendor is moving", at(9), at(-9))


def judge(tables: tuple[Table, ...], *states: TableState, **others: object) -> dict[str, Verdict]:
    """The verdicts on some tables, all of which have existed for long."""
    first_seen = {table.name: at(1000) for table in tables}
    return evaluate(facts(tables, states, **{"first_seen": first_seen, **others}))


def chain(a: float, b: float, x: float, y: float, **others: object) -> dict[str, Verdict]:
    """The verdicts on the chain, each table complete to so many hours ago; late is older than 36, late soon than 27."""
    ages = {"r.a": a, "r.b": b, "d.x": x, "d.y": y}
    return judge(CHAIN, *(state(name, at(age)) for name, age in ages.items()), **others)


def states(found: dict[str, Verdict]) -> dict[str, str]:
    return {name: str(verdict.state) for name, verdict in found.items()}


def paths(verdict: Verdict) -> list[tuple[str, ...]]:
    return [root.path for root in verdict.roots]
