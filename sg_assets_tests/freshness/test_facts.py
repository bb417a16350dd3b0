from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sg_assets.table import Input
from sg_assets_tests.freshness.scenes import HOUR, NOON, at, derived, facts, frozen, pull, state

OFF = {"r.off": "SG_OFF_URL is not set"}


def test_a_table_is_not_connected_when_an_input_is_not_that_it_needs() -> None:
    known = facts(
        [
            pull("r.a"),
            pull("r.off"),
            derived("d.needs", "r.a", "r.off"),
            derived("d.below", "d.needs"),
            derived("d.looks", "r.a", Input("r.off", is_lookup=True)),
            derived("d.can", "r.a", Input("r.off", is_optional=True)),
            derived("d.can_below", "d.can"),
        ],
        unconnected=OFF,
    )
    assert known.not_connected == {
        "r.off": ("r.off",),
        "d.needs": ("d.needs", "r.off"),
        "d.below": ("d.below", "d.needs", "r.off"),
        "d.looks": ("d.looks", "r.off"),
    }
    assert known.is_connected("d.can_below")


def test_a_table_is_not_connected_when_nothing_that_could_count_is() -> None:
    union = derived("d.union", Input("r.off", is_optional=True), Input("r.off2", is_optional=True), "r.old")
    known = facts([pull("r.off"), pull("r.off2"), frozen("r.old"), union], unconnected={**OFF, "r.off2": "no key"})
    assert known.not_connected["d.union"] == ("d.union", "r.off")


def test_an_optional_input_counts_from_its_first_landing_on_while_it_is_connected() -> None:
    tables = [pull("r.a"), pull("r.off"), derived("d.x", "r.a", Input("r.off", is_optional=True))]
    landed = [state("r.a", at(1)), state("r.off", at(99))]
    before, after = facts(tables, landed[:1]), facts(tables, landed)
    gone = facts(tables, landed, unconnected=OFF)
    counting = [[i.table for i in known.counted_inputs(known.graph["d.x"])] for known in (before, after, gone)]
    assert counting == [["r.a"], ["r.a", "r.off"], ["r.a"]]
    assert [known.least_reach(known.graph["d.x"]) for known in (before, after, gone)] == [at(1), at(99), at(1)]


def test_the_least_reach_is_unknown_until_every_counted_input_has_landed() -> None:
    tables = [pull("r.a"), pull("r.b"), frozen("r.old"), derived("d.x", "r.a", "r.b", "r.old")]
    known = facts(tables, [state("r.a", at(1))])
    assert known.least_reach(known.graph["d.x"]) is None
    known = facts(tables, [state("r.a", at(1)), state("r.b", at(3))])
    assert known.least_reach(known.graph["d.x"]) == at(3)


def test_a_claim_about_the_future_is_taken_for_when_it_was_made() -> None:
    liar = state("r.a", datetime(2099, 1, 1, tzinfo=UTC), built_at=at(40))
    known = facts([pull("r.a"), derived("d.x", "r.a")], [liar])
    assert known.data_through("r.a") == known.least_reach(known.graph["d.x"]) == at(40)
    assert known.data_through("d.x") is None


def test_what_was_built_after_now_is_believed_as_by_a_run_that_began_before() -> None:
    known = facts([pull("r.a")], [state("r.a", at(1), built_at=at(0.5))])
    assert replace(known, now=at(2)).data_through("r.a") == at(1)
    both = replace(known, states={"r.a": state("r.a", at(-9), built_at=at(-9))})
    assert both.data_through("r.a") == NOON + 9 * HOUR


def test_a_part_of_a_first_pull_is_not_a_landing() -> None:
    assert not facts([pull("r.a")], [state("r.a", None)]).has_landed("r.a")


def test_now_must_be_in_utc() -> None:
    with pytest.raises(ValueError, match="not in UTC"):
        facts([], now=NOON.astimezone(timezone(timedelta(hours=-8))))
