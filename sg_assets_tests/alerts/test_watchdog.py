"""The process itself: how soon a message arrives, how it ends, that there is only one."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sg_assets.alerts.watchdog import dagster_url
from sg_assets.clock import wall_clock
from sg_assets.environment import load
from sg_assets.message import Kind
from sg_assets.operations import Operations
from sg_assets.sandbox.slack import TOKEN
from sg_assets_tests.alerts.conftest import Served
from sg_assets_tests.alerts.telling import HOUR, life, message


def until(condition: Callable[[], object], seconds: float = 30) -> float:
    """How long it took until something was so."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() < start + seconds, "waited too long"
        time.sleep(0.02)
    return time.monotonic() - start


@dataclass
class Kennel:
    """A state folder, and the watchdogs that were started in it."""

    folder: Path
    slack_url: str
    dogs: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, **variables: str) -> subprocess.Popen[str]:
        own = {"SG_HOME": str(self.folder), "SG_SLACK_URL": f"{self.slack_url}/slack/api", "SG_SLACK_BOT_TOKEN": TOKEN}
        with (self.folder / f"said-{len(self.dogs)}").open("w") as log:
            dog = subprocess.Popen(
                [sys.executable, "-m", "sg_assets.alerts.watchdog"],
                env={**os.environ, **own, **variables},
                stderr=log,
                text=True,
            )
        self.dogs.append(dog)
        return dog

    def said(self, dog: subprocess.Popen[str]) -> str:
        return (self.folder / f"said-{self.dogs.index(dog)}").read_text()

    def operations(self) -> Operations:
        return load({"SG_HOME": str(self.folder)}).operations


@pytest.fixture
def kennel(tmp_path: Path, vendors: Served) -> Iterator[Kennel]:
    made = Kennel(tmp_path, vendors.url)
    yield made
    for dog in made.dogs:
        dog.kill()
        dog.wait()


def test_a_message_arrives_within_five_seconds_and_the_process_ends_when_told(kennel: Kennel, vendors: Served) -> None:
    dog = kennel.start()
    until(lambda: "delivers to" in kennel.said(dog))
    operations = kennel.operations()
    opened, _, resolved = life("raw_crm.account/1", at=wall_clock())
    operations.outbox.add([opened])
    assert until(lambda: len(vendors.slack.all()) == 1) < 5
    operations.outbox.add([resolved])
    assert until(lambda: len(vendors.slack.all()) == 2) < 5
    until(lambda: "resolved raw_crm.account/1 3" in kennel.said(dog))
    assert operations.heartbeats()["watchdog"] is not None

    dog.send_signal(signal.SIGTERM)

    assert dog.wait(20) == 0
    assert TOKEN not in kennel.said(dog)
    operations.close()


def test_killed_in_the_middle_the_next_one_goes_on(kennel: Kennel, vendors: Served) -> None:
    vendors.clock.now = wall_clock()
    operations = kennel.operations()
    operations.beat("delivers to slack_bot:C0DATAALERTS", wall_clock())
    operations.outbox.add([message(incident=f"t{n}/1", at=wall_clock() - 2 * HOUR) for n in range(30)])
    first = kennel.start()
    until(lambda: len(vendors.slack.all()) > 3)
    first.kill()
    first.wait()
    came = len(vendors.slack.all())
    assert came < 30
    kennel.start()
    until(lambda: operations.outbox.undelivered("slack_bot:C0DATAALERTS") == [])
    titles = [one.text.splitlines()[0] for one in vendors.slack.all()]
    assert titles == [f":red_circle: opened t{n}/1 1" for n in range(30)]
    operations.close()


def test_there_is_only_one(kennel: Kennel) -> None:
    first = kennel.start()
    until(lambda: "delivers to" in kennel.said(first))
    second = kennel.start()
    assert second.wait(20) == 1
    assert "another watchdog delivers already" in kennel.said(second)
    assert first.poll() is None


def test_its_own_life_is_told_to_an_address_outside(kennel: Kennel) -> None:
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if len(asked) == 1 else 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        kennel.start(SG_WATCHDOG_BEAT_URL=f"http://127.0.0.1:{server.server_port}/ping/secret?key=1")
        until(lambda: asked)
        server.shutdown()
        thread.join()
    assert asked == ["/ping/secret?key=1"]


def test_an_address_outside_that_does_not_answer_is_said_without_its_secret(kennel: Kennel) -> None:
    dog = kennel.start(SG_WATCHDOG_BEAT_URL="http://127.0.0.1:9/ping/hunter2")
    until(lambda: "beat: GET" in kennel.said(dog))
    assert "hunter2" not in kennel.said(dog)


def test_a_channel_that_refuses_is_said_once(kennel: Kennel, vendors: Served) -> None:
    operations = kennel.operations()
    operations.outbox.add([message(at=wall_clock())])
    dog = kennel.start(SG_SLACK_BOT_TOKEN="xoxb-wrong-hunter2")  # noqa: S106 (made up)
    until(lambda: "slack_bot:C0DATAALERTS: slack: chat.postMessage: invalid_auth" in kennel.said(dog))
    until(lambda: operations.outbox.deliveries([message().id], "slack_bot:C0DATAALERTS")[message().id].attempts > 1)
    assert kennel.said(dog).count("chat.postMessage: invalid_auth") == 1
    assert "hunter2" not in kennel.said(dog)
    assert vendors.slack.all() == []
    operations.close()


def test_a_clock_that_stands_still_is_not_watched(kennel: Kennel) -> None:
    dog = kennel.start(SG_CLOCK="2026-01-02T00:00:00Z")
    assert dog.wait(20) == 1
    assert "the clock stands still" in kennel.said(dog)


def test_dagster_is_where_the_variables_say_or_where_up_left_it(tmp_path: Path) -> None:
    home = {"SG_HOME": str(tmp_path)}
    assert dagster_url(load(home)) is None
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "dagster.json").write_text(json.dumps({"url": "http://127.0.0.1:3100", "pid": 1}))
    assert dagster_url(load(home)) == "http://127.0.0.1:3100"
    shown = home | {"SG_DAGSTER_URL": "https://dagster.example.com/"}
    assert dagster_url(load(shown)) == "https://dagster.example.com"
    assert dagster_url(load(shown | {"SG_WATCHDOG_DAGSTER_URL": "http://webserver:80"})) == "http://webserver:80"


def test_a_digest_has_no_incident_to_belong_to(kennel: Kennel, vendors: Served) -> None:
    operations = kennel.operations()
    operations.outbox.add([message(kind=Kind.DIGEST, incident="digest:team:analytics/2026-11-21", at=wall_clock())])
    kennel.start()
    until(vendors.slack.all)
    assert vendors.slack.all()[0].text.startswith(":clipboard:")
    operations.close()
