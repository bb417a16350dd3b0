"""A check that is a query: it passes while it finds nothing, else says what it found and holds what reads its table."""

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from sg_assets import on_demand, refresh
from sg_assets.asset_spec import asset_key
from sg_assets.environment import ROOT
from sg_assets.freshness import own_checks
from sg_assets.freshness.own_checks import SQL, failed
from sg_assets.freshness.plan import Action, Target, plan
from sg_assets.order import Order
from sg_assets.session import Report, Result
from sg_assets.table_check import missing_days
from sg_assets.warehouse import dialect, duckdb_ask
from sg_assets_tests.made_dagster import made_dagster
from sg_assets_tests.mini import HOUR, Mini, results, thing

LEFT = "m.left"
CHECK = """
from sg_assets.table_check import finds_nothing

few = finds_nothing(
    "m.left", "no_cogs", "Nothing is called a cog.",
    "select name, safe_divide(id, 2) as half from m.left where name = 'cog'",
)
"""
KEY = dg.AssetCheckKey(asset_key(LEFT), "no_cogs")


class Quiet:
    """Is told how a refresh goes, and keeps it to itself."""

    def __call__(self, report: Report, total: int) -> None: ...
    def began(self, table: str) -> None: ...
    def says(self, words: str) -> None: ...


def declare(mini: Mini, checks: str) -> None:
    (mini.tables / "m" / "checks.py").write_text(checks)
    mini.__dict__.pop("project", None)


@pytest.fixture
def checked(built: Mini) -> Mini:
    declare(built, CHECK)
    built.refresh(LEFT, full=True)
    return built


def evaluation(mini: Mini) -> dg.AssetCheckEvaluation:
    record = mini.history.get_latest_asset_check_evaluation_record(KEY)
    assert record
    assert isinstance(record.evaluation, dg.AssetCheckEvaluation)
    return record.evaluation


def test_it_passes_while_its_query_finds_nothing(checked: Mini) -> None:
    assert evaluation(checked).passed
    assert failed(checked.project, checked.history) == {}


def test_what_it_finds_is_told_and_holds_what_reads_the_table(checked: Mini) -> None:
    checked.vendor.things.append(thing(3, "cog", checked.now.date()))
    checked.later(HOUR)
    account = checked.refresh("m.diamond")
    assert evaluation(checked).description == "it does not hold: name cog, half 1.5"
    found: Mapping[str, Result] = results(account)
    assert (found[LEFT], found["m.diamond"]) == (Result.BUILT, Result.BLOCKED)
    assert checked.rows("select count(*) from m.diamond") == [(2,)], "it stays at its last good version"


def test_days_without_rows_between_the_first_and_the_last_are_missing() -> None:
    (spec,) = missing_days("m.daily").check_specs
    days = [date(2024, 2, 27), date(2024, 2, 28), date(2024, 3, 2), date(2024, 3, 3)]
    with duckdb.connect() as connection:
        dialect.prepare(connection)
        connection.execute("create schema m; create table m.daily (day_on date)")
        assert asked(connection, spec) == []
        connection.executemany("insert into m.daily values (?)", [[day] for day in [*days, *days]])
        assert asked(connection, spec) == [{"first_missing_on": date(2024, 2, 29), "missing_days": 2}]
        connection.execute("delete from m.daily where day_on < date '2024-03-01'")
        assert asked(connection, spec) == []


def asked(connection: duckdb.DuckDBPyConnection, spec: dg.AssetCheckSpec) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = duckdb_ask.ask(connection, str(spec.metadata[SQL]), 5).to_pylist()
    return rows


def test_a_query_that_cannot_be_run_holds_too(checked: Mini) -> None:
    declare(checked, CHECK.replace("name = 'cog'", "colour = 'red'"))
    checked.vendor.things.append(thing(3, "cog", checked.now.date()))
    checked.later(HOUR)
    assert results(checked.refresh("m.diamond"))["m.diamond"] is Result.BLOCKED


def test_one_that_asks_something_else_now_is_made_again_by_itself_and_what_waited_for_it_is_built(
    checked: Mini,
) -> None:
    checked.vendor.things.append(thing(3, "cog", checked.now.date()))
    checked.later(HOUR)
    checked.refresh()
    assert plan(checked.facts, Target.keeper()).steps == (), "its table is as it was, and so is the query"
    declare(checked, CHECK.replace("'cog'", "'bad cog'"))
    todo = plan(checked.facts, Target.keeper())
    assert [(step.table, step.action) for step in todo.steps] == [(LEFT, Action.CHECK), ("m.diamond", Action.BUILD)]
    assert "to be checked again: its check no_cogs failed: it does not hold" in todo.steps[0].reason
    assert results(checked.refresh()) == {LEFT: Result.SKIPPED, "m.diamond": Result.BUILT}
    assert checked.rows("select count(*) from m.diamond") == [(3,)]
    assert checked.refresh().run_id is None


def test_one_that_nobody_could_answer_is_made_again_after_a_while(
    checked: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(checked, CHECK.replace("from m.left where name = 'cog'", "from mini_elsewhere.cog"))
    assert results(checked.refresh(LEFT, full=True)) == {LEFT: Result.BUILT}
    assert list(checked.facts.failed_checks) == [LEFT]
    assert checked.facts.checked_again == frozenset(), "the keeper would ask every half a minute"
    monkeypatch.setattr(own_checks, "UNANSWERED_FOR", timedelta(0))
    assert checked.facts.checked_again == {LEFT}
    with duckdb.connect(str(checked.env.warehouse_path)) as connection:
        connection.execute("create schema mini_elsewhere; create table mini_elsewhere.cog (name varchar, id bigint)")
    assert results(checked.refresh()) == {LEFT: Result.SKIPPED}
    assert checked.facts.failed_checks == {}


def test_who_names_a_table_has_its_failed_check_made_again(checked: Mini) -> None:
    checked.vendor.things.append(thing(3, "cog", checked.now.date()))
    checked.later(HOUR)
    checked.refresh()
    first = evaluation(checked)
    assert checked.refresh().run_id is None
    assert results(checked.refresh(LEFT)) == {LEFT: Result.SKIPPED}
    again = evaluation(checked)
    assert again.description == first.description
    assert again.target_materialization_data != first.target_materialization_data


def test_a_running_dagster_loads_its_code_anew_to_make_one_again(
    built: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    declare(built, CHECK.replace(" where name = 'cog'", ""))
    built.later(HOUR)
    target, order, quiet = Target.refresh([LEFT]), Order(built.now, "refresh"), Quiet()
    on_demand.bring_up_to_date(built.project, built.env, target, order, quiet)
    code = {table.name: table.code_version for table in built.project.graph}
    with made_dagster(built.env.home, versions=code) as dagster:
        on_demand.bring_up_to_date(built.project, built.env, target, order, quiet, is_waiting=False)
    (params,) = dagster.launched
    assert [check["name"] for check in params["selector"]["assetCheckSelection"]] == ["sound", "no_cogs"]
    assert dagster.reloads == 1, "the version of a table's code says nothing of its checks"
