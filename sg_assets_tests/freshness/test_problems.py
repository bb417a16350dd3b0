"""Problems with tables: one for each root, with all that people ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.incidents import Circumstances, follow
from sg_assets.freshness.notes import Note
from sg_assets.freshness.problems import Scene, excuses, explained, problems
from sg_assets.freshness.telling import minute
from sg_assets.message import MOST_LINES, Message, Severity
from sg_assets.table import Table
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import DAY, HOUR, NOON, at, derived, facts, pull, state

AT_ONE = minute(NOON + HOUR)
URL = "http://127.0.0.1:3000"
TABLES = [
    replace(pull("raw_a.x"), owner="team:a"),
    pull("raw_b.y"),
    replace(derived("d.one", "raw_a.x"), owner="team:d"),
    replace(derived("d.two", "d.one", "raw_b.y"), owner="team:d"),
    replace(derived("e.three", "d.two"), owner="team:e"),
]
NAMES = [table.name for table in TABLES]
LATE, YOUNG = at(48), at(1)


def scene(
    through: Mapping[str, timedelta | None] | None = None,
    tables: Iterable[Table] = TABLES,
    **more: Any,  # noqa: ANN401 (fields of the facts and of the scene)
) -> Scene:
    """All tables young but those said to be complete to so long ago (None: never landed)."""
    tables = list(tables)
    ages: dict[str, timedelta | None] = {**dict.fromkeys((t.name for t in tables), HOUR), **(through or {})}
    states: list[TableState] = [state(name, NOON - age) for name, age in ages.items() if age is not None]
    of_facts = {
        name: more.pop(name) for name in ("notes", "failing", "held", "unconnected", "failed_checks") if name in more
    }
    known = facts(tables, states, first_seen=dict.fromkeys(ages, NOON - 9 * DAY), **of_facts)
    return Scene(known, evaluate(known), base_url=URL, **more)


ALL_LATE = {"raw_a.x": 2 * DAY, "d.one": 2 * DAY, "d.two": 2 * DAY, "e.three": 2 * DAY}


def message(of: Scene, subject: str) -> Message:
    (told,) = follow({}, {subject: problems(of)[subject]}, NOON, Circumstances()).messages
    return told


def test_what_is_fresh_is_no_problem() -> None:
    assert problems(scene()) == {}


def test_however_many_tables_are_late_the_root_is_one_problem() -> None:
    (found,) = problems(scene(ALL_LATE)).values()
    assert (found.subject, found.aspects, found.owner, found.severity) == (
        "raw_a.x",
        frozenset({"late"}),
        "team:a",
        Severity.ERROR,
    )
    assert found.late == {"raw_a.x", "d.one", "d.two", "e.three"}
    assert found.since == NOON - 12 * HOUR  # the promise is 36 hours


def test_a_message_says_all_that_is_asked_in_twelve_lines() -> None:
    of = scene(
        {**ALL_LATE, "e.three": HOUR},
        failing={"raw_a.x": "raw_a: 503 from\nthe vendor"},
        held={"raw_a.x": NOON + HOUR},
        tries={"raw_a.x": (3, NOON - HOUR)},
        runs={"raw_a.x": "9b2c"},
    )
    told = message(of, "raw_a.x")
    assert told.text.splitlines() == [
        "raw_a.x is late: complete to 2026-11-16 12:00 UTC (2 days ago, promised within 36 h)",
        "Since 2026-11-18 00:00 UTC (12 h).",
        "Why: raw_a: 503 from the vendor",
        "Late because of it: d.one, d.two.",
        "Below it, not late: e.three.",
        "Used by team:d (2 tables), team:e (1 table).",
        f"Being done: 3 tries failed, the last at {minute(NOON - HOUR)}; the keeper tries again after {AT_ONE}.",
        "Owner: team:a",
        "Table: http://127.0.0.1:3000/assets/raw_a/x",
        "Last run: http://127.0.0.1:3000/runs/9b2c",
    ]
    assert len(told.text.splitlines()) <= MOST_LINES


def test_of_many_tables_some_are_named() -> None:
    many = [TABLES[0], *(derived(f"d.t{n:03}", "raw_a.x") for n in range(500))]
    of = scene({table.name: 2 * DAY for table in many}, many)
    told = message(of, "raw_a.x")
    assert "Late because of it: d.t000, d.t001, d.t002, d.t003, d.t004 and 495 more." in told.lines
    assert "Used by somebody (500 tables)." in told.lines


def test_what_fails_is_a_problem_before_it_is_late_and_the_same_one_after() -> None:
    failing: Any = {"failing": {"d.one": "SQL: no such column"}, "tries": {"d.one": (2, NOON - HOUR)}}
    (found,) = problems(scene(**failing)).values()
    assert (found.subject, found.aspects, found.since) == ("d.one", frozenset({"failing"}), NOON - HOUR)
    assert found.title == "d.one fails: SQL: no such column"
    own = {"d.one": 2 * DAY, "d.two": 2 * DAY, "e.three": 2 * DAY}
    found = problems(scene(own, **failing))["d.one"]
    assert found.aspects == {"failing", "late"}
    assert found.why == "SQL: no such column"


def test_a_check_that_fails_at_error_is_one() -> None:
    (found,) = problems(scene(failed_checks={"d.one": "its check sum failed: 3 are missing"})).values()
    assert (found.aspects, found.title) == (frozenset({"check"}), "d.one: its check sum failed: 3 are missing")


def test_a_hole_in_a_feed_is_why_but_no_failure() -> None:
    waiting: Any = {"failing": {"raw_a.x": "waits for the missing hours 03"}}
    assert problems(scene(**waiting)) == {}
    assert problems(scene(ALL_LATE, **waiting))["raw_a.x"].why == "waits for the missing hours 03"


def test_what_a_note_covers_is_none_and_what_is_late_beside_it_is() -> None:
    note = Note("1", ("raw_a.x",), "Ada", "the vendor moves", NOON - HOUR, NOON + HOUR)
    covered = scene(ALL_LATE, notes=(note,), failing={"raw_a.x": "no"}, tries={"raw_a.x": (1, NOON)})
    assert problems(covered) == {}
    assert excuses(covered) == {"raw_a.x": "noted by Ada until 2026-11-18 13:00 UTC: the vendor moves"}
    beside = problems(scene({**ALL_LATE, "raw_b.y": 2 * DAY}, notes=(note,)))
    assert list(beside) == ["raw_b.y"]
    assert beside["raw_b.y"].late == {"raw_b.y", "d.two", "e.three"}


def test_a_note_that_expired_is_told() -> None:
    note = Note("1", ("raw_a.x",), "Ada", "the vendor moves", NOON - DAY, NOON - HOUR)
    found = problems(scene(ALL_LATE, notes=(note,)))["raw_a.x"]
    assert found.why.endswith("; the note of Ada ended at 2026-11-18 11:00 UTC: the vendor moves")


def test_what_never_landed_is_a_problem_when_it_should_have() -> None:
    found = problems(scene(dict.fromkeys(ALL_LATE)))["raw_a.x"]
    assert found.title == "raw_a.x is late: no data has landed yet"


def test_a_root_that_is_not_late_itself_is_named_for_what_it_makes_late() -> None:
    of = scene({"raw_a.x": None, "d.one": None})
    young = replace(of.facts, first_seen={**of.facts.first_seen, "raw_a.x": NOON - HOUR})
    (found,) = problems(replace(of, facts=young, verdicts=evaluate(young))).values()
    assert (found.subject, found.title) == ("raw_a.x", "d.one late because of raw_a.x")


def test_what_is_late_by_something_else_is_explained() -> None:
    assert explained(scene(ALL_LATE)) == dict.fromkeys(["d.one", "d.two", "e.three"], "raw_a.x")


def test_what_is_being_done_depends_on_where_things_stand() -> None:
    def doing(**more: Any) -> str:  # noqa: ANN401
        return problems(scene(ALL_LATE, **more))["raw_a.x"].lines[-1]

    assert doing(running={"raw_a.x"}) == "Being done: a run is at it now."
    assert doing() == (
        "Being done: the keeper fetches it while it is late; its schedule is next at 2026-11-19 06:00 UTC."
    )
    own = {"d.one": 3 * DAY, "d.two": 3 * DAY, "e.three": 3 * DAY}
    built = problems(scene(own))["d.one"]
    assert built.lines[-1] == "Being done: the keeper builds it as soon as its inputs allow."


def test_our_own_tables_and_the_unconnected_never_are() -> None:
    own = [*TABLES, pull("sg_ops.freshness")]
    of: Any = {"failing": {"sg_ops.freshness": "no"}, "tries": {"sg_ops.freshness": (1, NOON)}}
    assert problems(scene({"sg_ops.freshness": 9 * DAY}, own, **of)) == {}
    away: Any = {"failing": {"raw_a.x": "no"}, "tries": {"raw_a.x": (1, NOON)}, "unconnected": {"raw_a.x": "no token"}}
    assert problems(scene(**away)) == {}
    assert excuses(scene(**away))["raw_a.x"] == "not connected: no token"
