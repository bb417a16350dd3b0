"""What the derived graph costs beside plain DuckDB, and beside plain Dagster, doing the same.

`python benchmarks/derived.py [SCALE…] [--rounds N]` makes a sandbox of each scale, once, takes the derived
tables away, and has all of them built again, in turn by

* plain DuckDB: the compiled SQL (`sg-assets tables compile`), one process, one connection, `create table … as`;
* us, in a run of Dagster whose history is in memory, and in one whose history is in SQLite files;
* plain Dagster: each table an asset that runs the same SQL on one such connection, with one check of its key and the
  same partitions, with Dagster's stock SQLite history and with ours.

Starting Python, imports, and building the definitions are not counted. Prints the machine, and medians of seconds of
the wall clock and of processor time. The figures claimed (60 ms a table over plain DuckDB; 1.3 times plain Dagster)
come from here; nothing is asserted, as machines are busy.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median

import dagster as dg
import duckdb
from building import OURS, STOCK, World, by_dagster, by_us, plainly

from sg_assets import discovery
from sg_assets.warehouse.duckdb_sql import quoted_table

Case = Callable[[Path], tuple[float, float]]
"""Builds in a folder; gives seconds of the wall clock, and of processors."""
ROOT = Path(__file__).parents[1]
SCALES = (0.05, 1.0)
ROUNDS = 3


def main() -> None:
    """Measure and print."""
    warnings.filterwarnings("ignore", category=dg.BetaWarning)  # of a backfill policy, at each asset of plain Dagster
    parser = argparse.ArgumentParser()
    parser.add_argument("scale", nargs="*", type=float, default=SCALES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", type=Path, help="a folder for the sandboxes, to be taken up again the next time")
    asked = parser.parse_args()
    machine()
    for scale in asked.scale:
        with tempfile.TemporaryDirectory() as folder:
            world = made((asked.keep or Path(folder)) / f"world-{scale:g}", scale)
            compared(world, f"scale {scale:g}", asked.rounds)


def machine() -> None:
    """Print what it was measured on."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {gibibytes:.0f} GiB; load {os.getloadavg()[0]:.1f}")
    print(f"python {platform.python_version()}, duckdb {duckdb.__version__}, dagster {dg.__version__}")


def made(home: Path, scale: float) -> World:
    """A sandbox, from nothing, without its derived tables."""
    variables = {"SG_ENV": "sandbox", "SG_SANDBOX_SCALE": f"{scale:g}"}
    project = discovery.project()
    world = World(home, variables, project, tuple(table for table in project.graph if table.sql))
    env = world.environment(home)
    if env.warehouse_path.exists():
        return world
    command = [sys.executable, "-m", "sg_assets", "refresh", "--all"]
    told = {**os.environ, **variables, "SG_HOME": str(home)}  # noqa: TID251 (handed on)
    subprocess.run(command, cwd=ROOT, env=told, check=True, capture_output=True)  # noqa: S603 (our own)
    env.warehouse_path.with_suffix(".read.duckdb").unlink()
    with closing(duckdb.connect(str(env.warehouse_path))) as connection:
        for table in world.derived:
            connection.execute(f"drop table if exists {quoted_table(table.name)}")
            for states in ("table_state", "partition_state"):
                connection.execute(f"delete from sg_ops.{states} where table_name = ?", [table.name])  # noqa: S608
    (env.home / "operations.sqlite").unlink()
    with closing(env.open_warehouse()) as warehouse:
        warehouse.ensure(project.graph.there_from_the_start, env.clock())
        env.operations.copy_states(warehouse.id, warehouse.states())
    env.operations.close()
    return world


def compared(world: World, words: str, rounds: int) -> None:
    """Everything against everything."""
    cases: Mapping[str, Case] = {
        "plain DuckDB": partial(plainly, world),
        "ours, history in memory": partial(by_us, world, None),
        "plain Dagster, history in memory": partial(by_dagster, world, None),
        "ours, our SQLite history": partial(by_us, world, OURS),
        "plain Dagster, stock SQLite history": partial(by_dagster, world, STOCK),
        "plain Dagster, our SQLite history": partial(by_dagster, world, OURS),
    }
    seconds = measured(world, words, cases, rounds)
    for clock, by in enumerate(("by the wall clock", "by processor time")):
        plain, ours, _, lasting, stock, same = (both[clock] for both in seconds.values())
        more = 1000 * (ours - plain) / len(world.derived)
        print(f"{by}: {more:.0f} ms a table over plain DuckDB; against plain Dagster", end=" ")
        print(f"{lasting / stock:.2f} times its stock history, {lasting / same:.2f} times with ours")


def measured(world: World, words: str, cases: Mapping[str, Case], rounds: int) -> dict[str, tuple[float, float]]:
    """Run the cases in turn, print, and give the medians of each: seconds of the wall clock, and of processors."""
    size = world.environment(world.home).warehouse_path.stat().st_size / 2**20
    print(f"\n{words}: {len(world.derived)} derived tables, {size:.0f} MiB; median of {rounds} rounds in s")
    print(f"{'':<40}{'wall':>8}{'processor':>11}")
    walls: dict[str, list[float]] = {name: [] for name in cases}
    busy: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        for name, work in cases.items():
            with world.copy() as folder:
                wall, processor = work(folder)
            walls[name].append(wall)
            busy[name].append(processor)
            print(f"round {number + 1}, {name}: {wall:.1f} s, {processor:.1f} of processors", file=sys.stderr)
    for name in cases:
        print(f"{name:<40}{median(walls[name]):>8.2f}{median(busy[name]):>11.2f}")
    return {name: (median(walls[name]), median(busy[name])) for name in cases}


if __name__ == "__main__":
    main()
