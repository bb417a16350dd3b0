"""getDeleted: what was deleted or erased, without a hole between two pulls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sg_assets.rows import Shape
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce import salesforce
from sg_assets_tests.scripted_vendor import Answer, answering
from sg_assets_tests.sources.conftest import ANCHOR, World

ASKED = 8  # objects


def pairs(pages: list[Page]) -> set[tuple[object, object]]:
    return {(row["object_name"], row["id"]) for page in pages for row in page.rows}


def test_erased_records_are_told_although_no_query_shows_them(world: World) -> None:
    world.now = ANCHOR + timedelta(days=3)
    pages = world.pages(salesforce, "deleted_record")
    erased = Crm(CrmChanges(world.sandbox.company)).erased(world.now)
    assert len(erased) == 3
    assert set(erased) <= pairs(pages)
    leads = {row["id"] for row in world.rows(salesforce, "lead")}
    assert not leads & {id_ for _, id_ in erased}
    rows = [row for page in pages for row in page.rows]
    fitted = Shape(salesforce.tables["raw_salesforce.deleted_record"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})


def test_records_in_the_recycle_bin_are_told_too(world: World) -> None:
    world.now = ANCHOR + timedelta(days=2)
    told = pairs(world.pages(salesforce, "deleted_record"))
    binned = {row["id"] for row in world.rows(salesforce, "lead") if row["is_deleted"]}
    assert binned & {id_ for name, id_ in told if name == "Lead"}


def test_pulls_in_between_miss_no_deletion_and_ask_once_for_each_object(world: World) -> None:
    fetch = salesforce.tables["raw_salesforce.deleted_record"].fetch
    assert fetch
    found: set[tuple[object, object]] = set()
    cursor: Mapping[str, object] | None = None
    for hours in (0, 5, 13, 30, 7):
        world.now += timedelta(hours=hours)
        with world.client(salesforce) as client:
            pages = list(fetch(Pull(client, world.settings(salesforce), world.now, cursor)))
            assert client.calls == ASKED
        cursor = pages[-1].cursor
        found |= pairs(pages)
    world.now += timedelta(minutes=10)
    assert found == pairs(world.pages(salesforce, "deleted_record"))


def test_a_second_pull_at_once_asks_for_less_than_salesforce_answers(world: World) -> None:
    cursor = world.pages(salesforce, "deleted_record")[-1].cursor
    pages = world.pages(salesforce, "deleted_record", cursor)
    assert pairs(pages) == set()


def test_a_pause_of_more_than_thirty_days_is_told(world: World) -> None:
    cursor = world.pages(salesforce, "deleted_record")[-1].cursor
    world.now += timedelta(days=40)
    pages = world.pages(salesforce, "deleted_record", cursor)
    assert "is not told any more" in pages[-1].note
    assert pages[-1].cursor != cursor


def test_what_is_asked() -> None:
    answer = {
        "deletedRecords": [{"id": "00Q1x00000000001AAA", "deletedDate": "2026-11-20T10:11:12.000+0000"}],
        "earliestDateAvailable": "2026-10-22T00:00:00.000+0000",
        "latestDateCovered": "2026-11-21T06:15:00.000+0000",
    }
    now = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
    fetch = salesforce.tables["raw_salesforce.deleted_record"].fetch
    assert fetch
    token = Answer.json({"access_token": "00D!token"})
    settings = {"SG_SALESFORCE_CLIENT_ID": "", "SG_SALESFORCE_CLIENT_SECRET": ""}
    with (
        answering(lambda asked: token if asked.path.endswith("/token") else Answer.json(answer)) as vendor,
        salesforce.connect(vendor.url, settings) as http,
    ):
        first = list(fetch(Pull(http, {}, now)))
        list(fetch(Pull(http, {}, now + timedelta(hours=6), first[-1].cursor)))
    asked = [one for one in vendor.asked if "/sobjects/Lead/deleted/" in one.path]
    assert [one.query for one in asked] == [
        {"start": "2026-10-23T06:20:00Z", "end": "2026-11-21T06:20:00Z"},
        {"start": "2026-11-21T06:15:00Z", "end": "2026-11-21T12:20:00Z"},
    ]
    assert first[0].rows[0]["deleted_at"] == "2026-11-20T10:11:12.000+0000"
