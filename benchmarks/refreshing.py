"""How long `sg-assets refresh` takes of its own when there is nothing to do, beside what loading Dagster alone takes.

`python benchmarks/refreshing.py` builds a small sandbox in a folder of its own, once, and then prints seconds, wall and
processor, the median of some rounds each in a process of its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 7
ROOT = Path(__file__).parents[1]
REFRESH = [sys.executable, "-m", "sg_assets", "refresh", "--all"]
STATUS = [sys.executable, "-m", "sg_assets", "status"]
CASES = {
    "python": [sys.executable, "-c", "pass"],
    "import dagster": [sys.executable, "-c", "import dagster"],
    "status": STATUS,
    "refresh --all, nothing to do": REFRESH,
    "refresh --all --dry-run": [*REFRESH, "--dry-run"],
}


def run(command: list[str], variables: dict[str, str]) -> tuple[float, float]:
    """Seconds of wall and of processor that one process took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)  # noqa: S603 (our own)
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        variables = {**os.environ, "SG_HOME": home, "SG_SANDBOX_SCALE": "0.02"}  # noqa: TID251 (handed on)
        wall, _ = run(REFRESH, variables)
        print(f"{'refresh --all, everything to do':<36} {wall:6.2f} s")
        for words, command in CASES.items():
            walls, busy = zip(*(run(command, variables) for _ in range(ROUNDS)), strict=True)
            print(f"{words:<36} {median(walls):6.2f} s, {median(busy):6.2f} s of a processor")


if __name__ == "__main__":
    main()
