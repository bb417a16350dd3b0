"""A small project that a code server can load by its name: a table fetched every two minutes, and one that can hang.

Test support; nothing here is tested. `slow` is fetched for as long as a file `hold` lies in SG_HOME, and a file
`fetching` beside it says meanwhile which process does so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets import definitions, environment
from sg_assets.columns import Column
from sg_assets.discovery import Project, own_checks
from sg_assets.http import Client
from sg_assets.promise import HOUR, Promise
from sg_assets.source import Page, Pull, Source

if TYPE_CHECKING:
    from sg_assets.environment import Environment

DAILY = Promise("0 0 * * *", warn=30 * HOUR, fail=40 * HOUR)
OFTEN = Promise("*/2 * * * *", warn=HOUR, fail=2 * HOUR)
HOLD, FETCHING = "hold", "fetching"
POLL_SECONDS = 0.1


def small(home: Path) -> Project:
    """The project that is steered by a file in a folder."""

    def connect(url: str, _settings: Mapping[str, str]) -> Client:
        return Client(url, name="mini")

    source = Source("mini", "Small things.", "team:mini", OFTEN, connect, "http://127.0.0.1:1")
    id_ = Column("id", "INT64", "Id.")

    @source.pull(columns=(id_,), key=("id",))
    def often(_pull: Pull) -> Iterator[Page]:
        """One row."""
        yield Page([{"id": 1}])

    @source.pull(columns=(id_,), key=("id",), promise=DAILY)
    def slow(_pull: Pull) -> Iterator[Page]:
        """One row, when it may."""
        while (home / HOLD).exists():
            (home / FETCHING).write_text(str(os.getpid()))
            time.sleep(POLL_SECONDS)
        yield Page([{"id": 1}])

    nowhere = home / "tables"
    return Project.of([source], [], (), partial(own_checks, nowhere), [])


def home_of(env: Environment) -> Path:
    """Where the files are."""
    return Path(env.variables["SG_HOME"])


@dg.definitions
def defs() -> dg.Definitions:
    """What the code server loads."""
    env = environment.load()
    return definitions.build_defs(env, small(home_of(env)))
