from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.stale import Staleness, build_for, staleness
from sg_assets.promise import Frozen
from sg_assets.table import Input, Table
from sg_assets.warehouse.state import TableState
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
    frozen,
    pull,
    state,
)

TODAY = NOON.date()
ALL_DAYS = days(FIRST_DAY, 8)  # up to today


def unpartitioned(built: TableState | None, *, a: str = "1", through: float = 1, **changes: object) -> Staleness | None:
    """The staleness of d.x, which reads r.a (version `a`, complete to `through` hours ago) and perhaps r.b."""
    table = replace(derived("d.x", "r.a", Input("r.b", is_optional=True)), **changes)  # pyrefly: ignore[bad-argument-type]
    states = [state("r.a", at(through), a)] + ([built] if built else [])
    known = facts([pull("r.a"), pull("r.b"), table], states)
    return staleness(known, table)


def test_a_table_that_was_never_built_is_stale() -> None:
    assert unpartitioned(None) == Staleness("never built", is_urgent=True)


def test_a_table_built_from_what_is_there_is_not() -> None:
    assert unpartitioned(state("d.x", at(1), inputs={"r.a": "1", "r.b": ""})) is None
    assert unpartitioned(state("d.x", at(1), inputs={"r.a": "1"})) is None, "what is not there needs no mark"


def test_another_sql_makes_it_stale() -> None:
    found = unpartitioned(state("d.x", at(1), inputs={"r.a": "1"}), code_version="new")
    assert found == Staleness("its SQL changed", is_urgent=True)


def test_an_input_with_another_version_makes_it_stale_however_old_that_is() -> None:
    assert unpartitioned(state("d.x", at(1), inputs={"r.a": "2"}), a="1") == Staleness("r.a changed")
    found = unpartitioned(state("d.x", at(1), inputs={"r.a": "2", "r.b": "5"}))
    assert found == Staleness("r.a and 1 more inputs changed")


def test_inputs_that_only_reach_further_need_no_sql() -> None:
    found = unpartitioned(state("d.x", at(3), inputs={"r.a": "1"}))
    assert found == Staleness("its inputs reach 2026-11-18 11:00 now", is_carry=True)


def test_a_claim_beyond_its_inputs_is_taken_back_by_a_carry() -> None:
    found = unpartitioned(state("d.x", at(0), inputs={"r.a": "1"}))
    assert found is not None
    assert found.is_carry


def test_the_day_of_the_run_is_an_input_where_the_sql_reads_it() -> None:
    built = state("d.x", at(1), inputs={"r.a": "1", "CURRENT_DATE()": "2026-11-17"})
    found = unpartitioned(built, reads_current_date=True)
    assert found == Staleness("its SQL reads CURRENT_DATE(), and it is 2026-11-18 now")
    built = state("d.x", at(1), inputs={"r.a": "1", "CURRENT_DATE()": "2026-11-18"})
    assert unpartitioned(built, reads_current_date=True) is None


def test_a_table_of_frozen_ones_is_built_once() -> None:
    table = derived("d.x", "r.old", promise=Frozen("as its input"))
    states = [state("r.old", at(9000)), state("d.x", at(50), inputs={"r.old": "1"})]
    assert staleness(facts([frozen("r.old"), table], states), table) is None


EVENTS = {day: f"e{day}" for day in ALL_DAYS}


def partitioned(
    built: dict[date, dict[str, str]],
    *,
    a: str = "1",
    events: dict[date, str] = EVENTS,
    through: float = 1,
    **changes: object,
) -> tuple[Facts, Table]:
    """d.x reads the same day of r.f and all of r.a; it was complete to an hour ago."""
    table = replace(daily("d.x", "r.f", "r.a", open_days=3), **changes)  # pyrefly: ignore[bad-argument-type]
    states = [state("r.f", at(through), event_days=events), state("r.a", at(0), a)]
    states += [state("d.x", at(1), days=built)] if built else []
    return facts([files("r.f"), pull("r.a"), table], states), table


def current(a: str = "1") -> dict[date, dict[str, str]]:
    return {day: {"r.f": EVENTS[day], "r.a": a} for day in ALL_DAYS}


def test_days_built_from_what_is_there_are_not_stale() -> None:
    assert staleness(*partitioned(current())) is None


def test_all_days_are_missing_at_first() -> None:
    assert staleness(*partitioned({})) == Staleness("never built", tuple(ALL_DAYS), is_urgent=True)


def test_a_missing_day_is_stale_wherever_it_is() -> None:
    built = current()
    del built[FIRST_DAY + DAY]
    assert staleness(*partitioned(built)) == Staleness("day 2026-11-12 missing", (FIRST_DAY + DAY,))


def test_late_data_makes_its_day_stale_whatever_its_age() -> None:
    found = staleness(*partitioned(current(), events={**EVENTS, FIRST_DAY: "more"}))
    assert found == Staleness("r.f changed (day 2026-11-11)", (FIRST_DAY,))


def test_a_whole_input_makes_only_the_open_days_stale() -> None:
    found = staleness(*partitioned(current("1"), a="2"))
    assert found == Staleness("r.a changed (3 days from 2026-11-16)", tuple(ALL_DAYS[-3:]))


def test_another_sql_makes_all_days_stale() -> None:
    found = staleness(*partitioned(current(), code_version="new"))
    assert found == Staleness("its SQL changed", tuple(ALL_DAYS), is_urgent=True)


def test_several_causes_are_all_named() -> None:
    built = current()
    del built[FIRST_DAY]
    found = staleness(*partitioned(built, a="2", events={**EVENTS, FIRST_DAY + DAY: "more"}))
    assert found is not None
    assert found.reason == (
        "day 2026-11-11 missing; r.f changed (day 2026-11-12); r.a changed (3 days from 2026-11-16)"
    )
    assert found.partitions == (FIRST_DAY, FIRST_DAY + DAY, *ALL_DAYS[-3:])


def test_days_that_need_nothing_new_are_carried_further() -> None:
    found = staleness(*partitioned(current(), through=0.5))
    assert found == Staleness("its inputs reach 2026-11-18 11:30 now", is_carry=True)


def test_a_day_without_a_row_is_built_all_the_same() -> None:
    quiet = {day: mark for day, mark in EVENTS.items() if day != TODAY}
    built = current()
    del built[TODAY]
    found = staleness(*partitioned(built, events=quiet))
    assert found == Staleness("day 2026-11-18 missing", (TODAY,))


def test_a_changed_day_makes_the_days_stale_whose_window_holds_it() -> None:
    table = daily("d.week", Input("r.f", days=(-2, 0)))
    before = facts([files("r.f"), table], [state("r.f", at(1), event_days=EVENTS)])
    built = state("d.week", at(1), days=build_for(before, table).partitions)
    late = state("r.f", at(1), event_days={**EVENTS, FIRST_DAY + DAY: "more"})
    found = staleness(facts([files("r.f"), table], [late, built]), table)
    assert found == Staleness("r.f changed (3 days from 2026-11-12)", tuple(days(FIRST_DAY + DAY, 3)))


def test_a_build_is_made_of_the_marks_of_every_stale_day() -> None:
    known, table = partitioned({})
    made = build_for(known, table)
    assert made.data_through == at(1)
    assert made.partitions == current()
    assert made.inputs == {}


def test_a_build_of_some_days_leaves_out_those_that_there_are_not() -> None:
    known, table = partitioned({})
    made = build_for(known, table, [FIRST_DAY, FIRST_DAY - DAY, TODAY + DAY])
    assert list(made.partitions) == [FIRST_DAY]
    assert made.data_through == at(12 + 24 * 6), "up to the first missing day"


def test_a_snapshot_writes_missing_days_and_never_a_day_again() -> None:
    yesterday = TODAY - DAY
    table = replace(daily("d.s", "r.a"), is_day_snapshot=True)
    states = [state("r.a", at(1), "2")]
    assert staleness(facts([pull("r.a"), table], states), table) == Staleness(
        "never built", (yesterday,), is_urgent=True
    )
    written = state("d.s", at(36), days={yesterday - DAY: {"r.a": "1"}}, code="old")
    found = staleness(facts([pull("r.a"), table], [*states, written]), table)
    assert found == Staleness("day 2026-11-17 missing", (yesterday,))
    written = state("d.s", at(12), days={yesterday: {"r.a": "1"}}, code="old")
    assert staleness(facts([pull("r.a"), table], [*states, written]), table) is None


@pytest.mark.parametrize("through", [0.5, 30])
def test_nothing_is_stale_right_after_its_build(through: float) -> None:
    known, table = partitioned(current("0"), a="2", events={**EVENTS, FIRST_DAY: "x"}, through=through)
    made = build_for(known, table)
    merged = current("0") | {day: dict(marks) for day, marks in made.partitions.items()}
    after = replace(known, states={**known.states, "d.x": state("d.x", made.data_through, days=merged)})
    assert staleness(after, table) is None
