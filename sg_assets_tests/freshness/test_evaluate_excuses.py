"""What notes excuse, and what failed checks explain."""

from __future__ import annotations

from dataclasses import replace

from sg_assets.freshness.evaluate import State
from sg_assets_tests.freshness.judging import NOTE, chain, paths, states
from sg_assets_tests.freshness.scenes import NOON, at


def test_a_note_excuses_its_own_tables_and_what_is_late_only_because_of_them() -> None:
    found = chain(40, 1, 40, 40, notes=(NOTE,))
    assert states(found) == {"r.a": "noted", "r.b": "fresh", "d.x": "noted", "d.y": "noted"}
    assert found["d.y"].note == NOTE
    assert found["d.y"].since == at(4)
    assert found["d.y"].reason.endswith("because of r.a; noted by ada until 2026-11-18 21:00: the vendor is moving")


def test_a_second_root_beside_the_noted_one_is_not_excused() -> None:
    found = chain(40, 40, 40, 40, notes=(NOTE,))
    assert (found["d.x"].state, found["d.y"].state) == (State.NOTED, State.LATE)
    assert found["d.y"].note == NOTE
    assert chain(40, 1, 60, 60, notes=(NOTE,), failing={"d.x": "oh"})["d.x"].state is State.LATE


def test_a_note_below_the_root_excuses_nothing() -> None:
    found = chain(40, 1, 40, 40, notes=(replace(NOTE, tables=("d.x",)),))
    assert states(found) == {"r.a": "late", "r.b": "fresh", "d.x": "late", "d.y": "late"}
    assert found["d.x"].note is not None


def test_a_note_says_since_when_and_ends_by_itself() -> None:
    recent = replace(NOTE, start=at(1))
    assert chain(40, 1, 40, 40, notes=(recent,))["d.x"].since == at(1)
    over = chain(40, 1, 40, 40, notes=(replace(NOTE, until=NOON),))["d.x"]
    assert (over.state, over.since, over.note) == (State.LATE, at(4), None)


def test_a_note_is_shown_to_everybody_below_also_while_nothing_is_late() -> None:
    found = chain(1, 1, 1, 1, notes=(NOTE,))
    assert {name: verdict.note for name, verdict in found.items()} == {
        "r.a": NOTE,
        "r.b": None,
        "d.x": NOTE,
        "d.y": NOTE,
    }
    assert set(states(found).values()) == {"fresh"}


def test_of_several_notes_the_one_that_lasts_longest_is_shown() -> None:
    longer = replace(NOTE, id="2", start=at(1), until=at(-20))
    verdict = chain(50, 1, 50, 50, notes=(longer, NOTE))["r.a"]
    assert (verdict.note, verdict.since) == (longer, NOTE.start)


def test_what_reads_a_table_that_failed_a_check_is_late_because_of_it_and_says_so() -> None:
    failed = {"d.x": "check totals: too few"}
    found = chain(1, 1, 1, 40, failed_checks=failed)
    assert states(found) == {"r.a": "fresh", "r.b": "fresh", "d.x": "fresh", "d.y": "late"}
    assert paths(found["d.y"]) == [("d.y", "d.x")]
    assert found["d.y"].reason.endswith("because of d.x (check totals: too few)")
    assert found["d.x"].roots == ()
    assert found["d.x"].reason.endswith("ago; what reads it waits: check totals: too few")
    noted = chain(1, 1, 1, 40, failed_checks=failed, notes=(replace(NOTE, tables=("d.x",)),))
    assert noted["d.y"].state is State.NOTED


def test_a_failed_check_explains_nothing_of_a_table_that_followed_its_inputs() -> None:
    found = chain(1, 1, 1, 1, failed_checks={"d.x": "too few"})
    assert found["d.y"].state is State.FRESH
    assert found["d.y"].reason.endswith("ago; waits for d.x (too few)")
    late = chain(40, 1, 40, 40, failed_checks={"d.x": "too few"})
    assert paths(late["d.x"]) == [("d.x", "r.a")]
    assert paths(late["d.y"]) == [("d.y", "d.x", "r.a")]
    held = chain(40, 1, 40, 60, failed_checks={"d.x": "too few"})
    assert paths(held["d.y"]) == [("d.y", "d.x"), ("d.y", "d.x", "r.a")], "it could be built, and late all the same"
