"""What Dagster says of the files in the root: they load with no variable set, history stays in the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize("command", [["dagster", "definitions", "validate"], ["dg", "check", "defs"]], ids=" ".join)
def test_the_definitions_load_with_an_empty_environment(command: list[str], tmp_path: Path) -> None:
    only = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": os.environ["PYTHONPATH"]}
    ended = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, env=only, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_history_and_logs_stay_in_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    @dg.op
    def speak(context: dg.OpExecutionContext) -> None:
        context.log.info("hello")

    @dg.job
    def speech() -> None:
        speak()

    with dg.DagsterInstance.from_config(str(ROOT)) as instance:
        run = speech.execute_in_process(instance=instance)
    with dg.DagsterInstance.from_config(str(ROOT)) as later:
        assert [r.run_id for r in later.get_runs()] == [run.run_id]
    assert {path.name for path in tmp_path.iterdir()} == {".dagster"}
    assert (tmp_path / ".dagster" / "logs" / run.run_id).is_dir()


def test_one_run_at_a_time_has_the_warehouse_and_only_crashed_runs_are_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with dg.DagsterInstance.from_config(str(ROOT)) as instance:
        assert instance.get_settings("concurrency")["pools"] == {"granularity": "run", "default_limit": 1}
        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
        assert instance.run_retries_retry_on_asset_or_op_failure is False
        assert instance.telemetry_enabled is False
        assert instance.get_settings("freshness") == {"enabled": True}
