"""Attainment: against a second-by-second count."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sg_assets.freshness.history import WINDOWS, Attainment, attainment, by_table, looked_back
from sg_assets.freshness.transitions import REMOVED, Transition
from sg_assets.freshness.verdict import State
from sg_assets_tests.freshness.scenes import HOUR, NOON

SECOND = timedelta(seconds=1)
STATES = [*State, REMOVED]
SPAN = 400  # seconds that a history lasts


def line(*states: tuple[int, str], table: str = "r.a") -> list[Transition]:
    """A timeline: from so many seconds after noon on, in which state."""
    return [Transition(table, state, NOON + at * SECOND, NOON) for at, state in states]


def state_at(timeline: list[Transition], at: datetime) -> str | None:
    """The slow way: the last one that began."""
    begun = [one.state for one in timeline if one.since <= at]
    return begun[-1] if begun else None


TIMELINES = st.lists(
    st.lists(st.tuples(st.integers(0, SPAN), st.sampled_from(STATES)), max_size=8).map(
        lambda found: line(*sorted(found, key=lambda one: one[0]))
    ),
    max_size=4,
)


@given(TIMELINES, st.integers(-50, SPAN), st.integers(0, SPAN))
def test_it_equals_a_count_of_seconds(timelines: list[list[Transition]], first: int, length: int) -> None:
    start = NOON + first * SECOND
    kept = judged = 0
    for second in range(length):
        states = {state_at(one, start + second * SECOND) for one in timelines}
        has_promise = states & {State.FRESH, State.LATE_SOON, State.LATE}
        judged += bool(has_promise)
        kept += bool(has_promise) and State.LATE not in states
    assert attainment(timelines, start, start + length * SECOND) == Attainment(kept * SECOND, judged * SECOND)


def test_it_is_exact_to_the_microsecond() -> None:
    late, mended = NOON + timedelta(microseconds=1), NOON + timedelta(microseconds=3)
    timeline = [
        Transition("r.a", State.FRESH, NOON - HOUR, NOON),
        Transition("r.a", State.LATE, late, NOON),
        Transition("r.a", State.FRESH, mended, NOON),
    ]
    found = attainment([timeline], NOON - HOUR, NOON + HOUR)
    assert found.judged - found.kept == timedelta(microseconds=2)
    assert found.share
    assert 0.999 < found.share < 1


def test_time_without_a_promise_to_keep_does_not_count() -> None:
    timeline = line((0, State.NEVER_LANDED), (10, State.FRESH), (20, State.NOTED), (30, State.LATE), (40, REMOVED))
    found = attainment([timeline], NOON, NOON + 100 * SECOND)
    assert (found.kept, found.judged, found.share) == (10 * SECOND, 20 * SECOND, 0.5)
    assert attainment([], NOON, NOON + HOUR).share is None


def test_a_source_keeps_its_promise_while_all_of_its_tables_do() -> None:
    history = line((0, State.FRESH), (10, State.LATE), (20, State.FRESH)) + line(
        (0, State.FRESH), (15, State.LATE), (30, State.LATE_SOON), table="r.b"
    )
    now = NOON + 40 * SECOND
    found = looked_back(by_table(history), {"r": ["r.a", "r.b"], "only": ["r.a"], "other": ["x.y"]}, now)
    assert {days for _, days in found} == set(WINDOWS)
    assert found["r", 7] == found["r", 90] == Attainment(20 * SECOND, 40 * SECOND)
    assert found["only", 30] == Attainment(30 * SECOND, 40 * SECOND)
    assert found["other", 7] == Attainment(timedelta(0), timedelta(0))
