"""Signing in to Google Analytics, what its refusals mean, and how it is examined."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sg_assets.examination import Finding
from sg_assets.http import Client, ComeBackLater, Fail, Later, Reply, Retry, SourceError
from sg_assets.http.pace import pace
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Pull
from sg_assets.sources.google_analytics import google_analytics, rule
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
LAST_WEEK = {"loaded_through": "2026-11-18"}


@pytest.fixture(autouse=True)
def _own_hour() -> Iterator[None]:
    """Each test has the hour's calls for itself."""
    yield
    pace.cache_clear()


def refusal(status: int, message: str, name: str) -> Reply:
    return Reply(status, {}, json.dumps({"error": {"code": status, "message": message, "status": name}}).encode())


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("Exhausted concurrent requests quota.", Retry(30.0, is_limit=True)),
        ("Exhausted property tokens for a project per hour. Back in under an hour.", NOW + timedelta(minutes=30)),
        ("Exhausted potentially thresholded requests quota.", NOW + timedelta(minutes=30)),
        ("Exhausted property tokens per day. Back in under 24 hours.", datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ],
)
def test_a_quota_is_told_by_its_text_alone(message: str, meaning: Retry | datetime) -> None:
    ruling = rule(refusal(429, message, "RESOURCE_EXHAUSTED"), NOW)
    assert (ruling.at if isinstance(ruling, Later) else ruling) == meaning


def test_a_quota_whose_text_is_another_is_waited_for_as_the_hour_s() -> None:
    for body in (b"<html>Too many requests</html>", b"[]", b'{"error": 1}'):
        assert rule(Reply(429, {}, body), NOW) == Later(
            NOW + timedelta(minutes=30), "the hour's quota of Google Analytics is used up ()"
        )


def test_what_else_google_means() -> None:
    assert isinstance(rule(Reply(503, {}, b""), NOW), Fail)
    assert isinstance(rule(refusal(403, "no", "PERMISSION_DENIED"), NOW), Fail)
    for status in (200, 400, 401, 404):
        assert rule(Reply(status, {}, b"{}"), NOW) is None


def test_the_days_quota_is_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "google_analytics")
    with pytest.raises(ComeBackLater, match="the day's quota of Google Analytics is used up") as caught:
        world.rows(google_analytics, "traffic_day", LAST_WEEK)
    assert (caught.value.at.hour, caught.value.at.tzinfo) == (8, UTC)  # midnight in California
    assert world.waits == []


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (Kind.SERVER_ERROR, 503, "503 Error Service unavailable. It is not asked again at once"),
        (Kind.FORBIDDEN, 403, "does not have sufficient permissions for this property.*a viewer of the property"),
    ],
)
def test_a_refusal_is_an_error_after_one_call(world: World, kind: Kind, status: int, told: str) -> None:
    world.sandbox.faults.switch_on(kind, "google_analytics", count=1)
    with pytest.raises(SourceError, match=told) as caught:
        world.rows(google_analytics, "traffic_day", LAST_WEEK)
    assert str(caught.value).startswith("google_analytics: POST /v1beta/properties/310020030:batchRunReports: ")
    assert (caught.value.status, world.waits) == (status, [])


@pytest.mark.parametrize(
    ("answer", "told", "calls"),
    [
        (Answer(401), r"401 {}\. The credential was refused", 2),
        (Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}), r"text/html\), no complete JSON", 6),
        (Answer(400, refusal(400, "Field x is not a valid metric.", "").body), "Field x is not a valid metric", 1),
    ],
)
def test_a_wrong_answer_is_one_clear_error(world: World, answer: Answer, told: str, calls: int) -> None:
    fetch = google_analytics.tables["raw_google_analytics.page_day"].fetch
    assert fetch
    with scripted(answer) as vendor:
        settings = world.settings(google_analytics)
        http = google_analytics.connect(vendor.url, settings)
        assert isinstance(http, Client)
        http.sleep = world.waits.append
        with http, pytest.raises(SourceError, match=told) as caught:
            list(fetch(Pull(http, settings, NOW, LAST_WEEK)))
    assert str(caught.value).startswith("google_analytics: POST /v1beta/properties/310020030:batchRunReports: ")
    assert len(vendor.asked) == calls


def client(world: World, **changed: str) -> Client:
    made = google_analytics.connect(f"{world.url}/google_analytics", {**world.settings(google_analytics), **changed})
    assert isinstance(made, Client)
    return made


@pytest.mark.parametrize("number", ["G-ABC123", "", "properties/1"])
def test_a_property_is_named_by_its_number(world: World, number: str) -> None:
    with pytest.raises(SourceError, match=r"its id is not a number. SG_GOOGLE_ANALYTICS_PROPERTY is the number"):
        client(world, SG_GOOGLE_ANALYTICS_PROPERTY=number)


def examined(world: World, settings: Mapping[str, Any]) -> list[Finding]:
    assert google_analytics.examination
    with client(world, **settings) as http:
        return list(google_analytics.examination(http, {**world.settings(google_analytics), **settings}))


def test_an_examination_tells_the_permission_and_what_is_left_of_the_day(world: World) -> None:
    allowed, quota = examined(world, {})
    assert allowed == Finding("property 310020030")
    assert quota.subject == "tokens of today"
    assert quota.quota_left is not None
    assert 100_000 < quota.quota_left < 200_000


def test_an_examination_of_another_s_property_says_what_to_do(world: World) -> None:
    (refused,) = examined(world, {"SG_GOOGLE_ANALYTICS_PROPERTY": "1"})
    assert not refused.is_permitted
    assert "Make the service account a viewer" in refused.detail
