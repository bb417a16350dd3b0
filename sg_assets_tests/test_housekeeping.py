"""Old runs go, and nothing looks as if it had never been built."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import dagster as dg
import pytest

from sg_assets import housekeeping
from sg_assets.asset_spec import asset_key
from sg_assets.environment import EnvironmentProblem
from sg_assets.freshness import busy, healing, trouble
from sg_assets.freshness.incidents import Changes
from sg_assets.freshness.transitions import Transition
from sg_assets.freshness.verdict import State
from sg_assets_tests.mini import DAY, HOUR, NOON, Mini

AFTER_ALL = datetime(2100, 1, 1, tzinfo=UTC)
BUILT = ("raw_mini.thing", "raw_mini.person", "m.daily", "m.left")
DAILY = asset_key("m.daily")
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION


def runs(mini: Mini) -> list[str]:
    return list(mini.history.get_run_ids())


def rebuilt(mini: Mini, times: int) -> None:
    """Fetch and build some tables some more times, in a run each."""
    for n in range(times):
        mini.later(HOUR)
        mini.vendor.things.append({"id": 100 + n, "name": f"thing {n}", "day_on": NOON.date()})
        mini.refresh()


def test_old_runs_go_and_the_newest_of_every_table_and_day_stays(mini: Mini) -> None:
    mini.refresh()
    first = runs(mini)
    rebuilt(mini, 3)
    days = mini.history.get_latest_storage_id_by_partition(DAILY, MADE)
    before = {
        name: mini.event(name) for name in mini.states if mini.history.get_latest_materialization_event(asset_key(name))
    }
    assert len(days) > 1
    removed = housekeeping.remove_runs(mini.history, mini.project.graph, AFTER_ALL)
    assert removed == 2  # of four, the first made days that nobody made again, and the last the newest of all
    assert set(first) < set(runs(mini))
    assert mini.history.get_latest_storage_id_by_partition(DAILY, MADE) == days
    assert {name: mini.event(name) for name in before} == before
    assert healing.report_unheard(mini.history, mini.env, mini.project.graph) == []
    assert mini.refresh().tables == ()


def test_only_ended_runs_that_are_old_enough_go(mini: Mini) -> None:
    mini.refresh("raw_mini.person")
    mini.later(2 * DAY)
    mini.vendor.people.append({"id": 2, "name": "Bo", "email": "bo@example.org"})
    mini.refresh("raw_mini.person")
    running = dg.DagsterRun("a job", status=dg.DagsterRunStatus.STARTED)
    mini.history.add_run(running)
    assert housekeeping.remove_runs(mini.history, mini.project.graph, datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert housekeeping.remove_runs(mini.history, mini.project.graph, AFTER_ALL) == 1
    assert running.run_id in runs(mini)


def test_it_ends_after_a_while_and_goes_on_the_next_time(mini: Mini) -> None:
    for number in range(5):
        mini.history.add_run(dg.DagsterRun("a job", f"run {number}", status=dg.DagsterRunStatus.SUCCESS))
    seconds = count(0, housekeeping.WORKING_SECONDS)
    assert housekeeping.remove_runs(mini.history, mini.project.graph, AFTER_ALL, lambda: next(seconds)) == 2
    assert sorted(runs(mini)) == ["run 2", "run 3", "run 4"]


def test_the_job_forgets_runs_and_history_after_the_declared_time(mini: Mini) -> None:
    mini.set("SG_KEEP_HISTORY", "7")
    long_ago = NOON - 8 * DAY
    old = [Transition("r.a", State.LATE, long_ago, long_ago), Transition("r.a", State.FRESH, long_ago, long_ago)]
    mini.env.operations.watch_book.record({}, old, Changes())
    job = mini.definitions().get_repository_def().get_job("housekeeping")
    ended = job.execute_in_process(instance=mini.history)
    assert ended.success
    assert mini.env.operations.watch_book.transitions() == old[1:]
    (step,) = (event for event in ended.all_events if event.event_type is dg.DagsterEventType.STEP_OUTPUT)
    told = {name: value.value for name, value in step.event_specific_data.metadata.items()}  # pyrefly: ignore[missing-attribute]
    assert told == {"runs": 0, "state_transition": 1, "watch_incident": 0, "message": 0, "delivery": 0, "api_call": 0}


def test_a_time_that_is_none_is_refused(mini: Mini) -> None:
    assert housekeeping.keep_runs(mini.env) == timedelta(days=housekeeping.KEEP_RUNS)
    mini.set("SG_KEEP_RUNS", "0")
    with pytest.raises(EnvironmentProblem, match="SG_KEEP_RUNS=0: set it to a whole number of days, at least 1"):
        housekeeping.keep_runs(mini.env)


def test_nobody_waits_for_it(mini: Mini) -> None:
    made = housekeeping.job(mini.project, mini.env)
    mini.history.add_run(dg.DagsterRun(made.name, status=dg.DagsterRunStatus.STARTED, tags=made.run_tags))
    assert busy.unfinished(mini.history) == []
    assert trouble.running(mini.history, ["m.daily"]) == frozenset()


def test_that_it_failed_is_told_until_it_went_well(mini: Mini) -> None:
    assert trouble.unkept(mini.history, "team:x", "http://127.0.0.1:3000") is None
    mini.history.add_run(dg.DagsterRun(busy.HOUSEKEEPING, "bad", status=dg.DagsterRunStatus.FAILURE))
    told = trouble.unkept(mini.history, "team:x", "http://127.0.0.1:3000")
    assert told is not None
    assert told.title == "Old runs and history are not removed"
    assert told.links == (("Run", "http://127.0.0.1:3000/runs/bad"),)
    assert trouble.crashed(mini.history, "team:x", "http://127.0.0.1:3000") is None
    mini.history.add_run(dg.DagsterRun(busy.HOUSEKEEPING, "well", status=dg.DagsterRunStatus.SUCCESS))
    assert trouble.unkept(mini.history, "team:x", "http://127.0.0.1:3000") is None
