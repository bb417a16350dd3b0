"""What production lends to a copy in DuckDB: rows, states, and nothing to be written."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.duckdb_lent import states_of
from sg_assets_tests.warehouse.examples import build, derived

ID = Column("id", "INT64", "Id.")
ONE, TWO = derived([ID], ["id"], name="m.one"), derived([ID], ["id"], name="m.two")


@pytest.fixture
def lender(tmp_path: Path) -> Path:
    """The copy for readers of a production with both tables."""
    path = tmp_path / "production.read.duckdb"
    with closing(DuckDBWarehouse(tmp_path / "production.duckdb", "sandbox", read_copy=path)) as production:
        build(production, ONE, "select 1 as id")
        build(production, TWO, "select 2 as id")
    return path


def copy_of(lender: Path, environment: str = "sandbox") -> DuckDBWarehouse:
    folder = lender.parent / "dev_ada"
    return DuckDBWarehouse(
        folder / "warehouse.duckdb", environment, read_copy=folder / "warehouse.read.duckdb", lender=lender
    )


def test_production_cannot_be_written(lender: Path) -> None:
    before = lender.read_bytes()
    with closing(copy_of(lender)) as copy:
        build(copy, ONE, "select 7 as id")
        connection = copy._file.connection("try")  # noqa: SLF001 (as no verb does)
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("delete from sg_production.m.two")
    assert lender.read_bytes() == before


def test_states_are_read_anew_when_production_wrote(lender: Path) -> None:
    assert states_of(lender, "sandbox")["m.one"].seq == 1
    production = DuckDBWarehouse(lender.parent / "production.duckdb", "sandbox", read_copy=lender)
    with closing(production):
        build(production, ONE, "select 5 as id")
    os.utime(lender, ns=(1, 1))
    assert states_of(lender, "sandbox")["m.one"].seq == 2


def test_no_production_and_that_of_another_environment_are_refused(lender: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="is a warehouse of the environment 'sandbox', this is 'production'"):
        copy_of(lender, "production").states()
    missing = tmp_path / "nowhere.duckdb"
    with pytest.raises(WarehouseError, match="production has nothing to read yet"):
        states_of(missing, "sandbox")
    with pytest.raises(WarehouseError, match="production has nothing to read yet"):
        copy_of(missing).states()
