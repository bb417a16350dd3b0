"""Connections, syncs and filled tables, from the stand-in and from answers as Fivetran documents them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.connections import Connections
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Pull
from sg_assets.sources.fivetran import PAGE, connect, fivetran
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted
from sg_assets_tests.sources.conftest import ANCHOR, World
from sg_assets_tests.warehouse.examples import land

SETTINGS = {"SG_FIVETRAN_API_KEY": "key", "SG_FIVETRAN_API_SECRET": "s3cret"}
TABLES = ("connection", "sync", "filled_table")
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
DAY = timedelta(days=1)

DOCUMENTED: dict[str, Any] = {
    "id": "speak_inexpensive",
    "service": "salesforce",
    "schema": "salesforce",
    "paused": False,
    "daily_sync_time": "14:00",
    "succeeded_at": "2024-03-17T12:31:40.870504Z",
    "connected_by": "interment_burdensome",
    "sync_frequency": 1440,
    "group_id": "projected_sickle",
    "service_version": 4,
    "created_at": "2023-12-01T15:43:29.013729Z",
    "failed_at": None,
    "private_link_id": None,
    "schedule_type": "auto",
    "networking_method": "Directly",
    "connect_card": {"token": "s3cr3t-token", "uri": "https://fivetran.com/connect-card/setup?auth=s3cr3t-token"},
    "config": {"api_key": "******", "auth_type": "OAuth"},
    "setup_tests": [{"title": "Validate Login", "status": "PASSED", "message": ""}],
    "status": {
        "setup_state": "connected",
        "schema_status": "ready",
        "sync_state": "rescheduled",
        "update_state": "delayed",
        "is_historical_sync": False,
        "rescheduled_for": "2024-03-17T13:00:00Z",
        "tasks": [{"code": "resync_table_warning", "message": "Resync Table Warning", "details": "x"}],
        "warnings": [],
    },
}


def shape(table: str) -> Shape:
    return Shape(fivetran.tables[f"raw_fivetran.{table}"].table)


def typed(world: World, table: str) -> list[dict[str, object]]:
    return list(shape(table).fit(world.rows(fivetran, table)).table.to_pylist())


def pull(url: str, table: str) -> list[dict[str, object]]:
    fetch = fivetran.tables[f"raw_fivetran.{table}"].fetch
    assert fetch
    with connect(url, SETTINGS) as client:
        client.sleep = lambda _seconds: None
        return [dict(row) for page in fetch(Pull(client, SETTINGS, NOW)) for row in page.rows]


def listed(items: list[dict[str, object]], size: int = PAGE) -> Callable[[Asked], Answer]:
    """Fivetran with so many connections, of which it gives at most so many at once."""

    def answer(asked: Asked) -> Answer:
        assert asked.query["limit"] == str(PAGE)
        at = int(asked.query.get("cursor", "0"))
        more = {"next_cursor": str(at + size)} if items[at + size :] else {}
        return Answer.json({"code": "Success", "data": {"items": items[at : at + size], **more}})

    return answer


@pytest.mark.parametrize("table", TABLES)
def test_everything_comes_in_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(fivetran, table)
    fitted = shape(table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) > 3


def test_connections_and_their_syncs_are_those_of_the_company(world: World) -> None:
    connections = Connections(world.sandbox.company)
    truth = {one.id: connections.last_ends(one, world.now) for one in connections.at(world.now)}
    rows = {row["id"]: row for row in world.rows(fivetran, "connection")}
    assert rows.keys() == truth.keys()
    ends = {(row["connection_id"], str(row["ended_at"]), row["has_succeeded"]) for row in world.rows(fivetran, "sync")}
    assert ends == {
        (key, f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", well) for key, each in truth.items() for well, at in each.items() if at
    }
    assert rows["early_thicket"]["succeeded_at"] is None
    assert rows["faded_meadow"]["is_paused"] is True
    assert {row["service"] for row in rows.values()} >= {"salesforce", "hubspot", "github"}


def test_a_table_that_is_filled_names_its_connection_and_one_without_a_schema_yet_fills_none(world: World) -> None:
    rows = world.rows(fivetran, "filled_table")
    assert {"connection_id": "brisk_harbor", "schema_name": "salesforce", "table_name": "account"}.items() <= rows[
        0
    ].items()
    assert "early_thicket" not in {row["connection_id"] for row in rows}
    assert [row["table_name"] for row in rows if not row["is_enabled"]] == ["email_event"]


def test_syncs_pile_up_from_pull_to_pull_and_what_is_deleted_says_so(world: World, tmp_path: Path) -> None:
    syncs = fivetran.tables["raw_fivetran.sync"].table
    connections = fivetran.tables["raw_fivetran.connection"].table
    with closing(DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")) as warehouse:
        for day in range(5):
            world.now = ANCHOR + day * DAY
            land(warehouse, tmp_path, connections, typed(world, "connection"), now=world.now)
            outcome = land(warehouse, tmp_path, syncs, typed(world, "sync"), now=world.now)
        again = land(warehouse, tmp_path, syncs, typed(world, "sync"), now=world.now)
        kept = warehouse.preview(connections.name, 100).to_pylist()
    assert outcome.state.rows > 15
    assert again.changed_rows == 0
    assert [row["id"] for row in kept if row["_deleted_at"]] == ["faded_meadow"]


def test_all_tables_of_a_run_ask_for_the_connections_once(world: World) -> None:
    answers: dict[str, object] = {}
    with world.client(fivetran) as client:
        for table in TABLES:
            fetch = fivetran.tables[f"raw_fivetran.{table}"].fetch
            assert fetch
            list(fetch(Pull(client, {}, world.now, answers=answers)))
        connections = len(Connections(world.sandbox.company).at(world.now))
        assert client.calls == 1 + connections


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(total: int) -> None:
    items = [{**DOCUMENTED, "id": f"c{n}"} for n in range(total)]
    with answering(listed(items, 3)) as vendor:
        rows = pull(vendor.url, "connection")
    assert [row["id"] for row in rows] == [f"c{n}" for n in range(total)]
    assert len(vendor.asked) == max(1, -(-total // 3))
    assert vendor.asked[0].headers["Accept"] == "application/json;version=2"
    assert vendor.asked[0].headers["Authorization"] == "Basic a2V5OnMzY3JldA=="


def test_a_connection_as_documented_without_its_secrets() -> None:
    with answering(listed([DOCUMENTED])) as vendor:
        rows = pull(vendor.url, "connection")
        (end,) = pull(vendor.url, "sync")
    fitted = shape("connection").fit(rows)
    (row,) = fitted.table.to_pylist()
    assert fitted.misfits == {}
    assert set(fitted.unknown) == {"setup_tests"}
    assert "s3cr3t" not in str(rows)
    assert (row["schema_name"], row["sync_frequency_minutes"], row["daily_sync_time"]) == ("salesforce", 1440, "14:00")
    assert row["succeeded_at"] == datetime(2024, 3, 17, 12, 31, 40, 870504, tzinfo=UTC)
    assert row["rescheduled_for_at"] == datetime(2024, 3, 17, 13, tzinfo=UTC)
    assert (end["connection_id"], end["has_succeeded"]) == ("speak_inexpensive", True)


def test_schemas_as_documented() -> None:
    schema = {
        "name_in_destination": "schema_name_in_destination",
        "enabled": True,
        "tables": {
            "One": {"name_in_destination": "one", "enabled": True, "sync_mode": "HISTORY", "columns": {}},
            "Two": {"name_in_destination": "two", "enabled": False},
        },
    }
    off = {
        "name_in_destination": "off",
        "enabled": False,
        "tables": {"T": {"name_in_destination": "t", "enabled": True}},
    }

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/schemas"):
            return Answer.json({"code": "Success", "data": {"schemas": {"a": schema, "b": off, "c": {
                "name_in_destination": "c", "enabled": True}}}})  # fmt: skip
        return listed([DOCUMENTED])(asked)

    with answering(answer) as vendor:
        rows = pull(vendor.url, "filled_table")
    assert [(row["table_name"], row["is_enabled"], row["sync_mode"]) for row in rows] == [
        ("one", True, "HISTORY"),
        ("two", False, None),
        ("t", False, None),
    ]


def test_a_schema_that_was_not_read_yet_is_no_error_but_a_refusal_is(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "fivetran", match="*/schemas")
    with pytest.raises(SourceError, match=r"403 .*Forbidden"):
        world.rows(fivetran, "filled_table")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.TOO_MANY_REQUESTS, {"count": 2, "retry_after": 7}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.SLOW_BODY, {"count": 1, "seconds": 0.2}),
    ],
)
def test_a_fault_that_passes_costs_nothing(world: World, kind: Kind, options: dict[str, Any]) -> None:
    whole = world.rows(fivetran, "connection")
    world.sandbox.faults.switch_on(kind, "fivetran", **options)
    assert world.rows(fivetran, "connection") == whole
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_a_long_limit_is_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "fivetran", retry_after=1800)
    with pytest.raises(ComeBackLater):
        world.rows(fivetran, "sync")


def test_a_wrong_secret_is_told_and_not_shown(world: World) -> None:
    with (
        connect(f"{world.url}/fivetran", SETTINGS) as client,
        pytest.raises(SourceError, match=r"401 .*AuthFailed.*check the source's variables") as caught,
    ):
        client.get_json("/v1/connections")
    assert "s3cret" not in str(caught.value)


def test_an_answer_in_html_is_told() -> None:
    with scripted(Answer(200, b"<html>Sign in</html>")) as vendor, pytest.raises(SourceError, match="no complete JSON"):
        pull(vendor.url, "sync")


def test_it_is_examined_by_one_list(world: World) -> None:
    assert fivetran.examination
    with world.client(fivetran) as client:
        assert [one.is_permitted for one in fivetran.examination(client, {})] == [True]
        assert client.calls == 1
    broken = {**DOCUMENTED, "status": {"setup_state": "broken"}}
    with answering(listed([broken])) as vendor, connect(vendor.url, SETTINGS) as client:
        found = list(fivetran.examination(client, {}))
    assert [(one.subject, one.is_permitted) for one in found] == [
        ("connections", True),
        ("connection salesforce", False),
    ]
