"""How long one evaluation takes for 1,000 tables and 5,000 edges: at most 50 ms, whatever is wrong.

`python benchmarks/evaluating.py` prints the machine, the sizes, and milliseconds of wall and of processor time, the
median of some rounds, for a graph in which all is well, in which one raw table has been dead for days, in which nothing
has run for a week, with a hundred notes on top, and with weekday promises instead. Nothing is asserted, as machines are
busy.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from statistics import median
from time import perf_counter, process_time

from planning import NOW, graph, up_to_date

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.notes import Note
from sg_assets.promise import Promise

ROUNDS = 15
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
WEEKDAYS = Promise("10 6 * * 1-5", warn=27 * HOUR, fail=36 * HOUR, timezone="America/Los_Angeles")


def dead(facts: Facts) -> Facts:
    """The raw table that most depend on has stood still for three days, and with it all that count on it."""
    declared = facts.graph
    raw = max((table.name for table in declared if table.is_raw), key=lambda name: len(declared.descendants([name])))
    states = dict(facts.states)
    for table in declared:
        if table.name == raw or raw in declared.counted_ancestors(table):
            states[table.name] = replace(states[table.name], data_through=NOW - timedelta(days=3))
    return replace(facts, states=states)


def noted(facts: Facts, random: Random) -> Facts:
    """A hundred notes on three tables each."""
    names = facts.graph.order
    notes = (
        Note(f"{n}", tuple(random.sample(names, 3)), "ada", "it is known", facts.now - HOUR, facts.now + HOUR)
        for n in range(100)
    )
    return replace(facts, notes=tuple(notes))


def on_weekdays(facts: Facts) -> Facts:
    """Every table promises weekdays only."""
    return replace(facts, graph=Graph.of(replace(table, promise=WEEKDAYS) for table in facts.graph))


def measured(facts: Facts) -> str:
    """Medians, and what was found."""
    walls, works = [], []
    for _ in range(ROUNDS):
        fresh = replace(facts)  # a new copy: nothing that was worked out for one round helps the next
        wall, work = perf_counter(), process_time()
        found = evaluate(fresh)
        walls.append(perf_counter() - wall)
        works.append(process_time() - work)
    states = Counter(verdict.state for verdict in found.values())
    told = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"{1000 * median(walls):6.1f} {1000 * median(works):9.1f}   {told}"


def main() -> None:
    """Measure and print."""
    random = Random(7)  # noqa: S311 (a made-up graph)
    well = up_to_date(graph(random))
    asleep = replace(well, now=NOW + WEEK)
    cases = {
        "all is well": well,
        "one raw table dead for three days": dead(well),
        "asleep for a week": asleep,
        "asleep, with a hundred notes": noted(asleep, random),
        "asleep, weekday promises": on_weekdays(asleep),
    }
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]}")
    edges = sum(len(table.inputs) for table in well.graph)
    print(f"{len(well.graph.order)} tables, {edges} edges, median of {ROUNDS} rounds in ms")
    print(f"{'':<36}{'wall':>6} {'processor':>9}")
    for words, facts in cases.items():
        print(f"{words:<36}{measured(facts)}")


if __name__ == "__main__":
    main()
