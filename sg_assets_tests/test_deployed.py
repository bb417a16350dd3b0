"""The processes of `deploy/compose.yaml`, started natively: what is killed is made again, and no tick is lost.

Takes three to five minutes, most of it waiting for minutes to be over: `make test-deployment`, not `make test`.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import dagster as dg
import pytest
import yaml

from sg_assets.operations import Operations
from sg_assets.running_dagster import DagsterError, RunningDagster
from sg_assets_tests.deployed import FETCHING, HOLD

if TYPE_CHECKING:
    from sg_assets.sandbox.postgres_server import PostgresServer

pytestmark = pytest.mark.deployment

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
EVERYWHERE = "0.0.0.0"  # noqa: S104 (what containers listen at; here it is replaced)
LONG, POLL = 90.0, 0.2
SLOW, OFTEN, OFTEN_SECONDS = "raw_mini.slow", "every_2_minutes_utc", 120


Found = TypeVar("Found")


def until(what: str, found: Callable[[], Found], seconds: float = LONG) -> Found:
    """Wait for something, and give it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(POLL)
    pytest.fail(f"{what}: not within {seconds:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Deployment:
    """The processes, by the names of their services, in a folder of their own."""

    folder: Path
    url: str
    ports: Mapping[str, int] = field(
        default_factory=lambda: {name: free_port() for name in ("code", "webserver", "webserver-read-only")}
    )
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "operations_url").write_text(self.url + "\n")
        declared = yaml.safe_load((ROOT / "deploy" / "dagster.yaml").read_text())
        local = {"module": "dagster.core.storage.local_compute_log_manager", "class": "LocalComputeLogManager"}
        declared["compute_logs"] = {**local, "config": {"base_dir": str(self.folder / "logs")}}  # no Cloud Storage here
        (self.folder / "dagster.yaml").write_text(yaml.safe_dump(declared))
        workspace = yaml.safe_load((ROOT / "deploy" / "workspace.yaml").read_text())
        workspace["load_from"][0]["grpc_server"] |= {"host": "127.0.0.1", "port": self.ports["code"]}
        (self.folder / "workspace.yaml").write_text(yaml.safe_dump(workspace))
        self.home.mkdir()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def variables(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "SG_OPERATIONS_URL"},
            "DAGSTER_HOME": str(self.folder),
            "SG_ENV": "production",
            "SG_HOME": str(self.home),
            "SG_OPERATIONS_URL_FILE": str(self.folder / "operations_url"),
            "SG_WATCHDOG_DAGSTER_URL": self.address("webserver-read-only"),
            "PYTHONPATH": f"{os.environ['PYTHONPATH']}{os.pathsep}{ROOT}",
        }

    def address(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def command(self, words: list[str], service: str) -> list[str]:
        """What a container runs, at its port of ours, on loopback."""
        port = {"3000": str(self.ports.get(service, 0)), "4000": str(self.ports["code"])}
        words = [port.get(word, word).replace("sg_assets.definitions", "sg_assets_tests.deployed") for word in words]
        return [str(BIN / words[0]), *("127.0.0.1" if word == EVERYWHERE else word for word in words[1:])]

    def start(self, service: str) -> None:
        command = self.command(COMPOSE["services"][service]["command"], service)
        log = (self.folder / f"{service}.log").open("ab")
        self.running[service] = subprocess.Popen(
            command, cwd=self.folder, env=self.variables, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def is_healthy(self, service: str) -> bool:
        """What its own health check says."""
        test = COMPOSE["services"][service]["healthcheck"]["test"]
        words = [word.replace(":3000", f":{self.ports.get(service, 0)}") for word in test[1:]]
        checked = subprocess.run(
            self.command(words, service), cwd=self.folder, env=self.variables, check=False, capture_output=True
        )
        return checked.returncode == 0

    def kill(self, service: str) -> None:
        """End it with all that it started, at once, as a container that is gone."""
        process = self.running.pop(service)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_all(self) -> None:
        for service in list(self.running):
            self.kill(service)

    def logs(self) -> str:
        return "\n".join(f"== {p.name}\n{p.read_text()[-3000:]}" for p in sorted(self.folder.glob("*.log")))


@contextmanager
def everything(folder: Path, url: str) -> Generator[Deployment]:
    deployment = Deployment(folder, url)
    migrate = deployment.command(COMPOSE["services"]["migrate"]["command"], "migrate")
    migrated = subprocess.run(
        migrate, cwd=folder, env=deployment.variables, check=False, capture_output=True, text=True
    )
    assert migrated.returncode == 0, migrated.stderr
    with ExitStack() as undo:
        undo.callback(deployment.kill_all)
        deployment.start("code")
        until("the code server", lambda: deployment.is_healthy("code"))
        for name in ("webserver", "webserver-read-only", "daemon", "watchdog"):
            deployment.start(name)
        yield deployment


def launched(dagster: RunningDagster) -> str:
    return dagster.launch([SLOW], [(SLOW, "sound")], {}, {SLOW: "1"})


def ticks(history: dg.DagsterInstance) -> list[int]:
    """When the schedule was due and what it asked for was launched, in order."""
    state = next((s for s in history.all_instigator_state() if s.instigator_name == OFTEN), None)
    found = history.get_ticks(state.instigator_origin_id, state.selector_id) if state else ()
    return sorted(int(tick.timestamp) for tick in found if tick.is_success)


def retried(history: dg.DagsterInstance, run_id: str) -> dg.DagsterRun | None:
    again = history.get_runs(dg.RunsFilter(tags={"dagster/parent_run_id": run_id}))
    return again[0] if again and again[0].is_success else None


def test_what_is_killed_is_made_again_and_no_tick_is_lost(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run("create database deployed")
    url = postgres.url("postgres", "", "deployed")
    monkeypatch.setenv("SG_OPERATIONS_URL", url)
    monkeypatch.setenv("SG_HOME", str(tmp_path / "home"))
    with everything(tmp_path, url) as deployed:
        try:
            _go_through(deployed, url)
        finally:
            sys.stdout.write(deployed.logs())  # shown where it failed


def _go_through(deployed: Deployment, url: str) -> None:
    hold, fetching = deployed.home / HOLD, deployed.home / FETCHING
    hold.touch()
    for name in ("webserver", "webserver-read-only"):
        until(name, partial(deployed.is_healthy, name))
    changing, looking = (RunningDagster(deployed.address(n)) for n in ("webserver", "webserver-read-only"))
    with dg.DagsterInstance.from_config(str(deployed.folder)) as history:
        # A run's process is killed: the run has failed, and is made again.
        until("a run that fetches", fetching.exists)
        (first,) = history.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        os.kill(int(fetching.read_text()), signal.SIGKILL)
        hold.unlink()
        until("the run again", lambda: retried(history, first.run_id))
        assert history.get_run_by_id(first.run_id).status is dg.DagsterRunStatus.FAILURE  # pyrefly: ignore[missing-attribute]

        # Who may only look cannot launch; who may change things can.
        with pytest.raises(DagsterError, match=re.compile("unauthorized", re.IGNORECASE)):
            launched(looking)
        fetching.unlink()
        hold.touch()
        second = launched(changing)
        until("the second run that fetches", fetching.exists)

        # The code server is gone, with the run that it had, while a tick is due; a new one takes over.
        due = (int(time.time() + 8) // OFTEN_SECONDS + 1) * OFTEN_SECONDS
        time.sleep(due - 5 - time.time())
        deployed.kill("code")
        time.sleep(due + 4 - time.time())
        hold.unlink()
        deployed.start("code")
        until("the second run again", lambda: retried(history, second))
        until("the tick that nobody could answer", lambda: due in ticks(history))
        found = ticks(history)
        assert found == list(range(found[0], due + 1, OFTEN_SECONDS))  # each once
        assert history.get_latest_materialization_event(dg.AssetKey(SLOW.split("."))) is not None

    # Everybody is well, and the store that they share is in the Postgres beside Dagster's tables.
    for name in ("code", "daemon", "webserver", "webserver-read-only", "watchdog"):
        assert deployed.is_healthy(name), name
    operations = Operations(url)
    beats = operations.heartbeats()
    assert {"watch", "watchdog"} <= beats.keys()
    assert all((datetime.now(UTC) - beats[name]).total_seconds() < 120 for name in ("watch", "watchdog"))
    operations.close()
    assert not (deployed.home / "production" / "operations.sqlite").exists()
    assert "fails" not in (deployed.folder / "watchdog.log").read_text()  # a restart is nothing to be told of
