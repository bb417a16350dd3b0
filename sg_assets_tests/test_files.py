"""Objects of a bucket: which are read, what their rows are, and what becomes of late, changed and damaged ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sg_assets.columns import Column
from sg_assets.files import changed, read
from sg_assets.google import Bucket
from sg_assets.http import SourceError
from sg_assets.object_spool import Reading
from sg_assets.promise import HOURLY
from sg_assets.source import Arrival, Files, Row, Source
from sg_assets.warehouse.state import LoadedObject
from sg_assets_tests.made_bucket import made_bucket

NOW = datetime(2026, 11, 21, 12, 20, tzinfo=UTC)
FILES = Files("SG_ACME_BUCKET", "log", ("a", "b"))

acme = Source("acme", "Made up.", "team:acme", HOURLY, connect=lambda _url, _settings: None)  # pyrefly: ignore[bad-argument-type]


@acme.files(FILES, columns=(Column("n", "INT64", "A number."), Column("at", "TIMESTAMP", "When.")), event_column="at")
def log(line: Row, _arrival: Arrival) -> Iterator[Row]:
    """A row per number of a line."""
    for number in line["numbers"]:  # pyrefly: ignore[not-iterable]
        yield {"n": number, "at": line["at"]}


RAW = acme.tables["raw_acme.log"]


def name(hour: str, feed: str = "a") -> str:
    """The object of an hour, written as `21T11`."""
    return f"log/2026-11-{hour[:2]}/{hour[3:]}/{feed}.ndjson.gz"


def line(*numbers: object, at: str = "2026-11-21T11:30:00Z") -> dict[str, object]:
    return {"numbers": numbers, "at": at}


def wanted(bucket: Bucket, loaded: dict[str, LoadedObject], *, full: bool = False, open_days: int = 7) -> list[str]:
    found = changed(bucket, FILES, loaded, now=NOW, open_days=open_days, full_listing=full)
    return [item.name for item, _ in found]


def read_all(
    bucket: Bucket, folder: Path, loaded: dict[str, LoadedObject] | None = None, clock: Callable[[], float] = float
) -> list[Reading]:
    """Read what is new, and note it as loaded."""
    loaded = {} if loaded is None else loaded
    found = changed(bucket, FILES, loaded, now=NOW, open_days=7, full_listing=True)
    assert RAW.parse
    readings = list(read(bucket, RAW.table, RAW.parse, found, folder, clock=clock))
    loaded |= {item.name: item for reading in readings for item in reading.objects}
    return readings


def rows(*readings: Reading) -> list[dict[str, object]]:
    return [row for reading in readings for path in reading.spooled.parquet for row in pq.read_table(path).to_pylist()]


def test_rows_with_where_they_came_from(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(name("21T11"), line(1, 2), line(), line(3))
        objects.put(name("20T23", "b"), line(4, at="2026-11-20T22:59:00Z"))
        (reading,) = read_all(bucket, tmp_path)
    assert [(row["_object_on"], row["_object"], row["_line"], row["_item"], row["n"]) for row in rows(reading)] == [
        (date(2026, 11, 20), name("20T23", "b"), 1, 0, 4),
        (date(2026, 11, 21), name("21T11"), 1, 0, 1),
        (date(2026, 11, 21), name("21T11"), 1, 1, 2),
        (date(2026, 11, 21), name("21T11"), 3, 0, 3),
    ]
    assert reading.objects == [
        LoadedObject(name("20T23", "b"), "1", "b", date(2026, 11, 20), 23, 1, 0, {date(2026, 11, 20): 1}),
        LoadedObject(name("21T11"), "1", "a", date(2026, 11, 21), 11, 3, 0, {date(2026, 11, 21): 3}),
    ]


def test_nothing_wanted_is_nothing_read(tmp_path: Path) -> None:
    with made_bucket() as (bucket, _):
        assert read_all(bucket, tmp_path) == []


def test_an_empty_object_is_loaded_too(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(name("21T11"))
        (reading,) = read_all(bucket, tmp_path)
    assert (reading.spooled.parquet, reading.objects[0].rows, reading.objects[0].event_days) == ([], 0, {})


def test_only_what_is_new_or_changed_is_read_again(tmp_path: Path) -> None:
    loaded: dict[str, LoadedObject] = {}
    with made_bucket() as (bucket, objects):
        objects.put(name("21T10"), line(1))
        objects.put(name("21T11"), line(2))
        read_all(bucket, tmp_path, loaded)
        assert objects.downloads() == [name("21T10"), name("21T11")]
        assert read_all(bucket, tmp_path, loaded) == []
        objects.put(name("21T10"), line(1), line(5))
        objects.put(name("01T00"), line(7, at="2026-11-01T00:00:00Z"))
        assert sorted(row["n"] for row in rows(*read_all(bucket, tmp_path, loaded))) == [1, 5, 7]  # pyrefly: ignore[bad-specialization]
        assert objects.downloads() == [name("01T00"), name("21T10")]
    assert loaded[name("21T10")].generation == "2"


def test_an_ordinary_listing_looks_at_the_open_days_and_a_full_one_at_all() -> None:
    with made_bucket(page_size=2) as (bucket, objects):
        for day in ("01", "13", "14", "20", "21"):
            objects.put(name(f"{day}T00"))
        loaded = {"something": LoadedObject("something", "1", "a", date(2026, 1, 1), 0, 0, 0, {})}
        assert wanted(bucket, loaded) == [name(f"{day}T00") for day in ("14", "20", "21")]
        assert wanted(bucket, loaded, open_days=0) == [name("21T00")]
        assert wanted(bucket, loaded, full=True) == [name(f"{day}T00") for day in ("01", "13", "14", "20", "21")]
        assert wanted(bucket, {}) == wanted(bucket, loaded, full=True)


def test_names_of_another_form_are_not_read() -> None:
    with made_bucket() as (bucket, objects):
        for other in (
            "log/2026-11-21/24/a.ndjson.gz",
            "log/2026-11-21/11/a.tmp",
            "log/2026-11-21/a.ndjson.gz",
            "log/x",
        ):
            objects.put(other)
        objects.put(name("21T11", "shard-nobody-declared"))
        assert wanted(bucket, {}) == [name("21T11", "shard-nobody-declared")]


def test_a_line_that_cannot_be_read_is_kept_by_its_place(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(name("21T11"), line(1), '{"numbers": [2', line(3))
        (reading,) = read_all(bucket, tmp_path)
    (bad,) = reading.spooled.rejected
    assert (bad.object_name, bad.generation, bad.original) == (name("21T11"), "1", None)
    assert (bad.byte_from, bad.byte_length) == (47, 15)
    assert [(row["n"], row["_line"]) for row in rows(reading)] == [(1, 1), (3, 3)]
    assert (reading.objects[0].rows, reading.objects[0].rejected) == (2, 1)


def test_a_row_that_does_not_fit_is_kept_with_its_reason(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(name("21T11"), line(1, "two", 3))
        (reading,) = read_all(bucket, tmp_path)
    (bad,) = reading.spooled.rejected
    assert bad.reason == "n: INT64 expected, got str"
    assert bad.original is not None
    assert '"n":"two"' in bad.original
    assert [(row["n"], row["_item"]) for row in rows(reading)] == [(1, 0), (3, 2)]
    assert (reading.objects[0].rows, reading.objects[0].rejected) == (2, 1)


def test_rows_of_one_line_that_do_not_fit_are_told_apart(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(name("21T11"), line("same", "same", "other"))
        (reading,) = read_all(bucket, tmp_path)
    bad = reading.spooled.rejected
    assert len({(found.sha256, found.object_name, found.byte_from) for found in bad}) == len(bad) == 3


def test_a_time_far_ahead_of_its_object_is_refused_and_a_little_skew_is_counted(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(
            name("20T11"),
            line(1, at="2026-11-20T12:00:00Z"),
            line(2, at="2026-11-20T12:00:01Z"),
            line(3, at="2026-11-21T12:00:00Z"),
            line(4, at="2026-11-21T12:00:01Z"),
            line(5, at="2020-01-01T00:00:00Z"),
            {"numbers": [6], "at": None},
        )
        (reading,) = read_all(bucket, tmp_path)
    assert [row["n"] for row in rows(reading)] == [1, 2, 3, 5]
    assert reading.skewed == 2
    assert [bad.reason for bad in reading.spooled.rejected] == [
        "at: over 24 h ahead of the object's hour",
        "at: the event has no time",
    ]
    assert reading.objects[0].event_days == {date(2026, 11, 20): 2, date(2026, 11, 21): 1, date(2020, 1, 1): 1}
    assert (reading.objects[0].rows, reading.objects[0].rejected) == (4, 2)


def test_a_damaged_object_gives_what_it_has_and_is_not_read_again(tmp_path: Path) -> None:
    loaded: dict[str, LoadedObject] = {}
    with made_bucket() as (bucket, objects):
        objects.put_bytes(name("21T11"), gzip.compress(b'{"numbers": [1], "at": "2026-11-21T11:00:00Z"}\n') + b"junk")
        (reading,) = read_all(bucket, tmp_path, loaded)
        assert [row["n"] for row in rows(reading)] == [1]
        assert [bad.reason for bad in reading.spooled.rejected] == ["the packed object is damaged from here on"]
        assert read_all(bucket, tmp_path, loaded) == []


def test_an_object_that_was_replaced_since_it_was_listed_waits_for_the_next_time(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        objects.put(name("21T10"), line(1))
        objects.put(name("21T11"), line(2))
        objects.gone.add(name("21T10"))
        (reading,) = read_all(bucket, tmp_path)
    assert [item.name for item in reading.objects] == [name("21T11")]


def test_a_bucket_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with made_bucket() as (bucket, objects):
        for hour in range(12):
            objects.put(name(f"21T{hour:02}"), line(hour))
        found = changed(bucket, FILES, {}, now=NOW, open_days=7, full_listing=True)
        objects.vendor.asked.clear()
        objects.content.clear()
        assert RAW.parse
        with pytest.raises(SourceError):
            list(read(bucket, RAW.table, RAW.parse, found, tmp_path))


def test_a_long_reading_is_given_in_parts_that_are_whole(tmp_path: Path) -> None:
    ticks = iter(range(0, 100_000, 100))
    with made_bucket() as (bucket, objects):
        for hour in range(12):
            objects.put(name(f"21T{hour:02}"), line(hour, hour))
        readings = read_all(bucket, tmp_path, clock=lambda: float(next(ticks)))
    assert [len(reading.objects) for reading in readings] == [3, 3, 3, 3]
    assert [[row["n"] for row in rows(reading)] for reading in readings] == [
        [hour for hour in range(start, start + 3) for _ in range(2)] for start in range(0, 12, 3)
    ]
