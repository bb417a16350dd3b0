"""What the tests of the sandbox share: one small company, read only, and servers that end with their test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sg_assets.sandbox import server
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, SMALL, made_up


@pytest.fixture(scope="session")
def company() -> Company:
    """The small company of seed 1."""
    return Company(1, ANCHOR, SMALL)


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A small sandbox three and a half hours after its anchor, with faults of its own."""
    return made_up(tmp_path)


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    """Where the stand-ins of the test's sandbox are served."""
    running = server.start(sandbox)
    yield running.url
    running.stop()
