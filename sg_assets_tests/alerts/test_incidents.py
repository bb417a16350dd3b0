from dataclasses import replace
from pathlib import Path

from sg_assets.alerts.health import Fault
from sg_assets.alerts.incidents import HOLD, Incidents
from sg_assets.message import Kind, Severity
from sg_assets_tests.alerts.telling import MINUTE, NOON, SECOND, message, outbox

WATCH = Fault("watch", "The watch does not run", NOON - 2 * MINUTE, ("It ran last: then.",), ("Sensors", "http://x/y"))
DAEMON = Fault("daemon", "Dagster's daemon does not run", NOON - 2 * MINUTE)


def test_a_fault_is_told_once_and_its_end_when_it_lasts(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    incidents = Incidents(box, "team:platform")
    (opened,) = incidents.follow({"watch": WATCH}, NOON, 0)
    assert incidents.follow({"watch": WATCH}, NOON + MINUTE, 60) == []
    assert incidents.follow({}, NOON + 2 * MINUTE, 120) == []
    assert incidents.follow({"watch": WATCH}, NOON + 2 * MINUTE, 130) == []  # it was well for a moment only
    assert incidents.follow({}, NOON + 3 * MINUTE, 180) == []
    (resolved,) = incidents.follow({}, NOON + 4 * MINUTE, 180 + HOLD)
    assert incidents.follow({}, NOON + 5 * MINUTE, 300) == []
    assert [one.id for one in box.undelivered("log")] == [opened.id, resolved.id]
    assert opened.text == (
        "The watch does not run\nSince 2026-11-21 11:58 UTC (2 min).\nIt ran last: then.\nOwner: team:platform\n"
        "Sensors: http://x/y"
    )
    assert (opened.kind, opened.severity) == (Kind.OPENED, Severity.ERROR)
    assert resolved.text == (
        "Resolved: the watch runs again\nWhat was wrong: The watch does not run\n"
        "Lasted 5 min: from 2026-11-21 11:58:00 to 2026-11-21 12:03:00 UTC.\nOwner: team:platform"
    )
    assert (resolved.incident, resolved.number) == (opened.incident, 2)


def test_what_is_explained_by_another_fault_is_not_told_but_what_was_told_stays_open(tmp_path: Path) -> None:
    explained = replace(WATCH, explained_by="daemon")
    incidents = Incidents(outbox(tmp_path), "team:platform")
    both = {"watch": explained, "daemon": DAEMON}
    assert [one.title for one in incidents.follow(both, NOON, 0)] == ["Dagster's daemon does not run"]
    incidents.follow({"watch": explained}, NOON, 10)  # the daemon is back, the watch not yet
    other = Incidents(outbox(tmp_path / ".."), "team:platform")
    assert len(other.follow({"watch": WATCH}, NOON, 0)) == 1
    assert len(other.follow(both, NOON, 10)) == 1
    assert other.follow(both, NOON, 500) == []


def test_a_new_watchdog_goes_on_where_the_killed_one_was(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.add([message()])  # one of the watch's, not ours
    channel = Fault("channel webhook", "Messages do not reach webhook", NOON - MINUTE)
    Incidents(box, "team:platform").follow({"watch": WATCH, channel.name: channel}, NOON, 0)
    after = Incidents(box, "team:platform")
    later = replace(WATCH, since=NOON + SECOND)
    assert after.follow({"watch": later, channel.name: channel}, NOON, 0) == []
    after.follow({}, NOON, 10)
    told = after.follow({}, NOON, 10 + HOLD)
    assert [one.title for one in told] == ["Resolved: the watch runs again", "Resolved: messages reach webhook again"]
    assert [one.incident for one in box.still_open()] == ["raw_crm.account/1"]


def test_the_same_fault_again_is_another_incident(tmp_path: Path) -> None:
    incidents = Incidents(outbox(tmp_path), "team:platform")
    (first,) = incidents.follow({"watch": WATCH}, NOON, 0)
    incidents.follow({}, NOON, 1)
    incidents.follow({}, NOON, 1 + HOLD)
    (second,) = incidents.follow({"watch": replace(WATCH, since=NOON + 9 * MINUTE)}, NOON + 10 * MINUTE, 600)
    assert first.incident != second.incident
