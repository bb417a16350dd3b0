"""Pings: what the stand-in's bucket holds arrives as it was published, and never a licence key."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.feeds import data_through
from sg_assets.http import SourceError
from sg_assets.license_key import license_columns
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.pings import PingBucket
from sg_assets.source import Arrival
from sg_assets.sources.pings import ARCHIVE, PING_COLUMNS, pings
from sg_assets_tests.sources.conftest import ANCHOR, LONG_AGO, World

HOUR = timedelta(hours=1)
SPOILED = "pings/2026-11-21/05/shard-1.ndjson.gz"


def published(world: World, name: str) -> list[dict[str, object]]:
    """The rows of an object as they were published."""
    bucket = PingBucket.of(world.sandbox).bucket()
    stored = bucket.find(name)
    assert stored
    return [json.loads(line) for line in gzip.decompress(bucket.content(stored)).splitlines()]


def as_stored(value: object) -> object:
    """A published value as a column holds it."""
    return (
        json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        if isinstance(value, (dict, list))
        else value
    )


def test_pings_arrive_as_they_were_published(world: World, tmp_path: Path) -> None:
    (reading,), rows = world.read(pings, "ping", tmp_path, LONG_AGO)
    truth = {item.name: published(world, item.name) for item in reading.objects}
    assert {item.name: item.rows for item in reading.objects} == {name: len(lines) for name, lines in truth.items()}
    assert len(rows) == sum(map(len, truth.values())) > 50
    for row in rows:
        line = truth[str(row["_object"])][int(str(row["_line"])) - 1]
        key = line.pop("license_key", None)
        at = line.pop("timestamp")
        assert row["timestamp"] == datetime.fromisoformat(str(at))
        assert {name: row[name] for name in line} == {name: as_stored(value) for name, value in line.items()}
        assert row["license_key_sha256"] == license_columns(key)["license_key_sha256"]
    assert reading.spooled.rejected == []
    assert reading.spooled.unknown == {}


def test_no_licence_key_is_on_the_disk(world: World, tmp_path: Path) -> None:
    world.sandbox.faults.switch_on(Kind.WRONG_VALUE, "pings", field="unique_users_today", value=5)
    (reading,), _ = world.read(pings, "ping", tmp_path, LONG_AGO)
    assert reading.spooled.rejected
    keys = {
        str(line["license_key"])
        for item in reading.objects
        for line in published(world, item.name)
        if line["license_key"]
    }
    assert keys
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    kept += "".join(f"{bad.reason} {bad.original}" for bad in reading.spooled.rejected).encode()
    assert not [key for key in keys if key.encode() in kept]
    assert all("license_key_sha256" in str(bad.original) for bad in reading.spooled.rejected)


def test_columns_say_which_part_of_telemetry_they_belong_to() -> None:
    kinds = ("Critical: always sent.", "Other: ", "Added by the server", "Only Sourcegraph App", "MAUs are critical")
    told = [column.name for column in PING_COLUMNS if any(kind in column.description for kind in kinds)]
    untold = {column.name for column in PING_COLUMNS if not column.name.startswith("license_")} - set(told)
    assert untold == {"repository_size_histogram"}


def test_a_second_run_reads_only_what_has_come_since(world: World, tmp_path: Path) -> None:
    (first,), _ = world.read(pings, "ping", tmp_path, LONG_AGO)
    loaded = LONG_AGO | {item.name: item for item in first.objects}
    assert world.read(pings, "ping", tmp_path, loaded) == ([], [])
    world.now += HOUR
    (second,), _ = world.read(pings, "ping", tmp_path, loaded)
    assert [(item.feed, item.day, item.hour) for item in second.objects] == [
        ("shard-0", date(2026, 11, 21), 6),
        ("shard-1", date(2026, 11, 21), 6),
    ]


def test_a_late_object_holds_the_data_back_until_it_comes(world: World, tmp_path: Path) -> None:
    late, name = ANCHOR + 28 * HOUR, "pings/2026-11-21/04/shard-1.ndjson.gz"
    world.sandbox.faults.switch_on(Kind.LATE_OBJECT, "pings", match=name, until=(ANCHOR + 33 * HOUR).isoformat())
    (first,), _ = world.read(pings, "ping", tmp_path, LONG_AGO)
    reach = data_through(("shard-0", "shard-1"), first.objects, (), 7, world.now)
    assert reach.through == late
    assert reach.missing == "shard-1 2026-11-21T04h"
    world.now += 3 * HOUR
    (second,), _ = world.read(pings, "ping", tmp_path, {item.name: item for item in first.objects})
    assert name in {item.name for item in second.objects}
    both = [*first.objects, *second.objects]
    assert data_through(("shard-0", "shard-1"), both, (), 7, world.now).through == ANCHOR + 33 * HOUR


def test_a_changed_object_is_read_anew(world: World, tmp_path: Path) -> None:
    (first,), _ = world.read(pings, "ping", tmp_path, LONG_AGO)
    loaded = {item.name: item for item in first.objects}
    changed = max(first.objects, key=lambda item: item.rows)
    world.sandbox.faults.switch_on(Kind.CHANGED_OBJECT, "pings", match=changed.name)
    (second,), _ = world.read(pings, "ping", tmp_path, loaded)
    again = {item.name: item.rows for item in second.objects}
    assert again[changed.name] == changed.rows - 1


@pytest.mark.parametrize(("kind", "has_original"), [(Kind.CORRUPT_LINE, False), (Kind.WRONG_VALUE, True)])
def test_a_spoiled_line_costs_no_other(world: World, tmp_path: Path, kind: Kind, *, has_original: bool) -> None:
    lines = len(published(world, SPOILED))
    world.sandbox.faults.switch_on(kind, "pings", match=SPOILED, field="timestamp", value="noon")
    (reading,), _ = world.read(pings, "ping", tmp_path, LONG_AGO)
    (item,) = (item for item in reading.objects if item.name == SPOILED)
    assert (item.rows, item.rejected) == (lines - 1, 1)
    (bad,) = reading.spooled.rejected
    assert (bad.object_name, bad.original is not None) == (SPOILED, has_original)


def test_a_field_that_nobody_declared_is_kept_and_counted(world: World, tmp_path: Path) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "pings", match=SPOILED, field="surprise")
    (reading,), rows = world.read(pings, "ping", tmp_path, LONG_AGO)
    extras = [row["_extra"] for row in rows if row["_object"] == SPOILED]
    assert set(extras) == {'{"surprise":"surprise"}'}
    assert reading.spooled.unknown == {"surprise": len(extras)}


def test_the_archive_is_read_whole(world: World) -> None:
    rows = world.rows(pings, "ping_archive")
    truth = published(world, ARCHIVE)
    assert [row["_line"] for row in rows] == list(range(1, len(truth) + 1))
    assert [row["remote_site_id"] for row in rows] == [line["remote_site_id"] for line in truth]
    assert "license_key" not in rows[0]


def test_a_line_of_the_archive_that_cannot_be_read_is_kept_by_its_place(world: World) -> None:
    lines = len(published(world, ARCHIVE))
    world.sandbox.faults.switch_on(Kind.CORRUPT_LINE, "pings", match=ARCHIVE)
    (page,) = world.pages(pings, "ping_archive")
    assert [bad.byte_from for bad in page.rejected] == [0]
    assert [row["_line"] for row in page.rows] == list(range(2, lines + 1))


def test_a_missing_right_names_the_source(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "pings")
    with pytest.raises(SourceError, match=r"^pings: GET /storage/v1/b/pings/o.*: 403"):
        world.rows(pings, "ping_archive")


def test_a_key_that_is_no_text_is_not_let_through() -> None:
    parse = pings.tables["raw_pings.ping"].parse
    assert parse
    arrival = Arrival("pings/2026-11-21/04/shard-1.ndjson.gz", "1", "shard-1", date(2026, 11, 21), 4)
    with pytest.raises(TypeError):
        list(parse({"license_key": ["s3cret"]}, arrival))
