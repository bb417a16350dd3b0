"""Scheduled queries: all of them, wherever they are, with whose they are, and how they ran."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.scheduled_queries import LOCATIONS, SERVICE_ACCOUNT, ScheduledQueries, owners
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Pull
from sg_assets.sources.scheduled_queries import scheduled_queries
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted
from sg_assets_tests.sources.conftest import ANCHOR, World
from sg_assets_tests.warehouse.examples import land

SETTINGS = {"SG_SCHEDULED_QUERIES_PROJECT": "p", "SG_GOOGLE_CREDENTIALS": "sandbox"}
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
DAY = timedelta(days=1)
NAME = "projects/1/locations/us/transferConfigs/5d1bec8c-0000-2362-9e6b-582429c1b6f0"

CONFIG: dict[str, object] = {
    "name": NAME,
    "displayName": "Daily usage",
    "dataSourceId": "scheduled_query",
    "destinationDatasetId": "usage",
    "schedule": "every 24 hours",
    "scheduleOptions": {"startTime": "2021-05-20T10:30:00Z"},
    "params": {
        "query": "select 1",
        "destination_table_name_template": "t_{run_date}",
        "write_disposition": "WRITE_TRUNCATE",
        "partitioning_field": "",
    },
    "updateTime": "2024-03-17T12:31:40.870504Z",
    "nextRunTime": "2026-11-22T10:30:00Z",
    "userId": "-4501932176432108742",
    "datasetRegion": "us",
    "state": "SUCCEEDED",
    "emailPreferences": {"enableFailureEmail": True},
    "encryptionConfiguration": {"kmsKeyName": "k"},
}
RUN: dict[str, object] = {
    "name": f"{NAME}/runs/6566b1f1-0000-2de3-a6f3-582429ad0d10",
    "scheduleTime": "2026-11-21T10:30:00Z",
    "runTime": "2026-11-21T10:30:00Z",
    "startTime": "2026-11-21T10:30:02.171Z",
    "endTime": "2026-11-21T10:31:02.998421123Z",
    "updateTime": "2026-11-21T10:31:03Z",
    "params": {"query": "select 1"},
    "destinationDatasetId": "usage",
    "dataSourceId": "scheduled_query",
    "state": "FAILED",
    "errorStatus": {"code": 3, "message": "Query error: Not found", "details": []},
    "userId": "-4501932176432108742",
    "schedule": "every 24 hours",
    "emailPreferences": {},
}


def shape(table: str) -> Shape:
    return Shape(scheduled_queries.tables[f"raw_scheduled_queries.{table}"].table)


def pull(url: str, table: str) -> list[dict[str, object]]:
    fetch = scheduled_queries.tables[f"raw_scheduled_queries.{table}"].fetch
    assert fetch
    with scheduled_queries.connect(url, SETTINGS) as client:
        return [dict(row) for page in fetch(Pull(client, SETTINGS, NOW)) for row in page.rows]


def vendor_of(
    configs: list[dict[str, object]], size: int = 1000, gone: frozenset[object] = frozenset()
) -> Callable[[Asked], Answer]:
    """The service with configurations in the US alone, of which it lists so many at once; some are gone by then."""

    def answer(asked: Asked) -> Answer:
        found = asked.path.removeprefix("/v1/")
        if found == "projects/p/locations":
            return Answer.json({"locations": [{"locationId": "eu"}, {"locationId": "us"}]})
        if found == "projects/p/locations/us/transferConfigs":
            assert asked.query["dataSourceIds"] == "scheduled_query"
            at = int(asked.query.get("pageToken", "0"))
            more = {"nextPageToken": str(at + size)} if configs[at + size :] else {}
            shown = {"transferConfigs": configs[at : at + size]} if configs[at:] else {}
            return Answer.json({**shown, **more})
        if found == "projects/p/locations/eu/transferConfigs":
            return Answer.json({})
        if found.removesuffix("/runs") in gone:
            return Answer.json({"error": {"code": 404, "message": "no", "status": "NOT_FOUND"}}, 404)
        if found.endswith("/runs"):
            return Answer.json({"transferRuns": [{**RUN, "name": f"{found}/1"}]})
        return Answer.json({**CONFIG, "name": found, "ownerInfo": {"email": "sa@p.iam.gserviceaccount.com"}})

    return answer


def numbered(total: int) -> list[dict[str, object]]:
    return [{**CONFIG, "name": f"projects/1/locations/us/transferConfigs/{n}"} for n in range(total)]


@pytest.mark.parametrize("table", ["config", "run"])
def test_everything_comes_in_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(scheduled_queries, table)
    fitted = shape(table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) > 5


def test_owners_are_those_that_the_company_knows_in_every_location(world: World) -> None:
    for days in (0, 5):
        world.now = ANCHOR + days * DAY
        rows = world.rows(scheduled_queries, "config")
        assert {row["name"]: row["owner_email"] for row in rows} == owners(world.sandbox.company, world.now)
        assert {row["location"] for row in rows} > {"us"}
        assert {SERVICE_ACCOUNT, None} < {row["owner_email"] for row in rows}


def test_what_is_off_says_so_and_what_is_written_has_its_name(world: World) -> None:
    rows = {row["display_name"]: row for row in world.rows(scheduled_queries, "config")}
    assert [name for name, row in rows.items() if row["is_disabled"]] == ["instances scheduled query 2"]
    assert rows["events_usage"]["destination_table"] == "events_usage"
    assert rows["usage-data-amplitude"]["destination_table"] is None
    assert (rows["latest answers"]["error_code"], rows["events_usage"]["error_code"]) == (7, None)


def test_runs_are_those_of_every_query_and_change_until_they_end(world: World) -> None:
    queries = ScheduledQueries(world.sandbox.company)
    world.now = ANCHOR + timedelta(hours=12, seconds=20)
    rows = {row["name"]: row for row in world.rows(scheduled_queries, "run")}
    assert len(rows) == sum(len(list(queries.runs(one, world.now))) for one in queries.at(world.now))
    unfinished = [name for name, row in rows.items() if row["ended_at"] is None]
    assert unfinished
    world.now += timedelta(hours=1)
    later = {row["name"]: row["state"] for row in world.rows(scheduled_queries, "run")}
    assert {later[name] for name in unfinished} <= {"SUCCEEDED", "FAILED"}


def test_what_is_deleted_says_so_and_what_is_unchanged_is_not_written_again(world: World, tmp_path: Path) -> None:
    landed = {}
    with closing(DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")) as warehouse:
        for days in (0, 4, 4):
            world.now = ANCHOR + days * DAY
            for name in ("config", "run"):
                table = scheduled_queries.tables[f"raw_scheduled_queries.{name}"].table
                rows = shape(name).fit(world.rows(scheduled_queries, name)).table.to_pylist()
                landed[name] = land(warehouse, tmp_path, table, rows, now=world.now)
        kept = warehouse.preview("raw_scheduled_queries.config", 100).to_pylist()
    assert [row["display_name"] for row in kept if row["_deleted_at"]] == ["dashboard 170 trend"]
    assert (landed["config"].changed_rows, landed["run"].changed_rows) == (0, 0)
    assert landed["run"].state.rows > len(world.rows(scheduled_queries, "run"))  # those no longer shown stay


def test_calls_are_as_few_as_can_be_and_the_list_is_shared(world: World) -> None:
    queries = ScheduledQueries(world.sandbox.company)
    answers: dict[str, object] = {}
    lists = 1 + len(LOCATIONS)
    details = len(queries.at(world.now))
    run_pages = sum(max(1, -(-len(list(queries.runs(one, world.now))) // 40)) for one in queries.at(world.now))
    with world.client(scheduled_queries) as client:
        for table, calls in (("config", lists + details), ("run", lists + details + run_pages)):
            fetch = scheduled_queries.tables[f"raw_scheduled_queries.{table}"].fetch
            assert fetch
            assert list(fetch(Pull(client, world.settings(scheduled_queries), world.now, answers=answers)))
            assert client.calls == calls


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(total: int) -> None:
    with answering(vendor_of(numbered(total), 3)) as vendor:
        rows = pull(vendor.url, "config")
    assert [row["config_id"] for row in rows] == [str(n) for n in range(total)]
    assert len(vendor.asked) == 2 + max(1, -(-total // 3)) + total
    assert {asked.query.get("pageSize") for asked in vendor.asked[:3]} == {"1000"}


def test_a_config_as_documented() -> None:
    with answering(vendor_of([CONFIG])) as vendor:
        rows = pull(vendor.url, "config")
    fitted = shape("config").fit(rows)
    (row,) = fitted.table.to_pylist()
    assert fitted.misfits == {}
    assert set(fitted.unknown) == {"encryptionConfiguration"}
    assert (row["location"], row["destination_table"], row["query"]) == ("us", "t_{run_date}", "select 1")
    assert json.loads(row["params"]) == {"partitioning_field": ""}
    assert (row["user_id"], row["is_disabled"]) == ("-4501932176432108742", False)
    assert row["owner_email"] == "sa@p.iam.gserviceaccount.com"
    assert row["updated_at"] == datetime(2024, 3, 17, 12, 31, 40, 870504, tzinfo=UTC)


def test_a_run_as_documented() -> None:
    with answering(vendor_of([CONFIG])) as vendor:
        rows = pull(vendor.url, "run")
    fitted = shape("run").fit(rows)
    (row,) = fitted.table.to_pylist()
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert (row["config_name"], row["run_id"], row["state"]) == (NAME, "1", "FAILED")
    assert (row["error_code"], row["error_message"]) == (3, "Query error: Not found")
    assert row["ended_at"] == datetime(2026, 11, 21, 10, 31, 2, 998421, tzinfo=UTC)


@pytest.mark.parametrize("table", ["config", "run"])
def test_a_query_that_is_deleted_while_it_is_read_is_left_out(table: str) -> None:
    configs = numbered(3)
    with answering(vendor_of(configs, gone=frozenset({configs[1]["name"]}))) as vendor:
        rows = pull(vendor.url, table)
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.TOO_MANY_REQUESTS, {"count": 2}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.EXPIRED_TOKEN, {}),
    ],
)
def test_a_fault_that_passes_costs_nothing(world: World, kind: Kind, options: dict[str, Any]) -> None:
    whole = world.rows(scheduled_queries, "config")
    world.sandbox.faults.switch_on(kind, "scheduled_queries", **options)
    assert world.rows(scheduled_queries, "config") == whole
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_what_does_not_pass_is_told(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "scheduled_queries")
    with pytest.raises(ComeBackLater):
        world.rows(scheduled_queries, "run")
    world.sandbox.faults.clear()
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "scheduled_queries", match="*/europe-west1/*")
    with pytest.raises(SourceError, match=r"europe-west1.*403 .*bigquery\.transfers\.get.*not allowed"):
        world.rows(scheduled_queries, "config")


def test_a_wrong_location_or_page_of_html_is_an_error() -> None:
    missing = Answer.json({"error": {"code": 404, "message": "Requested entity was not found."}}, 404)
    locations = Answer.json({"locations": [{"locationId": "mars"}]})
    with scripted(locations, missing) as vendor, pytest.raises(SourceError, match=r"mars/transferConfigs: 404"):
        pull(vendor.url, "config")
    with scripted(Answer(403, b"<html>Forbidden</html>")) as vendor, pytest.raises(SourceError, match="403 Forbidden"):
        pull(vendor.url, "config")


def test_it_is_examined_by_its_locations_and_one_list(world: World) -> None:
    assert scheduled_queries.examination
    with world.client(scheduled_queries) as client:
        found = list(scheduled_queries.examination(client, world.settings(scheduled_queries)))
        assert ([one.is_permitted for one in found], client.calls) == ([True, True], 2)
