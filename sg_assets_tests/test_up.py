"""The launcher as a person meets it: a process that is started, told to stop, started twice, killed."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sg_assets_tests.processes import until

PROGRAM = """
import sys
from pathlib import Path
from sg_assets import up

root, port, stand_in, watchdog = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
command = [sys.executable, "-c", stand_in, str(port)] if stand_in else None
beside = [sys.executable, "-c", watchdog] if watchdog else None
say = lambda text: print(text, flush=True)
def refresh():
    say("refreshing")
    while (root / "slow").exists():
        pass
up.RESTART_SECONDS = 0.5
told = {"refresh": refresh, "verdicts": lambda: say("verdicts"), "command": command, "watchdog": beside}
sys.exit(up.up(port, home=root / "home", root=root, **told))
"""
# Serves as Dagster does, with a child of its own.
SERVER = """
import http.server, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
# Says where it found the UI, and ends when it is told to by a file.
WATCHDOG = """
import os, time
from pathlib import Path
print("watching", os.environ["SG_DAGSTER_URL"], flush=True)
while not Path("die").exists():
    time.sleep(0.05)
Path("die").unlink()
"""
DEFINITIONS = """
import dagster as dg
@dg.asset
def answer(): return 42
defs = dg.Definitions([answer], executor=dg.in_process_executor)
"""
REPOSITORY = Path(__file__).parents[1]
MARK = "TESTS_MARK"  # a variable by which every process that a test started is found, whatever group it is in


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Checkout:
    """A folder to run in, and what was started there."""

    root: Path
    port: int = field(default_factory=free_port)
    runs: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, stand_in: str = SERVER, watchdog: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(self.root), str(self.port), stand_in, watchdog]
        variables = {**os.environ, MARK: str(self.root)}
        with (self.root / f"log-{len(self.runs)}").open("w") as log:
            run = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log, text=True, env=variables)
        self.runs.append(run)
        return run

    def said(self, run: subprocess.Popen[str]) -> str:
        return (self.root / f"log-{self.runs.index(run)}").read_text()

    def wait_for(self, run: subprocess.Popen[str], text: str) -> None:
        until(lambda: text in self.said(run) or run.poll() is not None)
        assert text in self.said(run)

    def processes(self) -> list[int]:
        mark = f"{MARK}={self.root}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:  # ended meanwhile
                continue
        return found


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path)
    yield checkout
    for process in checkout.processes():
        os.kill(process, signal.SIGKILL)
    for run in checkout.runs:
        run.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_refreshes_then_serves_until_it_is_told_to_stop(checkout: Checkout, number: signal.Signals) -> None:
    run = checkout.start()
    checkout.wait_for(run, f"Dagster is at http://127.0.0.1:{checkout.port}")
    assert checkout.said(run).splitlines()[:2] == ["refreshing", "verdicts"]
    address = checkout.root / "home" / "dagster.json"
    assert json.loads(address.read_text())["url"] == f"http://127.0.0.1:{checkout.port}"

    run.send_signal(number)

    assert run.wait(timeout=30) == 0
    assert checkout.processes() == []
    assert not address.exists()


def test_a_shell_that_ignores_interrupts_for_it_does_not_make_it_deaf(checkout: Checkout) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a script does with what it starts by &
    try:
        run = checkout.start()
    finally:
        signal.signal(signal.SIGINT, before)
    checkout.wait_for(run, "Dagster is at")
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=30) == 0
    assert checkout.processes() == []


def test_a_second_one_says_who_holds_the_checkout(checkout: Checkout) -> None:
    first = checkout.start()
    checkout.wait_for(first, "Dagster is at")
    second = checkout.start()
    assert second.wait(timeout=30) == 1
    assert f"already running in this checkout: process {first.pid} since 20" in checkout.said(second)
    assert "refreshing" not in checkout.said(second)
    assert first.poll() is None


def test_a_taken_port_is_said_before_anything_is_built(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", checkout.port)):
        run = checkout.start()
        assert run.wait(timeout=30) == 1
    assert f"port {checkout.port} on 127.0.0.1 cannot be had" in checkout.said(run)
    assert "PORT=3100 make up" in checkout.said(run)
    assert "refreshing" not in checkout.said(run)


def test_stopped_while_refreshing_it_starts_nothing(checkout: Checkout) -> None:
    (checkout.root / "slow").touch()
    run = checkout.start()
    checkout.wait_for(run, "refreshing")
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=30) == 130
    assert "stopped before Dagster was started" in checkout.said(run)


def test_a_server_that_ends_by_itself_is_a_failure(checkout: Checkout) -> None:
    run = checkout.start("raise SystemExit(3)")
    assert run.wait(timeout=30) == 1
    assert "Dagster ended by itself, with code 3" in checkout.said(run)


def test_after_a_kill_the_next_one_ends_what_was_left_and_goes_on(checkout: Checkout) -> None:
    first = checkout.start()
    checkout.wait_for(first, "Dagster is at")
    first.kill()
    first.wait()
    assert len(checkout.processes()) == 2  # the server and its child

    second = checkout.start()

    checkout.wait_for(second, "Dagster is at")
    assert "ending what a killed one left running" in checkout.said(second)
    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=30) == 0
    assert checkout.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_watchdog_runs_beside_it_and_ends_with_it(checkout: Checkout, number: signal.Signals) -> None:
    run = checkout.start(watchdog=WATCHDOG)
    checkout.wait_for(run, f"watching http://127.0.0.1:{checkout.port}")
    run.send_signal(number)
    assert run.wait(timeout=30) == 0
    assert checkout.processes() == []


def test_a_watchdog_that_ends_is_started_again(checkout: Checkout) -> None:
    run = checkout.start(watchdog=WATCHDOG)
    checkout.wait_for(run, "watching")
    (checkout.root / "die").touch()
    checkout.wait_for(run, "the watchdog ended by itself, with code 0; it is started again")
    until(lambda: checkout.said(run).count("watching") == 2)
    assert run.poll() is None


def test_a_server_that_ends_takes_its_watchdog_with_it(checkout: Checkout) -> None:
    run = checkout.start(SERVER.replace("serve_forever()", "handle_request()"), watchdog=WATCHDOG)
    assert run.wait(timeout=30) == 1  # it answered once, that it is serving
    assert checkout.processes() == []


def test_what_a_killed_one_left_is_ended_with_its_watchdog(checkout: Checkout) -> None:
    first = checkout.start(watchdog=WATCHDOG)
    checkout.wait_for(first, "watching")
    first.kill()
    first.wait()
    assert len(checkout.processes()) == 3  # the server, its child, the watchdog
    second = checkout.start(watchdog=WATCHDOG)
    checkout.wait_for(second, "watching")
    assert len(checkout.processes()) == 4
    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=30) == 0
    assert checkout.processes() == []


def test_the_real_dagster_keeps_its_history_and_leaves_no_process(checkout: Checkout) -> None:
    (checkout.root / "definitions.py").write_text(DEFINITIONS)
    (checkout.root / "workspace.yaml").write_text("load_from: [{python_file: definitions.py}]\n")
    (checkout.root / "dagster.yaml").write_text((REPOSITORY / "dagster.yaml").read_text())
    run = checkout.start(stand_in="")
    checkout.wait_for(run, "Dagster is at")
    connection = HTTPConnection("127.0.0.1", checkout.port, timeout=30)
    query = json.dumps({"query": "{ instance { daemonHealth { allDaemonStatuses { daemonType required } } } }"})
    connection.request("POST", "/graphql", query, {"Content-Type": "application/json"})
    daemons = json.load(connection.getresponse())["data"]["instance"]["daemonHealth"]["allDaemonStatuses"]
    connection.close()
    assert {"SENSOR", "SCHEDULER", "FRESHNESS_DAEMON"} <= {d["daemonType"] for d in daemons if d["required"]}
    assert len(checkout.processes()) > 3

    run.send_signal(signal.SIGTERM)

    assert run.wait(timeout=60) == 0
    assert checkout.processes() == []
    assert (checkout.root / ".dagster" / "storage" / "history" / "runs.db").exists()
    assert not list(checkout.root.glob(".tmp_dagster_home_*"))
