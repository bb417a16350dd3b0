"""What only DuckDB users see of a changed declaration; the rest is in `test_contract.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from sg_assets.columns import Column
from sg_assets.warehouse import evolution
from sg_assets.warehouse.contract import EvolutionError
from sg_assets_tests.warehouse.examples import derived, raw

ID = Column("id", "STRING", "Id.")
TABLE = raw(columns=[ID, Column("seats", "INT64", "It's seats.")])


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def now(connection: duckdb.DuckDBPyConnection) -> evolution.Stored:
    return evolution.stored(connection, TABLE.name)[TABLE.name]


def test_descriptions_are_in_the_file_and_follow_the_declaration(connection: duckdb.DuckDBPyConnection) -> None:
    evolution.follow(connection, TABLE, None)
    assert now(connection).is_described(TABLE)
    assert now(connection).column_comments["seats"] == "It's seats."
    told = replace(TABLE, description="Otherwise.")
    assert not now(connection).is_described(told)
    evolution.follow(connection, told, now(connection))
    assert now(connection).comment == "Otherwise."


def test_a_rewritten_table_keeps_its_descriptions(connection: duckdb.DuckDBPyConnection) -> None:
    evolution.follow(connection, TABLE, None)
    wide = raw(columns=[ID, Column("seats", "NUMERIC", "It's seats.")])
    assert evolution.follow(connection, wide, now(connection)) == ("column seats was INT64, is now NUMERIC",)
    assert now(connection).has_shape(wide.columns)
    assert now(connection).is_described(wide)


def test_every_reason_is_told_at_once_with_the_file(connection: duckdb.DuckDBPyConnection) -> None:
    evolution.follow(connection, TABLE, None)
    other = raw(columns=[Column("id", "INT64", "Id.")])
    with pytest.raises(EvolutionError, match=r"sources/crm\.py.*id was STRING, is now INT64; seats vanished"):
        evolution.follow(connection, other, now(connection))


def test_a_derived_table_keeps_what_it_can(connection: duckdb.DuckDBPyConnection) -> None:
    old = derived([ID, Column("a", "INT64", "A."), Column("b", "INT64", "B.")], ["id"], name=TABLE.name)
    evolution.follow(connection, old, None)
    connection.execute("insert into raw_crm.account values ('x', 1, 2)")
    new = derived([Column("a", "FLOAT64", "A."), Column("b", "DATE", "B."), ID], ["id"], name=TABLE.name)
    evolution.follow(connection, new, now(connection))
    assert connection.execute("from raw_crm.account").fetchall() == [(1.0, None, "x")]


def test_only_the_named_tables_are_looked_up(connection: duckdb.DuckDBPyConnection) -> None:
    tables = [raw(name=f"raw_crm.t{n}") for n in range(3)]
    for table in tables:
        evolution.create(connection, table)
    assert list(evolution.stored(connection, "raw_crm.t1", "raw_crm.nope")) == ["raw_crm.t1"]
    assert len(evolution.stored(connection)) == 3
