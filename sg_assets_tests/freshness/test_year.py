"""A year in which much goes wrong: every breach is found at the second it began, every recovery, and nothing else.

While the year is lived, each verdict is compared with the truth (`year_watch.py`), whenever anything can have changed;
here is looked at what was told in the end.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from sg_assets.freshness.evaluate import State
from sg_assets.freshness.graph import check_promises
from sg_assets.promise import Promise
from sg_assets_tests.freshness import year_faults as story
from sg_assets_tests.freshness.counting import breach
from sg_assets_tests.freshness.oracle import BEGUN
from sg_assets_tests.freshness.scenes import DAY, HOUR
from sg_assets_tests.freshness.year import Year
from sg_assets_tests.freshness.year_faults import FAULTS, GRAPH, Fault
from sg_assets_tests.freshness.year_watch import Told

SECOND = timedelta(seconds=1)
LIVES_UNTIL = {
    "r.gone": story.REMOVED_AT,
    "d.gone": story.REMOVED_AT,
    "r.left": story.DISCONNECTED,
    "d.left": story.DISCONNECTED,
}
PROMISED = [table.name for table in GRAPH if isinstance(table.promise, Promise)]


@cache
def year() -> Year:
    return Year().live()


def told(table: str, start: datetime = story.START, end: datetime = story.END) -> list[Told]:
    return [one for one in year().watch.told[table] if start <= one.at < end]


def states(table: str, start: datetime, end: datetime) -> list[State]:
    return [one.state for one in told(table, start, end)]


def late_because_of(fault: Fault) -> set[str]:
    """The tables that were late because of a fault's table, and of nothing else, while it lasted."""
    return {
        name
        for name in PROMISED
        for one in told(name, fault.start, fault.healed)
        if one.state is State.LATE and one.roots == {fault.table}
    }


def test_the_promises_of_these_tables_can_be_kept() -> None:
    check_promises(GRAPH)


def test_the_year_was_looked_at_often() -> None:
    assert year().watch.looks > 10_000


@pytest.mark.parametrize(
    ("fault", "late"),
    [
        (story.LATE_FEED, {"r.events", "d.event"}),
        (story.DEAD_FEED, {"r.events", "d.event"}),
        (story.SPRING, {"r.sales", "d.sales"}),
        (story.DEAD_SHARD, {"r.pings", "d.day", "d.join"}),
        (story.FAILING_PULL, {"r.site", "d.join", "d.people"}),
        (story.FAILING_BUILD, {"d.join"}),
        (story.FIRST_PULL, {"r.hub", "d.hub"}),
        (story.LIE, {"r.clock", "d.clock"}),
        (story.PAUSED, set()),
        (story.REMOVED, {"r.gone", "d.gone"}),
        (story.NOTED, {"r.events", "d.event", "d.all"}),
        (story.LOST_KEY, {"r.left", "d.left"}),
        (story.AUTUMN, {"r.sales", "d.sales"}),
        (story.LATE_SOON, set()),
        (story.LOST_OBJECT, {"r.events", "d.event", "d.all"}),
    ],
    ids=lambda value: f"{value.table} of {value.start:%d %B}" if isinstance(value, Fault) else "",
)
def test_every_fault_is_found_with_its_root_and_what_is_late_by_it(fault: Fault, late: set[str]) -> None:
    assert late_because_of(fault) == late


@pytest.mark.parametrize("fault", [story.NOTHING_RUNS, story.ASLEEP], ids=["nothing runs", "asleep"])
def test_when_nothing_runs_everything_is_late_that_has_not_time_and_no_derived_table_is_a_root(fault: Fault) -> None:
    late = {
        name: one.roots for name in PROMISED for one in told(name, fault.start, fault.healed) if one.state is State.LATE
    }
    patient = {"d.link"} | ({"r.gone", "d.gone"} if fault is story.ASLEEP else set())  # gone by then
    assert set(PROMISED) - set(late) == patient
    assert all(root.startswith("r.") for roots in late.values() for root in roots)


@pytest.mark.parametrize("table", PROMISED)
def test_late_is_what_is_late_by_brute_force_from_the_second_to_the_second(table: str) -> None:
    end = LIVES_UNTIL.get(table, story.END)
    spells: list[tuple[datetime, datetime]] = []
    for one, after in pairwise([*told(table), None]):
        if one is not None and one.is_late:
            until = after.at if after is not None else end
            is_new = not spells or spells[-1][1] != one.at
            spells = [*spells, (one.at, until)] if is_new else [*spells[:-1], (spells[-1][0], until)]
            assert not is_new or one.at in {one.since, story.ASLEEP.end} or one.state is State.NOTED
    assert spells == brute_force(table, end)


def brute_force(table: str, end: datetime) -> list[tuple[datetime, datetime]]:
    """When a table was late: from the instant at which its window was full, or it could be seen, to its recovery."""
    promise, first = GRAPH[table].promise, year().system.first_seen[table]
    assert isinstance(promise, Promise)
    reached = [(first, first), *(one for one in year().watch.true[table] if one[0] < end)]
    found: list[tuple[datetime, datetime]] = []
    for (at, through), (until, _) in pairwise([*reached, (end, end)]):
        start = max(at, breach(promise, through, promise.fail))
        start = story.ASLEEP.end if story.ASLEEP.is_on(start) else start
        if start < until:
            goes_on = found and found[-1][1] == start
            found = [*found[:-1], (found[-1][0], until)] if goes_on else [*found, (start, until)]
    return found


def test_nothing_else_is_ever_said_to_be_late_or_late_soon() -> None:
    for name in PROMISED:
        for one in told(name):
            if one.state in {*BEGUN, State.NOTED}:
                known = {fault.table for fault in FAULTS if fault.start <= one.at <= fault.healed}
                assert "" in known or one.roots <= known, (name, one)


def test_minutes_after_each_fault_all_is_well() -> None:
    for fault in FAULTS:
        others_are_on = any(one.start <= fault.healed < one.healed for one in FAULTS if one.end != story.END)
        for name in set(PROMISED) - LIVES_UNTIL.keys() if fault.end != story.END and not others_are_on else ():
            assert told(name, end=fault.healed)[-1].state in {State.FRESH, State.NOT_CONNECTED}, (fault, name)


@pytest.mark.parametrize(
    ("fault", "complete_to", "late"),
    [
        (story.SPRING, datetime(2026, 3, 6, 14, 0, 7, tzinfo=UTC), datetime(2026, 3, 9, 19, 0, 7, tzinfo=UTC)),
        (story.AUTUMN, datetime(2026, 10, 30, 13, 0, 7, tzinfo=UTC), datetime(2026, 11, 2, 20, 0, 7, tzinfo=UTC)),
    ],
    ids=["forward", "back"],
)
def test_over_the_weekend_on_which_clocks_are_set_a_weekday_promise_ends_at_noon_on_monday(
    fault: Fault, complete_to: datetime, late: datetime
) -> None:
    """Thirty hours of Los Angeles: from six on Friday to midnight, and from midnight to noon on Monday."""
    assert complete_to in {through for _, through in year().watch.true["r.sales"]}
    assert next(one.since for one in told("r.sales", fault.start, fault.end) if one.state is State.LATE) == late


def test_a_dead_shard_is_named_and_the_other_one_does_not_hide_it() -> None:
    late = [one for one in told("r.pings", story.DEAD_SHARD.start, story.DEAD_SHARD.end) if one.state is State.LATE]
    assert [one.since for one in late] == [datetime(2026, 3, 26, 17, tzinfo=UTC)]
    assert late[0].reason.endswith("waits for shard-1 from 2026-03-26T01h on")


def test_an_hour_that_never_comes_is_named_and_given_up_after_a_week() -> None:
    found = told("r.events", story.LOST_OBJECT.start, story.LOST_OBJECT.healed)
    assert [one.state for one in found] == [State.LATE_SOON, State.LATE, State.FRESH]
    assert found[1].reason.endswith("waits for dotcom 2026-12-11T04h")
    assert timedelta(0) < found[2].at - (story.LOST_OBJECT.end + 7 * DAY) < 8 * HOUR


def test_a_claim_about_the_year_2099_is_believed_for_no_second_longer_than_the_pull_before_it() -> None:
    found = told("r.clock", story.LIE.start, story.LIE.end)
    claimed = datetime(2026, 6, 4, 6, 0, 7, tzinfo=UTC)
    assert [(one.state, one.since) for one in found] == [
        (State.LATE_SOON, claimed + 27 * HOUR),
        (State.LATE, claimed + 36 * HOUR),
    ]
    assert "(that it reaches 2099-01-05 00:00 is not believed)" in found[1].reason


def test_an_event_of_the_year_2099_moves_nothing() -> None:
    world, (start, end) = year().world, (story.FROM_2099, story.FROM_2099 + DAY)
    assert story.FAR_FUTURE in world.buckets["r.pings"].event_days
    assert story.FAR_FUTURE not in world.by_day["d.day"]
    assert told("r.pings", start, end) == told("d.day", start, end) == []


def test_when_only_a_schedule_is_stopped_the_keeper_mends_it_within_a_minute() -> None:
    found = told("r.site", story.PAUSED.start, story.PAUSED.healed)
    assert [one.state for one in found] == [State.LATE_SOON, State.FRESH] * 3
    assert all(b.at - a.at < timedelta(minutes=1) for a, b in pairwise(found) if a.state is State.LATE_SOON)


def test_a_short_trouble_is_late_soon_and_never_late() -> None:
    found = told("r.site", story.LATE_SOON.start, story.LATE_SOON.healed)
    assert [one.state for one in found] == [State.LATE_SOON, State.FRESH]
    assert found[1].at - story.LATE_SOON.end < HOUR


def test_a_note_that_expires_while_its_table_is_late_excuses_it_to_the_second() -> None:
    for name in ("r.events", "d.event", "d.all"):
        *_, noted, late, fresh = told(name, story.NOTED.start, story.NOTED.healed)
        assert (noted.state, late.state, fresh.state) == (State.NOTED, State.LATE, State.FRESH)
        assert noted.reason.endswith("noted by ada until 2026-08-27 12:34: the stream is being moved")
        assert (late.at, late.roots) == (story.EXPIRES.until, frozenset({"r.events"}))
        assert late.since is not None
        assert late.since < late.at


def test_a_note_that_is_ended_excuses_no_longer() -> None:
    found = told("d.sales", story.AUTUMN.start, story.AUTUMN.healed)
    assert [(one.state, one.at) for one in found[2:4]] == [
        (State.NOTED, story.ENDED.start),
        (State.LATE, story.ENDED.ended_at),
    ]


def test_a_source_connected_later_counts_from_then_on() -> None:
    found = told("r.hub", end=story.FIRST_PULL.healed)
    assert [(one.state, one.since) for one in found] == [
        (State.NOT_CONNECTED, None),
        (State.NEVER_LANDED, story.CONNECTED),
        (State.LATE, story.CONNECTED + 36 * HOUR),
        (State.FRESH, None),
    ]
    assert states("d.people", story.CONNECTED, story.FIRST_PULL.healed) == [], "it can do without"


def test_a_source_that_is_disconnected_is_late_until_it_is_listed() -> None:
    assert states("d.left", story.LOST_KEY.start, story.END) == [State.LATE_SOON, State.LATE, State.NOT_CONNECTED]
    assert told("d.left")[-1].at == story.DISCONNECTED


def test_of_a_table_that_is_removed_nothing_is_said_any_more() -> None:
    assert told("d.gone")[-1].state is State.LATE
    assert told("d.gone", story.REMOVED_AT) == []


def test_empty_answers_and_quiet_days_are_up_to_date_and_cost_no_sql() -> None:
    start, end = story.QUIET
    assert [name for name in PROMISED if told(name, start, end)] == []
    ran = {name for at, name, with_sql in year().world.builds if start + DAY <= at < end and with_sql}
    assert ran == {"d.day", "d.join", "d.link", "d.people", "d.all"}, "each day is new, so is CURRENT_DATE()"
