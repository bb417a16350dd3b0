"""What is over for long is forgotten; what is still so, or says how things stood, is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.freshness.incidents import Changes, Incident
from sg_assets.freshness.transitions import Standing, Transition
from sg_assets.message import Kind, Message, Severity
from sg_assets.operations import Operations

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LIMIT = NOW - 400 * DAY
OLD, RECENT = LIMIT - DAY, LIMIT + DAY
INCIDENT = Incident("r.a", 1, Severity.ERROR, "team:x", OLD, OLD, OLD, "late", "is well", frozenset({"late"}), 1)
TOLD = Message("r.a/1", 1, Kind.OPENED, Severity.ERROR, "team:x", "late", (), (), OLD)


@pytest.fixture
def operations(store_url: str) -> Iterator[Operations]:
    opened = Operations(store_url)
    yield opened
    opened.close()


def at(table: str, instant: datetime, state: str = "late") -> Transition:
    return Transition(table, state, instant, instant)


def test_how_a_table_stood_at_the_limit_is_still_known(operations: Operations) -> None:
    older = at("r.a", OLD - DAY, "fresh")
    operations.watch_book.record({}, [older, at("r.a", OLD), at("r.a", RECENT, "fresh"), at("r.b", OLD)], Changes())
    assert operations.forget(LIMIT)["state_transition"] == 1
    assert operations.watch_book.transitions() == [at("r.a", OLD), at("r.a", RECENT, "fresh"), at("r.b", OLD)]


def test_of_incidents_the_newest_of_each_subject_and_open_ones_stay(operations: Operations) -> None:
    book = operations.watch_book
    resolved = replace(INCIDENT, resolved_at=OLD, outcome="well")
    others = [replace(resolved, number=2), replace(resolved, subject="r.b"), replace(INCIDENT, subject="r.c")]
    book.record({}, [], Changes((resolved, *others)))
    assert operations.forget(LIMIT)["watch_incident"] == 1
    assert {one.id for one in book.incidents().values()} == {"r.a/2", "r.b/1", "r.c/1"}


def test_messages_go_with_what_became_of_them_once_their_incident_was_resolved(operations: Operations) -> None:
    resolved = replace(TOLD, number=2, kind=Kind.RESOLVED)
    long = [replace(TOLD, incident="r.c/1"), replace(TOLD, incident="r.c/1", number=2, created_at=RECENT)]
    ended_lately = [replace(TOLD, incident="r.d/1"), replace(resolved, incident="r.d/1", created_at=RECENT)]
    digest = replace(TOLD, incident="digest:team:x/2025-10-13", kind=Kind.DIGEST)
    outbox = operations.outbox
    outbox.add([TOLD, resolved, *long, *ended_lately, digest])
    outbox.begin(TOLD.id, "log", OLD)
    outbox.begin(long[0].id, "log", OLD)
    gone = operations.forget(LIMIT)
    assert (gone["message"], gone["delivery"]) == (3, 1)
    assert outbox.undelivered("log") == [*long, *ended_lately]
    assert set(outbox.deliveries([TOLD.id, long[0].id], "log")) == {long[0].id}


def test_calls_are_forgotten_by_the_day(operations: Operations) -> None:
    for day in (LIMIT.date() - DAY, LIMIT.date()):
        operations.api_calls.record(day, "crm", "raw.a", 1, None)
    assert operations.forget(LIMIT)["api_call"] == 1
    assert [row["day_on"] for row in operations.api_calls.all()] == [LIMIT.date()]


def test_what_is_so_now_is_no_history(operations: Operations) -> None:
    standing = Standing("late", OLD, OLD, ("r.a",))
    operations.watch_book.record({"r.a": standing}, [], Changes())
    operations.add_note(["r.a"], "ada", "moving", OLD - DAY, OLD)
    operations.beat("watch", OLD)
    assert set(operations.forget(LIMIT).values()) == {0}
    assert operations.watch_book.standings() == {"r.a": standing}
    assert len(operations.notes()) == 1
    assert operations.heartbeats() == {"watch": OLD}
