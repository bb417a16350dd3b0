"""How long one plan and one evaluation take for 1,000 tables and 5,000 edges, days and windows included.

`python benchmarks/planning.py` prints milliseconds of processor time, the median of some rounds: for a warehouse in
which everything is up to date, for one in which a tenth of the raw tables changed, and for one that was asleep for a
week.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Target, plan
from sg_assets.freshness.stale import build_for
from sg_assets.promise import DAILY, HOURLY
from sg_assets.table import Delivery, Input, Table
from sg_assets.warehouse.state import Change, PartitionState, TableState

TABLES, EDGES, RAW = 1000, 5000, 150
NOW = datetime(2026, 11, 18, 12, 20, tzinfo=UTC)
HISTORY = timedelta(days=60)
ROUNDS = 7


def graph(random: Random) -> Graph:
    """Raw tables, every third of files, and derived ones over them, every third partitioned."""
    tables = [_raw(n) for n in range(RAW)]
    wanted = [EDGES // (TABLES - RAW)] * (TABLES - RAW)
    for n in range(EDGES - sum(wanted)):
        wanted[n] += 1
    for n, edges in enumerate(wanted):
        near = tables[max(0, len(tables) - 300) :]
        inputs = [Input(t.name, days=random.choice([(0, 0), (0, 0), (-29, 0)])) for t in random.sample(near, edges)]
        partition = "on" if n % 3 == 0 else None
        name = f"d{n % 20}.t{n}"
        tables.append(Table(name, "", "team", (), (), HOURLY, Path(name), inputs=tuple(inputs), partition=partition))
    return Graph.of(tables)


def _raw(n: int) -> Table:
    name = f"raw_{n % 20}.t{n}"
    if n % 3:
        return Table(name, "", "team", (), (), DAILY, Path(name), delivery=Delivery.PULL)
    return Table(name, "", "team", (), (), HOURLY, Path(name), delivery=Delivery.FILES, partition="_object_on")


def up_to_date(declared: Graph) -> Facts:
    """Everything was built at twenty past, from what there was."""
    states: dict[str, TableState] = {}
    start = (NOW - HISTORY).date()
    facts = Facts(declared, NOW, start, states, first_seen=dict.fromkeys(declared.order, NOW - HISTORY))
    hour = NOW.replace(minute=0)
    days = [start + timedelta(days=n) for n in range(HISTORY.days + 1)]
    for table in declared:
        state = TableState(table.name, 1, NOW, 1000, hour, "1", "", Change.BUILD)
        if table.delivery is Delivery.FILES:
            state = replace(state, event_days={day: f"e{day}" for day in days})
        elif not table.is_raw:
            made = build_for(facts, table)
            partitions = {d: PartitionState(d, 1, NOW, 9, f"v{d}", "", marks) for d, marks in made.partitions.items()}
            state = replace(state, inputs=made.inputs, partitions=partitions)
        states[table.name] = state
    return replace(facts, states=states)


def changed(facts: Facts, random: Random, day: date) -> Facts:
    """A tenth of the raw tables hold something new, the files on one day."""
    states = dict(facts.states)
    for name in random.sample([table.name for table in facts.graph if table.is_raw], RAW // 10):
        event_days = {**states[name].event_days, day: "new"} if states[name].event_days else {}
        states[name] = replace(states[name], content_version="2", event_days=event_days)
    return replace(facts, states=states)


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = process_time()
        work()
        times.append(process_time() - start)
    return median(times) * 1000


def main() -> None:
    """Measure and print."""
    random = Random(7)  # noqa: S311 (a made-up graph)
    facts = up_to_date(graph(random))
    edges = sum(len(table.inputs) for table in facts.graph)
    print(f"{len(facts.graph.order)} tables, {edges} edges, {HISTORY.days} days of history")
    cases = {
        "up to date": facts,
        "a tenth of the raw tables changed": changed(facts, random, NOW.date()),
        "asleep for a week": replace(facts, now=NOW + timedelta(days=7)),
    }
    for words, case in cases.items():
        # A new copy each time: nothing that was worked out for one round helps the next.
        steps = len(plan(case, Target.refresh()).steps)
        planning = milliseconds(lambda case=case: plan(replace(case), Target.refresh()))
        keeping = milliseconds(lambda case=case: plan(replace(case), Target.keeper()))
        evaluating = milliseconds(lambda case=case: evaluate(replace(case)))
        print(
            f"{words:<36} refresh {planning:5.1f} ({steps} steps)  keeper {keeping:5.1f}  evaluate {evaluating:5.1f} ms"
        )


if __name__ == "__main__":
    main()
