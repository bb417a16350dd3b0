"""A sandbox with its stand-ins, served once for all tests of alerts; each test finds it empty and without faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sg_assets.sandbox import server, slack_messages, webhook
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.slack_messages import Messages
from sg_assets_tests.alerts.telling import NOON, MovableClock


class Served:
    """The stand-ins at `url`; `slack` has what was posted there, `clock` is theirs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = MovableClock()
        self.sandbox = Sandbox(1, NOON.replace(hour=0), 0.05, self.clock, folder)
        self.slack = Messages(folder)
        self._server = server.start(self.sandbox)

    @property
    def url(self) -> str:
        return self._server.url

    def stop(self) -> None:
        self._server.stop()

    def empty(self) -> None:
        self.sandbox.faults.clear()
        self.clock.now = NOON
        for name in (slack_messages.FILE, webhook.FILE):
            (self.folder / name).unlink(missing_ok=True)


@pytest.fixture(scope="session")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("vendors"))
    yield running
    running.stop()


@pytest.fixture
def vendors(served_once: Served) -> Iterator[Served]:
    yield served_once
    served_once.empty()
