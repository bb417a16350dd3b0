from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.order import RANGE_END, RANGE_START, Order, order_of, parse_days

NOW = datetime(2026, 11, 21, 15, 30, 12, 345678, tzinfo=UTC)
TODAY = NOW.date()


def no_clock() -> datetime:
    raise AssertionError


def test_an_order_survives_its_way_through_the_tags_of_a_run() -> None:
    order = Order(NOW, "refresh", is_full=True, days=parse_days("2026-11-01..2026-11-03"), accept_shrink=True)
    assert order_of(order.tags([], TODAY), no_clock) == order


def test_a_run_started_by_hand_is_not_planned_and_takes_the_clock() -> None:
    order = order_of({"dagster/partition": "2026-11-20"}, lambda: NOW)
    assert order == Order(NOW)
    assert not order.is_planned


def test_a_run_that_is_done_again_takes_the_clock_and_is_otherwise_as_the_one_before() -> None:
    order = Order(NOW, "keeper", is_full=True)
    again = {**order.tags([], TODAY), "dagster/parent_run_id": "the one before"}
    assert order_of(again, lambda: NOW + timedelta(hours=5)) == replace(order, now=NOW + timedelta(hours=5))


def test_the_day_of_a_run_is_the_newest_touched_but_none_that_is_no_partition() -> None:
    for days, newest in (((2, 5), "2026-11-05"), ((5, 2, 22), "2026-11-21")):
        tags = Order(NOW, "keeper").tags([date(2026, 11, day) for day in days], TODAY)
        assert (tags[RANGE_START], tags[RANGE_END]) == (newest, newest)


def test_a_run_that_touches_no_day_reports_the_newest_only() -> None:
    tags = Order(NOW, "keeper").tags([], TODAY)
    assert (tags[RANGE_START], tags[RANGE_END]) == ("2026-11-21", "2026-11-21")


def test_days_are_read_as_one_or_as_a_range() -> None:
    assert parse_days("2026-02-28..2026-03-01") == (date(2026, 2, 28), date(2026, 3, 1))
    assert parse_days("2026-02-28") == (date(2026, 2, 28),)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-05..2026-11-01", "2026-13-01"])
def test_what_is_no_range_of_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_days(text)


def test_full_and_days_are_about_the_tables_that_were_named_and_about_all_where_none_was() -> None:
    days = parse_days("2026-11-01")
    named = Order(NOW, "refresh", is_full=True, days=days, named=frozenset({"m.b", "m.a"}))
    assert order_of(named.tags([], TODAY), no_clock) == named
    assert [(named.is_full_for(name), named.days_of(name)) for name in ("m.a", "m.c")] == [(True, days), (False, ())]
    everything = Order(NOW, "refresh", is_full=True, days=days)
    assert (everything.is_full_for("m.c"), everything.days_of("m.c")) == (True, days)
    assert not Order(NOW, "refresh", named=frozenset({"m.a"})).is_full_for("m.a")
