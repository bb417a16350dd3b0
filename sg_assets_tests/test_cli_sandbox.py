"""`sg-assets sandbox …`, as somebody at a terminal uses it."""

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sg_assets.cli import main
from sg_assets.sandbox.faults import Faults, Kind
from sg_assets_tests.processes import process

START_SECONDS = 60


def sandbox(tmp_path: Path, *arguments: str, **variables: str) -> Result:
    """Run a command in a sandbox of the test's own."""
    variables = {"SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05", **variables}
    return CliRunner().invoke(main, ["sandbox", *arguments], env=variables)


def test_a_fault_is_switched_on_listed_and_cleared(tmp_path: Path) -> None:
    on = sandbox(tmp_path, "fault", "on", "too_many_requests", "salesforce", "--count", "2", "--set", "retry_after=5")
    assert (on.exit_code, on.output) == (0, "fault 1 is on: too_many_requests at salesforce\n")
    assert sandbox(tmp_path, "fault", "on", "server_error").exit_code == 0
    listed = sandbox(tmp_path, "fault", "list")
    assert listed.output.splitlines() == [
        "  1 too_many_requests at salesforce matching *, 2 times more, retry_after=5",
        "  2 server_error at * matching *",
    ]
    assert json.loads(sandbox(tmp_path, "fault", "list", "--json").output)[0] == {
        "id": 1,
        "kind": "too_many_requests",
        "source": "salesforce",
        "match": "*",
        "left": 2,
        "options": {"retry_after": "5"},
    }
    assert sandbox(tmp_path, "fault", "clear", "1").output == "1 switched off\n"
    assert sandbox(tmp_path, "fault", "clear").output == "1 switched off\n"
    assert sandbox(tmp_path, "fault", "list").output == "no fault is on\n"


def test_what_somebody_at_the_company_writes_can_stop_too(tmp_path: Path) -> None:
    on = sandbox(tmp_path, "fault", "on", "stopped_feed", "server_usage")
    assert (on.exit_code, on.output) == (0, "fault 1 is on: stopped_feed at server_usage\n")


def test_faults_are_those_of_the_state_folder_that_every_process_shares(tmp_path: Path) -> None:
    sandbox(tmp_path, "fault", "on", "cut_body", "pings", "--match", "pings/*")
    (found,) = Faults(tmp_path / "sandbox").list()
    assert (found.kind, found.source, found.match, found.left) == (Kind.CUT_BODY, "pings", "pings/*", None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["flood"], "no such fault: flood; there are too_many_requests, quota,"),
        (["quota", "salesfarce"], "no such source: salesfarce; there are *, "),
        (["server_error", "--set", "status"], "--set status: write NAME=VALUE, such as retry_after=5"),
        (["server_error", "--set", "match=a"], "--set match=a: match is not set like this, see --help"),
        (["null_value"], "a fault null_value needs field: add --set NAME=VALUE"),
        (["quota", "--count", "often"], "'often' is not a valid integer"),
    ],
)
def test_what_makes_no_fault_is_wrong_usage(tmp_path: Path, arguments: list[str], told: str) -> None:
    ended = sandbox(tmp_path, "fault", "on", *arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert ended.stdout == ""
    assert Faults(tmp_path / "sandbox").list() == []


def test_production_has_no_sandbox(tmp_path: Path) -> None:
    ended = sandbox(tmp_path, "fault", "on", "quota", SG_ENV="production")
    assert (ended.exit_code, ended.stderr) == (2, "sg-assets: SG_ENV=production has no sandbox\n")
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = sandbox(tmp_path, "serve", "--port", str(port))
    assert ended.exit_code == 1
    assert f"sg-assets: port {port} cannot be had" in ended.stderr


def test_stand_ins_are_served_until_somebody_interrupts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    variables = {**os.environ, "SG_HOME": str(tmp_path), "SG_SANDBOX_SCALE": "0.05"}
    command = [str(Path(sys.executable).with_name("sg-assets")), "sandbox", "serve", "--port", str(port)]
    with process(command, env=variables) as running:
        deadline = time.monotonic() + START_SECONDS
        while (status := answer(f"http://127.0.0.1:{port}/salesforce/services/data")) is None:
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=START_SECONDS)
    assert status in {200, 401, 404}  # somebody who speaks HTTP
    served, database, *_ = told.splitlines()
    assert served.startswith(f"stand-ins at http://127.0.0.1:{port}/<source>/: ")
    assert {"events", "pings", "salesforce", "site_admin"} <= set(served.rpartition(": ")[2].split(", "))
    assert database.startswith("production_db at postgresql://")


def answer(url: str) -> int | None:
    """The status that a server answers with, None while nobody does."""
    try:
        with urllib.request.urlopen(url, timeout=5) as got:  # noqa: S310 (loopback)
            return int(got.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except urllib.error.URLError:
        return None
