"""Dagster's own answers, and those of something that is not Dagster."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sg_assets.alerts.observe import ask

STATUSES = [
    {"daemonType": "SENSOR", "required": True, "lastHeartbeatTime": 1795262400.5},
    {"daemonType": "SCHEDULER", "required": True, "lastHeartbeatTime": None},
    {"daemonType": "BACKFILL", "required": False, "lastHeartbeatTime": None},
]
LOADED = {
    "__typename": "RepositoryLocation",
    "repositories": [
        {
            "schedules": [
                {"name": "hourly", "defaultStatus": "RUNNING", "scheduleState": {"status": "STOPPED"}},
                {"name": "never", "defaultStatus": "STOPPED", "scheduleState": {"status": "STOPPED"}},
            ],
            "sensors": [
                {"name": "watch", "defaultStatus": "RUNNING", "sensorState": {"status": "STOPPED"}},
                {"name": "keeper", "defaultStatus": "RUNNING", "sensorState": {"status": "RUNNING"}},
            ],
        }
    ],
}


def workspace(*locations: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    entries = [{"name": name, "loadStatus": "LOADED", "locationOrLoadError": found} for name, found in locations]
    return {"__typename": "Workspace", "locationEntries": entries}


@contextmanager
def answering(body: object, status: int = 200) -> Generator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode() if isinstance(body, str) else json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def data(found: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"instance": {"daemonHealth": {"allDaemonStatuses": STATUSES}}, "workspaceOrError": found}}


def test_what_dagster_says_of_itself() -> None:
    error = {"__typename": "PythonError", "message": "ImportError: no module"}
    with answering(data(workspace(("good", LOADED), ("bad", error), ("loading", None)))) as url:
        seen = ask(url)
    assert seen.beats == {"SENSOR": datetime(2026, 11, 21, 12, 0, 0, 500000, UTC), "SCHEDULER": None}
    assert seen.broken == {"bad": "ImportError: no module"}
    assert seen.stopped == {"schedule hourly", "sensor watch"}
    assert (seen.url, seen.silence) == (url, "")


def test_a_workspace_that_does_not_load_at_all() -> None:
    with answering(data({"__typename": "PythonError", "message": "workspace.yaml: not found"})) as url:
        assert ask(url).broken == {"workspace": "workspace.yaml: not found"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("<html>bad gateway</html>", 502, "502"),
        ("<html>log in</html>", 200, "no complete JSON"),
        ({"errors": [{"message": "no field"}]}, 200, "not the answer of a Dagster that we know: KeyError"),
        ({"data": None}, 200, "TypeError"),
        ([], 200, "TypeError"),
    ],
)
def test_what_is_no_answer_is_silence(body: object, status: int, words: str) -> None:
    with answering(body, status) as url:
        assert words in ask(url).silence


def test_nobody_there_is_silence() -> None:
    assert "no answer" in ask("http://127.0.0.1:9").silence
