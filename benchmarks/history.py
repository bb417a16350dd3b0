"""What a day's refresh costs after thirty days of history, and after a thousand, when the same new data comes.

`python benchmarks/history.py [DAYS…]` takes a small sandbox, puts so many days of pings and events into its raw tables
(each day the same few hundred rows, in as many objects as in reality), has all derived tables built, then lets a day go
by: its objects are loaded, and what is stale is built, as `sg-assets refresh` does it. Each round measures after every
history, one right after the other, as a machine is not as fast in one minute as in the next. Prints the medians of
seconds of processor time and of the wall clock by kind of table, the median of the rounds' ratios, and the tables that
grew most. What a run copies for its readers is the whole file, and is told apart. The figure claimed (1.3 times) comes
from here; nothing is asserted, as machines are busy.
"""

import argparse
import os
import platform
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from time import process_time

import dagster as dg
import duckdb
from building import OURS, World, clocks, history, since
from copied_days import DAY, put
from derived import made

from sg_assets import garbage
from sg_assets.account import Listener
from sg_assets.definitions import build_defs
from sg_assets.environment import Environment
from sg_assets.freshness.plan import Target
from sg_assets.in_process import bring_up_to_date
from sg_assets.order import Order
from sg_assets.session import Report, Result
from sg_assets.source import Row
from sg_assets.table import Delivery, Table

HISTORY = (30, 1000)
ROUNDS = 3
WRITTEN: dict[tuple[str, datetime], list[Row]] = {}
"""What other systems have written by a time: to make that up takes most of a second, whatever the history."""


class Sandbox(Environment):
    """A sandbox in which that is made up once, and before anything is measured."""

    def written_by_others(self, table: Table) -> Iterable[Row] | None:
        """What another system has written into a watched table by now."""
        now = self.clock()
        found = WRITTEN.get((table.name, now))
        if found is None and (rows := super().written_by_others(table)) is not None:
            found = WRITTEN[table.name, now] = list(rows)
        return found


@dataclass
class Day:
    """What one day cost: seconds of a processor by what, and of each table; the size of the file."""

    parts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    tables: dict[str, float] = field(default_factory=dict)
    wall: float = 0.0
    mebibytes: float = 0.0


def main() -> None:
    """Measure and print."""
    garbage.seek_seldom()  # as the command does
    parser = argparse.ArgumentParser()
    parser.add_argument("days", nargs="*", type=int, default=HISTORY)
    parser.add_argument("--keep", type=Path, help="a folder for the sandbox, to be taken up again the next time")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}; python", end=" ")
    print(f"{platform.python_version()}, duckdb {duckdb.__version__}, dagster {dg.__version__}")
    with tempfile.TemporaryDirectory() as name:
        world = made((asked.keep or Path(name)) / "world-0.05", 0.05)
        noon = datetime.combine(world.environment(world.home).anchor.date(), datetime.min.time(), UTC) + DAY / 2
        with ExitStack() as stack:
            homes = {days: stack.enter_context(after(world, days, noon)) for days in asked.days}
            rounds = range(asked.rounds)
            told([{days: the_next_day(world, homes[days], days, noon + DAY) for days in homes} for _ in rounds])


@contextmanager
def after(world: World, days: int, noon: datetime) -> Generator[Path]:
    """The folder of a sandbox with a history of so many days, everything built at noon of the last."""
    with world.copy() as home:
        start = noon.date() - days * DAY
        env = at(home, start, noon)
        put(env, world, home, (start, noon.date()), is_all=True)
        seen = refreshed(env, world, home)
        if wrong := [one for one in seen if one.result in {Result.FAILED, Result.BLOCKED}]:
            raise AssertionError(wrong)
        yield home


def the_next_day(world: World, before: Path, days: int, now: datetime) -> Day:
    """In a copy of a folder: load a day's objects, and build what is stale."""
    with tempfile.TemporaryDirectory(dir=before.parent) as name:
        home = Path(name)
        shutil.copytree(before, home, dirs_exist_ok=True)
        env = at(home, now.date() - DAY - days * DAY, now)
        for table in world.project.graph:
            if table.delivery is Delivery.WATCHED:
                env.written_by_others(table)
        return a_day(world, home, env)


def a_day(world: World, home: Path, env: Environment) -> Day:
    """Load the objects of yesterday, and build what is stale."""
    day, today = Day(), env.clock().date()
    loading, day.parts["raw tables, loading their objects"] = put(env, world, home, (today - DAY, today), is_all=False)
    before, began = process_time(), clocks()
    for one in refreshed(env, world, home, day):
        if one.result in {Result.FAILED, Result.BLOCKED}:
            raise AssertionError(one)
    day.wall = loading + since(began)[0]
    day.mebibytes = env.warehouse_path.stat().st_size / 2**20
    copied = process_time()
    shutil.copyfile(env.warehouse_path, home / "once-more")
    day.parts["copying the file"] = process_time() - copied
    day.parts["planning, events, all else"] = copied - before - sum(day.tables.values()) - day.parts["copying the file"]
    return day


def at(home: Path, start: date, now: datetime) -> Sandbox:
    """The sandbox at a time, with a history from a day on."""
    return Sandbox("sandbox", {"SG_HOME": str(home), "SG_HISTORY_START": f"{start}"}, lambda: now)


def refreshed(env: Environment, world: World, home: Path, day: Day | None = None) -> tuple[Report, ...]:
    """Bring the derived tables up to date; gives what came of each."""
    target = Target.refresh([table.name for table in world.derived], upstream="none")
    began = dict[str, float]()

    def begins(table: str) -> None:
        began[table] = process_time()

    def ended(report: Report, _total: int) -> None:
        if day is not None and report.table in began:
            day.tables[report.table] = process_time() - began[report.table]
            day.parts[kind(world.project.graph[report.table])] += day.tables[report.table]

    with history(OURS, home) as instance:
        account = bring_up_to_date(
            world.project, env, target, Order(env.clock(), "refresh"), instance,
            lambda end, begin: build_defs(env, world.project, end, begin), Listener(ended, begins),
        )  # fmt: skip
    env.operations.close()
    return account.tables


def kind(table: Table) -> str:
    """What is said of a table's cost."""
    return "tables kept day by day" if table.is_partitioned else "tables built as a whole"


def told(rounds: Sequence[Mapping[int, Day]]) -> None:
    """Print everything."""
    days = sorted(rounds[0])
    print(f"\n{'seconds of a processor, after days:':<40}" + "".join(f"{n:>9,}" for n in days) + "    ratio")
    for part in sorted({part for day in rounds[0].values() for part in day.parts}):
        line(part, [[day[n].parts[part] for n in days] for day in rounds])
    line("all of it", [[sum(day[n].parts.values()) for n in days] for day in rounds])
    line("seconds of the wall clock, all of it", [[day[n].wall for n in days] for day in rounds])
    line("MiB of the file", [[day[n].mebibytes for n in days] for day in rounds])
    took = {
        n: {name: median(day[n].tables.get(name, 0) for day in rounds) for name in rounds[0][n].tables} for n in days
    }
    least, most = took[days[0]], took[days[-1]]
    print(f"grew most, seconds from {days[0]} to {days[-1]} days:")
    for name in sorted(most, key=lambda one: least.get(one, 0) - most[one])[:12]:
        print(f"  {name:<38}{least.get(name, 0):>9.2f}{most[name]:>9.2f}")


def line(words: str, rounds: Sequence[Sequence[float]]) -> None:
    """One line of the result: the medians of some rounds, and that of the ratios of the last to the first."""
    medians = [median(values) for values in zip(*rounds, strict=True)]
    ratio = median(values[-1] / max(values[0], 0.001) for values in rounds)
    print(f"{words:<40}" + "".join(f"{value:>9.2f}" for value in medians) + f"{ratio:>9.2f}")


if __name__ == "__main__":
    main()
