"""Transitions: at the instant at which they took place, also those that nobody saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.transitions import REMOVED, Standing, Transition, transitions
from sg_assets.promise import Promise
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import DAY, HOUR, NOON, derived, facts, frozen, pull, state

PROMISE = Promise("0 * * * *", warn=3 * HOUR, fail=6 * HOUR)
TABLE = pull("r.a", PROMISE)
MINUTE = timedelta(minutes=1)


class Looking:
    """The watch's memory over some looks."""

    def __init__(self) -> None:
        self.known: dict[str, Standing] = {}
        self.history: list[Transition] = []

    def look(self, now: datetime, *states: TableState, notes: tuple[Note, ...] = ()) -> list[tuple[str, datetime]]:
        """What was found to have changed, and when."""
        told = facts([TABLE], states, now=now, notes=notes, first_seen={"r.a": NOON - DAY})
        return self.at(told)

    def at(self, told: Facts) -> list[tuple[str, datetime]]:
        found = transitions(self.known, evaluate(told), told)
        self.known |= {t.table: Standing(t.state, t.since) for t in found}
        self.known = {n: replace(s, data_through=told.data_through(n)) for n, s in self.known.items()}
        self.history += found
        return [(one.state, one.since) for one in found]


def landed(at: datetime) -> TableState:
    return state("r.a", at, built_at=at)


def test_a_breach_begins_when_it_did_and_ends_with_the_build_that_mended_it() -> None:
    looking = Looking()
    assert looking.look(NOON, landed(NOON)) == [("fresh", NOON)]
    assert looking.look(NOON + 2 * HOUR, landed(NOON)) == []
    assert looking.look(NOON + 3 * HOUR + 17 * MINUTE, landed(NOON)) == [("late_soon", NOON + 3 * HOUR)]
    assert looking.look(NOON + 9 * HOUR, landed(NOON)) == [("late", NOON + 6 * HOUR)]
    mended = NOON + 9 * HOUR + 10 * MINUTE
    assert looking.look(mended + HOUR, landed(mended)) == [("fresh", mended)]
    assert {one.recorded_at - one.since for one in looking.history[:2]} == {timedelta(0), 17 * MINUTE}


def test_a_breach_that_was_mended_before_anybody_looked_is_history_all_the_same() -> None:
    looking = Looking()
    looking.look(NOON, landed(NOON))
    morning = NOON + 20 * HOUR
    found = looking.look(morning + MINUTE, landed(morning))
    assert found == [("late", NOON + 6 * HOUR), ("fresh", morning)]


def test_a_night_in_which_nothing_was_late_leaves_no_trace() -> None:
    looking = Looking()
    looking.look(NOON, landed(NOON))
    assert looking.look(NOON + 5 * HOUR, landed(NOON + 5 * HOUR)) == []


def test_a_note_excuses_from_its_start_to_its_end() -> None:
    looking = Looking()
    looking.look(NOON, landed(NOON))
    late, start, end = NOON + 6 * HOUR, NOON + 7 * HOUR, NOON + 9 * HOUR
    note = Note("1", ("r.a",), "Ada", "moved", start, end)
    assert looking.look(late, landed(NOON)) == [("late", late)]
    assert looking.look(start + MINUTE, landed(NOON), notes=(note,)) == [("noted", start)]
    assert looking.look(end + MINUTE, landed(NOON), notes=(note,)) == [("late", end)]


def test_a_note_that_is_ended_excuses_until_then() -> None:
    looking = Looking()
    note = Note("1", ("r.a",), "Ada", "moved", NOON + HOUR, NOON + DAY)
    assert looking.look(NOON + 7 * HOUR, landed(NOON), notes=(note,)) == [("noted", NOON + 6 * HOUR)]
    ended = replace(note, ended_at=NOON + 8 * HOUR)
    assert looking.look(NOON + 9 * HOUR, landed(NOON), notes=(ended,)) == [("late", NOON + 8 * HOUR)]


def test_the_end_of_a_note_about_something_else_ends_nothing() -> None:
    looking = Looking()
    note = Note("1", ("r.a",), "Ada", "moved", NOON, NOON + 8 * HOUR)
    other = Note("2", ("x.y",), "Bob", "moved", NOON, NOON + 8 * HOUR + MINUTE)
    looking.look(NOON, landed(NOON), notes=(note, other))
    looking.look(NOON + 7 * HOUR, landed(NOON), notes=(note, other))
    assert looking.look(NOON + 9 * HOUR, landed(NOON), notes=(note, other)) == [("late", NOON + 8 * HOUR)]


def test_a_cause_that_no_note_covers_counts_from_when_it_is_found() -> None:
    tables = [TABLE, pull("r.b", PROMISE), derived("d.c", "r.a", "r.b", promise=PROMISE)]
    note = Note("1", ("r.a",), "Ada", "moved", NOON, NOON + DAY)
    looking = Looking()

    def at(now: datetime, b: datetime) -> list[tuple[str, datetime]]:
        known = [landed(NOON), state("r.b", b, built_at=b), state("d.c", NOON, built_at=NOON)]
        return looking.at(facts(tables, known, now=now, notes=(note,)))

    at(NOON, NOON)
    assert ("noted", NOON + 6 * HOUR) in at(NOON + 6 * HOUR + MINUTE, NOON + HOUR)
    found = at(NOON + 8 * HOUR, NOON + HOUR)
    assert found == [("late", NOON + 7 * HOUR), ("late", NOON + 8 * HOUR)]  # r.b, and d.c because of it


def test_what_a_note_excused_was_not_missed() -> None:
    looking = Looking()
    note = Note("1", ("r.a",), "Ada", "moved", NOON, NOON + DAY)
    looking.look(NOON, landed(NOON), notes=(note,))
    assert looking.look(NOON + 20 * HOUR, landed(NOON + 20 * HOUR), notes=(note,)) == []


def test_a_table_that_never_landed_and_one_that_is_removed_and_comes_back() -> None:
    looking = Looking()
    assert looking.look(NOON - DAY + HOUR) == [("never_landed", NOON - DAY)]
    assert looking.look(NOON) == [("late", NOON - DAY + 6 * HOUR)]
    assert looking.at(facts([frozen("r.b")], now=NOON + HOUR, first_seen={"r.b": NOON})) == [
        ("never_landed", NOON),
        (REMOVED, NOON + HOUR),
    ]
    assert looking.at(facts([frozen("r.b")], now=NOON + 2 * HOUR, first_seen={"r.b": NOON})) == []
    assert ("fresh", NOON + 3 * HOUR) in looking.look(NOON + 3 * HOUR, landed(NOON + 3 * HOUR))


@given(
    st.lists(st.tuples(st.integers(1, 600), st.booleans()), min_size=1, max_size=30),
)
def test_however_seldom_one_looks_late_time_is_the_same_to_the_second(steps: list[tuple[int, bool]]) -> None:
    """Against somebody who looks every half hour; data lands, or does not, at each step, and is looked at only then."""
    often, seldom = Looking(), Looking()
    now, last = NOON, landed(NOON)
    often.look(now, last)
    seldom.look(now, last)
    for minutes, lands in steps:
        for _ in range(0, minutes, 30):
            often.look(now, last)
            now += 30 * MINUTE
        often.look(now, last)
        last = landed(now) if lands else last
        seldom.look(now, last)
        often.look(now, last)
    assert _late(often.history) == _late(seldom.history)
    for history in (often.history, seldom.history):
        assert [one.since for one in history] == sorted(one.since for one in history)


def _late(history: list[Transition]) -> list[tuple[datetime, datetime | None]]:
    """From when to when it was late, where that was any time at all."""
    ends = [*(one.since for one in history[1:]), None]
    spans = [(one.since, end) for one, end in zip(history, ends, strict=True) if one.state == "late"]
    return [(start, end) for start, end in spans if start != end]
