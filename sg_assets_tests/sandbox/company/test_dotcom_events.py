import json
from datetime import date, timedelta
from typing import Any

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dotcom_events import FIRST_USER, NOT_ACTIVE, STAFF, DotcomEvents
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR

ALWAYS = {
    "name", "anonymous_user_id", "first_source_url", "user_id", "source", "timestamp", "version", "feature_flags",
    "public_argument",
}  # fmt: skip
WEEK = [ANCHOR - 5 * DAY + place * HOUR for place in range(5 * 24)]


@pytest.fixture(scope="module")
def stream(company: Company) -> DotcomEvents:
    return DotcomEvents(company)


@pytest.fixture(scope="module")
def delivered(stream: DotcomEvents) -> list[dict[str, Any]]:
    return [json.loads(line) for hour in WEEK for line in stream.lines(hour)]


def test_events_have_the_fields_of_the_wire_and_two_are_left_out_when_empty(delivered: list[dict[str, Any]]) -> None:
    assert all(set(event) >= ALWAYS for event in delivered)
    assert {name for event in delivered for name in set(event) - ALWAYS} == {"cohort_id", "referrer"}
    assert any(set(event) == ALWAYS for event in delivered)
    for event in delivered:
        assert isinstance(event["user_id"], int)
        json.loads(event["feature_flags"])
        json.loads(event["public_argument"])


def test_visitors_accounts_staff_and_the_backend_occur(delivered: list[dict[str, Any]]) -> None:
    users = {event["user_id"] for event in delivered}
    assert 0 in users
    assert any(user >= FIRST_USER for user in users)
    assert users & set(STAFF)
    assert any(event["anonymous_user_id"] == "backend" for event in delivered)
    assert {event["name"] for event in delivered} & set(NOT_ACTIVE)


def test_an_account_keeps_its_browser_and_a_visitor_may_come_again(delivered: list[dict[str, Any]]) -> None:
    browsers: dict[int, set[str]] = {}
    for event in delivered:
        browsers.setdefault(event["user_id"], set()).add(event["anonymous_user_id"])
    assert all(len(found) == 1 for user, found in browsers.items() if user)
    days: dict[str, set[str]] = {}
    for event in delivered:
        days.setdefault(event["anonymous_user_id"], set()).add(event["timestamp"][:10])
    assert any(len(found) > 1 for browser, found in days.items() if browser in browsers[0])


def test_cohorts_are_mondays(delivered: list[dict[str, Any]]) -> None:
    assert {date.fromisoformat(event["cohort_id"]).weekday() for event in delivered if "cohort_id" in event} == {0}


def test_the_same_event_comes_twice_and_again_on_another_day(stream: DotcomEvents) -> None:
    arrived: dict[str, list[int]] = {}
    for place in range(12 * 24):
        for line in stream.lines(ANCHOR - 12 * DAY + place * HOUR):
            arrived.setdefault(line, []).append(place)
    assert {hours[-1] - hours[0] for hours in arrived.values() if len(hours) > 1} == {0, 25}


def test_events_happen_in_the_hour_in_which_they_are_sent(stream: DotcomEvents) -> None:
    for hour in WEEK[::9]:
        assert all(hour <= at < hour + HOUR for at, _ in stream.happened(hour))


def test_an_hour_does_not_depend_on_the_others(stream: DotcomEvents) -> None:
    assert DotcomEvents(stream.company).lines(WEEK[40]) == stream.lines(WEEK[40])


def test_at_scale_1_there_are_enough_events_and_not_too_many() -> None:
    stream = DotcomEvents(Company(1, ANCHOR))
    week = sum(len(stream.lines(ANCHOR - timedelta(days=14) + place * HOUR)) for place in range(7 * 24))
    assert 20_000 < week / 7 * 60 < 70_000
