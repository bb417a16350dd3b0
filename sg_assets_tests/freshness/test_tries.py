from dataclasses import replace
from datetime import timedelta

import pytest

from sg_assets.freshness.tries import FIRST_PAUSE, LONGEST_PAUSE, fingerprint, held_until
from sg_assets.operations import Attempt
from sg_assets_tests.freshness.scenes import HOUR, NOON, derived, frozen, pull, state

TABLE = replace(derived("m.t", "raw_a.x", "raw_b.y"), code_version="c1")
STATES = {"raw_a.x": state("raw_a.x", NOON, "1"), "raw_b.y": state("raw_b.y", NOON, "1")}
MINUTE = timedelta(minutes=1)


def test_a_derived_table_is_tried_anew_when_its_code_or_an_input_changed() -> None:
    first = fingerprint(TABLE, STATES, NOON)
    assert fingerprint(TABLE, STATES, NOON + 9 * HOUR) == first
    assert fingerprint(replace(TABLE, code_version="c2"), STATES, NOON) != first
    assert fingerprint(TABLE, STATES | {"raw_a.x": state("raw_a.x", NOON, "2")}, NOON) != first
    assert fingerprint(TABLE, STATES | {"raw_b.y": state("raw_b.y", NOON, "2")}, NOON) != first
    assert fingerprint(TABLE, {}, NOON) != first


def test_a_raw_table_is_tried_anew_at_its_next_tick_and_a_frozen_one_never() -> None:
    table = pull("raw_a.x")  # at six
    assert fingerprint(table, STATES, NOON) == fingerprint(table, {}, NOON + 17 * HOUR)
    assert fingerprint(table, STATES, NOON) != fingerprint(table, STATES, NOON + 18 * HOUR)
    assert fingerprint(frozen("raw_a.z"), {}, NOON) == fingerprint(frozen("raw_a.z"), STATES, NOON + 400 * HOUR)


@pytest.mark.parametrize(
    ("count", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (10**6, 60)]
)
def test_the_pause_before_the_same_try_doubles_up_to_an_hour(count: int, minutes: int) -> None:
    tried = Attempt("f", count, NOON, None, "no")
    assert held_until(tried, is_same=True) == NOON + minutes * MINUTE
    assert (FIRST_PAUSE, LONGEST_PAUSE) == (MINUTE, 60 * MINUTE)


@pytest.mark.parametrize(("count", "minutes"), [(1, 10), (2, 60), (3, 7 * 60), (4, 7 * 60)])
def test_a_raw_table_that_landed_before_is_healed_three_times_in_a_tick(count: int, minutes: int) -> None:
    tried, next_tick = Attempt("f", count, NOON, None, ""), NOON + 7 * HOUR
    assert held_until(tried, is_same=True, next_tick=next_tick) == NOON + minutes * MINUTE
    assert held_until(tried, is_same=True, next_tick=NOON + MINUTE) == NOON + MINUTE
    assert held_until(tried, is_same=False, next_tick=next_tick) == NOON


def test_another_try_need_not_wait_but_for_the_vendor() -> None:
    assert held_until(Attempt("f", 9, NOON, None, "no"), is_same=False) == NOON
    assert held_until(Attempt("f", 9, NOON, NOON + 5 * HOUR, "quota"), is_same=False) == NOON + 5 * HOUR


def test_of_the_vendors_time_and_the_pause_the_later_one_holds() -> None:
    assert held_until(Attempt("f", 1, NOON, NOON + 5 * HOUR, "quota"), is_same=True) == NOON + 5 * HOUR
    assert held_until(Attempt("f", 7, NOON, NOON + 5 * MINUTE, "quota"), is_same=True) == NOON + HOUR


@pytest.mark.parametrize(("count", "minutes"), [(1, 10), (2, 60), (3, 18 * 60), (4, 18 * 60)])
def test_a_raw_table_that_landed_before_is_tried_three_times_in_a_tick(count: int, minutes: int) -> None:
    tried = Attempt("f", count, NOON, None, "no")
    assert held_until(tried, is_same=True, next_tick=NOON + 18 * HOUR) == NOON + minutes * MINUTE


def test_the_next_tick_ends_every_pause_but_the_vendors() -> None:
    tick = NOON + 5 * MINUTE
    assert held_until(Attempt("f", 2, NOON, None, "no"), is_same=True, next_tick=tick) == tick
    assert held_until(Attempt("f", 2, NOON, NOON + HOUR, "quota"), is_same=True, next_tick=tick) == NOON + HOUR
    assert held_until(Attempt("f", 2, NOON, None, "no"), is_same=False, next_tick=tick) == NOON
