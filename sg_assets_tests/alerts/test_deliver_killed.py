"""Delivery when the vendor is down, the store fails, or we are killed: everything in order, at most one twice."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from sg_assets.alerts.channel import Letter
from sg_assets.alerts.channels.slack_bot import SlackBot
from sg_assets.alerts.deliver import Courier
from sg_assets.operations_tables import connect
from sg_assets.outbox import Outbox
from sg_assets.sandbox import webhook
from sg_assets.sandbox.faults import Kind as Fault
from sg_assets.sandbox.slack import TOKEN
from sg_assets_tests.alerts.conftest import Served
from sg_assets_tests.alerts.telling import SECOND, MovableClock, life, outbox, routing

HERE = "slack_bot:C0DATAALERTS"


@dataclass
class Postbox:
    """A channel that keeps what it takes."""

    is_silent_on_growth: bool = True
    taken: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> dict[str, str]:
        self.taken.append(letter)
        return {}

    def close(self) -> None:
        """Nothing to close."""


def test_a_vendor_that_is_down_for_an_hour_gets_everything_in_order_when_it_is_back(
    tmp_path: Path, vendors: Served
) -> None:
    clock, box = MovableClock(), outbox(tmp_path)
    slack = SlackBot(f"{vendors.url}/slack/api", TOKEN, "C0DATAALERTS")
    courier = Courier(HERE, slack, box, routing(HERE), clock)
    box.add(life("before/1")[:1])
    courier.deliver()
    vendors.sandbox.faults.switch_on(Fault.SERVER_ERROR, "slack")
    before, during = life("before/1")[1:], life("during/1")
    news = {5: before[:1], 20: during[:1], 30: before[1:], 40: during[1:], 55: life("open/1")[:1]}
    for minute in range(60):
        box.add(news.get(minute, ()))
        for _ in range(4):
            courier.deliver()
            clock.now += 15 * SECOND
    assert len(vendors.slack.all()) == 1
    assert courier.failing is not None
    vendors.sandbox.faults.clear()

    for _ in range(4):  # within a minute
        clock.now += 15 * SECOND
        courier.deliver()

    said = [(one.text.splitlines()[0].split(" ", 1)[1], one.thread_ts is not None) for one in vendors.slack.all()]
    assert said == [
        ("resolved before/1 3", False),  # edited, where it was
        ("resolved during/1 3", False),
        ("resolved before/1 3", True),
        ("resolved during/1 3", True),
        ("opened open/1 1", False),
    ]
    assert courier.failing is None


@pytest.mark.parametrize("kind", ["slack_bot", "webhook"])
def test_killed_at_any_step_every_message_arrives_in_order_and_at_most_one_twice(
    tmp_path: Path, vendors: Served, kind: str
) -> None:
    command = [sys.executable, "-m", "sg_assets_tests.alerts.killed", str(tmp_path), kind, vendors.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps > 20
    for killed_at in range(steps + 1):
        incident = f"kill-{killed_at}/1"
        if kind == "webhook":
            came = [one["number"] for one in webhook.taken(vendors.folder) if one["incident"] == incident]
            assert sorted(set(came)) == [1, 2, 3]
            assert came == sorted(came)
            assert len(came) <= 4
        else:  # Slack lets us look, so that not even one comes twice
            posted = [one for one in vendors.slack.all() if incident in one.text]
            assert [one.thread_ts for one in posted] == [None, posted[0].ts]
            assert "resolved" in posted[0].text
            assert posted[0].edits in {2, 3}  # an edit that is made again changes nothing


def test_an_error_at_any_statement_is_survived_the_same_way(tmp_path: Path) -> None:
    fail_at = 0
    while True:
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        engine = connect(f"sqlite:///{folder / 'operations.sqlite'}")
        box, postbox, countdown = Outbox(engine), Postbox(), [fail_at]
        box.add(life("a/1"))

        def fail(*_: object, left: list[int] = countdown) -> None:
            left[0] -= 1
            if left[0] == -1:
                statement = "statement"
                raise OperationalError(statement, {}, OSError("disk I/O error"))

        event.listen(engine, "before_cursor_execute", fail)
        courier = Courier(HERE, postbox, box, routing(HERE), MovableClock())
        has_failed = False
        for _ in range(3):
            try:
                courier.deliver()
            except OperationalError:
                has_failed = True
        numbers = [letter.message.number for letter in postbox.taken]
        assert sorted(set(numbers)) == [1, 2, 3]
        assert numbers == sorted(numbers)
        assert len(numbers) <= 4
        engine.dispose()
        if not has_failed:
            break
        fail_at += 1
    assert fail_at > 10
