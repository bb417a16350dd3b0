"""A program that refreshes the small project again and again, in one folder each, killed at one step after the other.

    python -m sg_assets_tests.killed_refresh FOLDER [EVERY]

A step is one of the warehouse, a fetch, or a commit to one of the SQLite files of Dagster and the operations store; a
process is killed just before it. `FOLDER/one` is a first refresh done in peace, `FOLDER/undisturbed` a second one after
something changed. `FOLDER/first-<n>` was killed at step n of the first refresh, `FOLDER/second-<n>` at that of the
second; `FOLDER/mended-<n>`, which was killed after a commit of which nobody had heard, at step n of the refresh that
came then. Afterwards the same refresh was run again. With EVERY, every so manieth step, else a sample: where one store
has heard and the next has not. (Each step of the warehouse alone is in `warehouse/killed.py`.)
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, event

from sg_assets import refresh
from sg_assets.warehouse import dialect
from sg_assets_tests import migrations
from sg_assets_tests.mini import DAY, HOUR, TODAY, thing
from sg_assets_tests.watched_refresh import Steps, WatchedMini

AT_A_TIME = 2
STEPS = "steps.json"


def work(folder: Path, deliveries: int, steps: Steps) -> None:
    """Refresh everything once, with what there is by then."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(folder / "tmp")
    with WatchedMini(folder, steps) as mini:
        if deliveries == 2:
            mini.later(HOUR)
            mini.vendor.things = [thing(1, "bolt", TODAY), thing(2, "nail", TODAY - 2 * DAY), thing(3, "cog", TODAY)]
            mini.vendor.people.append({"id": 2, "name": "Bo", "email": "bo@example.org"})
            mini.change_sql("listed", "coalesce(e.name, p.name)", "upper(p.name)")
        event.listen(Engine, "commit", steps.commit)
        account = mini.refresh()
        if account.has_failed:
            raise SystemExit(str([report for report in account.tables if report.reason]))


@dataclass(frozen=True)
class Scene:
    """What to kill: the folder to begin with (None: nothing), how many deliveries there are, at which steps."""

    name: str
    before: str | None
    deliveries: int
    sample: Sequence[tuple[str, int]]  # a step, and the how manieth of that name


SCENES = (
    Scene("first", None, 1, (
        ("raw_mini.thing committed", 0),
        ("m.daily commits log", 3),  # some of its days told
    )),
    Scene("second", "one", 2, (
        ("commits log", 5),  # the run made, not begun
        ("raw_mini.thing commits operations.sqlite", 0),  # committed, not copied
        ("m.daily commits log", 0),  # copied, not told
        ("published", 0),
        ("commits runs.db", -1),  # all done, not said so
    )),
    Scene("mended", "unheard", 2, (
        ("commits log", 4),  # some days told of what was mended
    )),
)  # fmt: skip
UNHEARD = ("m.daily commits operations.sqlite", 0)


def start(folder: Path, deliveries: int, kill_at: int | None = None) -> int:  # pyrefly: ignore[bad-return]  # it ends in `_exit`
    """Start the work in a process of its own; gives its id. What its steps were is written down when it ends well."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        steps = Steps(kill_at)
        work(folder, deliveries, steps)
        (folder / STEPS).write_text(json.dumps(steps.names))
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def finish(child: int) -> bool:
    """Wait for a process of ours; says whether it was killed.

    Raises:
        SystemExit: it ended in another way than well.
    """
    _, status = os.waitpid(child, 0)
    return was_killed(child, status)


def was_killed(child: int, status: int) -> bool:
    """What became of a process.

    Raises:
        SystemExit: it was not killed, nor did it end well.
    """
    if status and not os.WIFSIGNALED(status):
        msg = f"process {child} ended with {status}"
        raise SystemExit(msg)
    return status != 0


def steps_of(folder: Path) -> list[str]:
    """The steps of the last refresh in a folder that ended well."""
    found: list[str] = json.loads((folder / STEPS).read_text())
    return found


def position(steps: Sequence[str], wanted: tuple[str, int]) -> int:
    """Where a step is among all."""
    name, which = wanted
    return [number for number, step in enumerate(steps) if step == name][which]


def copied(before: Path | None, folder: Path) -> Path:
    """A folder as another one is now, or one that is not there yet."""
    if before is not None:
        shutil.copytree(before, folder)
    return folder


def do_in_peace(folder: Path) -> None:
    """Everything once, undisturbed; and the folder in which a commit was made that nobody heard of."""
    finish(start(folder / "one", 1))
    finish(start(copied(folder / "one", folder / "undisturbed"), 2))
    unheard = copied(folder / "one", folder / "unheard")
    finish(start(unheard, 2, position(steps_of(folder / "undisturbed"), UNHEARD)))
    finish(start(copied(unheard, folder / "healed"), 2))


def killings(folder: Path, scene: Scene, every: int | None) -> Iterator[tuple[Path, int, int]]:
    """Folders to work in, how many deliveries there are, and at which step to kill: a sample, or every so manieth."""
    in_peace = {"first": "one", "second": "undisturbed", "mended": "healed"}[scene.name]
    steps = steps_of(folder / in_peace)
    before = folder / scene.before if scene.before else None
    for number in range(0, len(steps), every) if every else (position(steps, wanted) for wanted in scene.sample):
        yield copied(before, folder / f"{scene.name}-{number}"), scene.deliveries, number


def load_what_is_slow() -> None:
    """What takes long the first time is done here, not in every child."""
    for name in ("pandas", "pyarrow.parquet", "requests"):  # the first as Arrow does when it is first given a list
        import_module(name)
    dialect.to_duckdb("select 1")
    migrations.read_once()
    with tempfile.TemporaryDirectory() as folder, WatchedMini(Path(folder), Steps()) as mini:
        assert mini.history.get_runs() == []
        assert mini.definitions().get_repository_def().has_job(refresh.ALL_ASSETS_JOB)
    gc.freeze()  # nor need a child look through what it has from here


def main(folder: Path, every: int | None = None) -> None:
    """Kill and do again, two at a time. This process itself never opens DuckDB, so that its children may."""
    load_what_is_slow()
    do_in_peace(folder)
    todo = (killing for scene in SCENES for killing in killings(folder, scene, every))
    running: dict[int, tuple[Path, int] | None] = {}
    while True:
        for path, deliveries, number in islice(todo, AT_A_TIME - len(running)):
            running[start(path, deliveries, number)] = path, deliveries
        if not running:
            return
        child, status = os.wait()
        to_be_killed = running.pop(child)
        if was_killed(child, status) != (to_be_killed is not None):
            msg = f"process {child} in {to_be_killed} was killed or not, and should not or should"
            raise SystemExit(msg)
        if to_be_killed is not None:
            running[start(*to_be_killed)] = None


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
