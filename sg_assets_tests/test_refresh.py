"""Refreshing a small project through Dagster, as the command line does."""

import shutil
from dataclasses import replace
from datetime import date
from itertools import repeat
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import on_demand, refresh
from sg_assets.discovery import Project
from sg_assets.freshness.plan import Target
from sg_assets.http import ComeBackLater, SourceError
from sg_assets.order import CALLER, FULL, NOW, RANGE_END, RANGE_START, Order
from sg_assets.session import Report, Result
from sg_assets.sql_file import read_all
from sg_assets.warehouse.contract import EvolutionError
from sg_assets_tests.mini import DAY, FIRST_DAY, HOUR, NOON, TODAY, Mini, results, sources, thing
from sg_assets_tests.mini_tables import FILE, ID

BUILT, SKIPPED, FAILED, BLOCKED = Result.BUILT, Result.SKIPPED, Result.FAILED, Result.BLOCKED
ROOT = Path(__file__).parents[1]
BELOW_THING = ["m.daily", "m.left", "m.right", "m.diamond", "m.trailing"]


def test_the_first_refresh_builds_all_that_is_connected_each_table_after_its_inputs(mini: Mini) -> None:
    account = mini.refresh()
    expected = ["raw_mini.archive", "raw_mini.person", "raw_mini.thing", *BELOW_THING]
    assert sorted(results(account)) == sorted([*expected, "m.listed"])
    assert set(results(account).values()) == {BUILT}
    done = [report.table for report in mini.told]
    for name in done:
        assert mini.project.graph.ancestors([name]) <= set(done[: done.index(name)]) | {"raw_other.extra"}
    assert mini.rows("select name, things from m.diamond order by name") == [("bolt", 1), ("nut", 1)]
    assert mini.rows("select day_on, things from m.trailing order by day_on") == [(TODAY - 2 * DAY, 1), (TODAY, 1)]


def test_a_second_refresh_has_nothing_to_do_and_says_so_within_a_second(built: Mini) -> None:
    built.refresh()
    account = built.refresh()
    assert (account.run_id, account.tables, account.has_failed) == (None, (), False)
    assert account.seconds < 1
    assert not built.vendor.pulls


def test_a_pull_of_the_same_rows_builds_nothing_below_and_moves_how_far_the_data_reaches(built: Mini) -> None:
    before = built.states
    built.later(HOUR)
    account = built.refresh()
    assert results(account) == {"raw_mini.thing": BUILT, **dict.fromkeys(BELOW_THING, SKIPPED)}
    for name in ["raw_mini.thing", *BELOW_THING]:
        assert built.states[name].data_through == NOON + HOUR
        assert built.states[name].content_version == before[name].content_version
    assert {report.reason for report in account.tables[1:]} == {"its inputs reach 2025-06-05 13:00 now"}


def test_changed_rows_rebuild_what_reads_them_and_only_the_days_that_differ(built: Mini) -> None:
    built.later(HOUR)
    built.vendor.things.append(thing(3, "cog", TODAY - DAY))
    account = built.refresh()
    assert results(account) == dict.fromkeys(["raw_mini.thing", *BELOW_THING], BUILT)
    assert moved_days(built, "m.daily") == [TODAY - 2 * DAY, TODAY - DAY, TODAY]  # the days that are still open
    assert moved_days(built, "m.trailing") == [TODAY - DAY, TODAY]  # those that read the one with other rows
    assert built.rows("select things from m.trailing order by day_on") == [(1,), (2,), (2,)]


def test_another_sql_rebuilds_all_days_of_its_table_and_what_then_reads_other_rows(built: Mini) -> None:
    built.change_sql("daily", "select day_on, id", "select day_on, id + 10 as id")
    assert results(built.refresh()) == {"m.daily": BUILT, "m.trailing": BUILT}
    assert len(moved_days(built, "m.daily")) == (TODAY - FIRST_DAY).days + 1


def test_a_source_that_fails_blocks_what_is_below_it_and_nothing_else(mini: Mini) -> None:
    mini.vendor.goes_wrong["person"] = iter([SourceError("mini", "GET /people", "404", "Look it up.", 404)])
    account = mini.refresh("raw_mini.thing", *BELOW_THING, "m.listed")
    assert results(account) == {
        "raw_mini.person": FAILED, "m.listed": BLOCKED, **dict.fromkeys(["raw_mini.thing", *BELOW_THING], BUILT)
    }  # fmt: skip
    assert account.has_failed
    told = {report.table: report.reason for report in account.tables}
    assert told["raw_mini.person"] == "mini: GET /people: 404. Look it up."
    assert told["m.listed"] == "raw_mini.person failed in this run"
    assert mini.facts.failing == {"raw_mini.person": told["raw_mini.person"]}


def test_what_may_pass_is_tried_three_times_what_will_not_once_and_each_counts_as_one_try(mini: Mini) -> None:
    mini.set("SG_OTHER_TOKEN")
    mini.vendor.goes_wrong = {
        "archive": repeat(SourceError("mini", "GET", "no answer")),
        "thing": repeat(ZeroDivisionError("of what?")),
        "person": repeat(SourceError("mini", "GET", "403", status=403)),
        "extra": repeat(ComeBackLater("other", NOON + HOUR, "quota")),
    }
    account = mini.refresh()
    told = {report.table: report.reason for report in account.tables if report.result is FAILED}
    assert told == {
        "raw_mini.archive": "mini: GET: no answer",
        "raw_mini.thing": "ZeroDivisionError: of what?",
        "raw_mini.person": "mini: GET: 403",
        "raw_other.extra": "other: come back at 2025-06-05T13:00:00Z: quota",
    }
    tries = {table: len(pulls) for table, pulls in mini.vendor.pulls.items()}
    assert tries == {"archive": 3, "thing": 3, "person": 1, "extra": 1}
    assert sorted(report.table for report in mini.told) == sorted(results(account))
    assert {name: tried.count for name, tried in mini.env.operations.attempts().items()} == dict.fromkeys(told, 1)


def test_a_try_that_went_well_after_all_is_no_failure(mini: Mini) -> None:
    mini.vendor.goes_wrong["thing"] = iter([SourceError("mini", "GET /things", "cut"), ZeroDivisionError("of what?")])
    assert results(mini.refresh("m.left")) == {"raw_mini.thing": BUILT, "m.left": BUILT}
    assert mini.env.operations.attempts() == {}


def test_a_refresh_tries_again_what_failed_at_once(mini: Mini) -> None:
    mini.vendor.goes_wrong["thing"] = iter([ComeBackLater("mini", NOON + DAY, "quota")])
    mini.refresh("m.left")
    assert results(mini.refresh("m.left")) == {"raw_mini.thing": BUILT, "m.left": BUILT}


def test_a_full_refresh_loads_and_builds_anew_what_is_named_and_nothing_else(built: Mini) -> None:
    before = built.states
    account = built.refresh("raw_mini.thing", "m.daily", full=True)
    assert results(account) == {"raw_mini.thing": BUILT, "m.daily": BUILT}
    assert built.vendor.pulls["thing"][0].cursor is None
    assert len(moved_days(built, "m.daily")) == (TODAY - FIRST_DAY).days + 1
    assert built.states["m.daily"].content_version == before["m.daily"].content_version
    assert built.refresh("m.trailing").tables == ()
    run = built.history.get_run_by_id(account.run_id or "")
    assert run
    assert {name: run.tags[name] for name in (CALLER, NOW, FULL, RANGE_START, RANGE_END)} == {
        CALLER: "refresh", NOW: NOON.isoformat(), FULL: "yes",
        RANGE_START: TODAY.isoformat(), RANGE_END: TODAY.isoformat(),
    }  # fmt: skip


def test_chosen_days_are_rebuilt_and_no_others(built: Mini) -> None:
    assert results(built.refresh("m.daily", days=[TODAY - DAY])) == {"m.daily": BUILT}
    assert moved_days(built, "m.daily") == [TODAY - DAY]


@pytest.mark.parametrize(
    ("upstream", "now", "an_hour_later"),
    [
        ("none", [], []),
        ("stale", [], ["raw_mini.thing", "m.left"]),
        ("all", ["raw_mini.thing", "m.left"], ["raw_mini.thing", "m.left"]),
    ],
)
def test_what_is_to_run_above_a_named_table(
    built: Mini, upstream: str, now: list[str], an_hour_later: list[str]
) -> None:
    target = Target.refresh(["m.left"], upstream=upstream)
    assert [step.table for step in on_demand.planned(built.project, built.env, target).steps] == now
    built.later(HOUR)
    assert [step.table for step in on_demand.planned(built.project, built.env, target).steps] == an_hour_later


def test_the_plan_of_a_refresh_runs_nothing(mini: Mini) -> None:
    todo = on_demand.planned(mini.project, mini.env, Target.refresh(["m.left"]))
    assert [(step.table, str(step.action)) for step in todo.steps] == [("raw_mini.thing", "pull"), ("m.left", "build")]
    assert not mini.vendor.pulls
    assert mini.history.get_runs() == []


def test_a_table_whose_run_ended_before_its_turn_has_failed(mini: Mini) -> None:
    def listener(report: Report, _total: int) -> None:
        if report.table == "raw_mini.thing":
            raise BrokenPipeError

    order = Order(mini.now, "refresh")
    target = Target.refresh(["m.left"])
    account = refresh.refresh(mini.project, mini.env, target, order, mini.history, listener)
    assert results(account)["m.left"] is FAILED
    assert account.has_failed


def test_a_source_that_is_connected_later_is_pulled_and_what_waited_for_it_is_built(built: Mini) -> None:
    built.set("SG_OTHER_TOKEN")
    assert results(built.refresh()) == {"raw_other.extra": BUILT, "m.extra": BUILT, "m.listed": BUILT}
    assert built.rows("select name from m.listed") == [("Ada Lovelace",)]


def test_a_table_can_do_without_a_derived_one_that_is_not_connected(built: Mini) -> None:
    built.write("known", FILE.format(
        description="People.", owner="team:mini", promise="{cron: 30 6 * * *, timezone: UTC, warn: 100h, fail: 200h}",
        key="id", more="optional: [m.extra]", columns=f"{ID}\n  is_extra: {{type: BOOL, description: Is it one.}}",
        sql=(
            "select p.id, x.id is not null as is_extra"
            " from raw_mini.person as p left outer join m.extra as x on p.id = x.id"
        ),
    ))  # fmt: skip
    assert results(built.refresh()) == {"m.known": BUILT}
    assert set(built.rows("select is_extra from m.known")) == {(False,)}


def test_a_project_without_a_table_that_is_kept_day_by_day_is_refreshed_too(mini: Mini) -> None:
    for name in ("daily", "trailing"):
        (mini.tables / "m" / f"{name}.sql").unlink()
    mini.__dict__.pop("project", None)
    assert set(results(mini.refresh()).values()) == {BUILT}


def test_the_history_is_that_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")  # and back again at the end
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    with refresh.instance(tmp_path) as history:
        history.add_run(dg.DagsterRun("a job", "a run"))
    assert (tmp_path / ".dagster" / "storage").is_dir()


def test_a_full_refresh_mends_a_table_that_cannot_follow_its_declaration_and_nothing_else_does(built: Mini) -> None:
    declared = sources(built.vendor)
    person = declared[0].tables["raw_mini.person"]
    columns = tuple(column for column in person.table.columns if column.name != "email")
    declared[0].tables["raw_mini.person"] = replace(person, table=replace(person.table, columns=columns))
    built.project = Project.of(declared, read_all(built.tables))
    with pytest.raises(EvolutionError, match=r"email vanished.*sg-assets refresh raw_mini\.person --full"):
        built.refresh("m.left")
    assert results(built.refresh("raw_mini.person", full=True)) == {"raw_mini.person": BUILT}
    assert built.rows("select * except (_extra, _deleted_at) from raw_mini.person") == [(1, "Ada")]
    assert built.refresh("m.left").tables == ()


def test_a_full_refresh_of_a_table_leaves_what_is_above_it_as_it_is(built: Mini) -> None:
    built.later(HOUR)
    assert results(built.refresh("m.left", full=True)) == {"raw_mini.thing": BUILT, "m.left": BUILT}
    assert built.vendor.pulls["thing"][0].cursor is not None


def test_the_seconds_of_steps_that_went_well_are_remembered(built: Mini) -> None:
    typical = built.env.operations.durations.typical()
    assert set(typical) == {(name, "built") for name in built.states if built.states[name].has_landed}


def moved_days(mini: Mini, table: str) -> list[date]:
    """The days that the newest state of a table wrote."""
    state = mini.states[table]
    return sorted(day for day, part in state.partitions.items() if part.seq == state.seq)
