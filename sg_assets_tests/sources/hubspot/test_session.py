"""What HubSpot means by its refusals, its rate, and what `doctor` asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sg_assets.http import Fail, Later, Reply, Retry, Ruling, SourceError
from sg_assets.promise import HOUR, Promise
from sg_assets.sandbox.faults import Kind
from sg_assets.sources.hubspot import hubspot, session
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.hubspot.conftest import SETTINGS

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the evening before the clocks there go back


def ruled(status: int, body: object = b"", **headers: str) -> Ruling | None:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return session.rule(ZONE, Reply(status, {k.replace("_", "-"): v for k, v in headers.items()}, text), NOW)


def limit(policy: str) -> dict[str, object]:
    return {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c033",
        "policyName": policy,
        "requestId": "3d3e",
    }


def test_one_call_too_many_waits_for_the_window_or_as_long_as_it_says() -> None:
    assert ruled(429, limit("TEN_SECONDLY_ROLLING")) == Retry(10.0, is_limit=True)
    assert ruled(429, limit("SECONDLY"), Retry_After="1") == Retry(1.0, is_limit=True)
    assert ruled(429, b"<html>too many</html>") == Retry(10.0, is_limit=True)
    assert ruled(477, b"", Retry_After="3600") == Retry(3600.0, is_limit=True)


def test_the_days_quota_ends_at_the_accounts_midnight() -> None:
    ruling = ruled(429, limit("DAILY"))
    assert isinstance(ruling, Later)
    assert ruling.at.astimezone(UTC) == datetime(2026, 11, 1, 7, tzinfo=UTC)
    later = session.rule(ZONE, Reply(429, {}, json.dumps(limit("DAILY")).encode()), NOW + timedelta(hours=2))
    assert isinstance(later, Later)
    assert later.at.astimezone(UTC) == datetime(2026, 11, 2, 8, tzinfo=UTC)  # that day has 25 hours


def test_a_missing_scope_is_named() -> None:
    context = {"requiredGranularScopes": ["crm.objects.deals.read"]}
    body = {"status": "error", "category": "MISSING_SCOPES", "errors": [{"message": "…", "context": context}]}
    assert ruled(403, body) == Fail("Grant the private app crm.objects.deals.read.")


def test_everything_else_means_what_its_status_says() -> None:
    for status in (200, 207, 400, 403, 404, 500, 502, 503):
        assert ruled(status, {"status": "error", "category": "VALIDATION_ERROR"}) is None
    assert ruled(403, b"[]") is None
    assert isinstance(ruled(401, b"no"), Fail)
    assert isinstance(ruled(414, b"<html>"), Fail)
    assert isinstance(ruled(530, b"error code: 1016"), Fail)


def test_searches_and_other_calls_have_a_rate_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real rates
    waits: list[float] = []
    with scripted(Answer.json({"results": []})) as vendor, session.connect(vendor.url, SETTINGS) as client:
        client.sleep = waits.append
        for _ in range(20):
            client.get_json("/crm/v3/owners")
        for _ in range(5):
            client.post_json("/crm/v3/objects/deals/search", {}, idempotent=True)
        assert waits == []
        client.post_json("/crm/v3/objects/contacts/search", {}, idempotent=True)
        assert 0 < max(waits) <= 1


def test_it_promises_what_marketing_was_told() -> None:
    assert hubspot.promise == Promise("0 15 * * *", timezone="America/Los_Angeles", warn=26 * HOUR, fail=30 * HOUR)


def test_doctor_asks_for_every_scope_and_changes_nothing(world: World) -> None:
    with world.client(hubspot) as client:
        findings = {finding.subject: finding for finding in session.examine(client, world.settings(hubspot))}
        assert client.calls == 10
    assert all(finding.is_permitted for finding in findings.values())
    assert {"crm.objects.contacts.read", "crm.schemas.deals.read", "crm.objects.owners.read", "forms"} <= set(findings)
    assert findings["API calls today"].quota_left


def test_doctor_tells_which_scope_is_missing(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "hubspot", match="*/objects/contacts")
    with world.client(hubspot) as client:
        refused = [finding for finding in session.examine(client, world.settings(hubspot)) if not finding.is_permitted]
    assert [finding.subject for finding in refused] == ["crm.objects.contacts.read"]
    assert "Grant the private app crm.objects.contacts.read." in refused[0].detail


def test_a_wrong_token_says_so_and_is_not_shown(world: World) -> None:
    settings = {**world.settings(hubspot), "SG_HUBSPOT_TOKEN": "pat-na1-wr0ng"}
    with (
        session.connect(f"{world.url}/hubspot", settings) as client,
        pytest.raises(SourceError, match="SG_HUBSPOT_TOKEN must be the access token") as caught,
    ):
        client.get_json("/crm/v3/owners")
    assert "wr0ng" not in str(caught.value)
