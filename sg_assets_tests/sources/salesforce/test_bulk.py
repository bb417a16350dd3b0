"""Bulk API 2.0: the first load of large objects, whatever its CSV, its jobs and the connection do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.salesforce_memory import Memory
from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce import salesforce
from sg_assets.sources.salesforce.bulk import Job
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World

LAG = timedelta(minutes=1)
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
THROUGH = "2026-11-21T06:19:00Z"
TABLES = {"opportunity_history": "OpportunityHistory", "campaign_member": "CampaignMember"}
JOBS = "/services/data/v59.0/jobs/query"


def truth(world: World, table: str) -> set[str]:
    records = Crm(CrmChanges(world.sandbox.company)).at(world.now)[TABLES[table]].values()
    return {str(one["Id"]) for one in records if one["SystemModstamp"] < world.now - LAG}  # pyrefly: ignore[unsupported-operation]


def ids(pages: list[Page]) -> list[str]:
    return [str(row["id"]) for page in pages for row in page.rows]


def memory(world: World) -> Memory:
    return Memory(world.sandbox.state_dir)


@pytest.mark.parametrize("table", TABLES)
def test_the_first_load_gives_every_record_in_its_declared_shape_and_deletes_its_job(world: World, table: str) -> None:
    pages = world.pages(salesforce, table)
    rows = [row for page in pages for row in page.rows]
    assert set(ids(pages)) == truth(world, table)
    assert len(rows) == len(truth(world, table)) > 40 < sum(len(page.rows) for page in pages)
    fitted = Shape(salesforce.tables[f"raw_salesforce.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert pages[-1].cursor == {"modified_through": f"{world.now - LAG:%Y-%m-%dT%H:%M:%SZ}"}
    assert memory(world).jobs() == []


@pytest.mark.parametrize("table", TABLES)
def test_a_bulk_load_and_a_query_give_the_same_values(world: World, table: str) -> None:
    bulk = {str(row["id"]): row for row in world.rows(salesforce, table)}
    rest = world.rows(salesforce, table, {"modified_through": "2000-01-01T00:00:00Z"})
    shape = Shape(salesforce.tables[f"raw_salesforce.{table}"].table)
    ordered = [bulk[str(row["id"])] for row in rest]
    assert shape.fit(ordered).table.equals(shape.fit(rest).table)
    assert len(rest) == len(bulk)


def test_increments_come_by_rest(world: World) -> None:
    first = world.pages(salesforce, "opportunity_history")
    before = set(ids(first))
    world.now += timedelta(hours=5)
    second = world.pages(salesforce, "opportunity_history", first[-1].cursor)
    assert before | set(ids(second)) == truth(world, "opportunity_history")
    assert len(ids(second)) < len(before)
    assert memory(world).jobs() == []
    (third,) = world.pages(salesforce, "campaign_member", second[-1].cursor)
    assert third.rows == []


def test_the_calls_are_the_least_that_the_protocol_allows(world: World) -> None:
    table = "opportunity_history"
    fetch = salesforce.tables[f"raw_salesforce.{table}"].fetch
    assert fetch
    with world.client(salesforce) as client:
        pages = list(fetch(Pull(client, world.settings(salesforce), world.now)))
        assert client.calls == 1 + 2 + len(pages) + 1  # make it, ask twice how it is, fetch its pages, delete it
        assert len(pages) == -(-len(ids(pages)) // 40)
    assert world.waits == [0.5]


def test_a_load_that_stopped_halfway_goes_on_with_its_job(world: World) -> None:
    fetch = salesforce.tables["raw_salesforce.opportunity_history"].fetch
    assert fetch
    with world.client(salesforce) as client:
        pages = fetch(Pull(client, world.settings(salesforce), world.now))
        part = [next(pages), next(pages)]
    (left,) = memory(world).jobs()
    world.now += timedelta(minutes=30)
    rest = world.pages(salesforce, "opportunity_history", part[-1].cursor)
    whole = ids(part) + ids(rest)
    world.now -= timedelta(minutes=30)
    assert len(whole) == len(set(whole))
    assert set(whole) == truth(world, "opportunity_history")
    assert left not in memory(world).jobs()
    assert rest[-1].cursor == {"modified_through": f"{world.now - LAG:%Y-%m-%dT%H:%M:%SZ}"}


def test_a_job_that_is_gone_is_made_anew(world: World) -> None:
    cursor = asdict(Job("750000000000099AAA", THROUGH, "NDA=", is_done=True))
    assert set(ids(world.pages(salesforce, "opportunity_history", cursor))) == truth(world, "opportunity_history")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.EXPIRED_TOKEN, {"match": "*results*"}),
        (Kind.SERVER_ERROR, {"count": 2, "match": "*jobs/query*"}),
        (Kind.CUT_BODY, {"count": 1, "match": "*results*"}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1, "match": "*jobs/query*"}),
    ],
)
def test_a_fault_that_passes_costs_no_record(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "salesforce", **options)
    assert set(ids(world.pages(salesforce, "campaign_member"))) == truth(world, "campaign_member")


def history(number: int) -> str:
    at = "2026-11-20T10:00:00.000Z"
    return f'"{number:03}","006","Interest","1000.0","2026-12-01","20.0","005","{at}","{at}","false"\n'


def vendor_of(total: int, page: int, state: Mapping[str, object], told: int = 0) -> Callable[[Asked], Answer]:
    """Salesforce with a job in a state and so many rows; `told` rows more than it gives."""
    head = (
        '"Id","OpportunityId","StageName","Amount","CloseDate","Probability","CreatedById","CreatedDate",'
        '"SystemModstamp","IsDeleted"\n'
    )

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/token"):
            return Answer.json({"access_token": "00D!token", "instance_url": "https://elsewhere.example"})
        if asked.path.endswith("/results"):
            at = int(asked.query.get("locator", "0"))
            rows = [history(number) for number in range(at, min(at + page, total))]
            locator = str(at + page) if at + page < total else "null"
            headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(rows) + told)}
            return Answer(200, (head + "".join(rows)).encode(), headers | {"Content-Type": "text/csv"})
        if asked.method == "DELETE":
            return Answer(204, b"")
        job = {"id": "7501x0000000001AAA", "operation": "queryAll", "object": "OpportunityHistory", "apiVersion": 59.0}
        return Answer.json(job | ({"state": "UploadComplete"} if asked.method == "POST" else dict(state)))

    return answer


def pull(url: str, waits: list[float], cursor: Mapping[str, object] | None = None) -> list[Page]:
    fetch = salesforce.tables["raw_salesforce.opportunity_history"].fetch
    assert fetch
    settings = {"SG_SALESFORCE_CLIENT_ID": "id", "SG_SALESFORCE_CLIENT_SECRET": "s3cret"}
    pages = []
    with salesforce.connect(url, settings) as client:
        client.sleep = waits.append  # pyrefly: ignore[missing-attribute]
        for page in fetch(Pull(client, settings, NOW, cursor)):
            pages.append(page)
            waits += [-1.0] if page.lands_now else []
    return pages


@pytest.mark.parametrize("total", [0, 1, 3, 4, 7])
def test_pages_of_results_end_where_the_locator_says_null(total: int) -> None:
    with answering(vendor_of(total, 3, {"state": "JobComplete"})) as vendor:
        pages = pull(vendor.url, [])
    assert ids(pages) == [f"{number:03}" for number in range(total)]
    assert len([asked for asked in vendor.asked if asked.path.endswith("/results")]) == max(1, -(-total // 3))


def test_what_is_asked() -> None:
    with answering(vendor_of(4, 3, {"state": "JobComplete"})) as vendor:
        pull(vendor.url, [])
    _, create, look, first, second, end = vendor.asked
    assert (create.method, create.path) == ("POST", JOBS)
    body = json.loads(create.body)
    assert body.pop("query").endswith(f"IsDeleted FROM OpportunityHistory WHERE SystemModstamp < {THROUGH}")
    assert body == {"operation": "queryAll", "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
    assert look.path == f"{JOBS}/7501x0000000001AAA"
    assert [asked.query for asked in (first, second)] == [
        {"maxRecords": "50000"},
        {"maxRecords": "50000", "locator": "3"},
    ]
    assert (end.method, end.path) == ("DELETE", f"{JOBS}/7501x0000000001AAA")


def test_a_job_that_failed_says_why() -> None:
    failed = {"state": "Failed", "errorMessage": "InvalidBatch : Failed to process query"}
    with answering(vendor_of(0, 3, failed)) as vendor, pytest.raises(SourceError) as caught:
        pull(vendor.url, [])
    assert "query job 7501x0000000001AAA of OpportunityHistory: Failed: InvalidBatch" in str(caught.value)


def test_a_job_that_takes_long_is_left_running_and_gone_on_with() -> None:
    waits: list[float] = []
    with answering(vendor_of(4, 3, {"state": "InProgress"})) as vendor, pytest.raises(ComeBackLater) as caught:
        pull(vendor.url, waits)
    assert sum(wait for wait in waits if wait > 0) == 60
    assert waits[-1] == -1  # the job was landed before the step ended
    assert "still running" in str(caught.value)
    left = asdict(Job("7501x0000000001AAA", "2026-11-21T05:00:00Z"))
    with answering(vendor_of(4, 3, {"state": "JobComplete"})) as vendor:
        pages = pull(vendor.url, [], left)
    assert len(ids(pages)) == 4
    assert pages[-1].cursor == {"modified_through": "2026-11-21T05:00:00Z"}
    assert "POST" not in [asked.method for asked in vendor.asked[1:]]


def test_a_job_that_cannot_be_deleted_costs_no_record() -> None:
    vendor = vendor_of(4, 3, {"state": "JobComplete"})

    def answer(asked: Asked) -> Answer:
        return Answer.json([{"errorCode": "NOT_FOUND"}], 404) if asked.method == "DELETE" else vendor(asked)

    with answering(answer) as served:
        assert len(ids(pull(served.url, []))) == 4


def test_fewer_rows_than_salesforce_says_are_an_error() -> None:
    with answering(vendor_of(2, 3, {"state": "JobComplete"}, told=1)) as vendor, pytest.raises(SourceError) as caught:
        pull(vendor.url, [])
    assert "2 rows, of which Salesforce says 3" in str(caught.value)


def test_a_page_of_html_in_place_of_results_is_an_error() -> None:
    vendor = vendor_of(2, 3, {"state": "JobComplete"})
    page = Answer(200, b"<html>Down for\nmaintenance</html>", {"Content-Type": "text/html"})
    with (
        answering(lambda asked: page if asked.path.endswith("/results") else vendor(asked)) as served,
        pytest.raises(SourceError, match=r"7501x0000000001AAA/results: 1 rows, of which Salesforce says nothing"),
    ):
        pull(served.url, [])
