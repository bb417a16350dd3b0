"""What the tests of the sandbox share: one small company and one server, whose faults and clock each test resets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sg_assets.sandbox import server
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets_tests.sandbox.world import ANCHOR, NOW, SMALL, made_up, move


@pytest.fixture(scope="session")
def company(shared_sandbox: Sandbox) -> Company:
    """The small company of seed 1."""
    assert (shared_sandbox.company.seed, shared_sandbox.company.anchor, shared_sandbox.scale) == (1, ANCHOR, SMALL)
    return shared_sandbox.company


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """The one sandbox; tests take `sandbox`."""
    return made_up(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture(scope="session")
def shared_server(shared_sandbox: Sandbox) -> Iterator[server.Server]:
    """The one server; tests take `url`."""
    running = server.start(shared_sandbox)
    yield running
    running.stop()


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A small sandbox three and a half hours after its anchor, without a fault."""
    yield shared_sandbox
    shared_sandbox.faults.clear()
    move(shared_sandbox, NOW)


@pytest.fixture
def url(sandbox: Sandbox, shared_server: server.Server) -> str:  # noqa: ARG001 (puts the sandbox back in order)
    """Where the stand-ins of the test's sandbox are served."""
    return shared_server.url
