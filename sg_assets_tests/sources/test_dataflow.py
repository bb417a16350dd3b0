"""Pings and events that Dataflow wrote into BigQuery are shown as those that we read from files: the same columns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest

from sg_assets import discovery
from sg_assets.build_sql import build_sql
from sg_assets.checks import judge
from sg_assets.sources.events import DOTCOM_COLUMNS, events
from sg_assets.sources.pings import pings
from sg_assets.table import Delivery, Table
from sg_assets.warehouse.contract import Build, Load, Warehouse
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.filled_tables import NOW, Row, Theirs, google, of, texts
from sg_assets_tests.sources.conftest import LONG_AGO, World
from sg_assets_tests.sources.test_events import EVENT, KEY, parsed, stored
from sg_assets_tests.sources.test_pings import as_stored, published

PING = of(pings, {"SG_PINGS_TABLE": "theirs.update_checks"})["ping"].table
EVENTS = {name: raw.table for name, raw in of(events, {"SG_EVENTS_DATASET": "theirs"}).items()}
DAY = date(2026, 11, 21)
ARRIVAL = ("_object_on", "_object", "_line", "_item")


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")
    warehouse.ensure([PING, *EVENTS.values()], NOW)
    return Theirs(warehouse, tmp_path)


def without_arrival(rows: Iterable[Row]) -> list[str]:
    """Rows but for where they came in, and with an empty list where there is none, as a warehouse keeps it."""
    return sorted(
        str({name: plain(value) for name, value in sorted(row.items()) if name not in ARRIVAL}) for row in rows
    )


def plain(value: object) -> object:
    """A value in the same words whoever gave it: JSON with its keys in order, an instant in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return as_stored(json.loads(value))
    return value if value == "" else value or None


def written(lines: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Published lines as the stream's table holds them: texts, and one time."""
    at = datetime.fromisoformat
    return [{n: at(str(v)) if n == "timestamp" else as_stored(v) for n, v in line.items()} for line in lines]


def test_a_filled_table_keeps_its_name_its_columns_and_its_promise() -> None:
    for ours, fetched in ((PING, pings.tables["raw_pings.ping"]), (EVENTS["dotcom_event"], None)):
        table = (fetched or events.tables["raw_events.dotcom_event"]).table
        assert (ours.name, ours.columns, ours.key, ours.promise) == (
            table.name,
            table.columns,
            table.key,
            table.promise,
        )
        assert (ours.delivery, ours.has_event_days, ours.is_partitioned) == (Delivery.WATCHED, True, False)


def built(warehouse: Warehouse, ping: Table) -> list[list[str]]:
    """What is derived of a day's pings: each of them, and what was used in it, but for where it came in."""
    graph = {**discovery.graph().tables, ping.name: ping}
    found = []
    for name in ("pings.ping", "pings.feature_usage_day"):
        table = graph[name]
        text = build_sql(table, graph, [DAY], NOW)
        warehouse.build(table, Build(NOW, NOW, text, partitions={DAY: {}}), judge)
        kept = [column.name for column in table.columns if not column.name.startswith("raw_")]
        found.append(sorted(map(str, warehouse.read(name, kept).to_pylist())))
    return found


def test_pings_are_those_of_the_files_and_derived_tables_read_them_as_before(
    world: World, theirs: Theirs, tmp_path: Path
) -> None:
    (reading,), rows = world.read(pings, "ping", tmp_path, LONG_AGO)
    lines = written(line for item in reading.objects for line in published(world, item.name))
    types = texts(tuple(lines[0])) | {"timestamp": "TIMESTAMP"}
    theirs.writes("update_checks", types, [*lines, *lines])  # what was published twice is there once
    state = theirs.looks(PING).state
    assert without_arrival(theirs.rows(PING)) == without_arrival(rows)
    assert (state.rows, state.data_through) == (len(rows), max(cast("datetime", row["timestamp"]) for row in rows))
    assert list(state.event_days) == [DAY]
    few = google(PING, {"theirs.update_checks": types}, {"theirs.update_checks": [*lines[:5], lines[0]]})
    assert len(few) == 5
    assert set(without_arrival(few)) <= set(without_arrival(rows))
    fetched = pings.tables["raw_pings.ping"].table
    files = DuckDBWarehouse(tmp_path / "files.duckdb", "sandbox")
    files.ensure([fetched], NOW)
    files.load(fetched, reading.spooled.parquet, Load(NOW, 1, NOW, reading.objects), judge)
    seen = built(theirs.warehouse, PING)
    assert seen == built(files, fetched)
    assert min(map(len, seen)) > 50
    files.close()


def test_what_the_stream_never_published_is_null() -> None:
    at = "2026-11-21T05:10:00Z"
    types = {
        "theirs.update_checks": texts(
            ("remote_site_id", "remote_ip", "remote_site_version", "timestamp", "license_key")
        )
    }
    row = {"remote_site_id": "s", "timestamp": at, "license_key": "no key"}
    (shown,) = google(PING, types, {"theirs.update_checks": [row, row | {"timestamp": "no time"}]})
    assert (shown["_object"], shown["cody_usage"], shown["license_user_count"]) == (
        "update_checks/2026-11-21/05/s",
        None,
        None,
    )
    assert shown["timestamp"] == datetime(2026, 11, 21, 5, 10, tzinfo=UTC)
    assert shown["license_key_sha256"] is not None


def test_events_of_the_company_are_all_there_those_too_that_came_twice(
    world: World, theirs: Theirs, tmp_path: Path
) -> None:
    (reading,), rows = world.read(events, "dotcom_event", tmp_path, LONG_AGO)
    assert reading.objects
    names = [column.name for column in DOTCOM_COLUMNS]
    lines = [{name: row[name] for name in names} for row in rows]
    types = {column.name: "STRING" if column.type in {"JSON", "DATE"} else column.type for column in DOTCOM_COLUMNS}
    lines = [line | {"cohort_id": str(line["cohort_id"]) if line["cohort_id"] else None} for line in lines]
    theirs.writes("events", types, [*lines, lines[0]])
    ours = EVENTS["dotcom_event"]
    theirs.looks(ours)
    seen = theirs.rows(ours)
    assert without_arrival(seen) == without_arrival([*rows, rows[0]])
    keys = Counter((row["_object"], row["_line"], row["_item"]) for row in seen)
    assert max(keys.values()) == 1


def test_messages_of_managed_instances_are_taken_apart_and_keep_their_version(theirs: Theirs) -> None:
    sent = [EVENT, EVENT | {"insert_id": "j", "license_key": None}]
    messages = [{"data": json.dumps(sent)}, {"data": json.dumps([EVENT])}, {"data": "[]"}]
    theirs.writes("events_usage_raw", {"data": "STRING"}, messages)
    ours = EVENTS["managed_event"]
    theirs.looks(ours)
    expected = stored("managed_event", parsed("managed_event", {"data": json.dumps([*sent, EVENT])}))
    assert without_arrival(theirs.rows(ours)) == without_arrival(expected)
    by_google = google(ours, {"theirs.events_usage_raw": {"data": "STRING"}}, {"theirs.events_usage_raw": messages})
    assert without_arrival(by_google) == without_arrival(expected)
    assert sorted((row["version"], row["_item"]) for row in by_google) == [("4.2.0", 0), ("4.2.0", 0), ("4.2.0", 1)]
    assert KEY not in str(by_google)
