"""How far feeds reach: examples that a person can follow, and any history against a brute-force oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sg_assets.feeds import Hole, Reach, data_through
from sg_assets.warehouse.state import LoadedObject

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: int) -> datetime:
    return START + hours * HOUR


def objects(feed: str, *hours: int) -> list[LoadedObject]:
    return [LoadedObject(f"{feed}/{h}", "1", feed, at(h).date(), at(h).hour, 0, 0, {}) for h in hours]


def test_the_end_of_the_last_hour() -> None:
    assert data_through(["a"], objects("a", 0, 1, 2), [], 7, at(4)) == Reach(at(3))


def test_a_late_hour_holds_the_value_and_is_named() -> None:
    assert data_through(["a"], objects("a", 0, 1, 3, 5), [], 7, at(7)) == Reach(
        at(2), (Hole("a", at(2)), Hole("a", at(4)))
    )


def test_the_late_hour_arrives() -> None:
    assert data_through(["a"], objects("a", 3, 0, 2, 1), [], 7, at(5)) == Reach(at(4))


def test_the_line_begins_at_the_first_object() -> None:
    assert data_through(["a"], objects("a", 30, 31), [], 7, at(33)) == Reach(at(32))


def test_the_least_of_the_feeds_counts() -> None:
    both = objects("a", 0, 1, 2) + objects("b", 0, 1)
    assert data_through(["a", "b"], both, [], 7, at(3)) == Reach(at(2))


def test_a_feed_that_never_delivered_means_that_the_table_never_landed() -> None:
    assert data_through(["a", "b"], objects("a", 0, 1), [], 7, at(8)) == Reach(None, stopped={"b": None})
    assert data_through(["a"], [], [], 7, at(8)) == Reach(None, stopped={"a": None})


def test_feeds_that_nobody_declared_do_not_count() -> None:
    assert data_through(["a"], objects("a", 0) + objects("z", 0, 1, 2), [], 7, at(2)) == Reach(at(1))


def test_a_hole_is_given_up_when_the_open_days_have_passed() -> None:
    some = objects("a", 0, *range(2, 26))
    assert data_through(["a"], some, [], 1, at(1) + timedelta(hours=24, minutes=59)) == Reach(
        at(1), (Hole("a", at(1)),)
    )
    assert data_through(["a"], some, [], 1, at(1) + timedelta(hours=25)) == Reach(at(26))


def test_a_feed_that_stopped_reaches_no_further_however_long_it_is_ago() -> None:
    assert data_through(["a"], objects("a", 0, 1), [], 1, at(1000)) == Reach(at(2), stopped={"a": at(2)})


def test_a_feed_has_stopped_when_an_hour_has_not_come_for_longer_than_an_hour() -> None:
    both = objects("a", 0, 1, 2) + objects("b", 0, 1)
    assert data_through(["a", "b"], both, [], 7, at(4) - timedelta(seconds=1)).stopped == {}
    assert data_through(["a", "b"], both, [], 7, at(4)).stopped == {"b": at(2)}


def test_an_hour_that_is_declared_lost_holds_nothing() -> None:
    some = objects("a", 0, 2)
    assert data_through(["a"], some, [("a", at(1))], 7, at(4)) == Reach(at(3))
    assert data_through(["a"], some, [("b", at(1))], 7, at(4)) == Reach(at(1), (Hole("a", at(1)),))


def test_lost_hours_after_the_last_object_are_reached_when_they_are_over() -> None:
    lost = [("a", at(1)), ("a", at(2))]
    assert data_through(["a"], objects("a", 0), lost, 7, at(2)) == Reach(at(2))
    assert data_through(["a"], objects("a", 0), lost, 7, at(3)) == Reach(at(3))


def test_an_hour_that_is_not_over_does_not_count_whatever_its_writer_says() -> None:
    some = objects("a", 0, 1, 2, 73 * 365 * 24)
    assert data_through(["a"], some, [], 7, at(3) - timedelta(seconds=1)) == Reach(at(2))
    assert data_through(["a"], some, [], 7, at(3)) == Reach(at(3))
    assert data_through(["a"], some[3:], [], 7, at(3)) == Reach(None, stopped={"a": None})


def test_what_is_missing_is_named_in_stretches() -> None:
    some = objects("a", 0, 4, 5, 25) + objects("b", 0) + objects("c", *range(26))
    assert data_through("abc", some, [], 7, at(26)).missing == (
        "a 2026-11-01T01h to 2026-11-01T03h, a 2026-11-01T06h to 2026-11-02T00h, b from 2026-11-01T01h on"
    )
    assert data_through("cd", some, [], 7, at(26)).missing == "all of d"
    assert data_through("c", some, [], 7, at(26)).missing == ""
    assert Reach(at(25), (Hole("shard-0", at(25)),)).missing == "shard-0 2026-11-02T01h"


HOURS = st.sets(st.integers(0, 60), max_size=25)


@given(
    arrived=st.dictionaries(st.sampled_from(["a", "b"]), HOURS),
    lost=st.sets(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 70))),
    open_days=st.integers(0, 3),
    now=st.integers(0, 150),
)
def test_any_history_against_the_definition(
    arrived: dict[str, set[int]], lost: set[tuple[str, int]], open_days: int, now: int
) -> None:
    some = [item for feed, hours in arrived.items() for item in objects(feed, *hours)]
    found = data_through(["a", "b"], some, [(feed, at(h)) for feed, h in lost], open_days, at(now))

    arrived = {feed: {hour for hour in hours if hour + 1 <= now} for feed, hours in arrived.items()}

    def is_settled(feed: str, hour: int) -> bool:
        """By the words of the definition, hour by hour."""
        if hour in arrived[feed] or ((feed, hour) in lost and hour + 1 <= now):
            return True
        return hour < max(arrived[feed]) and hour + 1 + 24 * open_days <= now

    if not all(arrived.get(feed) for feed in "ab"):
        assert found == Reach(None, stopped={feed: None for feed in "ab" if not arrived.get(feed)})
        return
    ends = [next(h for h in range(min(arrived[feed]), 1000) if not is_settled(feed, h)) for feed in "ab"]
    last = {feed: next(h for h in range(max(arrived[feed]), 1000) if not is_settled(feed, h)) for feed in "ab"}
    holes = {
        Hole(feed, at(h))
        for feed in "ab"
        for h in range(min(arrived[feed]), max(arrived[feed]))
        if not is_settled(feed, h)
    }
    assert found.through == at(min(ends))
    assert set(found.holes) == holes
    assert found.stopped == {feed: at(hour) for feed, hour in last.items() if hour + 2 <= now}


@given(hours=st.permutations(list(range(12))))
def test_data_through_never_goes_back_while_hours_arrive_in_any_order_after_the_first(hours: list[int]) -> None:
    some = objects("a", 0)
    reached = []
    for hour in hours:
        some += objects("a", hour)
        reached.append(data_through(["a"], some, [], 7, at(20)).through)
    assert reached == sorted(reached, key=lambda time: time or START)
    assert reached[-1] == at(12)
