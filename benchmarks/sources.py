"""How long every source takes from nothing, and again when nothing is new.

`python benchmarks/sources.py [SCALE]` refreshes all raw tables of a new sandbox, builds what is derived from them,
and asks every source once more while the clock stands still: nothing is new then, and no derived table may be built
by it but what counts the calls themselves, which is asserted. Each is a process of its own. Prints seconds of the
wall clock and of processors, of the process and all that it started, and the tables that took longest. The figures
claimed (60 s, and 20 s plus 0.15 s a table, on two cores, at the scale of `make up`) come from here; they are not
asserted, as machines are busy.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sg_assets import discovery
from sg_assets.freshness.published_tables import API_CALL

ROOT = Path(__file__).parents[1]
REFRESH = [sys.executable, "-m", "sg_assets", "refresh", "--json"]
LONGEST = 8


def main() -> None:
    """Measure and print."""
    scale = sys.argv[1] if len(sys.argv) > 1 else "1"
    graph = discovery.graph()
    raw = [table.name for table in graph if table.is_raw]
    derived = [table.name for table in graph if table.sql]
    print(f"{platform.machine()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}; scale {scale}")
    print(f"{len(raw)} raw tables, {len(derived)} derived ones")
    with tempfile.TemporaryDirectory() as home:
        clock = datetime.now(UTC) - timedelta(minutes=10)
        variables = {**os.environ, "SG_HOME": home, "SG_SANDBOX_SCALE": scale, "SG_CLOCK": clock.isoformat()}  # noqa: TID251 (handed on)
        told("every source from nothing", run([*REFRESH, *raw], variables))
        told("what is derived from them", run([*REFRESH, "--all"], variables))
        again = run([*REFRESH, *derived, "--upstream", "all"], variables)
        told("every source again, nothing new", again)
    counting = graph.descendants([API_CALL.name])
    nothing_new = set(derived) - counting
    if built := [one["table"] for one in again[2] if one["table"] in nothing_new and one["result"] == "built"]:
        raise AssertionError(built)
    print(f"nothing new may take {20 + 0.15 * len(raw):.0f} s")


def run(command: list[str], variables: dict[str, str]) -> tuple[float, float, list[dict[str, Any]]]:
    """Seconds of the wall clock and of processors that a refresh took, and what it says of each table."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)  # noqa: S603 (our own)
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, busy, json.loads(done.stdout)["tables"]


def told(words: str, found: tuple[float, float, list[dict[str, Any]]]) -> None:
    """What one refresh took, and what most of it went to."""
    wall, busy, tables = found
    came = ", ".join(f"{count} {result}" for result, count in Counter(one["result"] for one in tables).most_common())
    print(f"{words:<34}{wall:7.1f} s, {busy:7.1f} s of processors: {came}")
    longest = sorted(tables, key=lambda one: -one["seconds"])[:LONGEST]
    print("   longest: " + ", ".join(f"{one['table']} {one['seconds']:.1f}" for one in longest))


if __name__ == "__main__":
    main()
