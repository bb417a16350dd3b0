"""What planner and evaluator are told of an environment."""

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.situation import facts_now, unconnected_tables
from sg_assets_tests.mini import DAY, HOUR, NOON, Mini

THING, EXTRA = "raw_mini.thing", "raw_other.extra"


def test_what_is_declared_and_what_is_so_are_told_together(built: Mini) -> None:
    facts = built.facts
    assert (facts.now, facts.history_start) == (NOON, built.env.history_start)
    assert facts.states[THING].data_through == NOON
    assert facts.graph is built.project.graph
    assert set(facts.first_seen.values()) == {NOON}


def test_a_question_about_later_leaves_no_trace(mini: Mini) -> None:
    in_a_year = NOON + 365 * DAY
    facts = facts_now(mini.project, mini.env, in_a_year)
    assert facts.now == in_a_year
    assert facts.first_seen[THING] == NOON
    assert evaluate(facts)[THING].state == "late"
    assert mini.facts.first_seen[THING] == NOON


def test_a_source_without_its_variables_is_not_connected_and_the_reason_names_them(mini: Mini) -> None:
    assert unconnected_tables(mini.project, mini.env) == {EXTRA: "other is not connected: SG_OTHER_TOKEN not set"}


def test_a_source_that_was_connected_once_stays_so_without_its_variables(mini: Mini) -> None:
    mini.set("SG_OTHER_TOKEN")
    assert mini.facts.unconnected == {}
    mini.set("SG_OTHER_TOKEN", "")
    assert mini.facts.unconnected == {}
    assert mini.facts.failing == {EXTRA: "other is not connected: SG_OTHER_TOKEN not set"}
    assert evaluate(facts_now(mini.project, mini.env, NOON + 37 * HOUR))[EXTRA].reason == (
        "no data yet, other is not connected: SG_OTHER_TOKEN not set"
    )


def test_the_age_of_a_table_counts_from_the_first_start_at_which_it_is_connected(mini: Mini) -> None:
    assert not {EXTRA, "m.extra"} & mini.facts.first_seen.keys()
    mini.later(365 * DAY)
    mini.set("SG_OTHER_TOKEN")
    assert {name: at for name, at in mini.facts.first_seen.items() if at != NOON} == {
        EXTRA: NOON + 365 * DAY,
        "m.extra": NOON + 365 * DAY,
    }
    assert {evaluate(mini.facts)[name].state for name in (EXTRA, "m.extra")} == {"never_landed"}


def test_a_source_that_is_listed_as_disconnected_is_whatever_it_was(mini: Mini) -> None:
    mini.set("SG_OTHER_TOKEN")
    assert mini.facts.unconnected == {}
    mini.set("SG_DISCONNECTED", "other")
    assert mini.facts.unconnected == {EXTRA: "other is listed in SG_DISCONNECTED"}


def test_what_has_landed_stays_when_its_source_is_disconnected(mini: Mini) -> None:
    mini.set("SG_OTHER_TOKEN")
    mini.refresh(EXTRA, "m.extra")
    mini.set("SG_DISCONNECTED", "other")
    mini.later(365 * DAY)
    mini.refresh()
    assert mini.rows(f"select id from {EXTRA}") == mini.rows("select id from m.extra") == [(1,)]
    for name in (EXTRA, "m.extra"):
        verdict = evaluate(mini.facts)[name]
        assert (verdict.state, verdict.data_through) == ("not_connected", NOON)
        assert "other is listed in SG_DISCONNECTED" in verdict.reason
    assert evaluate(mini.facts)["m.listed"].state == "fresh", "it can do without"


def test_what_failed_is_held_and_says_why(built: Mini) -> None:
    operations = built.env.operations
    same_tick = NOON.isoformat()
    operations.record_try(THING, same_tick, NOON, None, "it says no")
    operations.record_try("raw_gone.table", "any", NOON, None, "no longer declared")
    assert built.facts.failing == {THING: "it says no"}
    assert {name: until - NOON for name, until in built.facts.held.items()} == {THING: HOUR / 6}
    built.later(HOUR)  # another tick
    assert built.facts.held == {THING: NOON}


def test_a_try_whose_end_is_not_known_is_held_and_is_no_failure(built: Mini) -> None:
    built.env.operations.record_try(THING, NOON.isoformat(), NOON)
    assert built.facts.failing == {}
    assert THING in built.facts.held


def test_notes_are_told(built: Mini) -> None:
    note = built.env.operations.add_note([THING], "ada", "moved", NOON, NOON + DAY)
    assert built.facts.notes == (note,)


def test_the_warehouse_is_not_opened_while_somebody_writes_it(built: Mini) -> None:
    writer = built.env.open_warehouse()
    writer.states()  # holds the file's lock from now on
    assert built.facts.states[THING].rows == 2
    writer.close()
