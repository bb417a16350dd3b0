"""Rows wait in Parquet files for their landing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sg_assets import spool as spooling
from sg_assets.rows import rejected
from sg_assets.spool import Spool, Spooled
from sg_assets_tests.test_rows import TABLE


def read(spooled: Spooled) -> list[str]:
    return [key for path in spooled.parquet for key in pq.read_table(path)["id"].to_pylist()]


def row(number: int) -> dict[str, object]:
    return {"id": f"{number:05d}", "n": number}


def test_rows_come_back_in_their_order(tmp_path: Path) -> None:
    spool = Spool(TABLE, tmp_path)
    for start in range(0, 10_000, 700):
        spool.add(row(i) for i in range(start, min(start + 700, 10_000)))
    spooled = spool.take()
    assert spooled.rows == 10_000
    assert read(spooled) == [f"{i:05d}" for i in range(10_000)]
    assert pq.read_schema(spooled.parquet[0]).names == ["id", "n", "at", "_extra"]


def test_no_rows_are_no_file(tmp_path: Path) -> None:
    spool = Spool(TABLE, tmp_path)
    spool.add([])
    assert spool.take() == Spooled([], 0, [], spool.take().unknown)
    assert list(tmp_path.iterdir()) == []


def test_what_was_taken_is_not_given_again(tmp_path: Path) -> None:
    spool = Spool(TABLE, tmp_path)
    spool.add([row(1), {"id": None}, {"id": "x", "new": 1}])
    first = spool.take()
    spool.add([row(2)])
    second = spool.take()
    assert (read(first), read(second)) == (["00001", "x"], ["00002"])
    assert (len(first.rejected), len(second.rejected)) == (1, 0)
    assert (first.unknown, second.unknown) == ({"new": 1}, {})
    assert not set(first.parquet) & set(second.parquet)


def test_rows_that_do_not_fit_stand_beside_those_that_the_source_refused(tmp_path: Path) -> None:
    spool = Spool(TABLE, tmp_path)
    spool.add_rejected([rejected({"line": 1}, "cannot be read")])
    spool.add([{"id": "a", "n": "five"}])
    assert [found.reason for found in spool.take().rejected] == ["cannot be read", "n: INT64 expected, got str"]


def test_much_is_several_files_and_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "GROUP_BYTES", 10_000)
    monkeypatch.setattr(spooling, "FILE_ROWS", 9_000)
    spool = Spool(TABLE, tmp_path)
    spool.add(row(i) for i in range(20_000))
    spooled = spool.take()
    assert len(spooled.parquet) == 2
    assert pq.ParquetFile(spooled.parquet[0]).num_row_groups == 3
    assert read(spooled) == [f"{i:05d}" for i in range(20_000)]


def test_rows_that_came_as_columns_stay_columns_and_those_without_a_key_are_refused(tmp_path: Path) -> None:
    spool = Spool(TABLE, tmp_path)
    times = pa.array([None] * 3, pa.timestamp("us", tz="UTC"))
    spool.add_arrow(pa.record_batch({"id": ["a", None, "c"], "n": [1, 2, 3], "at": times}))
    spooled = spool.take()
    assert (read(spooled), spooled.rows) == (["a", "c"], 2)
    (refused,) = spooled.rejected
    assert (refused.reason, refused.original) == ("id: null in the key", '{"at":null,"id":null,"n":2}')


def test_a_file_that_cannot_be_written_is_an_error_when_the_rows_are_taken(tmp_path: Path) -> None:
    spool = Spool(TABLE, tmp_path / "nowhere")
    spool.add([row(1)])
    with pytest.raises(FileNotFoundError):
        spool.take()
