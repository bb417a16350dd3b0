"""The small project, its warehouse and its vendor with every step counted, so that a process can end at any of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from sg_assets.environment import Environment, load
from sg_assets.table import Table
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.duckdb_file import Settings
from sg_assets_tests.lasting_history import lasting_history
from sg_assets_tests.mini import Mini, Vendor

if TYPE_CHECKING:
    from sg_assets.source import Page, Pull, Row
    from sg_assets.warehouse.contract import Build, Judge, Landing, Outcome


@dataclass
class Steps:
    """Counts the steps of a refresh, and ends the process the hard way at the chosen one."""

    kill_at: int | None = None
    table: str = ""  # whose verb is at work
    names: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        if len(self.names) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(f"{self.table} {name}".strip())

    def commit(self, connection: Connection) -> None:
        """A commit to a SQLite file is about to be made."""
        file = Path(connection.engine.url.database or "").name
        self(f"commits {file if file in {'index.db', 'runs.db', 'operations.sqlite'} else 'log'}")


class WatchedWarehouse(DuckDBWarehouse):
    """A warehouse that says which table is being written."""

    def __init__(self, path: Path, environment: str, read_copy: Path, steps: Steps) -> None:
        super().__init__(path, environment, read_copy=read_copy, settings=Settings(on_step=steps))
        self._steps = steps

    def land(self, table: Table, parquet: Sequence[Path], landing: Landing, judge: Judge) -> Outcome:
        self._steps.table = table.name
        return super().land(table, parquet, landing, judge)

    def build(self, table: Table, build: Build, judge: Judge) -> Outcome:
        self._steps.table = table.name
        return super().build(table, build, judge)

    def close(self) -> None:
        self._steps.table = ""
        super().close()


@dataclass(frozen=True)
class WatchedEnvironment(Environment):
    """An environment with a watched warehouse."""

    steps: Steps = field(default_factory=Steps)

    def open_warehouse(self) -> DuckDBWarehouse:
        self.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
        copy = self.warehouse_path.with_suffix(".read.duckdb")
        return WatchedWarehouse(self.warehouse_path, self.name, copy, self.steps)


class WatchedVendor(Vendor):
    """A vendor whose every answer is a step."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps

    def answer(self, table: str, pull: Pull, rows: Iterable[Row]) -> Page:
        self._steps(f"fetches {table}")
        return super().answer(table, pull, rows)


class WatchedMini(Mini):
    """The small project with a history that lasts, everything in one folder."""

    def __init__(self, folder: Path, steps: Steps) -> None:
        self._steps = steps
        super().__init__(folder, lasting_history(folder / "dagster"))
        self.vendor = WatchedVendor(steps)

    def _environment(self) -> Environment:
        made = load(self.variables)
        return WatchedEnvironment(made.name, made.variables, lambda: self.now, steps=self._steps)
