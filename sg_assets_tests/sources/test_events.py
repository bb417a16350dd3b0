"""Events of both streams: messages taken apart, names mended, duplicates kept."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sg_assets.license_key import encode_license_key, license_columns
from sg_assets.lines import rows_of
from sg_assets.rows import Origin, Shape
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Arrival, Row
from sg_assets.sources.events import events
from sg_assets.warehouse.contract import Rejected
from sg_assets_tests.sources.conftest import ANCHOR, LONG_AGO, World

ARRIVAL = Arrival("managed/2026-11-21/04/managed.ndjson.gz", "1", "managed", date(2026, 11, 21), 4)
KEY = encode_license_key(
    version=3,
    tags=["plan:enterprise-1"],
    user_count=5,
    created_at=datetime(2022, 1, 1, tzinfo=UTC),
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    nonce=b"12345678",
)
EVENT = {
    "site_id": "s",
    "license_key": KEY,
    "initial_admin_email": "admin@acme.example",
    "deploy_type": "kubernetes",
    "name": "ViewHome",
    "url": "",
    "anonymous_user_id": "a",
    "first_source_url": "",
    "last_source_url": "",
    "user_id": 3,
    "source": "WEB",
    "timestamp": "2026-11-21T04:10:00.123456789Z",
    "Version": "4.2.0",
    "feature_flags": "{}",
    "cohort_id": "2026-11-16",
    "referrer": None,
    "public_argument": '{"sourcegraph_operator": true}',
    "device_id": None,
    "insert_id": "i",
}


def parsed(table: str, line: object) -> list[Row]:
    parse = events.tables[f"raw_events.{table}"].parse
    assert parse
    found = rows_of(Origin("x", "1", 0, json.dumps(line).encode()), lambda row: parse(row, ARRIVAL))
    assert not isinstance(found, Rejected)
    return found


def stored(table: str, rows: list[Row]) -> list[dict[str, object]]:
    place = {"_object_on": ARRIVAL.day, "_object": "x", "_line": 1, "_item": 0}
    fitted = Shape(events.tables[f"raw_events.{table}"].table).fit([{**row, **place} for row in rows])
    assert fitted.misfits == {}
    return fitted.table.to_pylist()


def test_a_message_is_as_many_rows_as_it_has_events() -> None:
    rows = parsed("managed_event", {"data": json.dumps([EVENT, EVENT | {"insert_id": "j"}])})
    assert [row["insert_id"] for row in rows] == ["i", "j"]
    assert parsed("managed_event", {"data": "[]"}) == []


def test_what_a_managed_event_is_stored_as() -> None:
    (row,) = stored("managed_event", parsed("managed_event", {"data": json.dumps([EVENT])}))
    assert row["version"] == "4.2.0"
    assert row["license_key_sha256"] == license_columns(KEY)["license_key_sha256"]
    assert row["license_tags"] == ["plan:enterprise-1"]
    assert row["timestamp"] == datetime(2026, 11, 21, 4, 10, 0, 123456, tzinfo=UTC)
    assert row["cohort_id"] == date(2026, 11, 16)
    assert row["public_argument"] == '{"sourcegraph_operator": true}'
    assert row["_extra"] is None
    assert KEY not in str(row)


def test_a_version_under_its_later_name_is_taken_as_it_is() -> None:
    later = {name: value for name, value in EVENT.items() if name != "Version"} | {"version": "5.0.0"}
    (row,) = stored("managed_event", parsed("managed_event", {"data": json.dumps([later])}))
    assert row["version"] == "5.0.0"
    (row,) = stored("managed_event", parsed("managed_event", {"data": json.dumps([EVENT | {"version": "5.0.0"}])}))
    assert (row["version"], row["_extra"]) == ("5.0.0", '{"Version":"4.2.0"}')


def test_an_empty_text_in_place_of_json_is_none() -> None:
    (row,) = stored(
        "dotcom_event", parsed("dotcom_event", {"name": "ViewBlob", "feature_flags": "", "public_argument": ""})
    )
    assert (row["feature_flags"], row["public_argument"], row["cohort_id"], row["referrer"]) == (None, None, None, None)


def test_both_streams_of_the_stand_in_fit_their_shape(world: World, tmp_path: Path) -> None:
    world.now = ANCHOR + timedelta(hours=47)
    for table in ("dotcom_event", "managed_event"):
        folder = tmp_path / table
        folder.mkdir()
        (reading,), rows = world.read(events, table, folder, LONG_AGO)
        assert len(rows) == reading.spooled.rows > 20
        assert (reading.spooled.rejected, reading.spooled.unknown) == ([], {})
        assert sum(item.rows for item in reading.objects) == len(rows)
        by_day = Counter(row["timestamp"].date() for row in rows)  # pyrefly: ignore[missing-attribute]
        counted: Counter[date] = Counter()
        for item in reading.objects:
            counted.update(item.event_days)
        assert counted == by_day
        keys = [(row["_object"], row["_line"], row["_item"]) for row in rows]
        assert len(set(keys)) == len(keys)


def test_what_was_delivered_twice_is_there_twice(world: World, tmp_path: Path) -> None:
    world.sandbox.faults.switch_on(Kind.REPEATED_ROW, "events", match="managed/2026-11-21/*")
    _, rows = world.read(events, "managed_event", tmp_path, LONG_AGO)
    times = Counter(row["insert_id"] for row in rows if row["insert_id"])
    assert max(times.values()) >= 2


def test_instances_whose_clock_is_ahead_are_counted_and_nothing_else(world: World, tmp_path: Path) -> None:
    world.now = ANCHOR + timedelta(hours=47)
    (reading,), rows = world.read(events, "managed_event", tmp_path, LONG_AGO)
    ends = {
        item.name: datetime(item.day.year, item.day.month, item.day.day, item.hour, tzinfo=UTC)
        for item in reading.objects
    }
    late = [row for row in rows if row["timestamp"] > ends[str(row["_object"])] + timedelta(hours=1)]  # pyrefly: ignore[unsupported-operation]
    assert reading.skewed == len(late)
