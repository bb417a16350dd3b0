"""The keeper: one run for what is stale, due and ready, and pauses after failures."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import repeat

import dagster as dg
import pytest

from sg_assets import definitions, environment
from sg_assets.asset_spec import asset_key, sound_key, table_name
from sg_assets.freshness.keep import INTERVAL_SECONDS
from sg_assets.http import ComeBackLater, SourceError
from sg_assets.order import CALLER, NOW, RANGE_END, RANGE_START
from sg_assets.session import Result
from sg_assets_tests.mini import DAY, FIRST_DAY, HOUR, NOON, TODAY, Mini

THING = "raw_mini.thing"
BELOW_THING = ["m.daily", "m.left", "m.right", "m.diamond", "m.trailing"]
MINUTE = timedelta(minutes=1)


def test_the_first_run_builds_everything_that_is_connected_and_the_next_tick_has_nothing_to_do(mini: Mini) -> None:
    request = asked_for(mini)
    names = names_in(request)
    assert sorted(names) == sorted(["raw_mini.archive", "raw_mini.person", THING, *BELOW_THING, "m.listed"])
    assert request.asset_check_keys == [sound_key(name) for name in names]
    assert {name: request.tags[name] for name in (CALLER, NOW, RANGE_START, RANGE_END)} == {
        CALLER: "keeper", NOW: NOON.isoformat(), RANGE_START: str(TODAY), RANGE_END: str(TODAY)
    }  # fmt: skip
    assert launched(mini, request) == dict.fromkeys(names, Result.BUILT)
    assert "up to date" in reason_for_skipping(mini)
    assert mini.env.operations.attempts() == {}


def test_it_waits_while_any_run_is_unfinished(mini: Mini) -> None:
    mini.history.add_run(dg.DagsterRun("somebody's", "some-run", status=dg.DagsterRunStatus.STARTED))
    assert "some-run is not finished" in reason_for_skipping(mini)


def test_on_bigquery_it_leaves_out_only_what_a_run_is_busy_with_and_what_is_below_that(built: Mini) -> None:
    reason_for_skipping(built)  # all events told
    built.move_to_bigquery()
    for name in ("left", "daily"):
        built.change_sql(name, "select ", "select distinct ")
    assert sorted(names_in(asked_for(built))) == ["m.daily", "m.left"]
    built.env.operations.clear_attempts(None)
    chosen = frozenset([asset_key("m.left")])
    built.history.add_run(dg.DagsterRun("__ASSET_JOB", status=dg.DagsterRunStatus.STARTED, asset_selection=chosen))
    assert names_in(asked_for(built)) == ["m.daily"]


def test_what_changed_waits_for_its_tick_and_is_then_run_with_all_its_days(built: Mini) -> None:
    built.change_sql("daily", "select day_on, id", "select day_on, id + 0 as id")  # does not wait
    request = asked_for(built)
    assert names_in(request) == ["m.daily"]
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == (str(TODAY), str(TODAY))
    launched(built, request)
    assert built.history.get_materialized_partitions(asset_key("m.daily")) == {
        str(FIRST_DAY + n * DAY) for n in range(5)
    }  # fmt: skip
    built.later(20 * MINUTE)
    built.refresh(THING)  # reaches to 12:20, and what is below it promises half past
    assert "waits for its next tick" in reason_for_skipping(built)
    built.later(10 * MINUTE)
    assert sorted(names_in(asked_for(built))) == sorted(BELOW_THING)


def test_a_raw_table_is_fetched_unasked_only_when_it_is_late_soon(built: Mini) -> None:
    built.later(2 * HOUR + 59 * MINUTE)
    assert "up to date" in reason_for_skipping(built)
    built.later(MINUTE)
    assert THING in names_in(asked_for(built))


def test_after_a_failure_it_pauses_longer_and_longer_and_then_tries_again(mini: Mini) -> None:
    mini.vendor.goes_wrong["thing"] = repeat(SourceError("mini", "GET", "403", status=403))
    for pause in (MINUTE, 2 * MINUTE):
        told = launched(mini, asked_for(mini))
        assert (told[THING], told.get("m.left")) == (Result.FAILED, None)
        assert mini.env.operations.attempts()[THING].reason == "mini: GET: 403"
        mini.later(pause - timedelta(seconds=1))
        reason_for_skipping(mini)
        mini.later(timedelta(seconds=1))
    mini.vendor.goes_wrong = {}
    assert launched(mini, asked_for(mini)) == dict.fromkeys([THING, *BELOW_THING], Result.BUILT)
    assert mini.env.operations.attempts() == {}


def test_what_is_late_soon_is_pulled_three_times_in_a_tick_and_then_at_the_next(built: Mini) -> None:
    built.vendor.goes_wrong["person"] = repeat(SourceError("mini", "GET", "503", status=403))
    built.later(27 * HOUR)  # 15:00, nobody was there at 06:00
    for pause in (10 * MINUTE, HOUR, NOON + 42 * HOUR - (built.now + 70 * MINUTE)):
        request = asked_for(built)
        assert "raw_mini.person" in names_in(request)
        assert launched(built, request)["raw_mini.person"] is Result.FAILED
        built.later(pause - timedelta(seconds=1))
        assert "raw_mini.person" not in [name for again in tick(built)[0] for name in names_in(again)]
        built.later(timedelta(seconds=1))
    assert "raw_mini.person" in names_in(asked_for(built))


def test_a_raw_table_of_which_a_note_says_that_it_is_late_is_left_alone(built: Mini) -> None:
    built.env.operations.add_note([THING], "ada", "the vendor is moving", built.now, built.now + 9 * HOUR)
    built.later(4 * HOUR)
    assert "up to date" in reason_for_skipping(built)
    built.later(5 * HOUR)
    assert THING in names_in(asked_for(built))


def test_a_vendor_that_says_when_to_come_back_is_left_alone_until_then(mini: Mini) -> None:
    mini.vendor.goes_wrong["thing"] = iter([ComeBackLater("mini", NOON + 5 * HOUR, "quota")])
    launched(mini, asked_for(mini))
    mini.later(5 * HOUR - MINUTE)
    reason_for_skipping(mini)
    mini.later(MINUTE)
    assert names_in(asked_for(mini))[0] == THING


def test_a_run_that_crashed_before_it_could_say_anything_counts_as_a_try(mini: Mini) -> None:
    asked_for(mini)  # and nobody executes it
    reason_for_skipping(mini)
    mini.later(MINUTE)
    asked_for(mini)
    mini.later(MINUTE)
    reason_for_skipping(mini)
    mini.refresh("raw_mini.archive")  # somebody looks after it
    assert mini.env.operations.attempts() == {}


def test_it_tells_dagster_what_a_killed_run_could_not(built: Mini) -> None:
    reason_for_skipping(built)
    assert built.event("m.left").metadata["state_seq"].value == built.states["m.left"].seq


@pytest.mark.parametrize(("clock", "status"), [("", "RUNNING"), ("2025-06-05T12:00:00Z", "STOPPED")])
def test_it_runs_by_default_unless_the_clock_stands_still(mini: Mini, clock: str, status: str) -> None:
    variables = {**mini.variables, "SG_ENV": "sandbox", "SG_CLOCK": clock}
    found = definitions.build_defs(environment.load(variables), mini.project).get_repository_def()
    keeper = found.get_sensor_def("keeper")
    assert keeper.default_status.value == status
    assert keeper.minimum_interval_seconds == INTERVAL_SECONDS == 30


def tick(mini: Mini) -> tuple[list[dg.RunRequest], str]:
    """The run requests of one evaluation, as the daemon makes it, and why there is none."""
    repository = mini.definitions().get_repository_def()
    with dg.build_sensor_context(mini.history, repository_def=repository) as context:
        found = repository.get_sensor_def("keeper").evaluate_tick(context)
    return list(found.run_requests or ()), found.skip_message or ""


def asked_for(mini: Mini) -> dg.RunRequest:
    requests, _ = tick(mini)
    (request,) = requests
    return request


def names_in(request: dg.RunRequest) -> list[str]:
    return [table_name(key) for key in request.asset_selection or ()]


def reason_for_skipping(mini: Mini) -> str:
    requests, reason = tick(mini)
    assert requests == []
    return reason


def launched(mini: Mini, request: dg.RunRequest) -> Mapping[str, Result]:
    """Run what was asked for; what became of the tables whose steps ran."""
    mini.told.clear()
    mini.run(*names_in(request), tags=request.tags, checks=request.asset_check_keys)
    return {report.table: report.result for report in mini.told}
