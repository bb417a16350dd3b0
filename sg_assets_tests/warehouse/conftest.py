"""Warehouses to test: every test that asks for one runs once on each kind that there is."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from sg_assets.table import Table
from sg_assets.warehouse.contract import Warehouse
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.warehouse.kinds import KINDS, of_bigquery

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery import BigQueryWarehouse
    from sg_assets_tests.warehouse.played_bigquery import Played

Opener = Callable[[], Warehouse]
Rows = list[dict[str, object]]


class Reader(Protocol):
    """Gives all rows of a table in key order, or those of the columns that are named."""

    def __call__(self, table: Table, *columns: str) -> Rows: ...


@pytest.fixture(params=KINDS)
def open_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same warehouse again and again, as one process after the other does."""
    with {"duckdb": _duckdb, "bigquery": _bigquery}[request.param](tmp_path) as opener:
        yield opener


@contextmanager
def _duckdb(folder: Path) -> Generator[Opener]:
    with ExitStack() as opened:

        def open_() -> Warehouse:
            warehouse = DuckDBWarehouse(folder / "w.duckdb", "sandbox", read_copy=folder / "w.read.duckdb")
            opened.callback(warehouse.release)
            return warehouse

        yield open_


@contextmanager
def _bigquery(_folder: Path) -> Generator[Opener]:
    from sg_assets.warehouse.bigquery import BigQueryWarehouse

    with of_bigquery() as (client, settings):
        yield lambda: BigQueryWarehouse(client, settings, "sandbox")


@pytest.fixture
def warehouse(open_warehouse: Opener) -> Warehouse:
    """An empty warehouse."""
    return open_warehouse()


@pytest.fixture
def read(warehouse: Warehouse) -> Reader:
    """Reads the warehouse."""

    def rows(table: Table, *columns: str) -> Rows:
        found = warehouse.preview(table.name, 100_000).to_pylist()
        found.sort(key=lambda row: [(row[name] is not None, row[name]) for name in table.key])
        return [{name: row[name] for name in columns or row} for row in found]

    return rows


@pytest.fixture
def there() -> Iterator[Played]:
    """A little BigQuery that runs no SQL, with an identity, for whom whatever is judged is sound."""
    from sg_assets_tests.warehouse.played_bigquery import SOUND, played

    with played(dataset_prefix="dev_") as made:
        made.answers |= {
            "select id, environment": [("an-id", "sandbox")],
            SOUND: [(2, 2, 0, 0)],
            "group by _sg_change": [("new", 1), ("other", 1), ("", 1)],
        }
        yield made


@pytest.fixture
def on_bigquery(there: Played) -> BigQueryWarehouse:
    """The warehouse there."""
    from sg_assets.warehouse.bigquery import BigQueryWarehouse

    return BigQueryWarehouse(there.client, there.jobs.settings, "sandbox")
