"""A program that runs the same work again and again in one folder each, killed at one step after the other.

    python -m sg_assets_tests.warehouse.killed FOLDER

`FOLDER/undisturbed` is the work done in peace. `FOLDER/new-<n>` was killed at the n-th step of making a warehouse,
`FOLDER/<n>` at the n-th step of bringing one up to date; then the work was done again. It looks at the state first and
does what is missing, as a planner does.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sg_assets.columns import Column
from sg_assets.table import Mode
from sg_assets.warehouse import dialect
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.duckdb_file import Settings
from sg_assets_tests.warehouse.examples import HOUR, NOW, PING, build, derived, land, load, parquet, pinged, raw, row

DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
ACCOUNT = raw(Mode.SNAPSHOT)
SEEN = derived([Column("id", "STRING", "Id."), Column("name", "STRING", "Name.")], ["id"])
DAILY = derived(
    [Column("day", "DATE", "Day."), Column("pings", "INT64", "Pings.")], ["day"], partition="day", name="pings.day"
)
TABLES = (ACCOUNT, PING, SEEN, DAILY)
STEPS_OF_MAKING = 3


class Steps:
    """Counts the steps of a run, and ends the process the hard way at the chosen one."""

    def __init__(self, kill_at: int | None) -> None:
        self.names: list[str] = []
        self._kill_at = kill_at

    def __call__(self, name: str) -> None:
        if len(self.names) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)


def opened(folder: Path, steps: Steps) -> DuckDBWarehouse:
    """The warehouse in a folder."""
    return DuckDBWarehouse(
        folder / "w.duckdb", "sandbox", read_copy=folder / "read.duckdb", settings=Settings(on_step=steps)
    )


def work(folder: Path, deliveries: int, steps: Steps) -> None:
    """Bring every table up to date with what had been delivered by then, and end the run."""
    warehouse = opened(folder, steps)
    account, ping = (replace(table, description=f"As of delivery {deliveries}.") for table in (ACCOUNT, PING))
    warehouse.ensure([account, ping], NOW)
    landed = {"landed": deliveries}
    if warehouse.states()[ACCOUNT.name].cursor != landed:
        rows = ([row("a"), row("b"), row("c")], [row("a", "Ann"), row("c"), row("d")])[deliveries - 1]
        land(warehouse, folder, account, rows, now=NOW + deliveries * HOUR, cursor=landed)
    found = pinged(DAY, deliveries, [NOON] * deliveries)
    if found[0].name not in warehouse.loaded_objects(PING.name):
        load(warehouse, folder, [found], table=ping)
    states = warehouse.states()
    mark = {ACCOUNT.name: states[ACCOUNT.name].content_version}
    if SEEN.name not in states or states[SEEN.name].inputs != mark:
        build(warehouse, SEEN, "select id, name from raw_crm.account", inputs=mark)
    days = {DAY: {PING.name: states[PING.name].event_days[DAY]}}
    built = states[DAILY.name].partitions if DAILY.name in states else {}
    if {day: part.inputs for day, part in built.items()} != days:
        sql = "select _object_on as day, count(*) as pings from raw_pings.ping group by day"
        build(warehouse, DAILY, sql, partitions=days)
    warehouse.close()


def in_its_own_process(folder: Path, deliveries: int, kill_at: int | None = None) -> bool:
    """Do the work in a process; says whether it was killed."""
    folder.mkdir(exist_ok=True)
    child = os.fork()
    if child == 0:
        work(folder, deliveries, Steps(kill_at))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        msg = f"the work in {folder} failed"
        raise SystemExit(msg)
    return os.WIFSIGNALED(status)


def main(folder: Path) -> None:
    """Every step once. This process itself never opens DuckDB, so that its children may."""
    dialect.to_duckdb("select 1")  # what is slow the first time is done here, not in every child
    parquet(folder, ACCOUNT, [row("a")])
    gc.freeze()  # nor need a child look through what it has from here
    before = folder / "before"
    in_its_own_process(before, 1)
    shutil.copytree(before, folder / "undisturbed")
    in_its_own_process(folder / "undisturbed", 2)
    for number in range(STEPS_OF_MAKING):
        new = folder / f"new-{number}"
        in_its_own_process(new, 1, number)
        in_its_own_process(new, 1)
        in_its_own_process(new, 2)
    for number in range(1000):
        old = folder / str(number)
        shutil.copytree(before, old)
        was_killed = in_its_own_process(old, 2, number)
        in_its_own_process(old, 2)
        if not was_killed:
            break
    shutil.rmtree(before)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
