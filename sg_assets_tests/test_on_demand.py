"""Where a refresh runs, and what it costs to find out that there is nothing to run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from pathlib import Path

import pytest

from sg_assets import on_demand, refresh, running_dagster
from sg_assets.account import Account
from sg_assets.columns import Column
from sg_assets.discovery import Project
from sg_assets.freshness.plan import Action, Plan, Step, Target
from sg_assets.http import SourceError
from sg_assets.order import CALLER, NOW, Order
from sg_assets.running_dagster import DagsterError
from sg_assets.session import Report, Result
from sg_assets.sql_file import read_all
from sg_assets.warehouse.unpublished import mark
from sg_assets_tests.made_dagster import JSON, RUN_ID, began, ended, failed, made_dagster, materialized
from sg_assets_tests.mini import HOUR, NOON, Mini, results

ROOT = Path(__file__).parents[1]
THING, LEFT = "raw_mini.thing", "m.left"

FAST = """
import sys
from sg_assets import cli, discovery, documents, on_demand, order, progress
discovery.project()
print(*(name for name in ("dagster", "duckdb", "pyarrow", "pandas") if name in sys.modules))
"""


class Told:
    """Keeps what a watcher is told, in order."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.total = 0

    def __call__(self, report: Report, total: int) -> None:
        self.words.append(f"{report.table} {report.result}")
        self.total = total

    def began(self, table: str) -> None:
        self.words.append(f"{table} began")

    def says(self, words: str) -> None:
        self.words.append(words)


class Failing(Told):
    """Does what the run's own process does before Dagster hears of a step that failed."""

    def __init__(self, mini: Mini) -> None:
        super().__init__()
        self.mini = mini

    def began(self, table: str) -> None:
        self.mini.env.operations.record_try(table, "any", self.mini.now, reason="mini: 403")


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository's own `dagster.yaml`, in another folder; a Dagster that is asked again soon."""
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    monkeypatch.setattr(running_dagster, "POLL_SECONDS", 0.01)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)


def bring(mini: Mini, *tables: str, told: Told | None = None, is_waiting: bool = True) -> Account:
    target = Target.refresh(tables)
    order = Order(mini.now, "refresh", named=target.tables or frozenset())
    return on_demand.bring_up_to_date(mini.project, mini.env, target, order, told or Told(), is_waiting=is_waiting)


@contextmanager
def written(mini: Mini) -> Generator[None]:
    """Somebody has the warehouse: whoever opens it waits, and then gives up."""
    warehouse = mini.env.open_warehouse()
    warehouse.states()
    try:
        yield
    finally:
        warehouse.close()


def test_nothing_to_do_is_known_without_the_warehouse_and_without_dagster(built: Mini, tmp_path: Path) -> None:
    built.refresh()  # its history has heard of everything then
    with written(built):
        account = bring(built, LEFT)
    assert (account.run_id, account.tables) == (None, ())
    assert account.seconds < 1
    assert not (tmp_path / ".dagster").exists()


def test_neither_is_imported_to_find_that_out() -> None:
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    found = subprocess.run([sys.executable, "-c", FAST], env=variables, capture_output=True, text=True, check=True)
    assert found.stdout == "\n"


def test_what_a_killed_writer_left_is_put_right_also_when_nothing_is_to_be_run(built: Mini, tmp_path: Path) -> None:
    mark(built.env.warehouse_path).touch()
    assert bring(built, LEFT).run_id is None
    assert (tmp_path / ".dagster").exists(), "Dagster was told"
    assert not mark(built.env.warehouse_path).exists()


def test_another_declaration_of_a_raw_table_is_applied_also_when_nothing_is_to_be_run(built: Mini) -> None:
    source = built.project.sources[0]
    raw = source.tables["raw_mini.person"]
    columns = (*raw.table.columns, Column("phone", "STRING", "Number."))
    source.tables["raw_mini.person"] = replace(raw, table=replace(raw.table, columns=columns))
    built.project = Project.of(built.project.sources, read_all(built.tables))
    assert bring(built, LEFT).run_id is None
    assert built.rows("select phone from raw_mini.person") == [(None,)]


def test_where_no_dagster_runs_it_is_run_here_and_every_step_is_told(mini: Mini) -> None:
    told = Told()
    account = bring(mini, LEFT, told=told)
    assert results(account) == {THING: Result.BUILT, LEFT: Result.BUILT}
    assert told.words == [f"{THING} began", f"{THING} built", f"{LEFT} began", f"{LEFT} built"]
    assert mini.states[LEFT].data_through == NOON


def test_a_run_can_be_left_only_to_a_dagster(mini: Mini) -> None:
    with pytest.raises(DagsterError, match="make up"):
        bring(mini, LEFT, is_waiting=False)
    assert not mini.vendor.pulls


def test_a_running_dagster_does_it_and_is_followed(built: Mini) -> None:
    built.later(HOUR)
    pages = [
        ("QUEUED", []),
        ("STARTED", [began("raw_mini__thing")]),
        ("STARTED", [_told("raw_mini__thing", "built", 2), ended("raw_mini__thing"), began("m__left")]),
        ("STARTED", [_told("m__left", "skipped", 3, reason="as it was"), ended("m__left")]),
        ("SUCCESS", []),
    ]
    told = Told()
    with made_dagster(built.env.home, versions=_code(built), pages=pages) as dagster:
        account = bring(built, LEFT, told=told)
    assert account.run_id == RUN_ID
    assert account.tables == (
        Report(THING, Result.BUILT, 2, 0.25, NOON),
        Report(LEFT, Result.SKIPPED, 3, 0.25, NOON, "as it was"),
    )
    assert told.words == [
        f"run {RUN_ID}: {dagster.url}/runs/{RUN_ID}",
        "it is queued: one run writes the warehouse at a time",
        f"{THING} began", f"{THING} built", f"{LEFT} began", f"{LEFT} skipped",
    ]  # fmt: skip
    (params,) = dagster.launched
    assert [key["path"] for key in params["selector"]["assetSelection"]] == [["raw_mini", "thing"], ["m", "left"]]
    assert [check["name"] for check in params["selector"]["assetCheckSelection"]] == ["sound", "sound"]
    tags = {tag["key"]: tag["value"] for tag in params["executionMetadata"]["tags"]}
    assert (tags[CALLER], tags[NOW]) == ("refresh", built.now.isoformat())
    assert not built.vendor.pulls, "nothing ran here"


def test_what_fails_there_is_told_with_the_reason_and_blocks_what_is_below(built: Mini) -> None:
    built.later(HOUR)
    pages = [("STARTED", [began("raw_mini__thing"), failed("raw_mini__thing")]), ("FAILURE", [])]
    with made_dagster(built.env.home, versions=_code(built), pages=pages):
        account = bring(built, LEFT, told=Failing(built))
    assert account.tables == (
        Report(THING, Result.FAILED, reason="mini: 403"),
        Report(LEFT, Result.BLOCKED, reason=f"{THING} failed in this run"),
    )
    assert account.has_failed


def test_on_bigquery_a_run_does_not_wait_for_the_warehouse(built: Mini) -> None:
    built.later(HOUR)
    built.move_to_bigquery()
    with made_dagster(built.env.home, versions=_code(built), pages=[("QUEUED", []), ("SUCCESS", [])]):
        bring(built, LEFT, told=(told := Told()))
    assert "it is queued: it waits for other runs of its sources, if there are any" in told.words


def test_a_run_there_need_not_be_waited_for(built: Mini) -> None:
    built.later(HOUR)
    with made_dagster(built.env.home, versions=_code(built)):
        account = bring(built, LEFT, is_waiting=False)
    assert (account.run_id, account.tables, account.has_failed) == (RUN_ID, (), False)


def test_with_a_running_dagster_nothing_to_do_is_not_its_business(built: Mini) -> None:
    with made_dagster(built.env.home) as dagster, written(built):
        assert bring(built, LEFT).run_id is None
    assert dagster.launched == []


def test_whoever_stops_waiting_is_told_that_the_run_goes_on(built: Mini) -> None:
    class Impatient(Told):
        def began(self, table: str) -> None:
            super().began(table)
            raise KeyboardInterrupt

    built.later(HOUR)
    told = Impatient()
    pages = [("STARTED", [began("raw_mini__thing")]), ("SUCCESS", [])]
    with made_dagster(built.env.home, versions=_code(built), pages=pages), pytest.raises(KeyboardInterrupt):
        bring(built, LEFT, told=told)
    assert told.words[-1] == f"run {RUN_ID} goes on in Dagster; end it there"


def test_a_table_that_cannot_be_brought_up_to_date_is_told_with_the_others(built: Mini) -> None:
    told = Told()
    account = bring(built, "m.extra", LEFT, told=told)
    (report,) = account.tables
    assert (report.table, report.result) == ("m.extra", Result.BLOCKED)
    assert "SG_OTHER_TOKEN" in report.reason
    assert (told.words, told.total, account.has_failed) == (["m.extra blocked"], 1, True)


def test_who_asks_does_not_wait_for_the_next_try(mini: Mini) -> None:
    mini.vendor.goes_wrong["thing"] = repeat(SourceError("mini", "GET", "403", status=403))
    bring(mini, LEFT)
    mini.later(timedelta(seconds=1))
    assert [step.table for step in on_demand.planned(mini.project, mini.env, Target.refresh([LEFT])).steps] == [
        THING, LEFT
    ]  # fmt: skip


def test_a_step_takes_what_its_kind_took_before_and_what_never_ran_is_not_known(mini: Mini) -> None:
    durations = mini.env.operations.durations
    for table, result, seconds in (("a.x", "built", 4), ("a.x", "skipped", 1), ("a.y", "skipped", 2)):
        durations.record(table, result, seconds, NOON)
    steps = [("a.x", Action.BUILD), ("a.y", Action.PULL), ("a.z", Action.BUILD)]
    made = Plan(tuple(Step(table, action, "") for table, action in steps))
    assert on_demand.estimates(made, mini.env.operations) == {"a.x": 4, "a.y": 2, "a.z": None}
    carried = Plan((Step("a.x", Action.CARRY, ""),))
    assert on_demand.estimates(carried, mini.env.operations) == {"a.x": 1}


def _code(mini: Mini) -> dict[str, str]:
    return {table.name: table.code_version for table in mini.project.graph}


def _told(step: str, result: str, rows: int, reason: str = "") -> JSON:
    return materialized(
        step,
        result={"text": result},
        reason={"text": reason},
        dagster__row_count={"intValue": rows},
        seconds={"floatValue": 0.25},
        data_through={"timestamp": NOON.timestamp()},
    )
