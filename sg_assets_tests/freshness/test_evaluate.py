from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sg_assets.freshness.evaluate import Root, State, Verdict
from sg_assets.promise import Promise
from sg_assets.table import Input
from sg_assets_tests.freshness.judging import CHAIN, NOTE, chain, judge, paths, states
from sg_assets_tests.freshness.scenes import DAY, HOUR, NOON, at, daily, derived, files, frozen, pull, state

MICROSECOND = timedelta(microseconds=1)


def test_data_within_its_promise_is_fresh() -> None:
    verdict = chain(1, 1, 1, 1)["r.a"]
    assert verdict == Verdict(
        "r.a",
        State.FRESH,
        "somebody",
        data_through=at(1),
        lag=HOUR,
        counted_lag=HOUR,
        promise=CHAIN[0].promise if isinstance(CHAIN[0].promise, Promise) else None,
        next_expected=datetime(2026, 11, 19, 6, tzinfo=UTC),
        reason="complete to 2026-11-18 11:00, 60 min ago",
    )


def test_a_state_begins_at_the_instant_of_the_breach() -> None:
    through = at(36)
    for now, expected in (
        (through + 27 * HOUR - MICROSECOND, State.FRESH),
        (through + 27 * HOUR, State.LATE_SOON),
        (through + 36 * HOUR - MICROSECOND, State.LATE_SOON),
        (through + 36 * HOUR, State.LATE),
    ):
        verdict = judge((pull("r.a"),), state("r.a", through), now=now)["r.a"]
        assert verdict.state is expected
    assert verdict.since == NOON
    assert verdict.roots == (Root("r.a", ("r.a",)),)


def test_lateness_is_explained_by_the_most_upstream_late_table() -> None:
    found = chain(40, 1, 40, 40)
    assert states(found) == {"r.a": "late", "r.b": "fresh", "d.x": "late", "d.y": "late"}
    assert found["d.y"].roots == (Root("r.a", ("d.y", "d.x", "r.a")),)
    assert found["d.y"].reason == "complete to 2026-11-16 20:00, 40 h ago, promised within 36 h, because of r.a"


def test_a_table_that_does_not_follow_its_inputs_is_its_own_root() -> None:
    found = chain(1, 1, 40, 40)
    assert paths(found["d.y"]) == [("d.y", "d.x")]
    assert paths(found["d.x"]) == [("d.x",)]


def test_every_independent_cause_is_a_root_and_the_shortest_way_to_it_is_told() -> None:
    diamond = (*CHAIN[:3], derived("d.y", "d.x", "r.b", "r.a"))
    found = judge(diamond, *(state(table.name, at(40)) for table in diamond))
    assert paths(found["d.y"]) == [("d.y", "r.a"), ("d.y", "r.b")]


def test_for_a_while_after_a_root_is_well_again_it_stays_the_root_of_what_is_yet_to_be_built() -> None:
    before = {"d.x": ["r.a"], "d.y": ["r.a", "r.gone"]}

    def told(moved: float, **others: object) -> dict[str, Verdict]:
        late = (state("r.b", at(1)), state("d.x", at(40)), state("d.y", at(40)))
        return judge(CHAIN, state("r.a", at(1), built_at=at(moved)), *late, **{"last_roots": before, **others})

    found = told(0.2)
    assert states(found) == {"r.a": "fresh", "r.b": "fresh", "d.x": "late", "d.y": "late"}
    assert (paths(found["d.x"]), paths(found["d.y"])) == ([("d.x", "r.a")], [("d.y", "d.x", "r.a")])
    assert found["d.x"].reason.endswith(
        "because of r.a; what was missing came at 2026-11-18 11:48, it is yet to be built from it"
    )
    built = judge(CHAIN, *(state(n, at(0.1)) for n in ("r.a", "r.b", "d.x")), state("d.y", at(40)), last_roots=before)
    assert paths(built["d.y"]) == [("d.y", "d.x", "r.a")], "down to the last that follows"
    assert paths(told(0.25)["d.x"]) == [("d.x",)], "it had its time"
    assert paths(told(0.2, failing={"d.x": "division by zero"})["d.x"]) == [("d.x",)]
    assert paths(told(0.2, last_roots={"d.x": ["d.x"]})["d.x"]) == [("d.x",)], "it was its own before"
    assert told(0.2, notes=(NOTE,))["d.x"].state is State.NOTED


def test_an_input_that_is_late_only_by_its_own_shorter_promise_explains_nothing() -> None:
    hasty = Promise("10 * * * *", warn=3 * HOUR, fail=6 * HOUR)
    found = judge((pull("r.a", hasty), derived("d.x", "r.a")), state("r.a", at(10)), state("d.x", at(40)))
    assert found["r.a"].state is State.LATE
    assert paths(found["d.x"]) == [("d.x",)], "built now, it would not be late"


def test_a_table_late_soon_is_explained_like_a_late_one() -> None:
    found = chain(30, 1, 30, 30)
    assert states(found) == {"r.a": "late_soon", "r.b": "fresh", "d.x": "late_soon", "d.y": "late_soon"}
    assert paths(found["d.y"]) == [("d.y", "d.x", "r.a")]


def test_a_table_that_failed_as_well_is_a_second_root() -> None:
    failed = chain(40, 1, 60, 60, failing={"d.x": "division by zero"})
    assert paths(failed["d.x"]) == [("d.x",), ("d.x", "r.a")]
    assert failed["d.x"].reason.endswith("because of r.a; besides, by itself: division by zero")
    assert paths(chain(40, 1, 40, 40, failing={"d.x": "old news"})["d.x"]) == [("d.x", "r.a")], "it has what there is"


def test_a_table_that_was_not_built_for_long_is_a_second_root_after_a_grace() -> None:
    asleep = state("d.x", at(60), built_at=at(59))
    for moved, expected in ((0.2, 1), (0.3, 2)):
        found = judge(CHAIN[:3], state("r.a", at(40), built_at=at(moved)), asleep)
        assert len(found["d.x"].roots) == expected
    recent = judge(CHAIN[:3], state("r.a", at(40), built_at=at(1)), state("d.x", at(60), built_at=at(2)))
    assert paths(recent["d.x"]) == [("d.x", "r.a")]


def test_lookups_and_frozen_tables_make_nothing_late() -> None:
    table = derived("d.x", "r.a", Input("r.b", is_lookup=True), "r.old")
    tables = (pull("r.a"), pull("r.b"), frozen("r.old"), table)
    found = judge(tables, state("r.a", at(1)), state("r.b", at(99)), state("r.old", at(9000)), state("d.x", at(1)))
    assert states(found) == {"r.a": "fresh", "r.b": "late", "r.old": "frozen", "d.x": "fresh"}
    assert (found["r.old"].lag, found["r.old"].next_expected) == (None, None)


def test_a_new_table_has_its_fail_window_to_land() -> None:
    young, old = ({table.name: at(age) for table in CHAIN} for age in (35, 37))
    assert set(states(judge(CHAIN, first_seen=young)).values()) == {"never_landed"}
    assert judge(CHAIN, first_seen=young)["r.a"].since == at(35)
    found = judge(CHAIN, first_seen=old)
    assert set(states(found).values()) == {"late"}
    assert (found["r.a"].since, found["r.a"].data_through) == (at(1), None)
    assert paths(found["d.y"]) == [("d.y", "d.x", "r.a"), ("d.y", "r.b")]


def test_a_table_of_which_nobody_knows_since_when_it_is_there_is_new() -> None:
    assert judge(CHAIN, first_seen={})["r.a"].state is State.NEVER_LANDED


def test_an_input_that_never_landed_is_the_root_even_while_it_has_time() -> None:
    seen = {"r.a": at(1000), "r.b": at(1), "d.x": at(1000), "d.y": at(1000)}
    found = judge(CHAIN, state("r.a", at(1)), state("d.x", at(1)), first_seen=seen)
    assert states(found) == {"r.a": "fresh", "r.b": "never_landed", "d.x": "fresh", "d.y": "late"}
    assert paths(found["d.y"]) == [("d.y", "r.b")]


def test_a_frozen_table_that_was_never_fetched_blocks_but_is_not_late() -> None:
    found = judge((pull("r.a"), frozen("r.old"), derived("d.x", "r.a", "r.old")), state("r.a", at(1)))
    assert states(found) == {"r.a": "fresh", "r.old": "never_landed", "d.x": "late"}
    assert paths(found["d.x"]) == [("d.x", "r.old")]


def test_what_is_not_connected_is_not_late() -> None:
    tables = (*CHAIN, derived("d.z", "r.b", Input("r.a", is_optional=True)))
    found = judge(tables, state("r.b", at(1)), state("d.z", at(1)), unconnected={"r.a": "SG_A_URL is not set"})
    assert states(found) == {
        "r.a": "not_connected",
        "r.b": "fresh",
        "d.x": "not_connected",
        "d.y": "not_connected",
        "d.z": "fresh",
    }
    assert found["d.y"].reason == "r.a is not connected: SG_A_URL is not set"
    assert paths(found["d.y"]) == [("d.y", "d.x", "r.a")]


def test_a_claim_about_the_future_is_not_believed() -> None:
    liar = state("r.a", datetime(2099, 1, 1, tzinfo=UTC), built_at=at(40))
    verdict = judge((pull("r.a"),), liar)["r.a"]
    assert (verdict.state, verdict.since, verdict.lag) == (State.LATE, at(4), 40 * HOUR)
    assert verdict.data_through == at(40)
    assert verdict.reason.startswith(
        "complete to 2026-11-16 20:00, 40 h ago (that it reaches 2099-01-01 00:00 is not believed), promised within"
    )


def test_what_is_wrong_is_told_before_it_matters() -> None:
    found = judge((files("r.f"),), state("r.f", at(1)), failing={"r.f": "waits for missing hours: b 2026-11-18T10h"})
    assert found["r.f"].state is State.FRESH
    assert found["r.f"].reason == (
        "complete to 2026-11-18 11:00, 60 min ago; waits for missing hours: b 2026-11-18T10h"
    )


def test_days_that_a_promise_leaves_out_do_not_count() -> None:
    weekdays = Promise("0 6 * * 1-5", warn=26 * HOUR, fail=30 * HOUR)
    friday, monday = datetime(2026, 11, 13, 6, tzinfo=UTC), datetime(2026, 11, 16, 6, tzinfo=UTC)
    verdict = judge((pull("r.a", weekdays),), state("r.a", friday), now=monday)["r.a"]
    assert (verdict.state, verdict.lag, verdict.counted_lag) == (State.FRESH, 3 * DAY, DAY)
    assert (
        judge((pull("r.a", weekdays),), state("r.a", friday), now=monday + 6 * HOUR)["r.a"].since == monday + 6 * HOUR
    )


def test_a_partitioned_table_is_judged_by_how_far_it_reaches() -> None:
    found = judge((files("r.f"), daily("d.p", "r.f")), state("r.f", at(1)), state("d.p", at(40)))
    assert states(found) == {"r.f": "fresh", "d.p": "late"}
