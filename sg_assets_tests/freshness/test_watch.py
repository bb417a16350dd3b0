"""The watch, for real: what it writes to Dagster and to the operations store."""

from __future__ import annotations

from itertools import repeat

import dagster as dg

from sg_assets import environment
from sg_assets.asset_spec import asset_key, sound_key
from sg_assets.freshness.watch import WATCH, Found, Watching, watch
from sg_assets.http import SourceError
from sg_assets_tests.freshness.watching import MINUTE, look, shown, told
from sg_assets_tests.mini import HOUR, NOON, Mini

LATE_TABLES = ["m.daily", "m.diamond", "m.left", "m.right", "m.trailing", "raw_mini.thing"]


def test_every_table_is_judged_at_first_and_then_only_what_changed(built: Mini) -> None:
    tables = len(built.project.graph.order)
    assert look(built) == Found(tables, 0, tables)
    assert all(shown(built, name).passed for name in built.project.graph.order)
    assert look(built, HOUR) == Found(0, 0, 0)
    assert built.env.operations.heartbeats()[WATCH] == built.now
    found = look(built, 2 * HOUR + MINUTE)
    assert (found.transitions, found.incidents, found.shown) == (1, 0, 1)
    warned = shown(built, "raw_mini.thing")
    assert (warned.passed, warned.severity, warned.blocking) == (False, dg.AssetCheckSeverity.WARN, False)


def test_what_is_late_is_red_with_the_answers_to_five_questions_and_one_incident(built: Mini) -> None:
    look(built)
    look(built, 9 * HOUR)
    for name in LATE_TABLES:
        evaluation = shown(built, name)
        assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.ERROR)
    answers = {name: value.value for name, value in shown(built, "m.diamond").metadata.items()}
    assert answers["state"] == "late"
    assert answers["since"] == (NOON + 8 * HOUR).timestamp()
    assert "m.diamond <- m.left <- raw_mini.thing" in str(answers["why"])
    assert answers["next"] == "it follows as soon as raw_mini.thing moved on"
    assert answers["owner"] == "team:mini"
    (message,) = told(built)
    assert (message.incident, message.owner, message.severity) == ("raw_mini.thing/1", "team:mini", "error")
    assert "Late because of it: m.daily, m.diamond, m.left, m.right, m.trailing." in message.lines
    assert message.links == (("Table", "http://127.0.0.1:3000/assets/raw_mini/thing"),)


def test_the_recovery_turns_green_and_is_told_once_it_lasts(built: Mini) -> None:
    look(built)
    look(built, 9 * HOUR)
    built.refresh()
    look(built, MINUTE)
    assert all(shown(built, name).passed for name in LATE_TABLES)
    assert len(told(built)) == 1
    look(built, 3 * MINUTE)
    resolved = told(built)[1]
    assert resolved.title == "Resolved: raw_mini.thing is up to date again"
    assert resolved.lines[1].startswith("Lasted 3 h: from 2025-06-05 18:00:00 to ")


def test_while_what_was_mended_makes_its_way_down_it_stays_one_incident(built: Mini) -> None:
    look(built)
    look(built, 9 * HOUR)
    for name in ("raw_mini.thing", "m.left", "m.right", "m.diamond"):
        built.refresh(name, upstream="none")
        assert look(built, MINUTE / 2).incidents == 0
    assert not shown(built, "m.trailing").passed
    built.refresh()
    look(built, MINUTE)
    look(built, 3 * MINUTE)
    assert [(one.incident, one.kind) for one in told(built)] == [
        ("raw_mini.thing/1", "opened"),
        ("raw_mini.thing/1", "resolved"),
    ]


def test_a_late_table_that_is_built_anew_stays_red(built: Mini) -> None:
    """Dagster takes a verdict to be about the materialization before it: the new one would have none."""
    look(built)
    look(built, 9 * HOUR)
    run = built.run("m.left", checks=[sound_key("m.left")])
    assert look(built, MINUTE / 2).shown == 1
    assert look(built, MINUTE / 2).shown == 0
    about = shown(built, "m.left").target_materialization_data
    assert about
    (event_of_it,) = built.history.fetch_materializations(asset_key("m.left"), limit=1).records
    assert (about.storage_id, about.run_id) == (event_of_it.storage_id, run.run_id)


def test_a_fetch_that_fails_is_told_before_anything_is_late(built: Mini) -> None:
    look(built)
    built.vendor.goes_wrong["thing"] = repeat(SourceError("mini", "GET /things", "401", "The token is wrong.", 401))
    built.later(HOUR)
    run = built.run("raw_mini.thing", checks=[sound_key("raw_mini.thing")])
    assert not run.success
    look(built, MINUTE)
    (message,) = told(built)
    assert message.title.startswith("raw_mini.thing fails: ")
    assert "GET /things" in message.title
    assert message.links[1] == ("Last run", f"http://127.0.0.1:3000/runs/{run.run_id}")
    assert "1 try failed" in message.text
    look(built, 9 * HOUR)
    assert [one.kind for one in told(built)] == ["opened", "grown"]
    built.vendor.goes_wrong.clear()
    built.refresh()
    look(built, MINUTE)
    look(built, 3 * MINUTE)
    assert [one.kind for one in told(built)] == ["opened", "grown", "resolved"]


def test_a_note_silences_and_its_end_alerts_at_once(built: Mini) -> None:
    operations = built.env.operations
    operations.add_note(["raw_mini.thing"], "Ada", "the vendor moves", NOON, NOON + 12 * HOUR)
    look(built)
    look(built, 11 * HOUR)
    assert told(built) == []
    noted = shown(built, "m.left")
    assert noted.passed
    assert "the vendor moves" in str(noted.metadata["note"].value)
    look(built, HOUR)
    (message,) = told(built)
    assert "the note of Ada ended at 2025-06-06 00:00 UTC: the vendor moves" in message.text


def test_after_a_gap_it_says_so_and_waits_for_the_keeper(built: Mini) -> None:
    look(built)
    built.later(9 * HOUR)
    look(built)
    assert [one.incident for one in told(built)] == ["watch/1"]
    look(built, 10 * MINUTE)
    assert len(told(built)) == 1
    built.refresh()
    look(built, MINUTE)
    assert [(one.incident, one.kind) for one in told(built)] == [("watch/1", "opened"), ("watch/1", "resolved")]
    history = [one for one in built.env.operations.watch_book.transitions() if one.table == "raw_mini.thing"]
    assert (history[1].state, history[1].since) == ("late", NOON + 6 * HOUR)


def test_a_gap_that_nobody_makes_up_for_holds_back_for_twenty_minutes(built: Mini) -> None:
    look(built)
    built.later(9 * HOUR)
    look(built)
    look(built, 21 * MINUTE)
    assert {(one.incident, one.kind) for one in told(built)} == {
        ("watch/1", "opened"),
        ("watch/1", "resolved"),
        ("raw_mini.thing/1", "opened"),
    }


def test_the_incident_of_a_table_that_is_removed_ends_and_its_history_too(built: Mini) -> None:
    look(built)
    built.env.operations.record_try("m.left", "", built.now, reason="no such column")
    look(built, MINUTE)
    for name in ("left", "diamond"):
        (built.tables / "m" / f"{name}.sql").unlink()
    built.__dict__.pop("project")
    look(built, MINUTE)
    assert [one.title for one in told(built)][1:] == ["Resolved: m.left is no longer defined"]
    gone = [one.table for one in built.env.operations.watch_book.transitions() if one.state == "removed"]
    assert gone == ["m.diamond", "m.left"]


def test_a_first_look_at_very_many_tables_is_shared_by_some_ticks_late_ones_first(built: Mini) -> None:
    built.later(9 * HOUR)
    watching = Watching(built.project, built.env, built.history, "team:x", showing_seconds=0)
    assert {watching.tick().shown for _ in LATE_TABLES} == {1}
    assert {shown(built, name).passed for name in LATE_TABLES} == {False}
    assert look(built).shown == len(built.project.graph.order) - len(LATE_TABLES)


def test_the_sensor_runs_by_default_and_stands_still_with_the_clock(mini: Mini) -> None:
    sensor = watch(mini.project, mini.env, "team:x")
    assert (sensor.default_status, sensor.minimum_interval_seconds) == (dg.DefaultSensorStatus.RUNNING, 30)
    skipped = sensor(dg.build_sensor_context(instance=mini.history))
    assert isinstance(skipped, dg.SkipReason)
    assert "tables changed their state" in str(skipped.skip_message)
    frozen = environment.load({"SG_ENV": "sandbox", "SG_CLOCK": "2025-06-05T12:00:00Z"})
    assert watch(mini.project, frozen, "team:x").default_status is dg.DefaultSensorStatus.STOPPED
