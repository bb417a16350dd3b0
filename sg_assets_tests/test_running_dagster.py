"""What is asked of a Dagster that is running, and what its answers mean; `test_ui.py` asks a real one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sg_assets import running_dagster
from sg_assets.running_dagster import DagsterError, Event, RunningDagster, find
from sg_assets_tests.made_dagster import (
    RUN_ID,
    MadeDagster,
    began,
    broken,
    ended,
    failed,
    made_dagster,
    materialized,
)
from sg_assets_tests.scripted_vendor import Answer, scripted

NAMES = ["raw_a.x", "m.t"]
CODE = {"raw_a.x": "", "m.t": "c1"}
SOUND = [("raw_a.x", "sound"), ("m.t", "sound")]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeDagster]:
    monkeypatch.setattr(running_dagster, "POLL_SECONDS", 0.01)
    with made_dagster(tmp_path, versions=CODE) as dagster:
        yield dagster


def test_it_is_found_where_its_address_was_left_and_it_answers(made: MadeDagster, tmp_path: Path) -> None:
    dagster = find(tmp_path)
    assert dagster
    assert dagster.url == made.url


def test_one_that_was_killed_or_never_started_is_not_there(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    (tmp_path / "dagster.json").write_text(json.dumps({"url": "http://127.0.0.1:1"}))
    assert find(tmp_path) is None
    with scripted(Answer(404)) as somebody_else:
        (tmp_path / "dagster.json").write_text(json.dumps({"url": somebody_else.url}))
        assert find(tmp_path) is None


def test_a_run_is_launched_with_its_tables_their_checks_and_its_tags(made: MadeDagster) -> None:
    assert RunningDagster(made.url).launch(NAMES, SOUND, {"sg_assets/caller": "refresh"}, CODE) == RUN_ID
    (params,) = made.launched
    assert params == {
        "selector": {
            "repositoryLocationName": "sg_assets",
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB",
            "assetSelection": [{"path": ["raw_a", "x"]}, {"path": ["m", "t"]}],
            "assetCheckSelection": [
                {"assetKey": {"path": ["raw_a", "x"]}, "name": "sound"},
                {"assetKey": {"path": ["m", "t"]}, "name": "sound"},
            ],
        },
        "runConfigData": {},
        "executionMetadata": {"tags": [{"key": "sg_assets/caller", "value": "refresh"}]},
    }
    assert made.reloads == 0


@pytest.mark.parametrize("loaded", [{"raw_a.x": "", "m.t": "c0"}, {"raw_a.x": ""}])
def test_what_was_changed_since_it_was_loaded_is_loaded_anew_first(made: MadeDagster, loaded: dict[str, str]) -> None:
    made.versions = loaded
    RunningDagster(made.url).launch(NAMES, SOUND, {}, CODE)
    assert (made.reloads, len(made.launched)) == (1, 1)


def test_code_that_does_not_load_is_told_and_nothing_is_launched(made: MadeDagster) -> None:
    made.versions, made.reloaded = {}, broken("SqlFileError: no header\n")
    with pytest.raises(DagsterError, match=r"could not load sg_assets: SqlFileError: no header$"):
        RunningDagster(made.url).launch(NAMES, SOUND, {}, CODE)
    made.location = broken("ImportError")
    with pytest.raises(DagsterError, match="could not load sg_assets: ImportError"):
        RunningDagster(made.url).launch(NAMES, SOUND, {}, CODE)
    made.location = {"__typename": "RepositoryLocation", "repositories": []}
    with pytest.raises(DagsterError, match="has loaded nothing"):
        RunningDagster(made.url).launch(NAMES, SOUND, {}, CODE)
    assert made.launched == []


def test_a_run_that_is_refused_is_told_with_why(made: MadeDagster) -> None:
    made.refusal = {"__typename": "InvalidSubsetError", "message": "no such asset"}
    with pytest.raises(DagsterError, match="refused the run: no such asset"):
        RunningDagster(made.url).launch(NAMES, SOUND, {}, CODE)


def test_what_happens_in_a_run_is_told_as_it_happens_until_it_ends(made: MadeDagster) -> None:
    through = datetime(2025, 6, 5, 12, tzinfo=UTC)
    told = materialized(
        "m__t",
        result={"text": "built"},
        dagster__row_count={"intValue": 0},
        seconds={"floatValue": 0.5},
        data_through={"timestamp": through.timestamp()},
        preview={"mdStr": "| id |"},
    )
    made.pages = (
        ("QUEUED", ()),
        ("QUEUED", ()),
        ("STARTED", [began("raw_a__x"), failed("raw_a__x"), began("m__other"), {"__typename": "RunStartEvent"}]),
        ("STARTED", [began("m__t"), told, ended("m__t")]),
        ("FAILURE", ()),
    )
    metadata = {"result": "built", "dagster/row_count": 0, "seconds": 0.5, "data_through": through}
    assert list(RunningDagster(made.url).follow(RUN_ID, NAMES)) == [
        Event("status", status="QUEUED"),
        Event("began", "raw_a.x"),
        Event("failed", "raw_a.x"),
        Event("status", status="STARTED"),
        Event("began", "m.t"),
        Event("materialized", "m.t", metadata=metadata),
        Event("ended", "m.t"),
        Event("status", status="FAILURE"),
    ]


def test_a_run_that_is_not_known_is_told(made: MadeDagster) -> None:
    with pytest.raises(DagsterError, match="knows no run ffff"):
        list(RunningDagster(made.url).follow("ffff", NAMES))


def test_a_question_that_is_not_understood_is_told() -> None:
    with (
        scripted(Answer.json({"errors": [{"message": "Cannot query field"}]})) as vendor,
        pytest.raises(DagsterError, match="Cannot query field"),
    ):
        RunningDagster(vendor.url).ask("{ nothing }")


def test_one_that_is_gone_meanwhile_is_told() -> None:
    with (
        scripted(Answer(403, b"no")) as vendor,
        pytest.raises(DagsterError, match="is gone: Dagster: POST"),
    ):
        RunningDagster(vendor.url).ask("mutation { nothing }")
