from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from sg_assets.freshness.notes import Note
from sg_assets.freshness.plan import Action, Plan, Step, Target, days_touched, missing_input, plan
from sg_assets.promise import HOURLY, Frozen, Promise
from sg_assets.table import Input, Table
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import (
    AT_SIX,
    DAY,
    FIRST_DAY,
    HOUR,
    at,
    built,
    daily,
    days,
    derived,
    facts,
    files,
    frozen,
    names,
    pull,
    reasons,
    state,
)


def keep(tables: list[Table], states: list[TableState], **others: object) -> Plan:
    return plan(facts(tables, states, **others), Target.keeper())


def test_a_first_start_runs_everything_in_one_plan() -> None:
    tables = [pull("r.a"), files("r.f"), frozen("r.old"), derived("d.x", "r.a", "r.old"), daily("d.y", "r.f")]
    made = keep([*tables, derived("d.z", "d.x", "d.y")], [])
    assert names(made) == ["r.a", "r.f", "r.old", "d.x", "d.y", "d.z"]
    assert [step.action for step in made.steps] == [Action.PULL] * 3 + [Action.BUILD] * 3
    assert reasons(made)["d.z"] == "never built"


def test_nothing_to_do_is_an_empty_plan() -> None:
    states = [state("r.a", AT_SIX), state("d.x", AT_SIX, inputs={"r.a": "1"})]
    assert keep([pull("r.a"), derived("d.x", "r.a")], states) == Plan()


def test_a_table_that_is_not_stale_is_never_run_however_late() -> None:
    tables = [pull("r.a"), derived("d.x", "r.a")]
    states = [state("r.a", at(500)), built("d.x", 500, a="1")]
    assert keep(tables, states, held={"r.a": at(-1)}).steps == ()


def test_a_noted_raw_table_is_not_pulled_by_itself() -> None:
    note = Note("1", ("r.a",), "ada", "vendor is moving", at(9), at(-9))
    assert keep([pull("r.a")], [state("r.a", at(500))], notes=(note,)) == Plan()
    assert names(keep([pull("r.a")], [], notes=(note,))) == ["r.a"], "it never landed"


def test_a_raw_table_is_pulled_by_itself_only_when_late_soon() -> None:
    behind = keep([pull("r.a")], [state("r.a", at(20))])
    late_soon = keep([pull("r.a")], [state("r.a", at(27))])
    assert names(behind) == []
    assert reasons(late_soon) == {"r.a": "complete only to 2026-11-17 09:00"}


def test_a_frozen_table_is_pulled_once() -> None:
    assert reasons(keep([frozen("r.old")], [])) == {"r.old": "never landed"}
    assert keep([frozen("r.old")], [state("r.old", at(9000))]) == Plan()


def test_a_stale_table_waits_for_its_tick() -> None:
    tables = [pull("r.a", HOURLY), derived("d.x", "r.a")]
    since_the_tick = [state("r.a", at(1), "2"), state("d.x", AT_SIX, inputs={"r.a": "1"})]
    from_yesterday = [state("r.a", at(1), "2"), built("d.x", 20, a="1")]
    assert keep(tables, since_the_tick) == Plan()
    assert reasons(keep(tables, from_yesterday)) == {"d.x": "r.a changed"}


def test_grain_and_known_delay_are_allowed_for() -> None:
    hourly = [files("r.f"), derived("d.x", "r.f", promise=HOURLY)]
    newest_hour = [state("r.f", at(1), "2"), state("d.x", at(1), inputs={"r.f": "1"})]
    assert keep(hourly, newest_hour) == Plan(), "11:00 is what could be there at the tick of 11:10"
    assert names(keep(hourly, [state("r.f", at(1), "2"), state("d.x", at(2), inputs={"r.f": "1"})])) == ["d.x"]
    patient = Promise("0 6 * * *", warn=4 * DAY, fail=5 * DAY)
    delayed = [pull("r.ga", patient, known_delay=2 * DAY), derived("d.x", "r.ga", promise=patient)]
    states = [state("r.ga", AT_SIX - 2 * DAY, "2"), state("d.x", AT_SIX - 2 * DAY, inputs={"r.ga": "1"})]
    assert keep(delayed, states) == Plan()


def test_an_optional_input_that_never_landed_allows_for_nothing() -> None:
    tables = [
        pull("r.a"),
        pull("r.ga", known_delay=2 * DAY),
        derived("d.x", "r.a", Input("r.ga", is_optional=True)),
    ]
    states = [state("r.a", AT_SIX, "2"), built("d.x", 30, a="1")]
    assert "d.x" in names(keep(tables, states, held={"r.ga": at(-1)}))


def test_late_soon_does_not_wait_for_a_tick() -> None:
    hasty = Promise("0 6 * * *", warn=2 * HOUR, fail=3 * HOUR)
    states = [state("r.a", at(1), "2"), built("d.x", 4, a="1")]
    assert names(keep([pull("r.a"), derived("d.x", "r.a", promise=hasty)], states)) == ["d.x"]


def test_another_sql_does_not_wait_for_a_tick() -> None:
    table = replace(derived("d.x", "r.a"), code_version="new")
    states = [state("r.a", AT_SIX), state("d.x", AT_SIX, inputs={"r.a": "1"})]
    assert reasons(keep([pull("r.a"), table], states)) == {"d.x": "its SQL changed"}


def test_a_carry_is_told_from_a_build() -> None:
    tables = [pull("r.a"), derived("d.x", "r.a"), derived("d.y", "d.x")]
    states = [state("r.a", AT_SIX), built("d.x", 30, a="1"), state("d.y", at(30), inputs={"d.x": "1"})]
    made = keep(tables, states)
    assert [(step.table, step.action) for step in made.steps] == [("d.x", Action.CARRY), ("d.y", Action.BUILD)]
    assert made.steps[1].reason == "d.x is brought up to date in this plan"


def test_a_table_with_an_input_that_never_landed_waits_for_it() -> None:
    tables = [pull("r.a"), pull("r.b"), derived("d.x", "r.a", "r.b")]
    made = keep(tables, [state("r.a", AT_SIX)], held={"r.b": at(-1)})
    assert names(made) == []
    assert made.waiting == {
        "r.b": "waits until 2026-11-18 13:00 before the next try",
        "d.x": "r.b never landed",
    }


def test_an_optional_input_that_never_landed_is_not_waited_for() -> None:
    tables = [pull("r.a"), pull("r.b"), derived("d.x", "r.a", Input("r.b", is_optional=True))]
    assert names(keep(tables, [state("r.a", AT_SIX)], held={"r.b": at(-1)})) == ["d.x"]
    only_optional = [pull("r.b"), derived("d.x", Input("r.b", is_optional=True))]
    made = keep(only_optional, [], held={"r.b": at(-1)})
    assert made.waiting["d.x"] == "none of the tables that count for it ever landed"


def test_a_held_table_holds_up_only_what_cannot_do_without_it() -> None:
    tables = [pull("r.a"), derived("d.x", "r.a"), derived("d.y", "d.x", "r.a")]
    states = [
        state("r.a", AT_SIX, "2"),
        built("d.x", 30, a="1"),
        state("d.y", at(30), inputs={"d.x": "1", "r.a": "1"}),
    ]
    made = keep(tables, states, held={"d.x": at(-1)})
    assert names(made) == ["d.y"]
    assert names(keep(tables, states, held={"d.x": at(0)})) == ["d.x", "d.y"], "the pause is over"


def test_a_busy_table_is_left_alone_with_everything_below_it() -> None:
    tables = [pull("r.a"), pull("r.b"), derived("d.x", "r.a"), derived("d.y", "d.x"), derived("d.z", "r.b")]
    made = keep(tables, [], busy=frozenset({"d.x"}))
    assert names(made) == ["r.a", "r.b", "d.z"]
    assert set(made.waiting) == {"d.x", "d.y"}


def test_what_is_not_connected_is_not_run_and_not_waited_for() -> None:
    tables = [
        pull("r.a"),
        pull("r.off"),
        derived("d.x", "r.off"),
        derived("d.y", "r.a", Input("r.off", is_optional=True)),
    ]
    made = keep(tables, [], unconnected={"r.off": "SG_OFF_URL is not set"})
    assert names(made) == ["r.a", "d.y"]
    assert made.waiting == {}


def test_days_that_are_known_to_be_stale_are_in_the_plan() -> None:
    events = dict.fromkeys(days(FIRST_DAY, 8), "e")
    states = [
        state("r.f", at(1), event_days=events),
        state("d.y", at(30), days={d: {"r.f": "e"} for d in days(FIRST_DAY, 7)}),
    ]
    made = keep([files("r.f"), daily("d.y", "r.f")], states)
    assert [(step.table, step.partitions) for step in made.steps] == [("d.y", (date(2026, 11, 18),))]


def test_a_partitioned_table_waits_until_its_inputs_reach_its_first_day() -> None:
    made = keep([files("r.f"), daily("d.y", "r.f")], [state("r.f", at(1))], history_start=date(2026, 11, 19))
    assert missing_input(facts([files("r.f"), daily("d.y", "r.f")], []), daily("d.y", "r.f")) == "r.f never landed"
    assert made == Plan()


def test_a_frozen_derived_table_is_built_when_it_is_stale() -> None:
    table = derived("d.x", "r.old", promise=Frozen("as its input"))
    assert names(keep([frozen("r.old"), table], [])) == ["r.old", "d.x"]
    states = [state("r.old", at(900), "2"), built("d.x", 900, old="1")]
    assert names(keep([frozen("r.old"), table], states)) == ["d.x"]


def test_a_claim_about_the_future_neither_spreads_nor_holds_back_what_was_built_from_it() -> None:
    tables = [pull("r.a"), derived("d.x", "r.a")]
    liar = state("r.a", datetime(2099, 1, 1, tzinfo=UTC), built_at=AT_SIX)
    believer = built("d.x", 0, a="1")
    believer = replace(believer, data_through=liar.data_through, built_at=AT_SIX)
    assert reasons(keep(tables, [liar, believer])) == {"d.x": "its inputs reach 2026-11-18 06:00 now"}
    assert names(plan(facts(tables, [liar, state("d.x", AT_SIX, inputs={"r.a": "1"})]), Target.refresh())) == [
        "r.a",
        "d.x",
    ]
    honest = state("r.a", AT_SIX, "2")
    assert names(keep(tables, [honest, believer])) == ["d.x"]


def test_a_run_touches_the_days_that_its_steps_name() -> None:
    told = facts([files("r.f"), daily("d.y", "r.f")], [])
    later = replace(told, states={name: state(name, AT_SIX) for name in ("r.f", "d.y")})
    made = Plan((Step("d.y", Action.BUILD, "", (FIRST_DAY, FIRST_DAY + DAY)),))
    assert days_touched(later, made) == {FIRST_DAY, FIRST_DAY + DAY}
    assert days_touched(later, Plan()) == set()


def test_the_first_build_of_a_table_kept_day_by_day_touches_all_of_its_days() -> None:
    told = facts([files("r.f"), pull("r.a")], [])
    assert days_touched(told, plan(told, Target.keeper())) == {told.history_start, told.now.date()}
    assert days_touched(told, Plan((Step("r.a", Action.PULL, ""),))) == set()


def test_what_reads_a_table_that_failed_a_check_waits_unless_that_one_is_run_before_it() -> None:
    tables = [pull("r.a"), derived("d.x", "r.a"), derived("d.y", "d.x"), derived("d.z", "d.y")]
    up_to_date = [state("r.a", AT_SIX), state("d.x", AT_SIX, inputs={"r.a": "1"})]
    states = [*up_to_date, built("d.y", 30), state("d.z", at(30), inputs={"d.y": "1"})]
    made = plan(facts(tables, states, failed_checks={"d.x": "too few"}), Target.refresh(["d.z"]))
    assert names(made) == []
    assert made.waiting == {"d.y": "d.x: too few"}
    stale = [state("r.a", AT_SIX, "2"), *states[1:]]
    assert names(plan(facts(tables, stale, failed_checks={"d.x": "too few"}), Target.refresh(["d.z"]))) == [
        "d.x", "d.y", "d.z"
    ]  # fmt: skip
