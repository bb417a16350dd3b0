"""A development copy, end to end on DuckDB: built beside production, of which it reads the rest and touches nothing."""

from __future__ import annotations

import hashlib
import json

import dagster as dg
import pytest

from sg_assets import development, environment
from sg_assets.alerts import watchdog
from sg_assets.environment import EnvironmentProblem
from sg_assets.freshness import keep, lookout, schedules, watch
from sg_assets.session import Result
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.commands import Command
from sg_assets_tests.mini import HOUR, Mini, results
from sg_assets_tests.test_sending import LEDGER, Shop, destination


@pytest.fixture
def copy(built: Mini) -> Mini:
    """The small project, built in production, as somebody has it who works on `m.left` in a copy."""
    built.set("SG_TARGET", "dev_ada")
    built.change_sql("left", "select name, id from", "select concat(name, '!') as name, id from")
    built.later(HOUR / 2)
    return built


def production(mini: Mini) -> dict[str, str]:
    """The marks of production's files: its warehouse, its copy for readers, its operations store."""
    home = mini.env.shared_home
    files = [path for path in home.iterdir() if path.suffix in {".duckdb", ".sqlite"}]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_one_table_is_built_against_productions_and_production_is_bit_equal(copy: Mini) -> None:
    before, pulls = production(copy), dict(copy.vendor.pulls)
    assert len(before) == 3
    assert results(copy.refresh("m.left")) == {"m.left": Result.BUILT}
    assert copy.vendor.pulls == pulls  # nothing was fetched: its input is production's
    assert copy.rows("select name from m.left order by name") == [("bolt!",), ("nut!",)]
    assert copy.rows("select name from m.diamond order by name") == [("bolt",), ("nut",)]
    assert copy.rows("select count(*) from raw_mini.thing") == [(2,)]
    assert production(copy) == before


def test_what_is_as_in_production_is_built_when_it_is_asked_for_whole_and_once(copy: Mini) -> None:
    assert results(copy.refresh("m.daily")) == {"m.daily": Result.BUILT}
    built = copy.env.operations.states(copy.env.warehouse_id)
    assert set(built) == {"m.daily"}
    assert len(built["m.daily"].partitions) == 5
    assert copy.rows("select count(*) from m.daily") == [(2,)]
    assert results(copy.refresh("m.daily")) == {}


def test_everything_is_what_differs_from_production_and_what_is_below_it(copy: Mini) -> None:
    found = results(copy.refresh())
    assert found.keys() == {"m.left"} | copy.project.graph.descendants(["m.left"])
    assert copy.rows("select name from m.diamond order by name") == [("bolt!",), ("nut!",)]


def test_a_raw_table_is_productions_unless_it_is_loaded_anew(copy: Mini) -> None:
    (told,) = copy.refresh("raw_mini.thing").tables
    assert (told.result, told.reason) == (
        Result.BLOCKED,
        "it is read from production; --full loads it into this copy",
    )
    copy.vendor.things = copy.vendor.things[:1]
    before = production(copy)
    assert results(copy.refresh("raw_mini.thing", full=True)) == {"raw_mini.thing": Result.BUILT}
    assert copy.rows("select count(*) from raw_mini.thing") == [(1,)]
    assert results(copy.refresh("m.left"))["m.left"] is Result.BUILT
    assert copy.rows("select name from m.left") == [("bolt!",)]
    assert production(copy) == before


def test_status_says_what_is_whose(copy: Mini, command: Command) -> None:
    copy.refresh("m.left", upstream="none")
    found = json.loads(command("status", "--json").stdout)
    assert found["target"] == "dev_ada"
    whose = {one["table"]: one["read_from"] for one in found["tables"]}
    assert whose == dict.fromkeys(copy.project.graph.order, "production") | {"m.left": "dev_ada"}
    told = " ".join(command("status").stdout.split())
    assert "dev_ada has of its own: m.left; every other table is production's" in told


def test_a_copy_without_production_says_so(mini: Mini) -> None:
    mini.set("SG_TARGET", "dev_ada")
    with pytest.raises(WarehouseError, match="production has nothing to read yet"):
        _ = mini.facts
    assert not (mini.env.home / "warehouse.duckdb").exists()


def test_nothing_runs_by_itself(copy: Mini) -> None:
    sensors = [keep.keeper(copy.project, copy.env), watch.watch(copy.project, copy.env, "team:a")]
    sensors += lookout.lookout(copy.project, copy.env)
    assert {sensor.default_status for sensor in sensors} == {dg.DefaultSensorStatus.STOPPED}
    found = schedules.per_cadence(copy.project, copy.env)
    assert {schedule.default_status for schedule in found} == {dg.DefaultScheduleStatus.STOPPED}


@pytest.mark.parametrize("name", ["ada", "dev_", "dev_Ada", "dev_a/../b", "prod"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(EnvironmentProblem, match=r"SG_TARGET=.*: set it to dev_ and lower-case letters"):
        _ = environment.load({"SG_TARGET": name}).home


def test_what_production_knows_is_kept_elsewhere() -> None:
    where = {"SG_OPERATIONS_URL": "postgresql://store.example/dagster"}
    assert "SG_OPERATIONS_URL" not in environment.load({**where, "SG_TARGET": "dev_ada"}).variables
    assert "SG_OPERATIONS_URL" in environment.load(where).variables


def test_its_dagster_keeps_its_history_apart(copy: Mini) -> None:
    home = copy.env.dagster_home
    development.prepare_dagster(environment.ROOT, home)
    text = (home / "dagster.yaml").read_text()
    assert f"base_dir: {home}/storage" in text
    assert "base_dir: .dagster" not in text
    development.prepare_dagster(environment.ROOT, environment.ROOT)  # the checkout's own is left alone


def test_nothing_is_sent(copy: Mini) -> None:
    shop = Shop()
    copy.destinations = [destination(shop)]
    copy.set("SG_SHOP_WRITE")
    copy.__dict__.pop("project", None)
    found = {report.table: report for report in copy.refresh(LEDGER).tables}
    assert (found[LEDGER].result, found[LEDGER].reason) == (
        Result.BLOCKED,
        "SG_TARGET=dev_ada: nothing is sent from a development copy",
    )
    copy.run(LEDGER)  # as somebody may who selects it in the UI
    assert "nothing is sent from a development copy" in copy.told[-1].reason
    assert shop.told == []


def test_an_own_check_judges_what_the_copy_has(copy: Mini) -> None:
    checks = copy.tables / "m" / "checks.py"
    checks.write_text(
        "from sg_assets.table_check import finds_nothing\n"
        'SQL = "select l.id from m.left as l join raw_mini.thing as t on l.id = t.id where l.name = t.name"\n'
        'differs = finds_nothing("m.left", "differs", "Each name is another one.", SQL)\n'
    )
    copy.__dict__.pop("project", None)
    copy.refresh("m.left")
    assert copy.facts.failed_checks == {}


def test_an_input_that_gives_the_same_rows_leaves_what_is_below_as_it_is(copy: Mini) -> None:
    copy.change_sql("left", "concat(name, '!') as name", "concat(name, '') as name")
    found = results(copy.refresh())
    assert found["m.left"] is Result.BUILT
    assert found["m.diamond"] is Result.SKIPPED
    assert set(copy.env.operations.states(copy.env.warehouse_id)) == {"m.left"}


def test_nobody_watches_it(copy: Mini, capsys: pytest.CaptureFixture[str]) -> None:
    assert watchdog.start(copy.env) == 1
    assert "nobody is alerted of the development copy dev_ada" in capsys.readouterr().err
