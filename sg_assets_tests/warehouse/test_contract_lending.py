"""A development copy, on every kind of warehouse: what it did not build it reads from production."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.choice import Reader
from sg_assets.warehouse.contract import Warehouse, WarehouseError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.readcopy import ReadCopy
from sg_assets_tests.warehouse.examples import NOW, build, derived
from sg_assets_tests.warehouse.kinds import KINDS, of_bigquery

ID = Column("id", "INT64", "Id.")
ONE, TWO = derived([ID], ["id"], name="m.one"), derived([ID], ["id"], name="m.two")


@dataclass(frozen=True)
class Lending:
    """A production, a copy beside it, and those who read the copy."""

    production: Callable[[], Warehouse]
    copy: Callable[[], Warehouse]
    reader: Callable[[], Reader]


@pytest.fixture(params=KINDS)
def lending(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lending]:
    """A production that has both tables, and a copy in which nothing was built."""
    with {"duckdb": _duckdb, "bigquery": _bigquery}[request.param](tmp_path) as made:
        with closing(made.production()) as production:
            build(production, ONE, "select 1 as id")
            build(production, TWO, "select 2 as id")
        yield made


@contextmanager
def _duckdb(folder: Path) -> Generator[Lending]:
    copy, read_copy, lender = folder / "dev_ada.duckdb", folder / "dev_ada.read.duckdb", folder / "p.read.duckdb"
    yield Lending(
        lambda: DuckDBWarehouse(folder / "p.duckdb", "sandbox", read_copy=lender),
        lambda: DuckDBWarehouse(copy, "sandbox", read_copy=read_copy, lender=lender),
        lambda: ReadCopy(read_copy, lender),
    )


@contextmanager
def _bigquery(_folder: Path) -> Generator[Lending]:
    from sg_assets.warehouse.bigquery import BigQueryWarehouse
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_reader import BigQueryReader

    with ExitStack() as stack:
        client, settings = stack.enter_context(of_bigquery())
        copy = replace(
            settings, dataset_prefix=f"{settings.dataset_prefix}dev_ada_", lender_prefix=settings.dataset_prefix
        )
        yield Lending(
            lambda: BigQueryWarehouse(client, settings, "sandbox"),
            lambda: BigQueryWarehouse(client, copy, "sandbox"),
            lambda: BigQueryReader(Jobs(client, copy)),
        )


def test_a_copy_reads_what_it_did_not_build(lending: Lending) -> None:
    with closing(lending.copy()) as copy:
        assert (set(copy.lent()), copy.states()) == ({"m.one", "m.two"}, {})
        build(copy, ONE, "select id * 10 as id from m.two")
        assert (set(copy.lent()), set(copy.states())) == ({"m.two"}, {"m.one"})
        assert copy.states()["m.one"].seq == 1
        assert copy.read("m.one", ()).to_pylist() == [{"id": 20}]
        assert copy.preview("m.two", 5).to_pylist() == [{"id": 2}]
        copy.release()  # and again, after somebody else had it
        assert copy.ask("select one.id + two.id as n from m.one cross join m.two", 5).to_pylist() == [{"n": 22}]
    with closing(lending.production()) as production:
        assert production.read("m.one", ()).to_pylist() == [{"id": 1}]
        assert production.states()["m.one"].seq == 1
        assert production.lent() == {}


def test_readers_of_a_copy_are_told_as_it_is(lending: Lending) -> None:
    assert lending.reader().query("select id from m.one").rows == [(1,)]  # nothing was built yet
    with closing(lending.copy()) as copy:
        build(copy, ONE, "select 7 as id")
    answer = lending.reader().query("select one.id, two.id as other_id from m.one cross join m.two")
    assert (answer.rows, answer.as_of) == ([(7, 2)], NOW)
    assert lending.reader().query("select count(distinct table_name) as n from sg_ops.table_state").rows == [(1,)]
    with pytest.raises(WarehouseError):
        lending.reader().query("select * from m.three")
