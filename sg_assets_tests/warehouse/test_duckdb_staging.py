from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sg_assets.table import Mode
from sg_assets.warehouse import dialect
from sg_assets.warehouse.contract import Soundness, UnsoundError
from sg_assets.warehouse.duckdb_staging import DELIVERED, DuckDBStaged, bring_in, judged, temporary
from sg_assets_tests.warehouse.examples import NOW, parquet, raw, row

Staged = list[tuple[object, ...]]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        dialect.prepare(opened)
        yield opened


def staged(connection: duckdb.DuckDBPyConnection, columns: str) -> Staged:
    return connection.execute(f"select {columns} from {DELIVERED} order by 1 nulls last").fetchall()


def test_files_are_read_in_the_order_of_their_delivery(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    pages = [[row("a", f"page {n}"), row(f"only {n}")] for n in range(12)]
    files = [parquet(tmp_path, raw(), rows) for rows in pages]
    assert bring_in(connection, raw(), files) == 13
    assert staged(connection, "id, name")[0] == ("a", "page 11")
    assert bring_in(connection, raw(), files[::-1]) == 13
    assert staged(connection, "id, name")[0] == ("a", "page 0")


def test_the_last_of_many_repeated_rows_stays(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [row(f"{n % 1000:04}", str(n)) for n in range(150_000)]
    assert bring_in(connection, raw(), [parquet(tmp_path, raw(), rows)]) == 1000
    assert staged(connection, "id, name") == [(f"{n:04}", str(149_000 + n)) for n in range(1000)]


def test_rows_without_a_key_are_left_for_the_judge(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert bring_in(connection, raw(), [parquet(tmp_path, raw(), [row(None, "a"), row(None, "b"), row("a")])]) == 2
    assert staged(connection, "id, name") == [("a", "Ada"), (None, "b")]


def test_no_files_are_no_rows_with_all_columns(connection: duckdb.DuckDBPyConnection) -> None:
    assert bring_in(connection, raw(Mode.SNAPSHOT), []) == 0
    described = connection.execute(f"describe {DELIVERED}").fetchall()
    assert [name for name, *_ in described] == [column.name for column in raw(Mode.SNAPSHOT).columns]


def test_when_a_row_went_missing_is_ours_to_say(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    table = raw(Mode.SNAPSHOT)
    bring_in(connection, table, [parquet(tmp_path, table, [row("a", _deleted_at=NOW)])])
    assert staged(connection, "_deleted_at") == [(None,)]


def test_the_judge_asks_in_bigquery_words_and_what_it_refuses_is_told(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    asked: list[Staged] = []

    def judge(_table: object, rows: object) -> Soundness:
        assert isinstance(rows, DuckDBStaged)
        asked.append(rows.rows(f"select count(*), countif(id = 'a') from `{rows.relation}`"))
        return Soundness(("never good enough",), {"rows": 2})

    bring_in(connection, raw(), [parquet(tmp_path, raw(), [row("a"), row("b")])])
    with pytest.raises(UnsoundError, match=r"raw_crm\.account: never good enough") as caught:
        judged(connection, raw(), f"select * from {DELIVERED}", judge)
    assert asked == [[(2, 1)]]
    assert caught.value.soundness.counts == {"rows": 2}


def test_what_was_staged_is_gone_however_it_ended(connection: duckdb.DuckDBPyConnection) -> None:
    def fail() -> None:
        with temporary(connection):
            bring_in(connection, raw(), [])
            judged(connection, raw(), f"select * from {DELIVERED}", lambda _table, _rows: Soundness(()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    found = connection.execute(
        "select view_name from duckdb_views() where not internal union all select table_name from duckdb_tables()"
    ).fetchall()
    assert found == []
