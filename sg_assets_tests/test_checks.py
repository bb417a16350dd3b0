"""The check `sound` on rows staged in DuckDB."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sg_assets.checks import judge
from sg_assets.columns import Column
from sg_assets.promise import DAILY
from sg_assets.source import EXTRA
from sg_assets.table import Delivery, Mode, Table
from sg_assets.warehouse import dialect
from sg_assets.warehouse.duckdb_staging import DuckDBStaged

COLUMNS = (Column("id", "INT64", "Id."), Column("on", "DATE", "Day; a word of SQL, too."))
WHOLE = Table("m.t", "", "team:x", COLUMNS, ("id", "on"), DAILY, Path("t.sql"))
RAW = replace(WHOLE, columns=(*COLUMNS, EXTRA), delivery=Delivery.PULL, mode=Mode.SNAPSHOT)
FILLED = replace(WHOLE, may_be_empty=False)


@pytest.fixture
def staged() -> Iterator[DuckDBStaged]:
    with duckdb.connect() as connection:
        dialect.prepare(connection)
        connection.execute('create table sg_staged (id bigint, "on" date, _extra json)')
        yield DuckDBStaged(connection)


def test_rows_with_a_key_each_are_sound(staged: DuckDBStaged) -> None:
    staged.connection.execute("""insert into sg_staged values (1, '2025-06-01', null), (1, '2025-06-02', '{"a": 1}')""")
    found = judge(RAW, staged)
    assert found.problems == ()
    assert found.counts == {"rows": 2, "repeated_keys": 0, "null_keys": 0, "rows_with_undeclared_fields": 1}
    assert "rows_with_undeclared_fields" not in judge(WHOLE, staged).counts


def test_keys_that_repeat_or_are_not_whole_are_counted_and_told(staged: DuckDBStaged) -> None:
    staged.connection.execute(
        "insert into sg_staged (id, \"on\") values (1, '2025-06-01'), (1, '2025-06-01'), (1, '2025-06-01'), (2, null)"
    )
    found = judge(WHOLE, staged)
    assert found.problems == ("2 rows repeat a key (id, on)", "1 rows have no key (id, on)")
    assert (found.counts["repeated_keys"], found.counts["null_keys"]) == (2, 1)


def test_no_rows_are_sound_where_the_table_may_be_empty(staged: DuckDBStaged) -> None:
    found = judge(WHOLE, staged)
    assert found.problems == ()
    assert found.counts == {"rows": 0, "repeated_keys": 0, "null_keys": 0}


@pytest.mark.parametrize(
    ("table", "is_sound"),
    [
        (FILLED, False),
        (replace(FILLED, mode=Mode.SNAPSHOT), False),
        (replace(FILLED, mode=Mode.MERGE), True),  # only the news: the table may be full of rows
        (replace(FILLED, partition="on"), True),  # only some days
    ],
    ids=["derived", "snapshot", "merge", "partitioned"],
)
def test_no_rows_of_a_table_that_may_not_be_empty(staged: DuckDBStaged, table: Table, *, is_sound: bool) -> None:
    assert judge(table, staged).problems == (() if is_sound else ("no rows at all, and the table may not be empty",))
