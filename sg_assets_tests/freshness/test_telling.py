from __future__ import annotations

from datetime import timedelta

from sg_assets.freshness.incidents import Circumstances, Problem, follow
from sg_assets.freshness.telling import LONGEST, counted, minute, one_line, some, span
from sg_assets.message import MOST_LINES, Severity
from sg_assets_tests.freshness.scenes import NOON


def test_names_and_owners_are_shortened_to_a_line() -> None:
    assert some(["b", "a"]) == "a, b"
    assert some("gfedcba") == "a, b, c, d, e and 2 more"
    assert counted(["team:a", "team:b", "team:b"]) == "team:b (2 tables), team:a (1 table)"
    assert counted(f"team:{n}" for n in range(7)).endswith("team:4 (1 table) and 2 more")


def test_a_line_has_no_breaks_and_an_end() -> None:
    assert one_line("  Traceback:\n\tfile x\r\n line 2 ") == "Traceback: file x line 2"
    assert len(one_line("x" * 1000)) == LONGEST
    assert one_line("x" * 1000).endswith("…")


def test_instants_are_written_with_their_zone() -> None:
    assert minute(NOON + timedelta(seconds=59)) == "2026-11-18 12:00 UTC"
    assert span(NOON, NOON + timedelta(seconds=1)) == "from 2026-11-18 12:00:00 to 2026-11-18 12:00:01 UTC"


def test_no_message_is_longer_than_twelve_lines_and_the_owner_is_always_in_it() -> None:
    problem = Problem(
        "r.a",
        frozenset({"late"}),
        Severity.ERROR,
        "team:x",
        NOON,
        "late\nfor long",
        "why " * 200,
        lines=tuple(f"line\n{n}" for n in range(30)),
        links=(("Table", "http://t"), ("Run", "http://r")),
    )
    (message,) = follow({}, {"r.a": problem}, NOON, Circumstances()).messages
    assert len(message.text.splitlines()) == MOST_LINES
    assert message.title == "late for long"
    assert message.lines[-1] == "Owner: team:x"
