"""Salesforce: all records and every change of them, whatever pages, ties, late commits and faults do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.soql import read
from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce import salesforce
from sg_assets.sources.salesforce.rest import quoted
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted
from sg_assets_tests.sources.conftest import ANCHOR, World

OBJECTS = {
    "account": "Account", "opportunity": "Opportunity", "contact": "Contact", "user": "User", "lead": "Lead",
    "product_subscription": "Product_Subscription__c", "campaign": "Campaign",
}  # fmt: skip
LAG = timedelta(minutes=1)
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {"SG_SALESFORCE_CLIENT_ID": "id", "SG_SALESFORCE_CLIENT_SECRET": "s3cret"}


def truth(world: World, table: str) -> dict[str, datetime]:
    """The records that a pull should have seen by now, with the time of their last change."""
    records = Crm(CrmChanges(world.sandbox.company)).at(world.now)[OBJECTS[table]]
    stamps = {str(record["Id"]): record["SystemModstamp"] for record in records.values()}
    return {key: stamp for key, stamp in stamps.items() if isinstance(stamp, datetime) and stamp < world.now - LAG}


def stamps(rows: list[dict[str, object]]) -> dict[str, datetime]:
    return {str(row["id"]): datetime.fromisoformat(str(row["system_modstamp"])) for row in rows}


@pytest.mark.parametrize("table", OBJECTS)
def test_the_first_pull_gives_every_record_in_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(salesforce, table)
    assert stamps(rows) == truth(world, table)
    fitted = Shape(salesforce.tables[f"raw_salesforce.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) > 5


@pytest.mark.parametrize("table", ["account", "lead"])
def test_pulls_in_between_lose_no_change(world: World, table: str) -> None:
    world.now = ANCHOR + timedelta(minutes=3)
    merged: dict[str, datetime] = {}
    cursor = None
    for step in (0, 5, 60, 7, 1440, 360):
        world.now += timedelta(minutes=step, seconds=step % 7)
        pages = world.pages(salesforce, table, cursor)
        merged |= stamps([dict(row) for page in pages for row in page.rows])
        cursor = pages[-1].cursor
        assert {key: merged.get(key) for key in truth(world, table)} == truth(world, table)


def test_a_pull_with_nothing_new_gives_the_look_back_and_moves_on(world: World) -> None:
    first = world.pages(salesforce, "user")
    world.now += timedelta(hours=1)
    (second,) = world.pages(salesforce, "user", first[-1].cursor)
    assert second.rows == []
    assert (first[-1].cursor, second.cursor) == (
        {"modified_through": "2026-11-21T06:19:00Z"},
        {"modified_through": "2026-11-21T07:19:00Z"},
    )


def test_deleted_records_come_and_say_so(world: World) -> None:
    world.now = ANCHOR + timedelta(days=2)
    rows = [row for table in ("account", "contact", "lead") for row in world.rows(salesforce, table)]
    deleted = [row for row in rows if row["is_deleted"]]
    assert deleted
    assert any(row["master_record_id"] for row in deleted)


def test_a_pull_that_stopped_halfway_goes_on_from_its_last_page(world: World) -> None:
    whole = world.pages(salesforce, "lead")
    assert len(whole) > 2
    part = whole[: len(whole) // 2]
    rest = world.rows(salesforce, "lead", part[-1].cursor)
    assert len(rest) < sum(len(page.rows) for page in whole)
    assert stamps([dict(row) for page in part for row in page.rows]) | stamps(rest) == truth(world, "lead")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.EXPIRED_TOKEN, {"match": "*query*"}),
        (Kind.TOO_MANY_REQUESTS, {"count": 2}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1, "retry_after": 30}),
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.SERVER_ERROR, {"count": 1, "status": 420}),
        (Kind.CUT_BODY, {"count": 1, "match": "*query*"}),
        (Kind.SLOW_BODY, {"count": 1, "seconds": 0.2}),
        (Kind.REPEATED_ROW, {"count": 1}),
        (Kind.CHANGED_ROW, {"count": 1}),
    ],
)
def test_a_fault_that_passes_costs_no_record(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "salesforce", **options)
    assert set(stamps(world.rows(salesforce, "contact"))) == set(truth(world, "contact"))
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_the_days_quota_is_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "salesforce", match="*query*")
    with pytest.raises(ComeBackLater, match=r"daily quota of API calls is used up \(TotalRequests Limit exceeded"):
        world.rows(salesforce, "account")
    assert world.waits == []


def test_a_field_that_nobody_asked_for_is_kept(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "salesforce", count=1)
    rows = world.rows(salesforce, "user")
    fitted = Shape(salesforce.tables["raw_salesforce.user"].table).fit(rows)
    assert fitted.unknown["surprise"] > 0


def record(number: int, **fields: object) -> dict[str, object]:
    url = f"/services/data/v59.0/sobjects/User/{number}"
    stamp = "2026-11-20T10:00:00.000+0000"
    return {"attributes": {"type": "User", "url": url}, "Id": f"{number:03}", "SystemModstamp": stamp} | fields


def vendor_of(records: list[dict[str, object]], page: int, host: str = "") -> Callable[[Asked], Answer]:
    """Salesforce with so many records, which gives fewer of them than was asked for, and a cursor with another host."""

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/token"):
            return Answer.json({"access_token": "00D!token", "instance_url": "https://elsewhere.example"})
        at = int(asked.path.rpartition("-")[2]) if "-" in asked.path else 0
        more = {"nextRecordsUrl": f"{host}/services/data/v59.0/query/01gXX-{at + page}"} if records[at + page :] else {}
        return Answer.json({"totalSize": len(records), "done": not more, "records": records[at : at + page]} | more)

    return answer


def pull(url: str, table: str, now: datetime = NOW) -> list[Page]:
    fetch = salesforce.tables[f"raw_salesforce.{table}"].fetch
    assert fetch
    with salesforce.connect(url, SETTINGS) as client:
        return list(fetch(Pull(client, SETTINGS, now)))


@pytest.mark.parametrize("host", ["", "https://elsewhere.example"])
@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(total: int, host: str) -> None:
    with answering(vendor_of([record(i) for i in range(total)], 3, host)) as vendor:
        pages = pull(vendor.url, "user")
    assert [row["id"] for page in pages for row in page.rows] == [f"{i:03}" for i in range(total)]
    assert len([asked for asked in vendor.asked if "query" in asked.path]) == max(1, -(-total // 3))


def test_what_is_asked() -> None:
    with answering(vendor_of([], 3)) as vendor:
        pull(vendor.url, "user")
    login, query = vendor.asked
    assert login.body == b"grant_type=client_credentials&client_id=id&client_secret=s3cret"
    assert query.path == "/services/data/v59.0/queryAll"
    assert query.headers["Authorization"] == "Bearer 00D!token"
    assert query.query["q"] == (
        "SELECT Id, Username, Name, Email, Title, IsActive, CreatedDate, LastModifiedDate, SystemModstamp FROM User "
        "WHERE SystemModstamp < 2026-11-21T06:19:00Z ORDER BY SystemModstamp"
    )


def test_a_number_that_json_wrote_with_a_point_is_whole() -> None:
    with answering(vendor_of([record(1, Stage_Number__c=2.0, Amount=12000.5)], 3)) as vendor:
        rows = [dict(row) for page in pull(vendor.url, "opportunity") for row in page.rows]
    fitted = Shape(salesforce.tables["raw_salesforce.opportunity"].table).fit(rows)
    assert fitted.misfits == {}
    assert fitted.table["stage_number"].to_pylist() == [2]


def test_a_field_lost_to_permissions_is_named_with_what_to_do() -> None:
    lost = Answer.json([{"errorCode": "INVALID_FIELD", "message": "No such column 'ARR__c' on entity 'Account'"}], 400)
    with scripted(Answer.json({"access_token": "00D!token"}), lost) as vendor, pytest.raises(SourceError) as caught:
        pull(vendor.url, "account")
    assert "No such column 'ARR__c'" in str(caught.value)
    assert "right to read the field" in str(caught.value)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\r")))
def test_whatever_a_text_holds_it_is_a_text_to_salesforce(text: str) -> None:
    query = read(f"SELECT Id FROM Account WHERE Name = {quoted(text)} LIMIT 1")
    assert [condition.value for condition in query.conditions] == [text]


def test_a_line_break_in_a_text_is_written_as_salesforce_wants_it() -> None:
    assert quoted("a\r\nb") == r"'a\r\nb'"
