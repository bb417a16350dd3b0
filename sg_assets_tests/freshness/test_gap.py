from __future__ import annotations

from dataclasses import replace

from sg_assets.freshness.gap import LONGEST_PAUSE, LONGEST_WAIT, SUBJECT, gap
from sg_assets.freshness.incidents import Circumstances, Incident, Problem, follow
from sg_assets_tests.freshness.scenes import HOUR, NOON

AWAKE = NOON + 3 * HOUR


def told(problem: Problem) -> Incident:
    (incident,) = follow({}, {SUBJECT: problem}, AWAKE, Circumstances(is_holding=True)).incidents
    return incident


def test_a_pause_of_five_minutes_is_none_and_a_longer_one_is() -> None:
    assert gap(None, None, NOON, "team:x", lambda: False) is None
    assert gap(NOON, None, NOON + LONGEST_PAUSE, "team:x", lambda: False) is None
    found = gap(NOON, None, AWAKE, "team:x", lambda: True)  # told even where there is nothing to catch up with
    assert found
    assert (found.since, found.until, found.owner) == (NOON, AWAKE + LONGEST_WAIT, "team:x")
    assert found.title == "Nothing was watched for 3 h, from 2026-11-18 12:00:00 to 2026-11-18 15:00:00 UTC"


def test_it_lasts_until_the_tables_have_caught_up_but_not_for_ever() -> None:
    found = gap(NOON, None, AWAKE, "team:x", lambda: False)
    assert found
    known, soon = told(found), AWAKE + LONGEST_PAUSE
    assert gap(soon, known, soon, "team:x", lambda: False) == found
    assert gap(soon, known, soon, "team:x", lambda: True) is None
    late = AWAKE + LONGEST_WAIT
    assert gap(late, known, late, "team:x", lambda: False) is None
    assert gap(soon, replace(known, resolved_at=soon), soon, "team:x", lambda: False) is None


def test_falling_asleep_again_meanwhile_gives_more_time() -> None:
    first = gap(NOON, None, AWAKE, "team:x", lambda: False)
    assert first
    again = gap(AWAKE, told(first), AWAKE + HOUR, "team:x", lambda: True)
    assert again
    assert again.until == AWAKE + HOUR + LONGEST_WAIT
