"""Rows are fitted many objects at a time, and counted by object all the same."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sg_assets import object_spool
from sg_assets.object_spool import ObjectSpool, Reading
from sg_assets.source import Arrival
from sg_assets_tests.test_files import RAW

DAY = date(2026, 11, 20)


def packed(*lines: dict[str, object]) -> io.BytesIO:
    return io.BytesIO(gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))


def read(folder: Path, *objects: tuple[dict[str, object], ...]) -> Reading:
    """Read objects, one per hour of a day."""
    assert RAW.parse
    spool = ObjectSpool(RAW.table, folder)
    for hour, lines in enumerate(objects):
        spool.read(packed(*lines), Arrival(f"object-{hour}", "1", "a", DAY, hour), RAW.parse)
    return spool.take()


SOME: tuple[tuple[dict[str, object], ...], ...] = (
    ({"numbers": [1, 2], "at": "2026-11-20T00:30:00Z"}, {"numbers": ["no"], "at": "2026-11-20T00:30:00Z"}),
    (),
    ({"numbers": [3], "at": "2026-11-19T23:59:59.999999Z"}, {"numbers": [4, 5], "at": "2026-11-20T00:00:00Z"}),
    ({"numbers": [6, 7, 8], "at": "2026-11-25T00:00:00Z"}, {"numbers": [9], "at": "2026-11-20T04:10:00Z"}),
    ({"oops": 1},),
)


@pytest.mark.parametrize(("batch_rows", "batch_bytes"), [(1, 1 << 20), (3, 1 << 20), (4096, 60), (4096, 1 << 20)])
def test_batches_do_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int, batch_bytes: int
) -> None:
    monkeypatch.setattr(object_spool, "BATCH_ROWS", batch_rows)
    monkeypatch.setattr(object_spool, "BATCH_BYTES", batch_bytes)
    reading = read(tmp_path, *SOME)
    (path,) = reading.spooled.parquet
    assert pq.read_table(path)["n"].to_pylist() == [1, 2, 3, 4, 5, 9]
    assert [(found.rows, found.rejected, found.event_days) for found in reading.objects] == [
        (2, 1, {DAY: 2}),
        (0, 0, {}),
        (3, 0, {date(2026, 11, 19): 1, DAY: 2}),
        (1, 3, {DAY: 1}),
        (0, 1, {}),
    ]
    assert sorted(bad.reason for bad in reading.spooled.rejected) == [
        *["at: over 24 h ahead of the object's hour"] * 3,
        "n: INT64 expected, got str",
        "the line cannot be read: KeyError",
    ]
    assert reading.skewed == 1


def test_what_was_taken_is_not_given_again(tmp_path: Path) -> None:
    assert RAW.parse
    spool = ObjectSpool(RAW.table, tmp_path)
    spool.read(packed(*SOME[0]), Arrival("object-0", "1", "a", DAY, 0), RAW.parse)
    assert [found.name for found in spool.take().objects] == ["object-0"]
    spool.read(packed(*SOME[3]), Arrival("object-3", "1", "a", DAY, 3), RAW.parse)
    second = spool.take()
    assert [found.name for found in second.objects] == ["object-3"]
    assert (second.spooled.rows, second.skewed) == (1, 1)
    assert (spool.take().objects, spool.take().skewed) == ([], 0)
