"""Mixmax: every sequence that our users see, and everybody in them, whatever is added or taken out while it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sg_assets.http import SourceError
from sg_assets.http.pace import pace
from sg_assets.rows import Shape
from sg_assets.sandbox.company.outreach import Outreach, Recipient
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources import mixmax as module
from sg_assets.sources.mixmax import mixmax
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import ANCHOR, World

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {"SG_MIXMAX_TOKENS": "t0ken-1, t0ken-2"}


@pytest.fixture(autouse=True)
def another_minute() -> None:
    """What other tests asked does not count against Mixmax's limit."""
    pace.cache_clear()


def seen_recipients(world: World) -> dict[str, Recipient]:
    """Everybody whom one of our users can see now."""
    outreach = Outreach(world.sandbox.company)
    listed = outreach.recipients(world.now)
    seen = [one for one in outreach.sequences if one.exists(world.now) and (not one.owner.left_at or one.is_shared)]
    return {each.id: each for one in seen for each in listed[one.id]}


def merged(pages: list[Page]) -> dict[object, Mapping[str, object]]:
    return {row["id"]: row for page in pages for row in page.rows}


@pytest.mark.parametrize("table", ["user", "sequence", "recipient"])
def test_every_row_has_its_declared_shape(world: World, table: str) -> None:
    rows = world.rows(mixmax, table)
    fitted = Shape(mixmax.tables[f"raw_mixmax.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert fitted.table.num_rows == len(rows) == len({row["id"] for row in rows}) > 5


def test_sequences_that_only_their_owner_sees_are_there_and_shared_ones_once(world: World) -> None:
    owners = {row["user_id"] for row in world.rows(mixmax, "sequence") if not row["is_shared"]}
    assert owners == {row["id"] for row in world.rows(mixmax, "user")}


def test_the_first_pull_gives_everybody_and_their_state(world: World) -> None:
    rows = merged(world.pages(mixmax, "recipient"))
    truth = seen_recipients(world)
    assert {id_: (row["email"], row["state"]) for id_, row in rows.items()} == {
        id_: (one.email, one.state(world.now)) for id_, one in truth.items()
    }
    assert {row["state"] for row in rows.values()} == {"active", "completed", "failed"}


def test_pulls_in_between_miss_nobody_new_and_no_change_of_state(world: World) -> None:
    world.now = ANCHOR + timedelta(minutes=3)
    known: dict[object, Mapping[str, object]] = {}
    gone: set[object] = set()
    cursor = None
    for hours in (0, 5, 20, 72, 300):
        world.now += timedelta(hours=hours)
        pace.cache_clear()
        pages = world.pages(mixmax, "recipient", cursor)
        known |= merged(pages)
        cursor = pages[-1].cursor
        covered = {page.covers.low for page in pages if page.covers}
        gone |= {id_ for id_, row in known.items() if row["sequence_id"] in covered} - merged(pages).keys()
        listed = {row["id"] for row in world.rows(mixmax, "sequence")}
        alive = {id_: row for id_, row in known.items() if id_ not in gone and row["sequence_id"] in listed}
        truth = {id_: one.state(world.now) for id_, one in seen_recipients(world).items()}
        assert {id_: alive[id_]["state"] for id_ in truth} == truth
    assert gone


def test_a_sequence_that_was_deleted_is_not_listed_any_more_and_its_recipients_stay(world: World) -> None:
    world.now = ANCHOR + timedelta(hours=1)
    before, pages = world.rows(mixmax, "sequence"), world.pages(mixmax, "recipient")
    world.now = ANCHOR + timedelta(hours=25)
    pace.cache_clear()
    (gone,) = {row["id"] for row in before} - {row["id"] for row in world.rows(mixmax, "sequence")}
    later = world.pages(mixmax, "recipient", pages[-1].cursor)
    assert gone not in {page.covers.low for page in later if page.covers}
    assert gone not in dict(later[-1].cursor or {})["sequences"]  # pyrefly: ignore[not-iterable]


def test_a_sequence_without_news_is_not_asked_for_again(world: World) -> None:
    world.now = ANCHOR + timedelta(hours=2, minutes=3)
    first = world.pages(mixmax, "recipient")
    world.now += timedelta(minutes=5)
    second = world.pages(mixmax, "recipient", first[-1].cursor)
    active = {row["sequence_id"] for row in merged(first).values() if row["state"] == "active"}
    assert {page.covers.low for page in second if page.covers} == active
    assert 0 < len(active) < len(first) // 2
    assert second[-1].cursor == first[-1].cursor


def test_a_pull_that_stopped_halfway_goes_on_with_the_next_sequence(world: World) -> None:
    whole = world.pages(mixmax, "recipient")
    part = whole[: len(whole) // 2]
    rest = world.pages(mixmax, "recipient", part[-1].cursor)
    assert len(rest) < len(whole)
    assert merged(part) | merged(rest) == merged(whole)
    assert rest[-1].cursor == whole[-1].cursor


def test_a_listing_serves_both_tables_of_a_run(world: World) -> None:
    answers: dict[str, object] = {}
    with world.client(mixmax) as client:
        pull = Pull(client, world.settings(mixmax), world.now, answers=answers)
        sequences, recipients = (mixmax.tables[f"raw_mixmax.{name}"].fetch for name in ("sequence", "recipient"))
        assert sequences
        assert recipients
        (page,) = sequences(pull)
        users = len(world.rows(mixmax, "user"))
        assert client.calls == users
        list(recipients(pull))
        assert client.calls == users + len(page.rows)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.TOO_MANY_REQUESTS, {"count": 2}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1, "retry_after": 30}),
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.REPEATED_ROW, {"count": 3, "match": "recipients"}),
    ],
)
def test_a_fault_that_passes_costs_nobody(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.sandbox.faults.switch_on(kind, "mixmax", **options)
    assert merged(world.pages(mixmax, "recipient")).keys() == seen_recipients(world).keys()
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_a_field_that_nobody_asked_for_is_kept(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "mixmax", match="sequences")
    fitted = Shape(mixmax.tables["raw_mixmax.sequence"].table).fit(world.rows(mixmax, "sequence"))
    assert fitted.unknown["surprise"] == fitted.table.num_rows


def recipient(number: int, **fields: object) -> dict[str, object]:
    """As the vendor's reference shows one."""
    return {
        "_id": f"57f6{number:020}",
        "userId": "kZYPwDDiGPTfQDj5n",
        "sequenceId": "5815495f8447b9058a310430",
        "email": f"ada{number}@customer.example",
        "state": "completed",
        "createdAt": "2016-10-30T01:14:07.790Z",
        "updatedAt": "2016-10-30T01:14:10.688Z",
    } | fields


SEQUENCE = {
    "_id": "5815495f8447b9058a310430",
    "userId": "kZYPwDDiGPTfQDj5n",
    "createdAt": "2016-10-30T01:14:07.790Z",
    "updatedAt": "2016-10-30T01:14:10.688Z",
    "name": "Sales leads - second batch",
    "sendStagesAsReplies": True,
    "linkTrackingEnabled": True,
    "notificationsEnabled": True,
    "stages": ["5815495f8447b9058a31042f"],
    "variables": ["Email", "First name", "job title"],
}


def vendor_of(lists: Callable[[], list[dict[str, object]]], most: int = 300) -> Callable[[Asked], Answer]:
    """Mixmax with one sequence, whose list of recipients may be another each time it is asked for."""

    def answer(asked: Asked) -> Answer:
        if asked.path == "/v1/sequences":
            return Answer.json({"results": [SEQUENCE], "next": "eyJ", "hasNext": False})
        offset, limit = int(asked.query["offset"]), min(int(asked.query["limit"]), most)
        return Answer.json(lists()[offset : offset + limit])

    return answer


def pull(url: str, table: str, cursor: Mapping[str, object] | None = None) -> list[Page]:
    fetch = mixmax.tables[f"raw_mixmax.{table}"].fetch
    assert fetch
    with mixmax.connect(url, SETTINGS) as client:
        return list(fetch(Pull(client, SETTINGS, NOW, cursor)))


def numbers(pages: list[Page]) -> list[int]:
    return [int(str(row["id"])[4:]) for page in pages for row in page.rows]


def asked_for_recipients(asked: list[Asked]) -> list[tuple[str, str]]:
    return [(one.query["offset"], one.query["limit"]) for one in asked if one.path.endswith("/recipients")]


@pytest.mark.parametrize(("total", "calls"), [(0, 1), (1, 1), (3, 1), (4, 2), (5, 2), (7, 3), (8, 3)])
def test_every_page_boundary(total: int, calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    with answering(vendor_of(lambda: [recipient(n) for n in range(total)])) as vendor:
        assert numbers(pull(vendor.url, "recipient")) == list(range(total))
    assert len(asked_for_recipients(vendor.asked)) == calls


@pytest.mark.parametrize("total", [49, 50, 51, 99, 120])
def test_a_vendor_that_gives_fewer_than_asked_for_is_asked_for_more(total: int) -> None:
    with answering(vendor_of(lambda: [recipient(n) for n in range(total)], most=50)) as vendor:
        assert numbers(pull(vendor.url, "recipient")) == list(range(total))


def test_rows_added_while_the_list_is_read_come_twice_and_are_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    turns = iter(range(100))
    with answering(vendor_of(lambda: [recipient(n) for n in range(-next(turns), 9)])) as vendor:
        found = numbers(pull(vendor.url, "recipient"))
    assert len(found) == len(set(found))
    assert set(range(9)) <= set(found)


def test_a_row_taken_out_while_the_list_is_read_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    turns = iter(range(100))
    with answering(vendor_of(lambda: [recipient(n) for n in range(9) if n != 1 or next(turns) < 1])) as vendor:
        assert numbers(pull(vendor.url, "recipient")) == [0, 2, 3, 4, 5, 6, 7, 8]


def test_a_list_that_loses_rows_each_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    turns = iter(range(100))
    with (
        answering(vendor_of(lambda: [recipient(n) for n in range(next(turns), 90)])) as vendor,
        pytest.raises(SourceError, match="rows were taken out each time"),
    ):
        pull(vendor.url, "recipient")
