from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from sg_assets.freshness.incidents import Changes, Incident
from sg_assets.freshness.transitions import Standing, Transition
from sg_assets.message import Kind, Message, Severity
from sg_assets.operations import Operations
from sg_assets.operations_incidents import Shown

NOW = datetime(2026, 11, 18, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINKS = (("Table", "http://127.0.0.1:3000/assets/r/a"),)
OPEN = Incident(
    "r.a", 1, Severity.ERROR, "team:x", NOW - HOUR, NOW, NOW, "late", "is well", frozenset({"late", "failing"}), 3
)
TOLD = Message("r.a/1", 1, Kind.OPENED, Severity.ERROR, "team:x", "late", (), (), NOW)
LATE = Transition("r.a", "late", NOW - HOUR, NOW)


@pytest.fixture
def operations(store_url: str) -> Iterator[Operations]:
    made = Operations(store_url)
    yield made
    made.close()


def test_incidents_come_back_as_they_were_the_newest_of_each_subject(operations: Operations) -> None:
    book = operations.watch_book
    resolved = replace(OPEN, resolved_at=NOW, healed_at=NOW, outcome="well", relapses=2, links=LINKS)
    other = replace(OPEN, subject="schedule:x", opened_at=NOW - HOUR)
    book.record({}, [], Changes((OPEN, other)))
    assert book.incidents() == {"r.a": OPEN, "schedule:x": other}
    assert book.open_incidents() == [other, OPEN]
    book.record({}, [], Changes((resolved,)))
    assert book.incidents()["r.a"] == resolved
    again = replace(OPEN, number=2)
    book.record({}, [], Changes((again,)))
    assert book.incidents()["r.a"] == again
    assert book.open_incidents() == [other, again]


def test_standings_are_the_last_ones_and_transitions_all_of_them(operations: Operations) -> None:
    book = operations.watch_book
    mended = Transition("r.a", "fresh", NOW, NOW)
    other = Transition("d.b", "fresh", NOW, NOW)
    late = Standing("late", NOW - HOUR, None, ("r.a", "r.b"))
    book.record({"r.a": late}, [LATE, other], Changes())
    assert book.standings() == {"r.a": late}
    book.record({"r.a": Standing("fresh", NOW, NOW)}, [mended], Changes())
    assert book.standings() == {"r.a": Standing("fresh", NOW, NOW)}
    assert book.transitions() == [other, LATE, mended]


def test_what_dagster_shows_is_remembered(operations: Operations) -> None:
    book = operations.watch_book
    book.record_shown("r.a", Shown("late", "7"))
    book.record_shown("r.a", Shown("late", "9"))
    assert book.shown() == {"r.a": Shown("late", "9")}


class Killed(Exception):  # noqa: N818 (what happens to a process is no error of it)
    pass


@pytest.mark.parametrize("at", range(4))
def test_a_tick_is_written_whole_or_not_at_all(operations: Operations, at: int) -> None:
    book = operations.watch_book
    statements = 0

    def kill(*_: object) -> None:
        nonlocal statements
        statements += 1
        if statements > at:
            raise Killed

    event.listen(Engine, "before_cursor_execute", kill)
    try:
        with pytest.raises(Killed):
            book.record({"r.a": Standing("late", NOW)}, [LATE], Changes((OPEN,), (TOLD,)))
    finally:
        event.remove(Engine, "before_cursor_execute", kill)
    assert (book.standings(), book.transitions(), book.incidents()) == ({}, [], {})
    assert operations.outbox.undelivered("log") == []
    book.record({"r.a": Standing("late", NOW)}, [LATE], Changes((OPEN,), (TOLD,)))
    assert operations.outbox.undelivered("log") == [TOLD]
