"""Dagster keeps its history where the operations store is, and hears of the address from a secret's file, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from sg_assets.environment import EnvironmentProblem

if TYPE_CHECKING:
    from sg_assets.sandbox.postgres_server import PostgresServer

STORAGE = "storage:\n  custom: {module: sg_assets.history_postgres, class: HistoryPostgres}\n"


def test_the_history_is_in_the_database_of_a_secrets_file(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run("create database history")
    (tmp_path / "secret").write_text(postgres.url("postgres", "", "history") + "\n")
    (tmp_path / "dagster.yaml").write_text(STORAGE)
    monkeypatch.setenv("SG_OPERATIONS_URL_FILE", str(tmp_path / "secret"))
    with dg.DagsterInstance.from_config(str(tmp_path)) as first:
        first.add_run(dg.DagsterRun("a job", "a run"))
    with dg.DagsterInstance.from_config(str(tmp_path)) as second:
        assert [run.run_id for run in second.get_runs()] == ["a run"]
        assert "secret" not in str(second.info_dict())
    assert postgres.run("select count(*) from runs", "history").strip() == "1"


def test_without_an_address_there_is_no_history(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(STORAGE)
    with (
        pytest.raises(EnvironmentProblem, match="SG_OPERATIONS_URL is not set"),
        dg.DagsterInstance.from_config(str(tmp_path)),
    ):
        pass
