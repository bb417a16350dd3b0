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
from sg_assets.warehouse.readcopy import ReadCopy
from sg_assets_tests.warehouse.examples import NOW, build, derived

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


def test_a_copy_reads_what_it_did_not_build(lender: Path) -> None:
    with closing(copy_of(lender)) as copy:
        assert (set(copy.lent()), copy.states()) == ({"m.one", "m.two"}, {})
        build(copy, ONE, "select id * 10 as id from m.two")
        assert (set(copy.lent()), set(copy.states())) == ({"m.two"}, {"m.one"})
        assert copy.states()["m.one"].seq == 1
        assert copy.read("m.one", ()).to_pylist() == [{"id": 20}]
        assert copy.preview("m.two", 5).to_pylist() == [{"id": 2}]
        copy.release()  # and again, after somebody else had it
        assert copy.ask("select one.id + two.id as n from m.one cross join m.two", 5).to_pylist() == [{"n": 22}]


def test_readers_of_a_copy_are_told_as_it_is(lender: Path) -> None:
    path = lender.parent / "dev_ada" / "warehouse.read.duckdb"
    reader = ReadCopy(path, lender)
    assert reader.query("select id from m.one").rows == [(1,)]  # nothing was built yet
    with closing(copy_of(lender)) as copy:
        build(copy, ONE, "select 7 as id")
    answer = reader.query("select one.id, two.id from m.one cross join m.two")
    assert (answer.rows, answer.as_of) == ([(7, 2)], NOW)
    assert reader.query("select count(*) from sg_ops.table_state").rows == [(1,)]
    with pytest.raises(WarehouseError):
        reader.query("select * from m.three")


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
