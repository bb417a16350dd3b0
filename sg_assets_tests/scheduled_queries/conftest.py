"""The scheduled queries of a small made-up company, over HTTP, and tables that they read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sg_assets import discovery
from sg_assets.freshness.graph import Graph
from sg_assets.http import Client
from sg_assets.sandbox.company.scheduled_queries import PROJECT
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server import start
from sg_assets.sources.scheduled_queries import connect
from sg_assets.sources.scheduled_queries.transfers import Item, details, listed
from sg_assets_tests.sandbox.world import made_up

SETTINGS = {"SG_GOOGLE_CREDENTIALS": "sandbox"}


@dataclass
class Company:
    """A sandbox of a test's own, and a client of its Data Transfer Service; `waits` are seconds not waited."""

    sandbox: Sandbox
    http: Client
    waits: list[float] = field(default_factory=list)

    def config(self, title: str) -> Item:
        """A scheduled query as the service tells of it now."""
        (name,) = (one["name"] for one in listed(self.http, PROJECT) if one["displayName"] == title)
        found = details(self.http, name)
        assert found
        return found


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    sandbox = made_up(tmp_path / "sandbox")
    server = start(sandbox)
    with connect(f"{server.url}/scheduled_queries", SETTINGS) as http:
        made = Company(sandbox, http)
        http.sleep = made.waits.append
        yield made
    server.stop()


@pytest.fixture(scope="session")
def graph() -> Graph:
    return discovery.graph()
