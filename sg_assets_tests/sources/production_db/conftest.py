"""The source reads a real Postgres server with the database of a small made-up company, at a time that tests set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from sg_assets.postgres import Database
from sg_assets.sandbox import production_db as stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.source import Page, Pull
from sg_assets.sources.production_db import production_db

ANCHOR = datetime(2026, 11, 20, tzinfo=UTC)
Rows = list[Mapping[str, object]]


@dataclass
class Dotcom:
    """The database and its time."""

    now: datetime = ANCHOR + timedelta(hours=30, minutes=20)
    sandbox: Sandbox = field(init=False)

    def connect(self) -> Database:
        """What a run connects with, after the database was brought to now."""
        return cast("Database", production_db.connect(stand_in.url_of(self.sandbox), {}))

    def run(self, script: str) -> str:
        """Change the database behind everybody's back."""
        return stand_in.of_this_process(self.sandbox).run(script)

    def pages(self, table: str, cursor: Mapping[str, object] | None = None) -> list[Page]:
        """What a pull of a table gives now."""
        with self.connect() as database:
            return self.pages_of(database, table, cursor)

    def pages_of(self, database: Database, table: str, cursor: Mapping[str, object] | None = None) -> list[Page]:
        """What a pull gives in a run that is going on."""
        fetch = production_db.tables[f"raw_production_db.{table}"].fetch
        assert fetch
        return list(fetch(Pull(database, {}, self.now, cursor)))

    def rows(self, table: str, cursor: Mapping[str, object] | None = None) -> Rows:
        return rows_of(self.pages(table, cursor))


def rows_of(pages: Sequence[Page]) -> Rows:
    """The rows of pages, however they came."""
    return [row for page in pages for row in (page.rows if page.arrow is None else page.arrow.to_pylist())]


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dotcom]:
    made = Dotcom()
    folder: Path = tmp_path_factory.mktemp("dotcom")
    made.sandbox = Sandbox(7, ANCHOR, 0.1, lambda: made.now, folder)
    yield made
    stand_in.of_this_process(made.sandbox).stop()


@pytest.fixture
def dotcom(served: Dotcom) -> Iterator[Dotcom]:
    """The database a day and some hours after the anchor, with no faults on."""
    served.now = Dotcom.now
    yield served
    served.sandbox.faults.clear()
