"""Development copies: `SG_TARGET=dev_<name>` builds into a copy of its own, and reads production for everything else.

What a target is called, and where it keeps what it has: a folder below production's state folder, with its warehouse
(on DuckDB), its operations store and its own history of Dagster, so that nothing of it is seen in production. Where a
table is read from is in `warehouse/lent.py`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock, Timeout

NAME = re.compile(r"dev_[a-z0-9_]+")
WANTED = "dev_ and lower-case letters, digits, underscores, such as dev_ada"
NEVER_SENT = "nothing is sent from a development copy"
FROM_PRODUCTION = "production"
PRODUCTIONS_ALONE = frozenset({"SG_OPERATIONS_URL"})
"""Variables that say where production keeps what it knows, which a copy must never write."""
_PATHS = "base_dir: .dagster/"


class InUseError(Exception):
    """A copy cannot be removed: somebody is using it."""


def named(text: str) -> str:
    """The name of a target, as `SG_TARGET` says it.

    Raises:
        ValueError: it is none.
    """
    if not NAME.fullmatch(text):
        raise ValueError(text)
    return text


def own(variables: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that count: in a target none that leads to what production keeps."""
    if not variables.get("SG_TARGET"):
        return variables
    return {name: value for name, value in variables.items() if name not in PRODUCTIONS_ALONE}


def dagster_home(folder: Path) -> Path:
    """The folder with the `dagster.yaml` of the target that has this folder."""
    return folder / "dagster"


def prepare_dagster(root: Path, home: Path) -> None:
    """Write a target's `dagster.yaml`: that of the checkout at `root`, with its paths below `home`.

    Nothing is written for the checkout itself, or where another one was put.
    """
    file = home / "dagster.yaml"
    if home == root or file.exists() or not NAME.fullmatch(home.parent.name):
        return
    home.mkdir(parents=True, exist_ok=True)
    text = (root / "dagster.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace(_PATHS, f"base_dir: {home}/"), encoding="utf-8")


def targets(home: Path) -> list[str]:
    """The targets that have a folder below production's state folder, by name."""
    return sorted(path.name for path in home.glob("dev_*") if path.is_dir() and NAME.fullmatch(path.name))


def drop(home: Path, target: str) -> None:
    """Remove everything that a target keeps below production's state folder.

    Raises:
        InUseError: a run writes it, or its Dagster is running.
        FileNotFoundError: there is no such target.
    """
    folder = home / target
    if target not in targets(home):
        raise FileNotFoundError(folder)
    if (folder / "dagster.json").exists():
        msg = f"{target} is being served: stop its `sg-assets up` first"
        raise InUseError(msg)
    lock = FileLock(folder / "warehouse.duckdb.lock", timeout=0)
    try:
        with lock:
            shutil.rmtree(folder)
    except Timeout:
        msg = f"a run is writing {target}: wait for it, or end it"
        raise InUseError(msg) from None
