from __future__ import annotations

from dataclasses import replace

import pytest

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.plan import Plan, Target, plan
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import (
    AT_SIX,
    DAY,
    FIRST_DAY,
    NOON,
    at,
    built,
    daily,
    days,
    derived,
    facts,
    files,
    filled,
    frozen,
    names,
    pull,
    reasons,
    state,
)


class TestSchedule:
    TABLES = (pull("r.a"), pull("r.b"), derived("d.x", "r.a"), derived("d.y", "r.b"), derived("d.z", "d.x", "r.b"))

    def run(self, *states: TableState, **others: object) -> Plan:
        return plan(facts(self.TABLES, states, **others), Target.schedule(["r.a"]))

    def test_it_pulls_its_raw_tables_and_what_is_then_ready_below_them(self) -> None:
        assert reasons(self.run()) == {"r.a": "its schedule", "d.x": "never built"}
        everything = self.run(state("r.a", AT_SIX - DAY), state("r.b", AT_SIX), built("d.x", 30, a="1"))
        assert names(everything) == ["r.a", "d.x", "d.z"]

    def test_what_is_below_waits_for_its_own_tick(self) -> None:
        fresh = state("d.x", AT_SIX, inputs={"r.a": "1"})
        made = self.run(
            state("r.a", AT_SIX), state("r.b", AT_SIX), fresh, state("d.z", AT_SIX, inputs={"d.x": "1", "r.b": "1"})
        )
        assert names(made) == ["r.a"]

    def test_what_fivetran_fills_is_synced_for_whoever_names_it_and_for_nobody_else(self) -> None:
        given = facts([filled("r.a"), derived("d.x", "r.a")], [state("r.a", AT_SIX - DAY), state("d.x", AT_SIX - DAY)])
        assert names(plan(given, Target.refresh(["r.a"]))) == ["r.a"]
        for target in (Target.refresh(), Target.refresh(is_full=True), Target.keeper(), Target.schedule([])):
            assert "r.a" not in names(plan(given, target))
        for upstream in ("stale", "all"):
            assert "r.a" not in names(plan(given, Target.refresh(["d.x"], upstream=upstream)))

    def test_it_obeys_pauses_and_what_is_not_connected(self) -> None:
        assert self.run(held={"r.a": at(-1)}).steps == ()
        assert self.run(unconnected={"r.a": "no key"}) == Plan()


class TestRefresh:
    TABLES = (
        pull("r.a"),
        pull("r.b"),
        frozen("r.old"),
        files("r.f"),
        derived("d.x", "r.a"),
        derived("d.y", "d.x", "r.b", "r.old"),
        daily("d.p", "r.f"),
    )
    STATES = (
        state("r.a", AT_SIX, "1"),
        state("r.b", AT_SIX, "1"),
        state("r.old", at(900), "1"),
        state("r.f", at(0), event_days=dict.fromkeys(days(FIRST_DAY, 8), "e")),
        state("d.x", AT_SIX, inputs={"r.a": "1"}),
        state("d.y", AT_SIX, inputs={"d.x": "1", "r.b": "1", "r.old": "1"}),
        state("d.p", at(0), days={day: {"r.f": "e"} for day in days(FIRST_DAY, 8)}),
    )

    def facts(self, *changed: TableState) -> Facts:
        return facts(self.TABLES, [*self.STATES, *changed])

    def test_nothing_is_done_where_nothing_is_stale(self) -> None:
        assert plan(self.facts(), Target.refresh()) == Plan()
        assert plan(self.facts(), Target.refresh(["d.y"])) == Plan()

    def test_only_what_is_stale_above_the_named_tables_is_run(self) -> None:
        stale = self.facts(state("r.a", AT_SIX, "2"), state("d.p", at(5), days={}))
        assert names(plan(stale, Target.refresh(["d.y"]))) == ["d.x", "d.y"]
        assert names(plan(stale, Target.refresh(["d.x"]))) == ["d.x"]
        assert names(plan(stale, Target.refresh())) == ["d.p", "d.x", "d.y"]

    def test_it_waits_for_no_tick(self) -> None:
        stale = self.facts(state("r.b", at(0), "2"))
        assert plan(stale, Target.keeper()) == Plan()
        assert reasons(plan(stale, Target.refresh(["d.y"]))) == {"d.y": "r.b changed"}

    def test_raw_tables_above_are_pulled_when_they_are_behind_their_tick(self) -> None:
        behind = self.facts(state("r.a", at(7), "1"))
        assert reasons(plan(behind, Target.refresh(["d.y"]))) == {
            "r.a": "complete only to 2026-11-18 05:00",
            "d.x": "r.a is brought up to date in this plan",
            "d.y": "d.x is brought up to date in this plan",
        }

    def test_a_named_raw_table_is_always_pulled_but_a_frozen_one_only_in_full(self) -> None:
        assert reasons(plan(self.facts(), Target.refresh(["r.a", "r.old"]))) == {"r.a": "requested"}
        assert names(plan(self.facts(), Target.refresh(["r.old"], is_full=True))) == ["r.old"]

    def test_upstream_all_pulls_everything_above(self) -> None:
        assert names(plan(self.facts(), Target.refresh(["d.y"], upstream="all"))) == ["r.a", "r.b", "d.x", "d.y"]

    def test_upstream_none_builds_from_what_is_there(self) -> None:
        stale = self.facts(state("r.a", at(50), "2"), state("r.b", AT_SIX, "2"))
        assert names(plan(stale, Target.refresh(["d.y"], upstream="none"))) == ["d.y"]
        nothing = facts(self.TABLES, [])
        assert plan(nothing, Target.refresh(["d.y"], upstream="none")).waiting == {"d.y": "d.x never landed"}

    def test_a_full_refresh_builds_all_days_of_the_named_tables(self) -> None:
        made = plan(self.facts(), Target.refresh(["d.p"], is_full=True))
        assert [(step.table, step.reason) for step in made.steps] == [("d.p", "requested in full")]
        assert made.steps[0].partitions == tuple(days(FIRST_DAY, 8))

    def test_some_days_are_built_whether_stale_or_not(self) -> None:
        wanted = days(FIRST_DAY + DAY, 2)
        made = plan(self.facts(), Target.refresh(["d.p"], days=[*wanted, NOON.date() + DAY]))
        assert made.steps[0].partitions == tuple(wanted)

    def test_a_name_that_nobody_declared_is_refused(self) -> None:
        with pytest.raises(KeyError, match=r"d\.nowhere"):
            plan(self.facts(), Target.refresh(["d.nowhere"]))


class TestUpToAnInstant:
    TABLES = (pull("r.a"), files("r.f"), derived("d.x", "r.a"), derived("d.y", "d.x", "r.f"))

    def run(self, hours: float, *tables: str, upstream: str = "stale") -> list[str]:
        states = [
            state("r.a", at(3)),
            state("r.f", at(1)),
            state("d.x", at(5), inputs={"r.a": "0"}),
            state("d.y", at(9)),
        ]
        return names(plan(facts(self.TABLES, states), Target.refresh(tables, to=at(hours), upstream=upstream)))

    def test_what_reaches_it_is_left_alone_however_stale_and_so_is_what_only_that_needs(self) -> None:
        assert self.run(5, "d.x") == []
        assert self.run(4.9, "d.x") == ["d.x"]
        assert self.run(2, "d.x") == ["r.a", "d.x"]
        assert self.run(5, "d.y") == ["d.y"]
        assert self.run(5) == ["d.y"]

    def test_a_raw_table_that_was_named_is_pulled_only_to_reach_it(self) -> None:
        assert self.run(3, "r.a") == []
        assert self.run(2, "r.a") == ["r.a"]

    def test_what_no_vendor_has_yet_is_not_asked_for(self) -> None:
        assert self.run(0, "r.f") == []  # the object of the hour that is on is not there
        assert self.run(0, "d.y") == ["r.a", "d.x", "d.y"]

    def test_what_is_above_may_be_left_as_it_is(self) -> None:
        assert self.run(0, "d.y", upstream="none") == ["d.y"]

    def test_another_sql_is_not_complete_however_far_the_old_one_reached(self) -> None:
        table = replace(derived("d.x", "r.a"), code_version="new")
        told = facts([pull("r.a"), table], [state("r.a", at(3)), state("d.x", at(3), inputs={"r.a": "1"})])
        assert names(plan(told, Target.refresh(["d.x"], to=at(5)))) == ["d.x"]

    @pytest.mark.parametrize("anew", [{"is_full": True}, {"days": [FIRST_DAY]}])
    def test_it_cannot_be_asked_together_with_what_is_there_already(self, anew: dict[str, object]) -> None:
        with pytest.raises(ValueError, match="not both"):
            Target.refresh(["d.x"], to=NOON, **anew)  # pyrefly: ignore[bad-argument-type]
