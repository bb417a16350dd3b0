"""A table that another system writes: from what it wrote to the state, the verdict and Dagster."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import environment, on_demand
from sg_assets.asset_spec import asset_key
from sg_assets.definitions import build_defs
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness.evaluate import Verdict, evaluate
from sg_assets.freshness.lookout import lookout, sound
from sg_assets.sandbox.faults import Kind
from sg_assets.sources.server_usage import server_usage
from sg_assets.warehouse.state import TableState
from sg_assets.watched import is_due, look

NAME = "raw_server_usage.server_day"
ANCHOR = datetime(2025, 6, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MORNING = ANCHOR + 9 * HOUR


class World:
    """The sandbox at an instant, with nothing but the watched table."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, MORNING
        self.project = Project.of([server_usage], [], [])
        self.history = dg.DagsterInstance.ephemeral()

    @property
    def env(self) -> Environment:
        variables = {"SG_SANDBOX_SCALE": "0.05", "SG_SANDBOX_ANCHOR": "2025-06-05", "SG_HOME": str(self.folder)}
        return replace(environment.load(variables), clock=lambda: self.now)

    @property
    def state(self) -> TableState | None:
        return self.env.operations.states(self.env.warehouse_id).get(NAME)

    @property
    def verdict(self) -> Verdict:
        return evaluate(on_demand.facts_of(self.project, self.env, self.now))[NAME]

    def look(self) -> str:
        """What the sensor says after a tick."""
        (sensor,) = lookout(self.project, self.env)
        said = sensor(dg.build_sensor_context(instance=self.history))
        assert isinstance(said, dg.SkipReason)
        return said.skip_message or ""

    @property
    def events(self) -> int:
        return len(self.history.fetch_materializations(asset_key(NAME), 100).records)

    @property
    def is_sound(self) -> bool | None:
        key = dg.AssetCheckKey(asset_key(NAME), "sound")
        record = self.history.get_latest_asset_check_evaluation_record(key)
        return record.evaluation.passed if record and record.evaluation else None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_it_is_fresh_once_it_was_looked_at_and_dagster_hears_of_it_once_a_tick(world: World) -> None:
    assert world.verdict.state == "never_landed"
    assert world.look() == f"looked at {NAME}; new: {NAME}"
    assert (world.verdict.state, world.verdict.data_through) == ("fresh", ANCHOR)
    assert (world.events, world.is_sound) == (1, True)
    (event,) = world.history.fetch_materializations(asset_key(NAME), 1).records
    assert event.asset_materialization
    assert str(event.asset_materialization.description).startswith("Another system wrote it")
    world.now += 3 * HOUR
    assert world.look() == "all of them were looked at in this tick of their promises"
    assert world.events == 1
    world.now = MORNING + DAY
    assert world.look().endswith(f"new: {NAME}")
    assert (world.events, world.verdict.data_through) == (2, ANCHOR + DAY)


def test_a_writer_that_stopped_makes_it_late_as_a_root_and_its_recovery_is_seen_at_once(world: World) -> None:
    world.look()
    stopped = world.env.sandbox.faults.switch_on(Kind.STOPPED_FEED, "server_usage", since=ANCHOR.isoformat())
    world.now = ANCHOR + 36 * HOUR
    assert world.look() == f"looked at {NAME}; new: nothing"
    late = world.verdict
    assert (late.state, late.since, [root.table for root in late.roots]) == ("late", ANCHOR + 36 * HOUR, [NAME])
    assert (late.owner, world.events) == ("team:infrastructure", 1)
    world.env.sandbox.faults.clear(stopped.id)
    world.now += timedelta(minutes=1)
    assert world.look() == f"looked at {NAME}; new: {NAME}"
    assert world.verdict.state == "fresh"


def test_what_is_not_sound_is_said_by_its_check_and_the_last_good_state_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.look()
    before, row = world.state, {"site_id": "a", "day_on": ANCHOR.date(), "user_count": 1}
    monkeypatch.setattr(Environment, "written_by_others", lambda _env, _table: [row, {**row, "site_id": None}])
    world.now += DAY
    world.look()
    assert (world.state, world.is_sound) == (before, False)
    assert "1 rows have no key" in world.env.operations.attempts()[NAME].reason
    monkeypatch.undo()
    world.look()
    assert (world.is_sound, world.env.operations.attempts()) == (True, {})


def test_a_person_can_have_it_looked_at_by_running_its_check(world: World) -> None:
    (check,) = sound(world.project, world.env)
    result = dg.materialize([dg.AssetSpec(asset_key(NAME)), check], selection=dg.AssetSelection.all_asset_checks())
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.passed, world.verdict.state) == (True, "fresh")


def test_dagster_shows_it_and_cannot_run_it(world: World) -> None:
    graph = build_defs(world.env, world.project).resolve_asset_graph()
    assert not graph.get(asset_key(NAME)).is_executable
    assert [sensor.name for sensor in lookout(world.project, world.env)] == ["lookout"]
    assert lookout(Project.of([], [], []), world.env) == []


def test_without_bigquery_it_is_not_connected_in_production_and_says_why(tmp_path: Path) -> None:
    env = environment.load({"SG_ENV": "production", "SG_HOME": str(tmp_path)})
    project = Project.of([server_usage], [], [])
    verdict = evaluate(on_demand.facts_of(project, env, MORNING))[NAME]
    assert verdict.state == "not_connected"
    assert "into BigQuery, and SG_WAREHOUSE is a DuckDB file" in verdict.reason


def test_looking_is_due_when_nothing_was_noted_in_this_tick_or_it_is_late_soon(world: World) -> None:
    (raw,) = server_usage.tables.values()
    assert is_due(raw.table, None, MORNING)
    warehouse = world.env.open_warehouse()
    warehouse.ensure([raw.table], MORNING)
    look(world.env, [raw.table], warehouse, MORNING)
    state = warehouse.states()[NAME]
    warehouse.close()
    assert not is_due(raw.table, state, MORNING + HOUR)
    assert is_due(raw.table, state, MORNING + DAY)
    stuck = replace(state, built_at=MORNING + 30 * HOUR)
    assert is_due(raw.table, stuck, ANCHOR + 30 * HOUR)
