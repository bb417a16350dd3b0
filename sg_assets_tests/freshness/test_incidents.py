"""Incidents: opened, grown and resolved, each told once and in order; also over random histories."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sg_assets.freshness.evaluate import evaluate
from sg_assets.freshness.incidents import (
    GROWTH_PAUSE,
    HOLD,
    LONGEST_HOLD,
    Changes,
    Circumstances,
    Incident,
    Problem,
    follow,
)
from sg_assets.freshness.notes import Note
from sg_assets.freshness.problems import Scene, excuses, explained, problems
from sg_assets.message import Kind, Message, Severity
from sg_assets_tests.freshness.scenes import HOUR, NOON, derived, facts, pull, state

MINUTE = timedelta(minutes=1)
LATE = Problem("r.a", frozenset({"late"}), Severity.ERROR, "team:x", NOON, "r.a is late", late=frozenset({"r.a"}))
GAP = replace(LATE, subject="watch", aspects=frozenset({"gap"}), until=NOON + 20 * MINUTE)


@dataclass
class Telling:
    """What happens over time, as the watch would see it."""

    now: datetime = NOON
    known: dict[str, Incident] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def look(self, *found: Problem, after: timedelta = timedelta(0), **circumstances: object) -> list[Kind]:
        """What is told some time later, when these are the problems."""
        self.now += after
        made = self.follow({one.subject: one for one in found}, Circumstances(**circumstances))  # pyrefly: ignore[bad-argument-type]
        return [message.kind for message in made.messages]

    def follow(self, found: dict[str, Problem], circumstances: Circumstances) -> Changes:
        made = follow(self.known, found, self.now, circumstances)
        self.known |= {one.subject: one for one in made.incidents}
        self.messages += made.messages
        return made

    @property
    def last(self) -> Message:
        return self.messages[-1]


def wider(count: int) -> Problem:
    return replace(LATE, late=frozenset(f"t.{n}" for n in range(count)))


def test_what_is_wrong_is_told_once_and_its_end_when_it_lasts() -> None:
    telling = Telling()
    assert telling.look(LATE) == [Kind.OPENED]
    assert telling.look(LATE, after=MINUTE) == []
    assert telling.look(after=MINUTE) == []
    assert telling.look(after=HOLD) == [Kind.RESOLVED]
    assert telling.look(after=HOUR) == []
    assert [(m.id, m.severity) for m in telling.messages] == [("r.a/1#1", "error"), ("r.a/1#2", "info")]


def test_the_end_says_how_long_it_lasted_not_how_long_it_was_watched() -> None:
    telling = Telling()
    telling.look(replace(LATE, since=NOON - 3 * HOUR))
    telling.look(after=MINUTE)
    telling.look(after=HOLD)
    assert "Lasted 3 h: from 2026-11-18 09:00:00 to 2026-11-18 12:01:00 UTC." in telling.last.lines


def test_what_comes_and_goes_is_one_incident() -> None:
    telling = Telling()
    told = telling.look(LATE)
    for _ in range(10):
        told += telling.look(after=HOLD / 2) + telling.look(LATE, after=HOLD / 2)
    assert told == [Kind.OPENED]
    assert telling.known["r.a"].relapses == 10
    told = telling.look(after=MINUTE) + telling.look(after=LONGEST_HOLD - MINUTE)
    assert told == []
    assert telling.look(after=MINUTE) == [Kind.RESOLVED]


def test_what_is_wrong_again_every_hour_is_soon_held_together() -> None:
    telling = Telling()
    told: list[Kind] = []
    for _ in range(24):
        for _ in range(30):
            told += telling.look(LATE, after=MINUTE)
        for _ in range(30):
            told += telling.look(after=MINUTE)
    assert told == [Kind.OPENED, Kind.RESOLVED, Kind.OPENED]


def test_what_is_wrong_again_days_later_is_a_new_incident_that_ends_as_fast() -> None:
    telling = Telling()
    telling.look(LATE)
    telling.look(after=MINUTE)
    telling.look(after=HOLD)
    telling.look(LATE, after=timedelta(days=2))
    assert telling.known["r.a"] == replace(telling.known["r.a"], number=2, relapses=0, resolved_at=None)
    telling.look(after=MINUTE)
    assert telling.look(after=HOLD) == [Kind.RESOLVED]
    assert telling.last.id == "r.a/2#2"


def test_a_new_way_of_being_wrong_is_told_at_once() -> None:
    telling = Telling()
    telling.look(replace(LATE, aspects=frozenset({"failing"})))
    assert telling.look(replace(LATE, aspects=frozenset({"failing", "late"})), after=MINUTE) == [Kind.GROWN]
    assert telling.look(LATE, after=MINUTE) == []
    assert telling.last.title == "Still, and worse: r.a is late"


def test_growth_is_told_when_it_doubled_and_not_all_the_time() -> None:
    telling = Telling()
    telling.look(LATE)
    told = [telling.look(wider(n), after=MINUTE) for n in range(1, 513)]
    assert sum(map(len, told)) <= 6
    assert telling.look(wider(513), after=GROWTH_PAUSE) == []
    assert [m.number for m in telling.messages] == list(range(1, len(telling.messages) + 1))


def test_what_is_being_tried_is_not_well_yet() -> None:
    telling = Telling()
    telling.look(LATE)
    assert telling.look(after=HOUR, pending={"r.a"}) == []
    assert telling.look(after=HOUR, pending={"r.a"}) == []
    telling.look(after=MINUTE)
    assert telling.look(after=HOLD) == [Kind.RESOLVED]


def test_a_note_ends_an_incident_at_once_and_its_expiry_opens_the_next() -> None:
    telling = Telling()
    telling.look(LATE)
    assert telling.look(after=MINUTE, excused={"r.a": "noted by Ada until tomorrow: moved"}) == [Kind.RESOLVED]
    assert telling.last.title == "Resolved: r.a is noted by Ada until tomorrow: moved"
    assert telling.look(LATE, after=MINUTE) == [Kind.OPENED]
    assert telling.known["r.a"].relapses == 0


def test_the_incident_of_a_removed_table_ends_as_removed() -> None:
    telling = Telling()
    telling.look(LATE)
    assert telling.look(after=MINUTE, gone={"r.a"}) == [Kind.RESOLVED]
    assert telling.last.title == "Resolved: r.a is no longer defined"


def test_a_root_that_moves_up_ends_in_favour_of_the_new_one() -> None:
    telling = Telling()
    telling.look(LATE)
    above = replace(LATE, subject="r.b")
    assert telling.look(above, after=MINUTE, explained={"r.a": "r.b"}) == [Kind.OPENED]
    assert telling.look(above, after=HOLD, explained={"r.a": "r.b"}) == [Kind.RESOLVED]
    assert telling.last.title == "Resolved: r.a is late because of r.b now, which has its own"


def test_during_a_gap_others_wait_and_are_told_after_it() -> None:
    telling = Telling()
    assert telling.look(LATE, GAP, is_holding=True) == [Kind.OPENED]
    assert telling.last.incident == "watch/1"
    assert telling.look(LATE, GAP, after=MINUTE, is_holding=True) == []
    assert sorted(telling.look(LATE, after=MINUTE)) == [Kind.OPENED, Kind.RESOLVED]


def test_what_was_open_before_a_gap_may_end_but_not_grow_in_it() -> None:
    telling = Telling()
    telling.look(LATE)
    assert telling.look(wider(9), GAP, after=HOUR, is_holding=True) == [Kind.OPENED]
    telling.look(GAP, after=MINUTE, is_holding=True)
    assert telling.look(GAP, after=HOLD, is_holding=True) == [Kind.RESOLVED]


TABLES = [
    pull("r.a"),
    pull("r.b"),
    derived("d.a", "r.a"),
    derived("d.b", "r.a", "r.b"),
    derived("e.x", "d.a", "d.b"),
    derived("e.y", "d.b"),
]
NAMES = [table.name for table in TABLES]
# For each step: how old each table's data is, in hours; which fail; which is noted; how long until the next look.
STEPS = st.lists(
    st.tuples(
        st.lists(st.sampled_from([1, 30, 40, 80]), min_size=len(TABLES), max_size=len(TABLES)),
        st.sets(st.sampled_from(NAMES), max_size=2),
        st.sampled_from([None, None, None, *NAMES]),
        st.sampled_from([MINUTE / 2, 10 * MINUTE, 5 * HOUR]),
    ),
    min_size=1,
    max_size=25,
)


@given(STEPS)
def test_over_random_histories_every_late_root_has_one_open_incident_and_nothing_stays_open(
    steps: list[tuple[list[int], set[str], str | None, timedelta]],
) -> None:
    telling = Telling()
    for ages, failing, noted, pause in [*steps, ([1] * len(TABLES), set(), None, MINUTE)]:
        telling.now += pause
        notes = (Note("1", (noted,), "Ada", "moved", telling.now - MINUTE, telling.now + MINUTE),) if noted else ()
        scene = _scene(telling.now, ages, failing, notes)
        found = problems(scene)
        telling.follow(found, Circumstances(excused=excuses(scene), explained=explained(scene)))
        late = [v for v in scene.verdicts.values() if v.state == "late"]
        roots = {root.table for v in late for root in v.roots} - {noted}
        open_now = [one.subject for one in telling.known.values() if one.is_open]
        assert roots <= set(open_now)
        assert sorted(open_now) == sorted(set(open_now))
        assert all(telling.known[root].healed_at is None for root in roots)
        assert set(found) == roots | {name for name in failing if name != noted}
    telling.look(after=LONGEST_HOLD)
    assert [one.id for one in telling.known.values() if one.is_open] == []
    _check_order(telling.messages)


def _scene(now: datetime, ages: list[int], failing: set[str], notes: tuple[Note, ...]) -> Scene:
    through = {name: now - age * HOUR for name, age in zip(NAMES, ages, strict=True)}
    for table in TABLES:  # a table reaches no further than what it is made of
        through[table.name] = min([through[table.name], *(through[i.table] for i in table.inputs)])
    known = facts(
        TABLES,
        [state(name, at) for name, at in through.items()],
        now=now,
        notes=notes,
        failing=dict.fromkeys(failing, "no"),
    )
    return Scene(known, evaluate(known), tries=dict.fromkeys(failing, (1, now)))


def _check_order(messages: list[Message]) -> None:
    """Opened, then grown, then resolved; numbered without gaps; at most twelve lines."""
    told: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        told[message.incident].append(message)
        assert 1 + len(message.lines) + len(message.links) <= 12
    for mine in told.values():
        assert [m.number for m in mine] == list(range(1, len(mine) + 1))
        assert [m.kind for m in mine] == [Kind.OPENED, *[Kind.GROWN] * (len(mine) - 2), Kind.RESOLVED]
