"""What the watch asks Dagster: against a real instance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickData, TickStatus
from dagster._core.scheduler.instigation import ScheduleInstigatorData as OfSchedule
from dagster._core.scheduler.instigation import SensorInstigatorData as OfSensor
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.utils import make_new_run_id
from dagster_shared.error import SerializableErrorInfo

from sg_assets.asset_spec import asset_key
from sg_assets.freshness import trouble
from sg_assets.freshness.incidents import Problem
from sg_assets_tests.lasting_history import lasting_history
from sg_assets_tests.mini import NOON, Mini

URL = "http://127.0.0.1:3000"
PARTS = trouble.Parts(frozenset({"hourly"}), frozenset({"keeper"}), "here")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with lasting_history(tmp_path) as made:
        yield made


def part(
    instance: dg.DagsterInstance,
    name: str,
    status: InstigatorStatus,
    *ticks: TickStatus,
    location: str = "here",
    error: str | None = None,
) -> None:
    """A schedule (hourly) or sensor as the daemon keeps it, and its ticks, the oldest first."""
    kind = InstigatorType.SCHEDULE if name == "hourly" else InstigatorType.SENSOR
    code = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="m"), location_name=location)
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(code, "__repository__"), name)
    data = OfSchedule("0 * * * *") if name == "hourly" else OfSensor()
    state = InstigatorState(origin, kind, status, data)
    instance.add_instigator_state(state)
    for n, tick in enumerate(ticks):
        instance.create_tick(
            TickData(
                instigator_origin_id=origin.get_id(),
                instigator_name=name,
                instigator_type=kind,
                status=tick,
                timestamp=(NOON + n * timedelta(minutes=1)).timestamp(),
                selector_id=state.selector_id,
                run_ids=["a run"] if tick is TickStatus.SUCCESS else None,
                error=SerializableErrorInfo("it is broken", [], error) if tick is TickStatus.FAILURE else None,
            )
        )


def found(instance: dg.DagsterInstance, parts: trouble.Parts = PARTS) -> dict[str, Problem]:
    return trouble.parts_problems(instance, parts, NOON, "team:x", URL)


RUNNING, STOPPED = InstigatorStatus.DECLARED_IN_CODE, InstigatorStatus.STOPPED
WELL, FAILED, SKIPPED, BEGUN = TickStatus.SUCCESS, TickStatus.FAILURE, TickStatus.SKIPPED, TickStatus.STARTED


def test_what_runs_is_no_problem(instance: dg.DagsterInstance) -> None:
    assert found(instance) == {}
    part(instance, "hourly", RUNNING, FAILED, WELL)
    part(instance, "keeper", InstigatorStatus.RUNNING, FAILED, FAILED, SKIPPED, BEGUN)
    assert found(instance) == {}


def test_what_somebody_stopped_is_a_warning(instance: dg.DagsterInstance) -> None:
    part(instance, "hourly", STOPPED)
    (problem,) = found(instance).values()
    assert (problem.subject, problem.severity, problem.owner) == ("schedule:hourly", "warning", "team:x")
    assert problem.title == "The schedule hourly is stopped"
    assert problem.links == (("Automation", f"{URL}/automation"),)


def test_what_fails_is_an_error_with_its_reason(instance: dg.DagsterInstance) -> None:
    part(instance, "hourly", RUNNING, WELL, FAILED)
    part(instance, "keeper", RUNNING, WELL, FAILED, FAILED, BEGUN)
    problems = found(instance)
    assert set(problems) == {"schedule:hourly", "sensor:keeper"}
    assert problems["sensor:keeper"].title == "The sensor keeper fails"
    assert problems["sensor:keeper"].why == "it is broken"
    assert problems["sensor:keeper"].since == NOON + timedelta(minutes=1)
    assert {one.severity for one in problems.values()} == {"error"}


def test_a_sensor_that_failed_once_is_asked_again_first(instance: dg.DagsterInstance) -> None:
    part(instance, "keeper", RUNNING, WELL, FAILED)
    assert found(instance) == {}


def test_a_code_server_that_is_started_anew_is_no_failure_for_three_minutes(instance: dg.DagsterInstance) -> None:
    part(instance, "hourly", RUNNING, FAILED, error="DagsterUserCodeUnreachableError")
    assert found(instance) == {}
    later = NOON + trouble.ASKED_AGAIN
    assert list(trouble.parts_problems(instance, PARTS, later, "team:x", URL)) == ["schedule:hourly"]


def test_others_and_other_locations_are_not_ours(instance: dg.DagsterInstance) -> None:
    part(instance, "hourly", STOPPED, location="elsewhere")
    part(instance, "somebody_elses", STOPPED)
    assert found(instance) == {}
    assert found(dg.DagsterInstance.ephemeral()) == {}


def test_the_parts_are_those_that_run_by_default_but_the_watch_itself(mini: Mini) -> None:
    parts = trouble.Parts.of(mini.definitions().get_repository_def(), "here", but="watch")
    assert parts.sensors == {"keeper"}
    assert parts.schedules == {"at_06_00_utc", "every_hour_utc", "housekeeping"}
    assert trouble.Parts.of(None, None, but="watch").subjects == {}


def run(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, *tables: str, tags: dict[str, str] | None = None
) -> str:
    made = dg.DagsterRun(
        job_name="__ASSET_JOB",
        run_id=make_new_run_id(),
        status=status,
        asset_selection=frozenset(map(asset_key, tables)) or None,
        tags=tags or {},
    )
    return instance.add_run(made).run_id


def test_tables_of_unfinished_runs(instance: dg.DagsterInstance) -> None:
    run(instance, dg.DagsterRunStatus.SUCCESS, "m.z")
    assert trouble.running(instance, ["m.x"]) == frozenset()
    run(instance, dg.DagsterRunStatus.STARTED, "m.x", "m.y")
    run(instance, dg.DagsterRunStatus.CANCELING, "m.a")
    assert trouble.running(instance, ["m.x"]) == {"m.a", "m.x", "m.y"}
    run(instance, dg.DagsterRunStatus.STARTED)
    assert trouble.running(instance, ["m.x", "n.x"]) == {"m.x", "n.x"}


STEP, CRASH = {"dagster/failure_reason": "STEP_FAILURE"}, {"dagster/failure_reason": "RUN_EXCEPTION"}


@pytest.mark.parametrize(
    ("status", "tags", "is_told"),
    [
        (dg.DagsterRunStatus.FAILURE, CRASH, True),
        (dg.DagsterRunStatus.FAILURE, {}, True),
        (dg.DagsterRunStatus.FAILURE, {**CRASH, "dagster/will_retry": "false"}, True),
        (dg.DagsterRunStatus.FAILURE, {**CRASH, "dagster/will_retry": "true"}, False),
        (dg.DagsterRunStatus.FAILURE, STEP, False),
        (dg.DagsterRunStatus.SUCCESS, {}, False),
        (dg.DagsterRunStatus.CANCELED, {}, False),
    ],
)
def test_a_run_that_crashed_is_told_once_it_is_not_tried_again(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, tags: dict[str, str], *, is_told: bool
) -> None:
    assert trouble.crashed(instance, "team:x", URL) is None
    made = run(instance, status, "m.x", "m.y", tags=tags)
    problem = trouble.crashed(instance, "team:x", URL)
    assert (problem is not None) == is_told
    if problem is not None:
        assert problem.title == f"Run {made[:8]} ended before its end, of 2 tables"
        assert problem.links == (("Run", f"{URL}/runs/{made}"),)


def test_a_crash_is_over_when_a_run_goes_through(instance: dg.DagsterInstance) -> None:
    run(instance, dg.DagsterRunStatus.FAILURE, "m.x", tags=CRASH)
    run(instance, dg.DagsterRunStatus.STARTED, "m.x")
    assert trouble.crashed(instance, "team:x", URL)
    run(instance, dg.DagsterRunStatus.SUCCESS, "m.x")
    assert trouble.crashed(instance, "team:x", URL) is None


def test_the_newest_materialization_of_a_table_and_its_run(built: Mini) -> None:
    first = built.run("m.left").run_id
    before = trouble.materialized(built.history, ["m.left", "m.right"])
    assert before.runs == {"m.left": first}
    assert set(before.newest) == {"m.left"}
    second = built.run("m.left").run_id
    after = trouble.materialized(built.history, ["m.left"])
    assert after.runs == {"m.left": second}
    assert after.newest != before.newest
    built.history.report_runless_asset_event(dg.AssetMaterialization(asset_key("m.right")))
    assert trouble.materialized(built.history, ["m.right"]).runs == {}  # no page of a run to open
