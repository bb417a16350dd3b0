from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.plan import Action, Plan, Target, missing_input, plan
from sg_assets.promise import HOURLY, Frozen, Promise
from sg_assets.table import Input, Table
from sg_assets.warehouse.state import TableState
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

AT_SIX = at(6) + timedelta(seconds=7)  # pulled at today's tick of a DAILY promise


def names(made: Plan) -> list[str]:
    return [step.table for step in made.steps]


def reasons(made: Plan) -> dict[str, str]:
    return {step.table: step.reason for step in made.steps}


def built(table: str, through: float, **inputs: str) -> TableState:
    """A derived table's state, built from these versions of raw tables (`a="1"` is r.a)."""
    return state(table, at(through), inputs={f"r.{name}": mark for name, mark in inputs.items()})


def keep(tables: list[Table], states: list[TableState], **others: object) -> Plan:
    return plan(facts(tables, states, **others), Target.keeper())


class TestKeeper:
    def test_a_first_start_runs_everything_in_one_plan(self) -> None:
        tables = [pull("r.a"), files("r.f"), frozen("r.old"), derived("d.x", "r.a", "r.old"), daily("d.y", "r.f")]
        made = keep([*tables, derived("d.z", "d.x", "d.y")], [])
        assert names(made) == ["r.a", "r.f", "r.old", "d.x", "d.y", "d.z"]
        assert [step.action for step in made.steps] == [Action.PULL] * 3 + [Action.BUILD] * 3
        assert reasons(made)["d.z"] == "never built"

    def test_nothing_to_do_is_an_empty_plan(self) -> None:
        states = [state("r.a", AT_SIX), state("d.x", AT_SIX, inputs={"r.a": "1"})]
        assert keep([pull("r.a"), derived("d.x", "r.a")], states) == Plan()

    def test_a_table_that_is_not_stale_is_never_run_however_late(self) -> None:
        tables = [pull("r.a"), derived("d.x", "r.a")]
        states = [state("r.a", at(500)), built("d.x", 500, a="1")]
        assert keep(tables, states, held={"r.a": at(-1)}).steps == ()

    def test_a_noted_raw_table_is_not_pulled_by_itself(self) -> None:
        note = Note("1", ("r.a",), "ada", "vendor is moving", at(9), at(-9))
        assert keep([pull("r.a")], [state("r.a", at(500))], notes=(note,)) == Plan()
        assert names(keep([pull("r.a")], [], notes=(note,))) == ["r.a"], "it never landed"

    def test_a_raw_table_is_pulled_by_itself_only_when_late_soon(self) -> None:
        behind = keep([pull("r.a")], [state("r.a", at(20))])
        late_soon = keep([pull("r.a")], [state("r.a", at(27))])
        assert names(behind) == []
        assert reasons(late_soon) == {"r.a": "complete only to 2026-11-17 09:00"}

    def test_a_frozen_table_is_pulled_once(self) -> None:
        assert reasons(keep([frozen("r.old")], [])) == {"r.old": "never landed"}
        assert keep([frozen("r.old")], [state("r.old", at(9000))]) == Plan()

    def test_a_stale_table_waits_for_its_tick(self) -> None:
        tables = [pull("r.a", HOURLY), derived("d.x", "r.a")]
        since_the_tick = [state("r.a", at(1), "2"), state("d.x", AT_SIX, inputs={"r.a": "1"})]
        from_yesterday = [state("r.a", at(1), "2"), built("d.x", 20, a="1")]
        assert keep(tables, since_the_tick) == Plan()
        assert reasons(keep(tables, from_yesterday)) == {"d.x": "r.a changed"}

    def test_grain_and_known_delay_are_allowed_for(self) -> None:
        hourly = [files("r.f"), derived("d.x", "r.f", promise=HOURLY)]
        newest_hour = [state("r.f", at(1), "2"), state("d.x", at(1), inputs={"r.f": "1"})]
        assert keep(hourly, newest_hour) == Plan(), "11:00 is what could be there at the tick of 11:10"
        assert names(keep(hourly, [state("r.f", at(1), "2"), state("d.x", at(2), inputs={"r.f": "1"})])) == ["d.x"]
        patient = Promise("0 6 * * *", warn=4 * DAY, fail=5 * DAY)
        delayed = [pull("r.ga", patient, known_delay=2 * DAY), derived("d.x", "r.ga", promise=patient)]
        states = [state("r.ga", AT_SIX - 2 * DAY, "2"), state("d.x", AT_SIX - 2 * DAY, inputs={"r.ga": "1"})]
        assert keep(delayed, states) == Plan()

    def test_an_optional_input_that_never_landed_allows_for_nothing(self) -> None:
        tables = [
            pull("r.a"),
            pull("r.ga", known_delay=2 * DAY),
            derived("d.x", "r.a", Input("r.ga", is_optional=True)),
        ]
        states = [state("r.a", AT_SIX, "2"), built("d.x", 30, a="1")]
        assert "d.x" in names(keep(tables, states, held={"r.ga": at(-1)}))

    def test_late_soon_does_not_wait_for_a_tick(self) -> None:
        hasty = Promise("0 6 * * *", warn=2 * HOUR, fail=3 * HOUR)
        states = [state("r.a", at(1), "2"), built("d.x", 4, a="1")]
        assert names(keep([pull("r.a"), derived("d.x", "r.a", promise=hasty)], states)) == ["d.x"]

    def test_another_sql_does_not_wait_for_a_tick(self) -> None:
        table = replace(derived("d.x", "r.a"), code_version="new")
        states = [state("r.a", AT_SIX), state("d.x", AT_SIX, inputs={"r.a": "1"})]
        assert reasons(keep([pull("r.a"), table], states)) == {"d.x": "its SQL changed"}

    def test_a_carry_is_told_from_a_build(self) -> None:
        tables = [pull("r.a"), derived("d.x", "r.a"), derived("d.y", "d.x")]
        states = [state("r.a", AT_SIX), built("d.x", 30, a="1"), state("d.y", at(30), inputs={"d.x": "1"})]
        made = keep(tables, states)
        assert [(step.table, step.action) for step in made.steps] == [("d.x", Action.CARRY), ("d.y", Action.BUILD)]
        assert made.steps[1].reason == "d.x is brought up to date in this plan"

    def test_a_table_with_an_input_that_never_landed_waits_for_it(self) -> None:
        tables = [pull("r.a"), pull("r.b"), derived("d.x", "r.a", "r.b")]
        made = keep(tables, [state("r.a", AT_SIX)], held={"r.b": at(-1)})
        assert names(made) == []
        assert made.waiting == {
            "r.b": "waits until 2026-11-18 13:00 before the next try",
            "d.x": "r.b never landed",
        }

    def test_an_optional_input_that_never_landed_is_not_waited_for(self) -> None:
        tables = [pull("r.a"), pull("r.b"), derived("d.x", "r.a", Input("r.b", is_optional=True))]
        assert names(keep(tables, [state("r.a", AT_SIX)], held={"r.b": at(-1)})) == ["d.x"]
        only_optional = [pull("r.b"), derived("d.x", Input("r.b", is_optional=True))]
        made = keep(only_optional, [], held={"r.b": at(-1)})
        assert made.waiting["d.x"] == "none of the tables that count for it ever landed"

    def test_a_held_table_holds_up_only_what_cannot_do_without_it(self) -> None:
        tables = [pull("r.a"), derived("d.x", "r.a"), derived("d.y", "d.x", "r.a")]
        states = [
            state("r.a", AT_SIX, "2"),
            built("d.x", 30, a="1"),
            state("d.y", at(30), inputs={"d.x": "1", "r.a": "1"}),
        ]
        made = keep(tables, states, held={"d.x": at(-1)})
        assert names(made) == ["d.y"]
        assert names(keep(tables, states, held={"d.x": at(0)})) == ["d.x", "d.y"], "the pause is over"

    def test_a_busy_table_is_left_alone_with_everything_below_it(self) -> None:
        tables = [pull("r.a"), pull("r.b"), derived("d.x", "r.a"), derived("d.y", "d.x"), derived("d.z", "r.b")]
        made = keep(tables, [], busy=frozenset({"d.x"}))
        assert names(made) == ["r.a", "r.b", "d.z"]
        assert set(made.waiting) == {"d.x", "d.y"}

    def test_what_is_not_connected_is_not_run_and_not_waited_for(self) -> None:
        tables = [
            pull("r.a"),
            pull("r.off"),
            derived("d.x", "r.off"),
            derived("d.y", "r.a", Input("r.off", is_optional=True)),
        ]
        made = keep(tables, [], unconnected={"r.off": "SG_OFF_URL is not set"})
        assert names(made) == ["r.a", "d.y"]
        assert made.waiting == {}

    def test_days_that_are_known_to_be_stale_are_in_the_plan(self) -> None:
        events = dict.fromkeys(days(FIRST_DAY, 8), "e")
        states = [
            state("r.f", at(1), event_days=events),
            state("d.y", at(30), days={d: {"r.f": "e"} for d in days(FIRST_DAY, 7)}),
        ]
        made = keep([files("r.f"), daily("d.y", "r.f")], states)
        assert [(step.table, step.partitions) for step in made.steps] == [("d.y", (date(2026, 11, 18),))]

    def test_a_partitioned_table_waits_until_its_inputs_reach_its_first_day(self) -> None:
        made = keep([files("r.f"), daily("d.y", "r.f")], [state("r.f", at(1))], history_start=date(2026, 11, 19))
        assert missing_input(facts([files("r.f"), daily("d.y", "r.f")], []), daily("d.y", "r.f")) == "r.f never landed"
        assert made == Plan()

    def test_a_frozen_derived_table_is_built_when_it_is_stale(self) -> None:
        table = derived("d.x", "r.old", promise=Frozen("as its input"))
        assert names(keep([frozen("r.old"), table], [])) == ["r.old", "d.x"]
        states = [state("r.old", at(900), "2"), built("d.x", 900, old="1")]
        assert names(keep([frozen("r.old"), table], states)) == ["d.x"]


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
