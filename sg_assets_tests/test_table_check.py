"""A check that is a query: it passes while it finds nothing, else says what it found and holds what reads its table."""

from collections.abc import Mapping
from datetime import date

import dagster as dg
import duckdb
import pytest

from sg_assets.asset_spec import asset_key
from sg_assets.freshness.own_checks import failed
from sg_assets.session import Result
from sg_assets.table_check import SQL, missing_days
from sg_assets.warehouse import dialect, duckdb_ask
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


@pytest.fixture
def checked(built: Mini) -> Mini:
    (built.tables / "m" / "checks.py").write_text(CHECK)
    built.__dict__.pop("project", None)
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
    (checked.tables / "m" / "checks.py").write_text(CHECK.replace("name = 'cog'", "colour = 'red'"))
    checked.__dict__.pop("project", None)
    checked.vendor.things.append(thing(3, "cog", checked.now.date()))
    checked.later(HOUR)
    assert results(checked.refresh("m.diamond"))["m.diamond"] is Result.BLOCKED
