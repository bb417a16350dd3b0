"""What the step of a derived table does when its turn comes in a run."""

from datetime import timedelta

import dagster as dg

from sg_assets.asset_spec import asset_key, sound_key
from sg_assets.order import DAYS, FULL, RANGE_END, RANGE_START, Order
from sg_assets.session import Result
from sg_assets_tests.mini import DAY, FIRST_DAY, HOUR, NOON, TODAY, Mini, results, thing


def test_rows_that_are_not_sound_are_not_published_and_the_check_is_red(built: Mini) -> None:
    built.later(HOUR)
    built.vendor.things.append(thing(3, "bolt", TODAY))
    account = built.refresh()
    told = {report.table: (report.result, report.reason) for report in account.tables}
    assert told["m.left"] == (Result.FAILED, "m.left: 1 rows repeat a key (name)")
    assert told["m.diamond"] == (Result.BLOCKED, "m.left failed in this run")
    assert told["m.right"][0] is Result.BUILT
    assert built.rows("select name, id from m.left order by id") == [("bolt", 1), ("nut", 2)]
    assert built.states["m.left"].data_through == NOON
    check = newest_check(built, "m.left")
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert {name: value.value for name, value in check.metadata.items()} == {
        "rows": 3, "repeated_keys": 1, "null_keys": 0
    }  # fmt: skip
    built.change_sql("left", "select name, id", "select name || id as name, id")
    assert results(built.refresh("m.left")) == {"m.left": Result.BUILT}
    assert newest_check(built, "m.left").passed


def test_sql_that_does_not_fit_fails_with_the_name_of_its_file(built: Mini) -> None:
    built.change_sql("right", "1 as things", "1 as thinks")
    account = built.refresh("m.right")
    (report,) = account.tables
    assert report.result is Result.FAILED
    assert report.reason.startswith(f"{built.tables / 'm' / 'right.sql'}: ")
    assert "column thinks is not declared" in report.reason


def test_a_table_run_by_hand_is_built_whether_it_is_stale_or_not(built: Mini) -> None:
    seq = built.states["m.left"].seq
    assert built.run("m.left").success
    assert built.states["m.left"].seq == seq + 1
    assert [(report.result, report.reason) for report in built.told] == [(Result.BUILT, "requested")]


def test_days_selected_in_the_ui_are_built_and_reported_and_no_others(built: Mini) -> None:
    tags = {RANGE_START: str(TODAY - 2 * DAY), RANGE_END: str(TODAY - DAY)}
    assert built.run("m.daily", "m.right", tags=tags).success
    state = built.states["m.daily"]
    assert [day for day, part in state.partitions.items() if part.seq == state.seq] == [TODAY - 2 * DAY, TODAY - DAY]
    found = built.history.fetch_materializations(asset_key("m.daily"), limit=9).records
    assert sorted(record.partition_key or "" for record in found) == [str(TODAY - 2 * DAY), str(TODAY - DAY)]
    assert built.event("m.right").partition is None


def test_one_partition_selected_in_the_ui_is_one_day(built: Mini) -> None:
    assert built.run("m.daily", tags={"dagster/partition": str(FIRST_DAY)}).success
    state = built.states["m.daily"]
    assert [day for day, part in state.partitions.items() if part.seq == state.seq] == [FIRST_DAY]


def test_a_planned_run_builds_what_is_stale_whatever_range_its_tags_report(built: Mini) -> None:
    built.later(HOUR)
    built.vendor.things.append(thing(3, "cog", TODAY - 9 * DAY))  # before the first day: in no partition
    tables = ["raw_mini.thing", "m.daily", "m.trailing"]
    checks = [sound_key(name) for name in tables]
    run = built.run(*tables, tags=Order(built.now, "keeper").tags([], TODAY), checks=checks)
    assert run.success
    told = {report.table: (report.result, report.reason) for report in built.told}
    assert told["m.daily"] == (Result.BUILT, f"raw_mini.thing changed (3 days from {TODAY - 2 * DAY})")
    assert told["m.trailing"] == (Result.SKIPPED, "its inputs reach 2025-06-05 13:00 now")
    assert built.event("m.daily").metadata["rows_changed"].value == 0


def test_a_step_that_finds_its_table_up_to_date_does_nothing_and_says_so(built: Mini) -> None:
    seq = built.states["m.left"].seq
    run = built.run("m.left", tags=Order(built.now, "keeper").tags([], TODAY), checks=[sound_key("m.left")])
    assert run.success
    assert [(r.result, r.reason) for r in built.told] == [(Result.SKIPPED, "its inputs are as they were")]
    assert built.states["m.left"].seq == seq


def test_a_run_in_full_redoes_all_days_and_one_of_days_only_these(built: Mini) -> None:
    tags = Order(built.now, "refresh", is_full=True).tags([FIRST_DAY, TODAY], TODAY)
    assert FULL in tags
    assert built.run("m.daily", tags=tags, checks=[sound_key("m.daily")]).success
    assert {part.seq for part in built.states["m.daily"].partitions.values()} == {2}
    tags = Order(built.now, "refresh", days=(TODAY,)).tags([TODAY], TODAY)
    assert DAYS in tags
    assert built.run("m.daily", tags=tags, checks=[sound_key("m.daily")]).success
    assert sorted(part.seq for part in built.states["m.daily"].partitions.values()) == [2, 2, 2, 2, 3]


def test_a_table_whose_input_never_landed_says_which(mini: Mini) -> None:
    assert not mini.run("m.extra").success
    (report,) = mini.told
    assert report.reason == "m.extra cannot be built: raw_other.extra never landed"


def test_the_day_of_the_run_stands_for_the_current_date(built: Mini) -> None:
    built.change_sql("right", "1 as things", "date_diff(current_date(), date '2025-06-01', day) as things")
    assert results(built.refresh("m.right")) == {"m.right": Result.BUILT}
    assert built.rows("select distinct things from m.right") == [(4,)]
    built.later(timedelta(hours=12))
    built.refresh("m.right", upstream="none")
    assert built.rows("select distinct things from m.right") == [(5,)]


def newest_check(mini: Mini, table: str) -> dg.AssetCheckEvaluation:
    """The newest result of a table's check `sound`."""
    record = mini.history.get_latest_asset_check_evaluation_record(sound_key(table))
    assert record
    assert record.event
    assert record.event.dagster_event
    evaluation = record.event.dagster_event.event_specific_data
    assert isinstance(evaluation, dg.AssetCheckEvaluation)
    return evaluation
