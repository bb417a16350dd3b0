"""Syncs on demand: who is meant, what became of each, and the job of the UI, which holds up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import environment
from sg_assets.environment import Environment
from sg_assets.fivetran_sync import OP, SyncError, chosen, job, sync_all
from sg_assets.freshness.busy import NO_TABLE, UNFINISHED, unfinished
from sg_assets.freshness.trouble import running
from sg_assets_tests.made_fivetran import MadeFivetran, made_fivetran


@pytest.fixture
def made() -> Iterator[MadeFivetran]:
    with made_fivetran() as vendor:
        yield vendor


def env_of(made: MadeFivetran, folder: Path, **more: str) -> Environment:
    return environment.load({**made.variables, "SG_HOME": str(folder), **more})


def test_each_is_followed_to_its_end_and_nothing_else_is_asked_for(made: MadeFivetran, tmp_path: Path) -> None:
    told: list[str] = []
    found = sync_all(env_of(made, tmp_path), ["hubspot", "a_b"], told=lambda one, _total: told.append(one.schema))
    assert [(one.schema, one.result) for one in found] == [("hubspot", "failed"), ("salesforce", "succeeded")]
    assert found[0].ended
    assert found[0].ended.at == datetime(2026, 11, 21, 6, 25, tzinfo=UTC)
    assert sorted(told) == ["hubspot", "salesforce"]
    assert sorted(made.asked) == [("POST", "/v1/connections/a_b/sync"), ("POST", "/v1/connections/c_d/sync")]


def test_what_fivetran_refuses_does_not_stop_the_others(made: MadeFivetran, tmp_path: Path) -> None:
    made.broken.add("c_d")
    hubspot, salesforce = sync_all(env_of(made, tmp_path), ["hubspot", "salesforce"])
    assert (hubspot.result, salesforce.result) == ("not_followed", "succeeded")
    assert "the connection is broken" in hubspot.problem
    assert made.asked == [("POST", "/v1/connections/a_b/sync")]


def test_a_development_copy_asks_for_no_sync(made: MadeFivetran, tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="SG_TARGET=dev_ada: a sync changes what production reads"):
        sync_all(env_of(made, tmp_path, SG_TARGET="dev_ada"), ["salesforce"])
    assert made.asked == []


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("nobody", r"nobody is no connection; there are a \(x\), b \(x\)"),
        ("x", "x is the schema of several connections"),
    ],
)
def test_a_word_that_means_no_single_one_is_refused(word: str, why: str) -> None:
    with pytest.raises(SyncError, match=why):
        chosen([{"id": "a", "schema": "x"}, {"id": "b", "schema": "x"}], [word])


def test_where_it_cannot_be_asked_it_says_why(made: MadeFivetran, tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="SG_CLOCK"):
        sync_all(environment.load({"SG_HOME": str(tmp_path), "SG_CLOCK": "2026-01-01T00:00:00Z"}), ["a_b"])
    with pytest.raises(SyncError, match="fivetran is listed in SG_DISCONNECTED"):
        sync_all(env_of(made, tmp_path, SG_DISCONNECTED="fivetran"), ["a_b"])


@pytest.mark.parametrize(
    ("connections", "patience", "said"),
    [
        (["salesforce"], "2h", ""),
        (["a_b", "c_d"], "2h", r"hubspot \(c_d\): failed at"),
        (["a_b"], "long", "write a span"),
    ],
)
def test_the_job_does_the_same(
    made: MadeFivetran, tmp_path: Path, connections: list[str], patience: str, said: str
) -> None:
    config = {"ops": {OP: {"config": {"connections": connections, "patience": patience}}}}
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.ephemeral() as history:
        made_job = job(env_of(made, tmp_path))
        if not said:
            assert made_job.execute_in_process({**config, **quiet}, instance=history).success
            return
        with pytest.raises(dg.Failure, match=said):
            made_job.execute_in_process({**config, **quiet}, instance=history)


def test_nobody_waits_for_its_runs(made: MadeFivetran, tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as history:
        made_job = job(env_of(made, tmp_path))
        history.add_run(dg.DagsterRun(made_job.name, status=dg.DagsterRunStatus.STARTED, tags=made_job.run_tags))
        (run,) = history.get_runs(UNFINISHED)
        assert NO_TABLE in run.tags
        assert unfinished(history) == []
        assert running(history, ["a.b"]) == frozenset()
