"""A small project with everything that Dagster's side must cope with, run for real: two sources, DuckDB, ten tables.

Test support; nothing here is tested. The sources fetch without HTTP what a `Vendor` has, or fail as it says. Times are
in 2025, because Dagster knows no partitions of the future.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self

import dagster as dg

from sg_assets import definitions, environment, refresh
from sg_assets.asset_spec import asset_key
from sg_assets.columns import Classification, Column
from sg_assets.destination import Destination
from sg_assets.discovery import Project, own_checks
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.plan import Target
from sg_assets.freshness.situation import facts_now
from sg_assets.http import Client
from sg_assets.order import Order
from sg_assets.promise import Promise
from sg_assets.session import Report, Result
from sg_assets.source import Fetch, Page, Pull, Row, Source, Variable
from sg_assets.sql_file import read_all
from sg_assets.table import Mode, Table
from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.bigquery_identity import write_note
from sg_assets.warehouse.identity import Identity
from sg_assets.warehouse.state import TableState
from sg_assets_tests.mini_tables import FILE, TABLES

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)  # a Thursday
TODAY = NOON.date()
FIRST_DAY = TODAY - 4 * DAY
PERSONAL = Classification.PERSONAL


@dataclass
class Vendor:
    """What the sources answer; `pulls` are the requests by table.

    `goes_wrong` gives, by table, an error for each fetch that is to fail, until they are used up.
    """

    things: list[Row] = field(default_factory=lambda: [thing(1, "bolt", TODAY), thing(2, "nut", TODAY - 2 * DAY)])
    people: list[Row] = field(default_factory=lambda: [{"id": 1, "name": "Ada", "email": "ada@example.org"}])
    goes_wrong: dict[str, Iterator[Exception]] = field(default_factory=dict)
    pulls: dict[str, list[Pull]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, table: str, pull: Pull, rows: Iterable[Row]) -> Page:
        self.pulls[table].append(pull)
        if error := next(self.goes_wrong.get(table, iter(())), None):
            raise error
        return Page(list(rows), {"pulls": len(self.pulls[table])})


def thing(id_: int, name: str, day: date) -> Row:
    return {"id": id_, "name": name, "day_on": day}


def sources(vendor: Vendor) -> list[Source]:
    """`mini` is always connected, `other` when SG_OTHER_TOKEN is set."""
    hourly = Promise("0 * * * *", warn=3 * HOUR, fail=6 * HOUR)
    daily = Promise("0 6 * * *", warn=27 * HOUR, fail=36 * HOUR)

    def connect(url: str, _settings: Mapping[str, str]) -> Client:
        return Client(url, name="mini")

    url = "http://127.0.0.1:1"
    mini = Source("mini", "Small things.", "team:mini", hourly, connect, url)
    other = Source("other", "More of them.", "team:other", daily, connect, url, (Variable("SG_OTHER_TOKEN", "Token"),))
    id_, name = Column("id", "INT64", "Id."), Column("name", "STRING", "Name.")

    @mini.pull(columns=(id_, name, Column("day_on", "DATE", "Day.")), key=("id",))
    def thing(pull: Pull) -> Iterator[Page]:
        """One row per thing."""
        yield vendor.answer("thing", pull, vendor.things)

    email = Column("email", "STRING", "Mail.", PERSONAL)

    @mini.pull(columns=(id_, name, email), key=("id",), mode=Mode.SNAPSHOT, promise=daily, may_be_empty=False)
    def person(pull: Pull) -> Iterator[Page]:
        """One row per person."""
        yield vendor.answer("person", pull, vendor.people)

    @mini.frozen("the shop is closed", columns=(id_,), key=("id",))
    def archive(pull: Pull) -> Iterator[Page]:
        """What was sold before."""
        yield vendor.answer("archive", pull, [{"id": 7}])

    @other.pull(columns=(id_, name), key=("id",))
    def extra(pull: Pull) -> Iterator[Page]:
        """Better names."""
        yield vendor.answer("extra", pull, [{"id": 1, "name": "Ada Lovelace"}])

    return [mini, other]


class Mini:
    """The project in a folder, at `now`, with a history of its own: in memory where none is handed over."""

    def __init__(self, folder: Path, history: dg.DagsterInstance | None = None) -> None:
        self.now = NOON
        self.vendor = Vendor()
        self.folder = folder
        self.tables = folder / "tables"
        for name, (promise, key, more, columns, sql) in TABLES.items():
            declared = {"promise": promise, "key": key, "more": more, "columns": "\n".join(columns), "sql": sql}
            self.write(name, FILE.format(description=f"All about {name}.", **declared))
        self.variables = {
            "SG_ENV": "production",
            "SG_HOME": str(folder / "home"),
            "SG_HISTORY_START": FIRST_DAY.isoformat(),
        }
        self.env = self._environment()
        self.history = history or dg.DagsterInstance.ephemeral()
        self.told: list[Report] = []
        self.more_sources: list[Source] = []
        self.published: tuple[Table, ...] = ()
        self.destinations: list[Destination] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.env.operations.close()
        self.history.dispose()

    def take_over(self, other: Path) -> None:
        """Start anew with what was built in another folder."""
        self.env.operations.close()
        shutil.copytree(other / "home", self.folder / "home", dirs_exist_ok=True)
        self.env = self._environment()

    def write(self, name: str, text: str) -> None:
        """Write the file of a derived table anew."""
        file = self.tables / "m" / f"{name}.sql"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.__dict__.pop("project", None)

    def change_sql(self, name: str, old: str, new: str) -> None:
        text = (self.tables / "m" / f"{name}.sql").read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def set(self, variable: str, value: str = "any") -> None:
        """Start anew with one more variable."""
        self.env.operations.close()
        self.variables[variable] = value
        self.env = self._environment()

    def move_to_bigquery(self) -> None:
        """Let what was built be in BigQuery, as far as can be told without asking it: by the note about its id."""
        ours = Identity(self.env.warehouse_id, self.env.name)
        write_note(self.env.home / "bigquery.identity", Settings("some-project"), ours)
        self.set("SG_WAREHOUSE", "bigquery:some-project")

    def _environment(self) -> environment.Environment:
        return replace(environment.load(self.variables), clock=lambda: self.now)

    @cached_property
    def project(self) -> Project:
        return Project.of(
            [*sources(self.vendor), *self.more_sources],
            read_all(self.tables),
            self.published,
            partial(own_checks, self.tables),
            self.destinations,
        )

    @property
    def facts(self) -> Facts:
        return facts_now(self.project, self.env, self.now, self.history)

    @property
    def states(self) -> Mapping[str, TableState]:
        return self.facts.states

    def refresh(
        self,
        *tables: str,
        upstream: str = "stale",
        full: bool = False,
        days: Iterable[date] = (),
        accept_shrink: bool = False,
    ) -> refresh.Account:
        target = Target.refresh(tables, upstream=upstream, is_full=full, days=days)
        order = Order(self.now, "refresh", target.is_full, target.days, accept_shrink, frozenset(tables))
        return refresh.refresh(
            self.project, self.env, target, order, self.history, lambda report, _total: self.told.append(report)
        )

    def later(self, span: timedelta) -> None:
        self.now += span

    def definitions(self) -> dg.Definitions:
        return definitions.build_defs(self.env, self.project, self.told.append)

    def run(
        self,
        *tables: str,
        tags: Mapping[str, str] | None = None,
        checks: Iterable[dg.AssetCheckKey] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Run tables as Dagster does when somebody selects them; without `checks` with all that they have."""
        job = self.definitions().get_repository_def().get_job(refresh.ALL_ASSETS_JOB)
        chosen = job.get_subset(
            asset_selection={asset_key(name) for name in tables},
            asset_check_selection=None if checks is None else set(checks),
        )
        return chosen.execute_in_process(
            run_config=refresh.QUIET, instance=self.history, tags=dict(tags or {}), raise_on_error=False
        )

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.env.read_copy().query(sql).rows

    def event(self, table: str) -> dg.AssetMaterialization:
        """The newest materialization of a table."""
        found = self.history.get_latest_materialization_event(asset_key(table))
        assert found
        assert found.asset_materialization
        return found.asset_materialization


def results(account: refresh.Account) -> dict[str, Result]:
    return {report.table: report.result for report in account.tables}


def replace_fetch(mini: Mini, name: str, fetch: Fetch) -> None:
    """Have a table fetched by another function."""
    for source in mini.project.sources:
        if name in source.tables:
            source.tables[name] = replace(source.tables[name], fetch=fetch)
