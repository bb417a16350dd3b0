"""Visits, and events that were left out, compared with what the made-up company's generator sent."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.sandbox.company.dotcom_events import STAFF, DotcomEvents
from sg_assets.sandbox.company.instances import STAFF_ADMIN
from sg_assets.sandbox.company.managed_events import ManagedEvents
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets_tests.truth_world import World

HOUR, IDLE = timedelta(hours=1), timedelta(minutes=30)
DAYS = (date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7))
"""Days of which everything had arrived two days before the world's now."""
Event = dict[str, object]


@pytest.fixture(scope="module")
def delivered(world: World) -> list[Event]:
    """Every delivery from the day before `DAYS` on, in the order of arrival."""
    return list(deliveries(world))


def deliveries(world: World) -> Iterator[Event]:
    company = world.env.sandbox.company
    dotcom, managed = DotcomEvents(company), ManagedEvents(PingRows(company))
    hour = datetime(2026, 3, 4, tzinfo=UTC)
    while hour + HOUR <= world.env.clock():
        for line in dotcom.lines(hour):
            yield json.loads(line) | {"site": "sourcegraph.com"}
        for line in managed.lines(hour):
            for event in json.loads(json.loads(line)["data"]):
                yield event | {"site": event["site_id"]}
        hour += HOUR


def time_of(event: Event) -> datetime:
    return datetime.fromisoformat(str(event["timestamp"]))


def reason(event: Event) -> str | None:
    """Why an event counts for nothing; None where it counts."""
    if event["anonymous_user_id"] == "backend":
        return "server"
    if "sourcegraph_operator" in str(event["public_argument"]):
        return "operator"
    if event["user_id"] == 1 and event.get("initial_admin_email") == STAFF_ADMIN:
        return "our administrator"
    if event["user_id"] in STAFF and event["site"] == "sourcegraph.com":
        return "our own people"
    return None


def counting(delivered: list[Event]) -> list[Event]:
    """Each event that counts, once."""
    found = {}
    for event in delivered:
        if reason(event) is None:
            known = event.get("insert_id") or json.dumps(event, sort_keys=True)
            found[event["site"], known] = event
    return list(found.values())


def user_key(event: Event) -> str:
    return f"user:{event['user_id']}" if event["user_id"] else f"anonymous:{event['anonymous_user_id']}"


def test_what_is_left_out_is_what_servers_and_our_own_people_sent(world: World, delivered: list[Event]) -> None:
    true = Counter((time_of(event).date(), reason(event)) for event in delivered if time_of(event).date() in DAYS)
    for day in DAYS:
        rows = world.by_key(
            "select reason, sum(left_out_count) from events.excluded_event_day"
            f" where event_on = '{day}' and reason != 'delivered again' group by reason"
        )
        assert rows == {why: count for (of, why), count in true.items() if of == day and why is not None}
    assert {why for _, why in true} == {None, "server", "operator", "our administrator", "our own people"}


def test_what_came_again_is_what_is_delivered_more_often_than_it_happened(world: World, delivered: list[Event]) -> None:
    came = Counter(time_of(event).date() for event in delivered if reason(event) is None)
    happened = Counter(time_of(event).date() for event in counting(delivered))
    rows = world.by_key(
        "select event_on, sum(left_out_count) from events.excluded_event_day"
        " where reason = 'delivered again' group by event_on"
    )
    assert {day: rows.get(day, 0) for day in DAYS} == {day: came[day] - happened[day] for day in DAYS}
    assert any(came[day] > happened[day] for day in DAYS)


def test_visits_are_what_thirty_minutes_of_silence_leave_together(world: World, delivered: list[Event]) -> None:
    times: dict[tuple[object, str], list[datetime]] = {}
    for event in counting(delivered):
        if event["source"] == "WEB":
            times.setdefault((event["site"], user_key(event)), []).append(time_of(event))
    true = set()
    for (site, user), moments in times.items():
        visit: list[datetime] = []
        for at in [*sorted(moments), datetime.max.replace(tzinfo=UTC)]:
            if visit and at - visit[-1] >= IDLE:
                true.add((site, user, visit[0], visit[-1], len(visit)))
                visit = []
            visit.append(at)
    rows = world.rows(
        "select site, user_key, started_at, ended_at, event_count from events.session"
        f" where started_on between '{DAYS[0]}' and '{DAYS[-1]}'"
    )
    assert set(rows) == {visit for visit in true if visit[2].date() in DAYS}
    assert max(visit[-1] for visit in true) > 3
