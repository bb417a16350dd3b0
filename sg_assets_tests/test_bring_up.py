"""The job of the UI that brings a selection up to date, run as the UI runs it: with what was typed in the launchpad."""

from collections.abc import Mapping

import dagster as dg
import pytest

from sg_assets.bring_up import OP
from sg_assets.freshness.busy import BRING_UP
from sg_assets.http import SourceError
from sg_assets_tests.mini import HOUR, Mini

THING, LEFT = "raw_mini.thing", "m.left"


def launched(mini: Mini, **config: object) -> dg.ExecuteInProcessResult:
    mini.told.clear()
    job = mini.definitions().get_repository_def().get_job(BRING_UP)
    return job.execute_in_process(
        run_config={"ops": {OP: {"config": config}}, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=mini.history,
        raise_on_error=False,
    )


def inner_run(mini: Mini) -> dg.DagsterRun:
    """The run in which the tables were built."""
    runs = [run for run in mini.history.get_runs() if run.job_name != BRING_UP]
    assert len(runs) == 1
    return runs[0]


def logged(mini: Mini, run: dg.ExecuteInProcessResult) -> str:
    return "\n".join(entry.user_message for entry in mini.history.all_logs(run.run_id))


def result_of(mini: Mini) -> Mapping[str, object]:
    """What the tables' own run says of them."""
    entries = mini.history.all_logs(inner_run(mini).run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    found = [entry.asset_materialization for entry in entries]
    whole = [event for event in found if event and "result" in event.metadata]  # not those of further days
    return {".".join(event.asset_key.path): event.metadata["result"].value for event in whole}


def test_a_selection_is_brought_up_to_date_with_what_is_stale_above_it_in_one_run(mini: Mini) -> None:
    run = launched(mini, tables=[LEFT])
    assert run.success
    assert result_of(mini) == {THING: "built", LEFT: "built"}
    inner = inner_run(mini)
    assert (inner.status, inner.tags["sg_assets/caller"]) == (dg.DagsterRunStatus.SUCCESS, "refresh")
    assert f"{LEFT}: built, 2 rows" in logged(mini, run)
    assert inner.run_id in str(run.all_events)


def test_nothing_to_do_says_so_and_runs_nothing(built: Mini) -> None:
    run = launched(built, tables=[LEFT])
    assert run.success
    assert "nothing to do" in logged(built, run)
    assert [found.job_name for found in built.history.get_runs()] == [BRING_UP]


def test_none_means_all(mini: Mini) -> None:
    assert launched(mini).success
    assert set(result_of(mini)) == {name for name in mini.states if mini.states[name].has_landed}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"upstream": "ALL"}, {THING, LEFT}),
        ({"upstream": "NONE", "full": True}, {LEFT}),
        ({"to": "2025-06-05T12:30:00Z"}, {THING, LEFT}),
    ],
)
def test_it_takes_the_options_of_the_command_line(built: Mini, config: dict[str, object], expected: set[str]) -> None:
    built.later(HOUR / 2)  # before the next tick
    assert launched(built, tables=[LEFT], **config).success
    assert set(result_of(built)) == expected


def test_a_table_that_fails_fails_the_job_with_why(mini: Mini) -> None:
    mini.vendor.goes_wrong["thing"] = iter([SourceError("mini", "GET /things", "403", status=403)])
    run = launched(mini, tables=[LEFT])
    assert not run.success
    told = str([event.event_specific_data for event in run.all_events if event.is_step_failure])
    assert f"{THING} failed: mini: GET /things: 403; {LEFT} blocked: {THING} failed in this run" in told
    assert inner_run(mini).status is dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"tables": ["m.nothing", LEFT]}, "no such table: m.nothing"),
        ({"tables": [LEFT], "to": "tomorrow"}, "to tomorrow: write an instant with its offset"),
        ({"tables": [LEFT], "to": "2025-06-05T12:00:00Z", "full": True}, "not both"),
    ],
)
def test_what_cannot_be_asked_for_fails_with_why_and_runs_nothing(
    built: Mini, config: dict[str, object], told: str
) -> None:
    run = launched(built, **config)
    assert not run.success
    assert told in str([event.event_specific_data for event in run.all_events if event.is_step_failure])
    assert len(built.history.get_runs()) == 1
