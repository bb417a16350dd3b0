"""Sources read the stand-ins of a small made-up company over HTTP, at a time that the test sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pyarrow.parquet as pq
import pytest

from sg_assets.files import changed, read
from sg_assets.google import Bucket
from sg_assets.http import Client
from sg_assets.http.pace import pace
from sg_assets.object_spool import Reading
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.server import start
from sg_assets.source import Page, Pull, Source
from sg_assets.warehouse.state import LoadedObject

LONG_AGO = {"x": LoadedObject("x", "1", "x", date(2020, 1, 1), 0, 0, 0, {})}
"""Something was loaded before: a run then looks at the newest days only."""
ANCHOR = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass
class World:
    """The stand-ins and their time. `waits` are the seconds that clients would have waited."""

    url: str = ""
    now: datetime = ANCHOR + timedelta(hours=30, minutes=20)
    waits: list[float] = field(default_factory=list)
    sandbox: Sandbox = field(init=False)

    def client(self, source: Source) -> Client:
        """The client that the source itself makes, which notes its waits."""
        client = cast("Client", source.connect(f"{self.url}/{source.name}", self.settings(source)))
        client.sleep = self.waits.append
        return client

    def settings(self, source: Source) -> Mapping[str, str]:
        return self.sandbox.settings(source.name)

    def pages(self, source: Source, table: str, cursor: Mapping[str, object] | None = None) -> list[Page]:
        """What a pull of a table gives now."""
        fetch = source.tables[f"raw_{source.name}.{table}"].fetch
        assert fetch
        with self.client(source) as client:
            return list(fetch(Pull(client, self.settings(source), self.now, cursor)))

    def read(
        self, source: Source, table: str, folder: Path, loaded: Mapping[str, LoadedObject]
    ) -> tuple[list[Reading], list[dict[str, object]]]:
        """What a run reads of a `files` table now, of today's objects that it has not read yet, and their rows."""
        raw = source.tables[f"raw_{source.name}.{table}"]
        assert raw.files
        assert raw.parse
        with self.client(source) as client:
            bucket = Bucket(client, self.settings(source)[raw.files.bucket])
            wanted = changed(bucket, raw.files, loaded, now=self.now, open_days=0, full_listing=False)
            readings = list(read(bucket, raw.table, raw.parse, wanted, folder))
        paths = [path for reading in readings for path in reading.spooled.parquet]
        return readings, [row for path in paths for row in pq.read_table(path).to_pylist()]

    def rows(self, source: Source, table: str, cursor: Mapping[str, object] | None = None) -> list[dict[str, object]]:
        return [dict(row) for page in self.pages(source, table, cursor) for row in page.rows]


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World()
    folder: Path = tmp_path_factory.mktemp("sandbox")
    world.sandbox = Sandbox(7, ANCHOR, 0.1, lambda: world.now, folder, page_size=40)
    server = start(world.sandbox)
    world.url = server.url
    yield world
    server.stop()


@pytest.fixture
def world(served: World) -> Iterator[World]:
    """The world a day and some hours after its anchor, with no faults on, and no call of another test to wait for."""
    pace.cache_clear()
    served.now = World.now
    served.waits.clear()
    yield served
    served.sandbox.faults.clear()
