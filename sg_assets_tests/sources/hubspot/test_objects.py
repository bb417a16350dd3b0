"""Contacts, companies and deals: everything once, then every change, whatever pages, ties and faults do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sg_assets.http import ComeBackLater
from sg_assets.rows import Shape
from sg_assets.sandbox.company.marketing import State
from sg_assets.sandbox.faults import Kind as Fault
from sg_assets.source import Pull
from sg_assets.sources.hubspot import hubspot
from sg_assets_tests.scripted_vendor import answering
from sg_assets_tests.sources.conftest import ANCHOR, World
from sg_assets_tests.sources.hubspot.conftest import KINDS, Pulled, pull, record, vendor_of

DAY = timedelta(days=1)
SINCE = {"changed_through": "2026-11-20T06:20:00+00:00", "listed_at": "2026-11-18T06:20:00+00:00"}


def pulled(world: World, table: str, cursor: dict[str, Any] | None = None) -> Pulled:
    fetch = hubspot.tables[f"raw_hubspot.{table}"].fetch
    assert fetch
    with world.client(hubspot) as client:
        return Pulled(list(fetch(Pull(client, world.settings(hubspot), world.now, cursor))), client.calls)


def stamps(rows: list[dict[str, Any]]) -> dict[str, tuple[datetime, bool]]:
    return {row["id"]: (datetime.fromisoformat(row["modified_at"]), row["is_archived"]) for row in rows}


def truth(state: State, table: str) -> dict[str, tuple[datetime, bool]]:
    return {one.id: (one.modified_at, one.archived_at is not None) for one in state.records[table].values()}


@pytest.mark.parametrize("table", KINDS)
def test_the_first_pull_gives_every_record_in_its_declared_shape(
    world: World, state: Callable[[], State], table: str
) -> None:
    first = pulled(world, table)
    assert stamps(first.rows) == truth(state(), table)
    fitted = Shape(hubspot.tables[f"raw_hubspot.{table}"].table).fit(first.rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(first.rows) > 50
    living = sum(not row["is_archived"] for row in first.rows)
    assert first.calls == 2 + -(-living // 40)  # the properties, what is archived, and the fewest pages of the others
    assert all(page.covers is None for page in first.pages)


@pytest.mark.parametrize("table", KINDS)
def test_pulls_in_between_lose_no_change(world: World, state: Callable[[], State], table: str) -> None:
    world.now = ANCHOR + timedelta(minutes=3)
    merged: dict[str, tuple[datetime, bool]] = {}
    cursor = None
    for step in (0, 5, 60, 7, 1440, 360):
        world.now += timedelta(minutes=step, seconds=step % 7)
        news = pulled(world, table, cursor)
        merged |= stamps(news.rows)
        cursor = news.cursor
        assert {key: merged.get(key) for key in truth(state(), table)} == truth(state(), table)
        assert len(news.rows) < len(merged) or step == 0


def test_with_nothing_new_a_pull_is_three_calls(world: World) -> None:
    first = pulled(world, "deal")
    second = pulled(world, "deal", first.cursor)
    assert second.calls == 3  # the properties, one search, what is archived
    assert [row for row in second.rows if not row["is_archived"]] == []
    assert (
        second.cursor == first.cursor == {"changed_through": world.now.isoformat(), "listed_at": world.now.isoformat()}
    )


def test_once_a_week_everything_is_listed_so_that_what_vanished_is_missed(
    world: World, state: Callable[[], State]
) -> None:
    world.now = ANCHOR + timedelta(hours=12)
    first = pulled(world, "contact")
    world.now += 7 * DAY
    later = pulled(world, "contact", first.cursor)
    covers = later.pages[-1].covers
    assert covers
    assert covers.column == "created_at"
    assert all(page.cursor is None for page in later.pages[:-1])  # nothing is concluded from a part
    assert stamps(later.rows) == truth(state(), "contact")
    assert stamps(first.rows).keys() - stamps(later.rows).keys()  # some were erased meanwhile
    assert pulled(world, "contact", later.cursor).pages[-1].covers is None


def test_what_was_merged_vanishes_and_the_winner_names_it(world: World) -> None:
    rows = {row["id"]: row for row in pulled(world, "contact").rows}
    losers = [id_ for row in rows.values() for id_ in row["merged_contact_ids"] or ()]
    assert losers
    assert not rows.keys() & set(losers)


def test_what_is_archived_comes_and_says_since_when(world: World) -> None:
    world.now = ANCHOR + 2 * DAY
    archived = [row for row in pulled(world, "contact").rows if row["is_archived"]]
    assert archived
    assert all(row["archived_at"] for row in archived)


def test_a_first_listing_that_stopped_goes_on_where_it_was(world: World, state: Callable[[], State]) -> None:
    whole = pulled(world, "contact").pages
    part = whole[: len(whole) // 2]
    before = world.now
    world.now += timedelta(hours=1)
    rest = pulled(world, "contact", Pulled(part, 0).cursor)
    assert len(rest.pages) < len(whole)
    assert rest.cursor["changed_through"] == before.isoformat()  # what changed since it began is searched for next
    last = pulled(world, "contact", rest.cursor)
    merged = stamps(Pulled(part, 0).rows) | stamps(rest.rows) | stamps(last.rows)
    assert {key: merged.get(key) for key in truth(state(), "contact")} == truth(state(), "contact")


def test_a_search_that_stopped_is_ended_before_the_next_one(world: World, state: Callable[[], State]) -> None:
    first = pulled(world, "contact")
    world.now += timedelta(hours=30)  # the workflow has asked ZoomInfo about a tenth of all, twice
    found = pulled(world, "contact", first.cursor).pages
    assert len(found[0].rows) == 40
    world.now += timedelta(hours=2)
    rest = pulled(world, "contact", dict(found[0].cursor or {}))
    merged = stamps(first.rows) | stamps([dict(row) for row in found[0].rows]) | stamps(rest.rows)
    assert {key: merged.get(key) for key in truth(state(), "contact")} == truth(state(), "contact")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Fault.TOO_MANY_REQUESTS, {"count": 2}),
        (Fault.TOO_MANY_REQUESTS, {"count": 1, "retry_after": 30}),
        (Fault.SERVER_ERROR, {"count": 3}),
        (Fault.SERVER_ERROR, {"count": 1, "status": 477}),
        (Fault.CUT_BODY, {"count": 1}),
        (Fault.REPEATED_ROW, {"count": 2}),
    ],
)
def test_a_fault_that_passes_costs_no_record(
    world: World, state: Callable[[], State], kind: Fault, options: dict[str, Any]
) -> None:
    world.sandbox.faults.switch_on(kind, "hubspot", **options)
    assert stamps(pulled(world, "company").rows) == truth(state(), "company")
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]
    assert set(world.waits) <= {10.0, 30.0} or kind is not Fault.TOO_MANY_REQUESTS


def test_the_days_quota_is_midnight_where_the_account_is(world: World) -> None:
    world.sandbox.faults.switch_on(Fault.QUOTA, "hubspot")
    with pytest.raises(ComeBackLater, match=r"daily quota of API calls is used up") as caught:
        pulled(world, "contact")
    assert (caught.value.at.hour, caught.value.at.utcoffset()) in {(0, timedelta(hours=-8)), (0, timedelta(hours=-7))}
    assert world.waits == []


def test_odd_values_are_kept_aside_or_kept(world: World) -> None:
    shape = Shape(hubspot.tables["raw_hubspot.deal"].table)
    wrong = {"field": "amount_in_home_currency", "value": "a lot"}
    world.sandbox.faults.switch_on(Fault.WRONG_VALUE, "hubspot", match="deals", count=1, **wrong)
    world.sandbox.faults.switch_on(Fault.UNKNOWN_FIELD, "hubspot", match="deals", count=1)
    rows = pulled(world, "deal").rows
    fitted = shape.fit(rows)
    assert list(fitted.misfits.values()) == ["amount_usd: NUMERIC expected, got str"]
    assert fitted.unknown["surprise"] == 39
    world.sandbox.faults.clear()
    world.sandbox.faults.switch_on(Fault.NULL_VALUE, "hubspot", match="deals", count=1, field="dealname")
    assert [row["name"] for row in pulled(world, "deal").rows].count(None) == 1


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary_of_a_listing(total: int) -> None:
    with answering(vendor_of([record(i + 1) for i in range(total)], 3)) as vendor:
        rows = pull(vendor.url, "contact").rows
    assert [row["id"] for row in rows] == [str(i + 1) for i in range(total)]
    assert len(vendor.asked) == 2 + max(1, -(-total // 3))


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary_of_a_search(total: int) -> None:
    with answering(vendor_of([record(i + 1) for i in range(total)], 3)) as vendor:
        rows = pull(vendor.url, "contact", SINCE).rows
    assert [row["id"] for row in rows] == [str(i + 1) for i in range(total)]
    assert len([asked for asked in vendor.asked if asked.path.endswith("/search")]) == max(1, -(-total // 3))


def test_over_ten_thousand_records_that_changed_at_the_same_instant_are_all_found() -> None:
    with answering(vendor_of([record(i + 1) for i in range(10_450)], 200)) as vendor:
        rows = pull(vendor.url, "contact", SINCE).rows
    assert len({row["id"] for row in rows}) == 10_450
    searches = [json.loads(asked.body) for asked in vendor.asked if asked.path.endswith("/search")]
    assert len(searches) == 53
    assert all("after" not in asked for asked in searches)
