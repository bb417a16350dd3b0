"""Tables that Fivetran fills: brought up to date on demand by a sync, and else looked at as any watched table."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import environment, refresh
from sg_assets.account import Account
from sg_assets.asset_spec import asset_key
from sg_assets.columns import Column
from sg_assets.definitions import build_defs
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.filled import filled
from sg_assets.filling import Filler, Filling
from sg_assets.freshness.plan import Target
from sg_assets.order import Order
from sg_assets.promise import Promise
from sg_assets.session import Result
from sg_assets.source import Page, Pull, Source, nowhere
from sg_assets.sources.fivetran import fivetran
from sg_assets.table import Part, Reach
from sg_assets.watched import look
from sg_assets_tests.filled_tables import Theirs
from sg_assets_tests.made_fivetran import MadeFivetran, made_fivetran

HOUR = timedelta(hours=1)
SYNCED = datetime(2026, 11, 21, 6, 25, tzinfo=UTC)
THING, OTHER = "raw_crm.thing", "raw_crm.other"
TYPES = {"id": "INT64"}


def crm() -> Source:
    """A source whose two tables Fivetran may fill."""
    source = Source("crm", "C.", "team:x", Promise("0 * * * *", warn=8 * HOUR, fail=12 * HOUR), nowhere)

    def thing(_pull: Pull) -> Iterator[Page]:
        """One row per thing."""
        raise AssertionError

    def other(_pull: Pull) -> Iterator[Page]:
        """One row per other thing."""
        raise AssertionError

    for fetch in (thing, other):
        source.pull(columns=(Column("id", "INT64", "Id."),), key=("id",))(fetch)
        parts = (Part(fetch.__name__, {"id": "id"}),)
        source.fillings[fetch.__name__] = Filling(Filler.FIVETRAN, "SG_CRM_DATASET", parts, Reach.TOLD)
    return source


@dataclass
class World:
    """Fivetran, which syncs at once, and what it has filled."""

    made: MadeFivetran
    history: dg.DagsterInstance
    folder: Path
    connection: str = "salesforce"
    now: datetime = SYNCED + HOUR

    def __post_init__(self) -> None:
        given = {"SG_CRM_DATASET": "theirs", "SG_CRM_CONNECTION": self.connection}
        self.project = Project.of(filled([fivetran, crm()], given), [])
        warehouse = self.env.open_warehouse()
        for name in ("thing", "other"):
            Theirs(warehouse, self.folder).writes(name, TYPES, [{"id": 1}])
        warehouse.close()

    @property
    def env(self) -> Environment:
        variables = {"SG_HOME": str(self.folder / "home"), "SG_FIVETRAN_URL": self.made.variables["SG_FIVETRAN_URL"]}
        return environment.load({**variables, "SG_SANDBOX_SCALE": "0.05", "SG_SANDBOX_ANCHOR": "2026-11-20"})

    def refresh(self, *tables: str) -> Account:
        target = Target.refresh(tables, upstream="none")
        order = Order(self.now, "refresh", named=frozenset(tables))
        return refresh.refresh(self.project, self.env, target, order, self.history, lambda _report, _total: None)

    def through(self, table: str) -> datetime | None:
        return self.env.operations.states(self.env.warehouse_id)[table].data_through


@contextmanager
def world_of(folder: Path, connection: str = "salesforce") -> Generator[World]:
    with made_fivetran() as made, dg.DagsterInstance.ephemeral() as history:
        yield World(made, history, folder, connection)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_of(tmp_path) as made:
        yield made


def test_tables_that_are_asked_for_are_one_sync_and_then_looked_at(world: World) -> None:
    reports = world.refresh(THING, OTHER).tables
    assert {report.table for report in reports} == {THING, OTHER}
    assert {(report.result, report.rows, report.data_through) for report in reports} == {(Result.BUILT, 1, SYNCED)}
    assert world.made.asked == [("POST", "/v1/connections/a_b/sync")]
    assert world.history.get_latest_materialization_event(asset_key(THING))


@pytest.mark.parametrize(("connection", "why"), [("hubspot", "failed"), ("nobody", "nobody is no connection")])
def test_a_sync_that_did_not_end_well_fails_the_tables_and_moves_nothing(
    tmp_path: Path, connection: str, why: str
) -> None:
    with world_of(tmp_path, connection) as world:
        reports = world.refresh(THING, OTHER).tables
        assert [report.result for report in reports] == [Result.FAILED] * 2
        assert all(why in report.reason for report in reports)
        assert world.through(THING) is None


def test_what_fivetran_told_us_last_says_how_far_a_table_reaches(world: World) -> None:
    world.made.asked.append(("POST", "/v1/connections/a_b/sync"))
    assert world.refresh("raw_fivetran.connection").tables[0].result is Result.BUILT
    assert len(world.made.asked) == 1
    assert world.through(THING) is None  # it was looked at before
    warehouse = world.env.open_warehouse()
    look(world.env, world.project.graph, warehouse, world.now)
    assert warehouse.states()[THING].data_through == SYNCED
    warehouse.close()
    assert world.env.operations.attempts() == {}


def test_a_connection_that_nobody_has_is_said_with_those_that_there_are(tmp_path: Path) -> None:
    with world_of(tmp_path, "nobody") as world:
        world.refresh("raw_fivetran.connection")
        warehouse = world.env.open_warehouse()
        look(world.env, world.project.graph, warehouse, world.now)
        warehouse.close()
        told = world.env.operations.attempts()[THING].reason
        assert (
            told == "nobody is no connection of Fivetran: set SG_CRM_CONNECTION to one of a_b, c_d, hubspot, salesforce"
        )


def test_in_the_ui_they_can_be_run_together_and_have_their_checks(world: World) -> None:
    graph = build_defs(world.env, world.project).resolve_asset_graph()
    assert graph.get(asset_key(THING)).is_executable
    assert graph.get(asset_key(THING)).kinds == {"crm", "fivetran"}
    assert {key.name for key in graph.get_check_keys_for_assets({asset_key(THING)})} == {"sound", "fresh"}
