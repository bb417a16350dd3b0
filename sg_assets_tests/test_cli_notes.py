"""`sg-assets note`: from the command line to the verdicts of everybody, and back."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result

from sg_assets import clock, discovery
from sg_assets.cli import main
from sg_assets.freshness.check import check_result
from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.plan import Target, plan
from sg_assets_tests.mini import HOUR, Mini

NOTE_FIELDS = ["id", "tables", "author", "reason", "from", "until", "ended_at"]
THING = "raw_mini.thing"
BELOW_THING = {"m.daily", "m.left", "m.right", "m.diamond", "m.trailing"}
MOVING = "the vendor is moving"


class Note(Protocol):
    """Runs `sg-assets note` with some arguments."""

    def __call__(self, *arguments: str) -> Result: ...


@pytest.fixture
def note(built: Mini, monkeypatch: pytest.MonkeyPatch) -> Note:
    """By the clock of the small project; each time as a process of its own would, which knows only the store."""
    monkeypatch.setattr(discovery, "project", lambda *_given: built.project)
    monkeypatch.setattr(clock, "wall_clock", lambda: built.now)

    def run(*arguments: str) -> Result:
        variables = {**built.variables, "USER": "grace"}
        found = CliRunner().invoke(main, ["note", *arguments], env=variables)
        assert "\x1b" not in found.output
        return found

    return run


def add(note: Note, *tables: str, until: str = "12h", author: str = "ada") -> Mapping[str, Any]:
    ended = note("add", *tables, "--until", until, "--reason", MOVING, "--author", author, "--json")
    assert ended.exit_code == 0, ended.output
    document: Mapping[str, Any] = json.loads(ended.stdout)
    return document


def test_a_note_is_written_and_listed_with_all_that_it_says(note: Note) -> None:
    made = add(note, THING, until="2025-06-07T09:00:00+02:00")
    assert made == {
        "id": "1", "tables": [THING], "author": "ada", "reason": MOVING,
        "from": "2025-06-05T12:00:00Z", "until": "2025-06-07T07:00:00Z", "ended_at": None,
    }  # fmt: skip
    assert list(made) == NOTE_FIELDS
    assert json.loads(note("list", "--json").stdout) == [made]
    assert note("list").stdout.split("\n") == [
        "note 1 until 2025-06-07 07:00 UTC, by ada: the vendor is moving", f"        {THING}", ""
    ]  # fmt: skip


def test_its_tables_may_be_named_by_their_source_or_group(note: Note) -> None:
    assert add(note, "mini")["tables"] == ["raw_mini.archive", "raw_mini.person", THING]
    assert set(add(note, "m", THING)["tables"]) == {THING, "m.listed", "m.extra", *BELOW_THING}


def test_a_late_table_and_what_is_late_because_of_it_are_noted_until_it_ends(built: Mini, note: Note) -> None:
    add(note, THING, until="10h")
    built.later(9 * HOUR)
    verdicts = evaluate(built.facts)
    for name in (THING, *BELOW_THING):
        assert (verdicts[name].state, verdicts[name].note is not None) == ("noted", True), name
        assert "noted by ada until 2025-06-05 22:00: the vendor is moving" in verdicts[name].reason
        result = check_result(verdicts[name], built.facts)
        assert (result.passed, result.metadata["note"].value) == (True, f"ada, until 2025-06-05 22:00 UTC: {MOVING}")
    assert verdicts["m.listed"].note is None
    built.later(HOUR - timedelta(seconds=1))
    assert evaluate(built.facts)[THING].state == "noted"
    built.later(timedelta(seconds=1))
    assert {evaluate(built.facts)[name].state for name in (THING, *BELOW_THING)} == {"late"}


def test_the_status_shows_it_to_everybody_also_while_nothing_is_late(built: Mini, note: Note) -> None:
    add(note, THING)
    told = " ".join(CliRunner().invoke(main, ["status"], env=built.variables).stdout.split())
    for name in (THING, *BELOW_THING):
        assert f"{name}: complete to 2025-06-05 12:00" in told
    assert told.count("noted by ada until 2025-06-06 00:00: the vendor is moving") == 1 + len(BELOW_THING)
    built.later(9 * HOUR)
    ended = CliRunner().invoke(main, ["status", "m.left", "--json"], env=built.variables)
    assert ended.exit_code == 0
    (table,) = json.loads(ended.stdout)["tables"]
    assert (table["state"], table["note"]["reason"], table["note"]["author"]) == ("noted", MOVING, "ada")


def test_a_noted_table_is_not_fetched_outside_its_schedule(built: Mini, note: Note) -> None:
    built.later(4 * HOUR)
    assert THING in {step.table for step in plan(built.facts, Target.keeper()).steps}
    add(note, THING)
    assert plan(built.facts, Target.keeper()).steps == ()


def test_a_note_that_is_ended_excuses_nothing_any_more_and_is_kept(built: Mini, note: Note) -> None:
    add(note, THING)
    add(note, "m.listed", until="3d")
    built.later(9 * HOUR)
    assert note("end", "1").stdout == "note 1 is ended\n"
    assert evaluate(built.facts)[THING].state == "late"
    first, second = json.loads(note("list", "--json").stdout)
    assert (first["ended_at"], second["ended_at"]) == ("2025-06-05T21:00:00Z", None)
    assert note("list").stdout.startswith("note 1 was until 2025-06-05 21:00 UTC, by ada")
    again = note("end", "1")
    assert (again.exit_code, again.stderr) == (1, "sg-assets: note 1 has ended already\n")
    built.later(99 * HOUR)
    assert note("end", "2").stderr == "sg-assets: note 2 has ended already\n"


@pytest.mark.parametrize("note_id", ["7", "x"])
def test_there_must_be_a_note_to_end(note: Note, note_id: str) -> None:
    ended = note("end", note_id)
    assert (ended.exit_code, ended.stderr) == (
        2, f"sg-assets: there is no note {note_id}; `sg-assets note list` names them\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["m.nothing", "--until", "3d", "--reason", "x"], "m.nothing is no table, source or group"),
        ([THING, "--until", "soon", "--reason", "x"], "--until soon: write an instant"),
        ([THING, "--until", "2025-06-05T11:00:00Z", "--reason", "x"], "is not after now"),
        ([THING, "--until", "3d", "--reason", " "], "--reason is empty"),
        ([THING, "--until", "3d", "--reason", "x", "--author", ""], "who says so? add --author"),
        ([THING, "--reason", "x"], "--until"),
        ([THING, "--until", "3d"], "--reason"),
        (["--until", "3d", "--reason", "x"], "TABLES"),
    ],
)
def test_no_note_without_tables_an_end_a_reason_and_an_author(note: Note, arguments: list[str], told: str) -> None:
    ended = note("add", *arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert json.loads(note("list", "--json").stdout) == []


def test_the_author_is_the_user_of_the_machine_unless_that_is_nobody(
    mini: Mini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "project", lambda *_given: mini.project)
    arguments = ["note", "add", THING, "--until", "3d", "--reason", MOVING, "--json"]
    for user, author in (("grace", "grace"), ("root", None), ("", None)):
        variables = {**mini.variables, "USER": user, "LOGNAME": user}
        ended = CliRunner().invoke(main, arguments, env=variables)
        assert (ended.exit_code == 0) == (author is not None), ended.output
        assert author is None or json.loads(ended.stdout)["author"] == author
