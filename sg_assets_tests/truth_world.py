"""The made-up company, its whole pipeline refreshed once for all tests that compare a table with what is true.

Test support. The fixture `world` (in `conftest.py`) gives it, to every process that runs tests.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from filelock import FileLock

from sg_assets import discovery
from sg_assets.environment import Environment, load
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.refresh import Account, refresh
from sg_assets.session import Result

CLOCK = "2026-03-10T14:30:00Z"
"""More than half a month and a week into the sandbox's last days, so that months and weeks have borders in it."""
ANCHOR = "2026-03-10"
NOT_BUILT = "not-built.json"


@dataclass(frozen=True)
class World:
    """What was built: `env` has its read copy, and `env.sandbox` the truth; `not_built` says why, by table."""

    env: Environment
    not_built: dict[str, str]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query in BigQuery's dialect."""
        return [tuple(row) for row in self.env.read_copy().query(sql).rows]

    def by_key(self, sql: str) -> dict[object, object]:
        """The rows of a query by their first column: the second, or all others where there are more than two."""
        return {row[0]: row[1] if len(row) == 2 else row[1:] for row in self.rows(sql)}


def built_once(folder: Path) -> World:
    """The world in a folder that several processes share: the first of them builds it, the others wait."""
    home = folder / "truth"
    with FileLock(folder / "truth.lock"):
        if not (home / NOT_BUILT).exists():
            with refreshed(home) as (_env, account):
                not_built = {r.table: r.reason for r in account.tables if r.result is not Result.BUILT}
            (home / NOT_BUILT).write_text(json.dumps(not_built))
    return World(environment(home), json.loads((home / NOT_BUILT).read_text()))


def environment(home: Path) -> Environment:
    """The environment of a world in a state folder, at the one instant that it is about."""
    return load({"SG_HOME": str(home), "SG_CLOCK": CLOCK, "SG_SANDBOX_ANCHOR": ANCHOR, "SG_SANDBOX_SCALE": "0.05"})


@contextmanager
def refreshed(home: Path, tables: Iterable[str] = ()) -> Generator[tuple[Environment, Account]]:
    """Everything that is declared, or these tables and what they need, built in a state folder."""
    env = environment(home)
    with dg.DagsterInstance.ephemeral() as history:
        order = Order(env.clock(), "refresh")
        account = refresh(discovery.project(), env, Target.refresh(tables), order, history, lambda _report, _of: None)
        yield env, account
