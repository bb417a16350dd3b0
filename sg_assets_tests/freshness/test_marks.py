from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sg_assets.freshness.marks import DayMarks, days_between, input_marks
from sg_assets.table import Input, Reach
from sg_assets_tests.freshness.scenes import (
    DAY,
    FIRST_DAY,
    NOON,
    at,
    daily,
    days,
    derived,
    facts,
    files,
    filled,
    pull,
    state,
)

EVENTS = {FIRST_DAY: "a", FIRST_DAY + DAY: "b", FIRST_DAY + 3 * DAY: "d"}


def marks_of(window: tuple[int, int], events: dict[date, str], wanted: list[date]) -> list[str]:
    known = facts([files("r.f"), daily("d.x", Input("r.f", days=window))], [state("r.f", at(1), event_days=events)])
    marks = DayMarks(known, known.graph["d.x"])
    return [marks.of(day)["r.f"] for day in wanted]


def test_of_what_another_system_fills_each_day_has_its_mark_where_they_are_known() -> None:
    for reach, expected in ((Reach.COLUMN, ["a", "b", ""]), (Reach.WRITTEN, ["7", "7", "7"])):
        seen = state("r.f", at(1), "7", event_days=EVENTS)
        known = facts([filled("r.f", reach), daily("d.x", "r.f")], [seen])
        marks = DayMarks(known, known.graph["d.x"])
        assert [marks.of(day)["r.f"] for day in days(FIRST_DAY, 3)] == expected


def test_an_unpartitioned_table_marks_the_version_of_each_input_and_the_day_that_its_sql_reads() -> None:
    table = replace(derived("d.x", "r.a", Input("r.b", is_optional=True)), reads_current_date=True)
    known = facts([pull("r.a"), pull("r.b"), table], [state("r.a", at(1), "7")])
    assert input_marks(known, table) == {"r.a": "7", "r.b": "", "CURRENT_DATE()": "2026-11-18"}


def test_a_day_that_reads_the_same_day_has_its_mark() -> None:
    assert marks_of((0, 0), EVENTS, days(FIRST_DAY, 4)) == ["a", "b", "", "d"]


def test_the_mark_of_a_window_changes_with_any_day_in_it_and_with_no_other() -> None:
    wanted = days(FIRST_DAY, 7)
    before = marks_of((-2, 0), EVENTS, wanted)
    after = marks_of((-2, 0), {**EVENTS, FIRST_DAY + DAY: "B"}, wanted)
    assert [old != new for old, new in zip(before, after, strict=True)] == [
        False,
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert before[6] == "", "nothing in the window"


def test_the_same_marks_on_other_days_are_another_mark() -> None:
    one, other = (
        marks_of((-3, 0), EVENTS, [FIRST_DAY + 3 * DAY]),
        marks_of((-3, 0), {FIRST_DAY: "b", FIRST_DAY + DAY: "a", FIRST_DAY + 3 * DAY: "d"}, [FIRST_DAY + 3 * DAY]),
    )
    assert one != other


def test_days_long_before_history_and_far_ahead_are_only_read_where_a_window_reaches_them() -> None:
    odd = {date(1, 1, 1): "x", FIRST_DAY - DAY: "y", date(9999, 12, 31): "z"}
    first, second = marks_of((-1, 0), odd, days(FIRST_DAY, 2))
    assert first
    assert second == ""


def test_a_partitioned_input_is_marked_by_its_partitions_and_a_whole_one_by_its_version() -> None:
    known = facts(
        [files("r.f"), pull("r.a"), daily("d.x", "r.f"), daily("d.y", "d.x", "r.a")],
        [state("r.a", at(1), "7"), state("d.x", at(1), days={FIRST_DAY: {}})],
    )
    marks = DayMarks(known, known.graph["d.y"])
    assert marks.of(FIRST_DAY) == {"d.x": f"v{FIRST_DAY}", "r.a": "7"}
    assert marks.of(FIRST_DAY + DAY) == {"d.x": "", "r.a": "7"}


@given(
    st.dictionaries(st.integers(-6, 8), st.sampled_from("abc")),
    st.dictionaries(st.integers(-6, 8), st.sampled_from("abc")),
    st.tuples(st.integers(-4, 0), st.integers(0, 2)),
)
def test_two_windows_have_the_same_mark_just_when_they_hold_the_same(
    one: dict[int, str], other: dict[int, str], window: tuple[int, int]
) -> None:
    read = [{FIRST_DAY + n * DAY: mark for n, mark in found.items()} for found in (one, other)]
    wanted = days(FIRST_DAY, (NOON.date() - FIRST_DAY).days + 1)
    marks = [marks_of(window, events, wanted) for events in read]
    for n, day in enumerate(wanted):
        span = days_between(day + timedelta(days=window[0]), day + timedelta(days=window[1]))
        held = [{d: events[d] for d in span if d in events} for events in read]
        assert (marks[0][n] == marks[1][n]) == (held[0] == held[1])
