"""Where we run: the only reader of environment variables.

`load()` turns them into one `Environment`: the sandbox (a made-up company, stand-ins for every vendor) or production
(the real services). Nothing is opened here: warehouse, operations store and stand-ins start when first used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets import development
from sg_assets.clock import clock_of
from sg_assets.connection import Connection
from sg_assets.filled import refusals
from sg_assets.folders import ROOT
from sg_assets.made_up import A_DAY, SANDBOX, MadeUp
from sg_assets.source import Source
from sg_assets.variables import (
    EnvironmentProblem,
    half_configured,
    missing,
    postgres_of,
    url_of,
    value_of,
    with_file,
    with_secrets,
)
from sg_assets.warehouse.choice import DuckDBPlace, Place, Reader, place_of

if TYPE_CHECKING:
    from sg_assets.operations import Operations
    from sg_assets.warehouse.contract import Warehouse

__all__ = ["ROOT", "SANDBOX", "Environment", "EnvironmentProblem", "load"]

PRODUCTION = "production"
POOL = "warehouse"
NO_BIGQUERY = "another system writes its tables, into BigQuery, and SG_WAREHOUSE is a DuckDB file"
EMULATORS = {"BIGQUERY_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"}  # the names that Google's clients know


@dataclass(frozen=True)
class Environment(MadeUp):
    """One environment. `clock` gives now in UTC; `variables` is what was set, read through the properties below.

    `user` is who uses this machine; empty where that says nothing of a person. `dagster_home` is the folder whose
    `dagster.yaml` says where Dagster's history is: in production where `DAGSTER_HOME` says, else the checkout.
    """

    user: str = ""
    dagster_home: Path = ROOT

    @cached_property
    def place(self) -> Place:
        """Where the warehouse is, and of which kind.

        Raises:
            EnvironmentProblem: a variable that says it cannot be read.
        """
        return place_of(self.variables, self.name, self.shared_home, ROOT, self.target)

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file.

        Raises:
            EnvironmentProblem: the warehouse is none.
        """
        if not isinstance(self.place, DuckDBPlace):
            msg = f"SG_WAREHOUSE={self.variables['SG_WAREHOUSE']} is no file"
            raise EnvironmentProblem(msg)
        return self.place.path

    @property
    def has_one_writer(self) -> bool:
        """Whether a run has to wait for another one, whichever tables they write."""
        return self.place.has_one_writer

    @property
    def pool(self) -> str | None:
        """Dagster's pool that every run which writes the warehouse holds, where it has one writer at a time."""
        return POOL if self.has_one_writer else None

    def open_warehouse(self) -> Warehouse:
        """The warehouse, not yet opened; close it. The sandbox's history is from then on where it is now."""
        if self.name == SANDBOX:
            self.remember_anchor()
        return self.place.open()

    @property
    def warehouse_id(self) -> str:
        """The id of the warehouse; one that nobody looked into yet is opened for it, which may wait for its writer."""
        return self.place.id

    def read_copy(self) -> Reader:
        """What people query: on DuckDB the copy that the last run published, on BigQuery the warehouse itself."""
        return self.place.reader

    @cached_property
    def operations(self) -> Operations:
        """The operations store."""
        from sg_assets.operations import Operations  # noqa: PLC0415

        if self.operations_url:
            return Operations(self.operations_url)
        self.home.mkdir(parents=True, exist_ok=True)
        return Operations(f"sqlite:///{self.home / 'operations.sqlite'}")

    def close(self) -> None:
        """Give back the connections of the operations store, where it was used; the next use makes new ones."""
        if "operations" in vars(self):
            self.operations.close()

    @cached_property
    def operations_url(self) -> str | None:
        """The Postgres that the operations store is in, with its password; None where it is a file of its own."""
        return postgres_of(self.variables, "SG_OPERATIONS_URL")

    @property
    def dagster_url(self) -> str:
        """Where people open the UI: where `SG_DAGSTER_URL` says, else where this checkout serves it."""
        return (self.variables.get("SG_DAGSTER_URL") or "http://127.0.0.1:3000").rstrip("/")

    @cached_property
    def history_start(self) -> date:
        """The first day of tables that are kept day by day."""
        if told := value_of(self.variables, "SG_HISTORY_START", date.fromisoformat, A_DAY):
            return told
        if self.name == SANDBOX:
            return (self.anchor - self.made_up_history).date()
        return date(2022, 1, 1)

    def connection(self, source: Source) -> Connection:
        """Whether and how a source is reached; opens nothing but, in the sandbox, the stand-ins.

        Raises:
            EnvironmentProblem: its address is none.
        """
        url = url_of(source, self.variables)
        if source.is_only_watched:
            return self._watching(source)
        if self.name == SANDBOX:
            made_up = self.sandbox.settings(source.name)
            return Connection(
                url or self.stand_in(source.name), {**made_up, **self._set(v.name for v in source.variables)}
            )
        if source.name in self.disconnected:
            return Connection(reason=f"{source.name} is listed in SG_DISCONNECTED")
        if absent := missing(source, self.variables):
            return Connection(reason=f"{source.name} is not connected: {', '.join(absent)} not set")
        defaults = {v.name: v.default for v in source.variables if v.default is not None}
        return Connection(url or source.base_url or "", {**defaults, **self._set(v.name for v in source.variables)})

    def _watching(self, source: Source) -> Connection:
        """How a source is reached that only another system reads: its tables are where that one writes them."""
        if self.name != SANDBOX and source.name in self.disconnected:
            return Connection(reason=f"{source.name} is listed in SG_DISCONNECTED")
        if self.name != SANDBOX and self.has_one_writer:
            return Connection(reason=f"{source.name}: {NO_BIGQUERY}")
        return Connection(settings={})

    def is_connected(self, source: Source) -> bool:
        """Whether a source can be read, without starting anything."""
        if source.is_only_watched:
            return self._watching(source).is_connected
        return self.name == SANDBOX or (not missing(source, self.variables) and source.name not in self.disconnected)

    @cached_property
    def disconnected(self) -> frozenset[str]:
        """Sources that `SG_DISCONNECTED` lists."""
        return frozenset(filter(None, (s.strip() for s in (self.variables.get("SG_DISCONNECTED") or "").split(","))))

    def check_sources(self, sources: Iterable[Source]) -> None:
        """Refuse a source that is to be reached nowhere, and a production that is half configured.

        Raises:
            EnvironmentProblem: names the address, or lists what is missing for every source of which some is set.
        """
        found = list(sources)
        for source in found:
            url_of(source, self.variables)
        if self.name == SANDBOX:
            return
        wrong = half_configured(found, self.variables, self.disconnected)
        if wrong := wrong + refusals(found, self.variables, is_bigquery=not self.has_one_writer):
            raise EnvironmentProblem("half configured sources:\n  " + "\n  ".join(wrong))

    def _set(self, names: Iterable[str]) -> dict[str, str]:
        return {name: value for name in names if (value := self.variables.get(name))}


def load(environ: Mapping[str, str] | None = None) -> Environment:
    """The environment that the variables describe: by default those of the process and of the file `.env`.

    Raises:
        EnvironmentProblem: unknown `SG_ENV`, a clock that cannot be, or a variable with two values.
    """
    given = with_file(os.environ, ROOT / ".env") if environ is None else environ
    told = with_secrets(given)
    variables = development.own({n: text for n, text in told.items() if n.startswith("SG_") or n in EMULATORS})
    name = variables.get("SG_ENV") or SANDBOX
    if name not in {SANDBOX, PRODUCTION}:
        msg = f"SG_ENV={name}: set it to {SANDBOX} or {PRODUCTION}"
        raise EnvironmentProblem(msg)
    user = given.get("USER") or given.get("LOGNAME") or ""
    clock = clock_of(variables, is_sandbox=name == SANDBOX)
    home = Path((given.get("DAGSTER_HOME") if name == PRODUCTION else None) or ROOT)
    made = Environment(name, variables, clock, "" if user == "root" else user, home)
    return replace(made, dagster_home=development.dagster_home(made.home)) if made.target else made
