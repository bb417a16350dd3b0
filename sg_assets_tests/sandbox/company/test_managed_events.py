import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from sg_assets.sandbox.company.activity import VISITOR_BITS, bits_of
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.managed_events import ADMIN, FIRST_USER, NOT_ACTIVE, ManagedEvents
from sg_assets.sandbox.company.ping_rows import PingRows
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR

FIELDS = [
    "site_id", "license_key", "initial_admin_email", "deploy_type", "name", "url", "anonymous_user_id",
    "first_source_url", "last_source_url", "user_id", "source", "timestamp", "Version", "feature_flags", "cohort_id",
    "referrer", "public_argument", "device_id", "insert_id",
]  # fmt: skip
WEEK = [ANCHOR - 4 * DAY + place * HOUR for place in range(4 * 24)]


@pytest.fixture(scope="module")
def stream(company: Company) -> ManagedEvents:
    return ManagedEvents(PingRows(company))


@pytest.fixture(scope="module")
def delivered(stream: ManagedEvents) -> dict[datetime, list[dict[str, Any]]]:
    """The events in the objects of four days, by hour of arrival."""
    return {
        hour: [event for line in stream.lines(hour) for event in json.loads(json.loads(line)["data"])] for hour in WEEK
    }


def test_a_line_is_a_message_that_holds_an_array_as_text(stream: ManagedEvents) -> None:
    lines = [line for hour in WEEK for line in stream.lines(hour)]
    assert all(list(json.loads(line)) == ["data"] for line in lines)
    sizes = [len(json.loads(json.loads(line)["data"])) for line in lines]
    assert min(sizes) == 1
    assert 1 < max(sizes) <= 1000


def test_events_have_the_fields_of_the_wire(delivered: dict[datetime, list[dict[str, Any]]]) -> None:
    for events in delivered.values():
        for event in events:
            assert list(event) == FIELDS
            assert event["url"] == ""
            json.loads(event["feature_flags"])
            json.loads(event["public_argument"])


def test_whoever_is_active_in_the_pings_is_so_in_the_events(stream: ManagedEvents, company: Company) -> None:
    instance = company.instances_of(company.case("user-level"))[0]
    for hour in WEEK:
        people = stream.pings.population(instance).active_in(hour.date(), hour.hour)
        known = {person - VISITOR_BITS + FIRST_USER for person in bits_of(people) if person >= VISITOR_BITS}
        events = [event for _, event in stream.events_of(instance, hour)]
        assert {event["user_id"] for event in events if event["name"] not in NOT_ACTIVE} - {0, ADMIN} == known


def test_only_instances_that_export_and_ping_have_events(
    delivered: dict[datetime, list[dict[str, Any]]], company: Company
) -> None:
    found = {event["site_id"] for events in delivered.values() for event in events}
    assert found == {one.site_id for one in company.instances if one.exports_events(ANCHOR - DAY)}


def test_the_key_and_site_are_those_of_the_instance(
    delivered: dict[datetime, list[dict[str, Any]]], company: Company
) -> None:
    keys = {(one.site_id, one.license_key(ANCHOR)) for one in company.instances}
    assert {(event["site_id"], event["license_key"]) for events in delivered.values() for event in events} <= keys


def test_messages_come_twice_in_an_hour_and_again_on_another_day(stream: ManagedEvents) -> None:
    days = [ANCHOR - 20 * DAY + place * HOUR for place in range(20 * 24)]
    arrived: dict[str, list[datetime]] = {}
    for hour in days:
        for line in stream.lines(hour):
            arrived.setdefault(line, []).append(hour)
    distances = Counter(hours[-1] - hours[0] for hours in arrived.values() if len(hours) > 1)
    assert set(distances) == {0 * HOUR, 25 * HOUR}


def test_some_events_are_not_to_be_counted(stream: ManagedEvents, company: Company) -> None:
    exporting = [one for one in company.instances if one.events]
    events = [event for hour in WEEK for one in exporting for _, event in stream.events_of(one, hour)]
    assert {event["source"] for event in events if event["anonymous_user_id"] == "backend"} == {"BACKEND"}
    operators = [event for event in events if event["user_id"] == ADMIN]
    assert any(json.loads(str(event["public_argument"])).get("sourcegraph_operator") is True for event in operators)
    assert {event["name"] for event in events} & set(NOT_ACTIVE)
    assert any(event["user_id"] == 0 and event["anonymous_user_id"] != "backend" for event in events)


def test_old_versions_give_events_no_id(stream: ManagedEvents, company: Company) -> None:
    old = company.instances_of(company.case("old managed"))[0]
    day = ANCHOR - 4 * DAY
    events = [event for place in range(24) for _, event in stream.events_of(old, day + place * HOUR)]
    assert {event["insert_id"] for event in events} == {None}
    new = company.instances_of(company.case("cloud"))[0]
    named = [event["insert_id"] for place in range(24) for _, event in stream.events_of(new, day + place * HOUR)]
    assert None not in named
    assert len(set(named)) == len(named) > 0


def test_an_hour_does_not_depend_on_the_others(stream: ManagedEvents) -> None:
    alone = ManagedEvents(PingRows(stream.pings.company))
    assert alone.lines(WEEK[30]) == stream.lines(WEEK[30])
