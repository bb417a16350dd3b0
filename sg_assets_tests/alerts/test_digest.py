from datetime import timedelta

from sg_assets.alerts.digest import digests, is_due
from sg_assets.message import MOST_LINES, Kind, Severity
from sg_assets_tests.alerts.telling import HOUR, MINUTE, NOON, message

PLACE = "America/Los_Angeles"
NINE = "0 9 * * *"  # 17:00 UTC in November


def test_its_hour_comes_once_a_day_also_when_we_slept_through_it() -> None:
    five = NOON.replace(hour=17)
    assert not is_due(NINE, PLACE, five - HOUR, five - MINUTE)
    assert is_due(NINE, PLACE, five - HOUR, five)
    assert not is_due(NINE, PLACE, five, five + HOUR)
    assert is_due(NINE, PLACE, five, five + timedelta(days=5))


def test_each_owner_hears_of_their_own_the_worst_first() -> None:
    soon = message(incident="a/1", severity=Severity.WARNING, at=NOON - 5 * HOUR)
    late = message(2, Kind.GROWN, incident="b/1", at=NOON - 3 * HOUR)
    other = message(incident="c/1", owner="team:sales", at=NOON - HOUR)
    analytics, sales = digests([soon, late, other], PLACE, NOON)
    assert analytics.title == "2 incidents are still open"
    assert analytics.lines == ("grown b/1 2 (told 3 h ago)", "opened a/1 1 (told 5 h ago)")
    assert (analytics.kind, analytics.severity, analytics.owner) == (Kind.DIGEST, Severity.INFO, "team:analytics")
    assert (sales.title, sales.owner) == ("1 incident is still open", "team:sales")


def test_a_day_has_one_whatever_happens() -> None:
    before = digests([message()], PLACE, NOON)[0]
    after = digests([message(), message(incident="b/1")], PLACE, NOON + HOUR)[0]
    assert before.id == after.id == "digest:team:analytics/2026-11-21#1"
    assert digests([message()], PLACE, NOON.replace(hour=3))[0].incident.endswith(
        "2026-11-20"
    )  # there, still yesterday


def test_nothing_open_is_no_message() -> None:
    assert digests([], PLACE, NOON) == []


def test_many_are_counted() -> None:
    (made,) = digests([message(incident=f"t{n}/1") for n in range(40)], PLACE, NOON)
    assert len(made.text.splitlines()) == MOST_LINES
    assert made.lines[-1] == "… and 30 more"
    assert len(digests([message(incident=f"t{n}/1") for n in range(11)], PLACE, NOON)[0].lines) == 11
