"""`sg-assets refresh`: what it runs, prints and ends with. What a refresh does is in `test_refresh.py`."""

import json
import shutil
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from sg_assets import discovery
from sg_assets import refresh as launcher
from sg_assets.cli import main
from sg_assets.clock import wall_clock
from sg_assets.http import SourceError
from sg_assets.order import CALLER, DAYS, FULL, SHRINK
from sg_assets_tests.mini import Mini

ROOT = Path(__file__).parents[1]
Refresh = Callable[..., Result]


@pytest.fixture
def refresh(mini: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Refresh:
    """Runs `sg-assets refresh` by the wall clock, with the repository's own `dagster.yaml` in another folder."""
    monkeypatch.setattr(discovery, "project", lambda *_given: mini.project)
    monkeypatch.setattr(launcher, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    variables = {**mini.variables, "SG_HISTORY_START": wall_clock().date().isoformat()}
    return lambda *arguments: CliRunner().invoke(main, ["refresh", *arguments], env=variables)


def test_a_refresh_in_json_is_one_document_and_progress_goes_elsewhere(refresh: Refresh) -> None:
    ended = refresh("m.left", "--json")
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert list(document) == ["run_id", "seconds", "tables"]
    assert isinstance(document["run_id"], str)
    assert isinstance(document["seconds"], float)
    for found, name in zip(document["tables"], ["raw_mini.thing", "m.left"], strict=True):
        assert list(found) == ["table", "result", "rows", "seconds", "data_through", "reason"]
        assert (found["table"], found["result"], found["rows"]) == (name, "built", 2)
        assert isinstance(found["seconds"], float)
        assert found["data_through"].endswith("Z")
    assert [line.split()[:3] for line in ended.stderr.splitlines()] == [
        ["1/2", "raw_mini.thing", "built"], ["2/2", "m.left", "built"]
    ]  # fmt: skip
    again = json.loads(refresh("m.left", "--json").stdout)
    assert (again["run_id"], again["tables"]) == (None, [])


def test_a_table_that_failed_ends_with_1_and_says_why_and_what_it_blocks(mini: Mini, refresh: Refresh) -> None:
    mini.vendor.goes_wrong["thing"] = repeat(SourceError("mini", "GET /things", "403", "Ask for the right.", 403))
    ended = refresh("m.left")
    assert (ended.exit_code, ended.stdout.partition(" in ")[0]) == (1, "1 failed, 1 blocked")
    assert "mini: GET /things: 403. Ask for the right." in ended.stderr
    assert "raw_mini.thing failed in this run" in ended.stderr
    assert max(map(len, ended.output.splitlines())) <= 80
    assert "\x1b" not in ended.output


def test_a_dry_run_shows_the_plan_and_runs_nothing(mini: Mini, refresh: Refresh) -> None:
    shown = refresh("m.left", "--dry-run")
    assert shown.exit_code == 0
    assert [line.split()[:2] for line in shown.stdout.splitlines()] == [
        ["pull", "raw_mini.thing"], ["build", "m.left"], ["2", "tables,"]
    ]  # fmt: skip
    told = json.loads(refresh("m.left", "--dry-run", "--json").stdout)
    assert [list(step) for step in told["tables"]] == [
        ["table", "action", "reason", "partitions", "seconds", "bytes", "price_usd"]
    ] * 2
    assert not mini.vendor.pulls
    assert not (mini.folder / ".dagster").exists()


def test_what_is_asked_for_reaches_the_run(refresh: Refresh, tmp_path: Path) -> None:
    today = wall_clock().date().isoformat()
    options = ["--full", "--accept-shrink", "--partitions", f"{today}..{today}", "--upstream", "none"]
    plan = json.loads(refresh("raw_mini.thing", *options, "--dry-run", "--json").stdout)
    assert [(step["table"], step["action"]) for step in plan["tables"]] == [("raw_mini.thing", "pull")]
    assert refresh("raw_mini.thing", *options).exit_code == 0
    with dg.DagsterInstance.from_config(str(tmp_path)) as history:
        (run,) = history.get_runs()
    asked = {name: run.tags[name] for name in (CALLER, FULL, SHRINK, DAYS)}
    assert asked == {CALLER: "refresh", FULL: "yes", SHRINK: "yes", DAYS: f"{today}..{today}"}


def test_up_to_an_instant_is_done_once_and_then_left_alone(mini: Mini, refresh: Refresh) -> None:
    asked_at = wall_clock().isoformat()
    first, again = (json.loads(refresh("m.left", "--to", asked_at, "--json").stdout) for _ in range(2))
    assert [table["table"] for table in first["tables"]] == ["raw_mini.thing", "m.left"]
    assert (again["run_id"], again["tables"]) == (None, [])
    assert len(mini.vendor.pulls["thing"]) == 1
    now = wall_clock().isoformat()
    assert [table["result"] for table in json.loads(refresh("m.left", "--to", now, "--json").stdout)["tables"]] == [
        "built", "skipped"
    ]  # fmt: skip


def test_a_run_is_left_only_to_a_dagster_that_is_there(mini: Mini, refresh: Refresh) -> None:
    ended = refresh("m.left", "--no-wait")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "no Dagster is running here" in ended.stderr
    assert not mini.vendor.pulls


def test_a_plan_says_how_long_it_will_take_once_its_steps_have_run(refresh: Refresh) -> None:
    assert "2 tables, about 0 s, and 2 that never ran before" in refresh("m.left", "--dry-run").stdout
    refresh("m.left")
    told = json.loads(refresh("m.left", "--upstream", "all", "--dry-run", "--json").stdout)
    assert all(step["seconds"] is not None for step in told["tables"])
    assert told["seconds"] == pytest.approx(sum(step["seconds"] for step in told["tables"]))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name the tables to bring up to date, or --all"),
        (["m.left", "--all"], "name the tables to bring up to date, or --all"),
        (["m.nothing"], "no such table: m.nothing; `sg-assets tables list` names them"),
        (["m.daily", "--partitions", "yesterday"], "--partitions yesterday: "),
        (["m.daily", "--partitions", "2025-06-03..2025-06-01"], "the last day is before the first; write FROM..TO"),
        (["m.left", "--to", "noon"], "--to noon: write an instant with its offset"),
        (["m.left", "--to", "2999-01-01T00:00:00Z"], "nothing can be complete up to the future"),
        (["m.left", "--to", "2025-06-05T12:00:00Z", "--full"], "choose one"),
        (["m.left", "--to", "2025-06-05T12:00:00Z", "--partitions", "2025-06-01"], "choose one"),
        (["m.left", "--upstream", "some"], "'some' is not one of 'stale', 'all', 'none'"),
    ],
)
def test_wrong_usage_ends_with_2_before_anything_is_run(
    mini: Mini, refresh: Refresh, arguments: list[str], told: str
) -> None:
    ended = refresh(*arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert not mini.env.home.exists()
