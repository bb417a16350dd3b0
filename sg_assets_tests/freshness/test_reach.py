from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.reach import declared_days, reach, reach_of_part
from sg_assets.promise import Frozen
from sg_assets.table import Input, Table
from sg_assets_tests.freshness.scenes import (
    DAY,
    FIRST_DAY,
    HOUR,
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


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def partitioned(
    through: datetime, built: list[date], own: datetime | None, *, snapshot: bool = False
) -> tuple[Facts, Table]:
    table = replace(daily("d.x", "r.f"), is_day_snapshot=snapshot)
    states = [state("r.f", through), state("d.x", own, days={day: {} for day in built})]
    return facts([files("r.f"), table], states if built else states[:1]), table


def test_a_table_reaches_as_far_as_the_least_of_its_counted_inputs() -> None:
    table = derived("d.x", "r.a", "r.b", "r.old", Input("r.look", is_lookup=True))
    states = [state("r.a", at(2)), state("r.b", at(5)), state("r.old", at(9000)), state("r.look", at(8000))]
    known = facts([pull("r.a"), pull("r.b"), frozen("r.old"), pull("r.look"), table], states)
    assert reach(known, table) == at(5)


def test_a_table_of_frozen_ones_is_true_as_of_its_build() -> None:
    table = derived("d.x", "r.old", promise=Frozen("as its input"))
    assert reach(facts([frozen("r.old"), table], [state("r.old", at(9000))]), table) == NOON


def test_the_last_declared_day_is_the_one_that_the_inputs_reach_into() -> None:
    today = NOON.date()
    for through, last in (
        (NOON, today),
        (midnight(today), today - DAY),
        (midnight(today) + timedelta(seconds=1), today),
    ):
        known, table = partitioned(through, [], None)
        assert declared_days(known, table) == days(FIRST_DAY, (last - FIRST_DAY).days + 1)


def test_no_day_is_declared_before_the_inputs_reach_the_start_of_history_nor_after_today() -> None:
    known, table = partitioned(midnight(FIRST_DAY), [], None)
    assert declared_days(known, table) == []
    known, table = partitioned(NOON + 9000 * DAY, [], None)
    assert declared_days(known, table)[-1] == NOON.date()


def test_a_build_of_everything_stale_reaches_as_far_as_the_inputs() -> None:
    known, table = partitioned(at(1), [], None)
    assert reach_of_part(known, table, left=[]) == at(1)


def test_a_part_never_reaches_across_a_missing_day() -> None:
    known, table = partitioned(at(1), days(FIRST_DAY, 2), midnight(FIRST_DAY) + 40 * HOUR)
    left = days(FIRST_DAY + 2 * DAY, 2)
    assert reach_of_part(known, table, left) == midnight(FIRST_DAY) + 40 * HOUR
    assert reach_of_part(known, table, left[:1]) == midnight(FIRST_DAY) + 40 * HOUR
    known, table = partitioned(at(1), [], None)
    assert reach_of_part(known, table, left=days(FIRST_DAY + 5 * DAY, 3)) == midnight(FIRST_DAY + 5 * DAY)


def test_a_part_that_leaves_a_stale_day_says_no_more_than_before() -> None:
    known, table = partitioned(at(1), days(FIRST_DAY, 8), at(20))
    assert reach_of_part(known, table, left=[FIRST_DAY]) == at(20)


def test_as_long_as_the_first_day_is_missing_nothing_is_reached() -> None:
    known, table = partitioned(at(1), [], None)
    assert reach_of_part(known, table, left=[FIRST_DAY]) is None
    known, table = partitioned(at(1), days(FIRST_DAY + DAY, 7), at(20))
    assert reach_of_part(known, table, left=[FIRST_DAY]) is None


def test_a_snapshot_holds_days_that_are_over_from_the_first_that_it_wrote() -> None:
    yesterday = NOON.date() - DAY
    known, table = partitioned(at(1), [], None, snapshot=True)
    assert declared_days(known, table) == [yesterday]
    assert reach(known, table) == midnight(NOON.date())
    known, table = partitioned(at(1), [yesterday - 3 * DAY], at(50), snapshot=True)
    assert declared_days(known, table) == days(yesterday - 3 * DAY, 4)
