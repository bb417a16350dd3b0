"""The visible schedules: one for each cadence of raw tables."""

import locale
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import definitions, discovery, environment
from sg_assets.asset_spec import asset_key, table_name
from sg_assets.freshness.schedules import per_cadence, schedule_name
from sg_assets.order import CALLER, NOW
from sg_assets_tests.lasting_history import lasting_history
from sg_assets_tests.mini import NOON, Mini

HOURLY, MORNING = "every_hour_utc", "at_06_00_utc"
BELOW_THING = {"m.daily", "m.left", "m.right", "m.diamond", "m.trailing"}


@pytest.mark.parametrize(
    ("cron", "timezone", "name"),
    [
        ("10 * * * *", "UTC", "at_10_minutes_past_the_hour_utc"),
        ("0 */6 * * *", "UTC", "every_6_hours_utc"),
        ("0 6 * * *", "UTC", "at_06_00_utc"),
        ("0 15 * * 1-5", "America/Los_Angeles", "at_15_00_monday_through_friday_america_los_angeles"),
    ],
)
def test_a_schedule_is_named_after_its_cadence(cron: str, timezone: str, name: str) -> None:
    assert schedule_name(cron, timezone) == name


def test_it_is_named_alike_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: ("de_DE", "UTF-8"))
    assert schedule_name("0 15 * * *", "UTC") == "at_15_00_utc"


def test_there_is_one_for_each_cadence_of_what_we_fetch_and_it_is_visible_and_running(mini: Mini) -> None:
    schedules = {s.name: s for s in mini.definitions().get_repository_def().schedule_defs}
    found = {name: (s.cron_schedule, s.execution_timezone) for name, s in schedules.items()}
    assert found.pop("housekeeping") == ("15 3 * * *", "UTC")  # of no table
    assert found == {HOURLY: ("0 * * * *", "UTC"), MORNING: ("0 6 * * *", "UTC")}
    assert {s.default_status for s in schedules.values()} == {dg.DefaultScheduleStatus.RUNNING}
    told = schedules[MORNING].description or ""
    assert told == "Pulls raw_mini.person, raw_other.extra, and builds what is then due below them."


def test_every_real_cadence_has_a_name_of_its_own() -> None:
    names = [s.name for s in per_cadence(discovery.project(), environment.load({}))]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)


def test_they_do_not_run_while_the_clock_stands_still(mini: Mini) -> None:
    variables = {**mini.variables, "SG_ENV": "sandbox", "SG_CLOCK": "2025-06-05T12:00:00Z"}
    found = definitions.build_defs(environment.load(variables), mini.project).get_repository_def().schedule_defs
    assert {s.default_status for s in found} == {dg.DefaultScheduleStatus.STOPPED}


def test_a_tick_asks_for_what_it_pulls_and_what_is_then_due_and_ready_below(built: Mini) -> None:
    built.later(timedelta(minutes=60))
    (request,) = tick(built, HOURLY)
    names = {table_name(key) for key in request.asset_selection or ()}
    assert names == {"raw_mini.thing", *BELOW_THING}
    assert {key.asset_key for key in request.asset_check_keys or ()} == {asset_key(name) for name in names}
    assert {key.name for key in request.asset_check_keys or ()} == {"sound"}
    assert (request.tags[CALLER], request.tags[NOW]) == ("schedule", built.now.isoformat())
    run = built.run(*names, tags=request.tags, checks=request.asset_check_keys)
    assert run.success
    assert {built.states[name].data_through for name in names} == {built.now}


def test_a_tick_pulls_what_it_is_for_even_when_it_was_pulled_just_now(built: Mini) -> None:
    (request,) = tick(built, HOURLY)
    assert asset_key("raw_mini.thing") in (request.asset_selection or ())


def test_a_tick_leaves_out_what_is_not_connected_and_what_waits(mini: Mini) -> None:
    (request,) = tick(mini, MORNING)
    assert [table_name(key) for key in request.asset_selection or ()] == ["raw_mini.person", "m.listed"]
    later = NOON + timedelta(hours=1)
    mini.env.operations.record_try("raw_mini.person", "any", NOON, later, "quota")
    assert tick(mini, MORNING) == []
    mini.now = later
    assert len(tick(mini, MORNING)) == 1


def test_on_bigquery_a_tick_leaves_out_what_another_run_is_busy_with(built: Mini, tmp_path: Path) -> None:
    built.later(timedelta(minutes=60))
    built.move_to_bigquery()
    chosen = frozenset([asset_key("m.left")])
    with lasting_history(tmp_path) as history:
        built.history.dispose()
        built.history = history
        history.add_run(dg.DagsterRun("any", status=dg.DagsterRunStatus.STARTED, asset_selection=chosen))
        (request,) = tick(built, HOURLY)
    names = {table_name(key) for key in request.asset_selection or ()}
    assert names == {"raw_mini.thing", *BELOW_THING} - {"m.left", "m.diamond"}


def tick(mini: Mini, name: str) -> list[dg.RunRequest]:
    """The run requests of one evaluation, as the daemon makes it; without any, there is a reason."""
    repository = mini.definitions().get_repository_def()
    with dg.build_schedule_context(
        mini.history, scheduled_execution_time=mini.now, repository_def=repository
    ) as context:
        found = repository.get_schedule_def(name).evaluate_tick(context)
    assert found.run_requests or found.skip_message
    return list(found.run_requests or ())
