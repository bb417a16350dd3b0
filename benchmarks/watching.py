"""How long a tick of the watch takes for 1,000 tables and 5,000 edges, reading included.

`python benchmarks/watching.py` prints milliseconds of wall time, the median of some rounds: while everything is up to
date, while everything has been late for a while (nothing changes either), and for the ticks in which it becomes late.
Both stores are SQLite files; reading the states again after all of them changed is measured on its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import dagster as dg
from planning import HISTORY, NOW, graph, up_to_date

from sg_assets.asset_spec import asset_key
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.watch import WATCH, Watching

ROUNDS = 5
MINUTE = timedelta(minutes=1)


def milliseconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


class Clock:
    """A clock that is put forward."""

    def __init__(self, now: datetime) -> None:
        """Start at an instant."""
        self.now = now

    def __call__(self) -> datetime:
        """Now."""
        return self.now


@contextmanager
def watched(facts: Facts, clock: Clock) -> Generator[Watching]:
    """The watch over made-up states, each of which Dagster has heard of."""
    with tempfile.TemporaryDirectory() as folder:
        env = Environment("production", {"SG_HOME": folder, "SG_HISTORY_START": f"{facts.history_start}"}, clock)
        (Path(folder) / "dagster").mkdir()
        with dg.DagsterInstance.local_temp(f"{folder}/dagster") as instance:
            env.operations.copy_states(env.warehouse_id, facts.states)
            env.operations.first_seen(facts.graph.order, NOW - HISTORY)
            for name in facts.graph.order:
                instance.report_runless_asset_event(dg.AssetMaterialization(asset_key(name)))
            yield Watching(Project((), facts.graph), env, instance, "team:platform")
        env.operations.close()


def main() -> None:
    """Measure and print."""
    clock = Clock(NOW)
    facts = up_to_date(graph(Random(7)))  # noqa: S311 (a made-up graph)
    with watched(facts, clock) as watching:
        print(f"{len(facts.graph.order)} tables, {sum(len(t.inputs) for t in facts.graph)} edges")
        _settle(watching, clock, "the first ticks")
        print(f"{'nothing changes':<40} {_idle(watching, clock):7.0f} ms")
        clock.now += timedelta(days=3)
        watching.env.operations.beat(WATCH, clock.now)
        _settle(watching, clock, "the ticks in which everything turns late")
        opened = len(watching.env.operations.watch_book.open_incidents())
        print(f"{f'everything late, {opened} incidents, no change':<40} {_idle(watching, clock):7.0f} ms")
        newer = {name: replace(state, seq=state.seq + 1) for name, state in facts.states.items()}
        watching.env.operations.copy_states(watching.env.warehouse_id, newer)
        clock.now += MINUTE / 2
        print(f"{'every state was written anew':<40} {milliseconds(watching.tick):7.0f} ms")


def _settle(watching: Watching, clock: Clock, words: str) -> None:
    """Tick until nothing changes any more."""
    times = []
    while True:
        clock.now += MINUTE / 2
        start = perf_counter()
        found = watching.tick()
        if not (found.transitions or found.incidents or found.shown):
            break
        times.append((perf_counter() - start) * 1000)
    print(f"{words:<40} {', '.join(f'{time:.0f}' for time in times)} ms")


def _idle(watching: Watching, clock: Clock) -> float:
    """The median tick in which nothing changes."""
    times = []
    for _ in range(ROUNDS):
        clock.now += MINUTE / 2
        times.append(milliseconds(watching.tick))
    return median(times)


if __name__ == "__main__":
    main()
