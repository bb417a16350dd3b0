"""Signing in to Salesforce, what its refusals mean, and how it is examined."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import Fail, Later, Reply, Retry, SourceError
from sg_assets.sandbox.faults import Kind
from sg_assets.sources.salesforce import connect, rule, salesforce
from sg_assets.sources.salesforce.fields import OBJECTS
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World

NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
SETTINGS = {"SG_SALESFORCE_CLIENT_ID": "id", "SG_SALESFORCE_CLIENT_SECRET": "s3cret"}


def error(status: int, code: str, message: str = "no") -> Reply:
    return Reply(status, {}, json.dumps([{"errorCode": code, "message": message}]).encode())


def test_what_salesforce_means() -> None:
    over = rule(error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), NOW)
    assert isinstance(over, Later)
    assert over.at == NOW + timedelta(hours=1)
    busy = rule(error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), NOW)
    assert busy == Retry(is_limit=True)
    assert isinstance(rule(error(400, "INVALID_FIELD"), NOW), Fail)
    assert rule(Reply(420, {}, b"<html>We are setting things up</html>"), NOW) == Retry()
    assert rule(Reply(406, {}, b""), NOW) == Retry()
    for reply in (error(403, "INSUFFICIENT_ACCESS"), error(401, "INVALID_SESSION_ID"), Reply(500, {}, b"[]")):
        assert rule(reply, NOW) is None
    assert rule(Reply(200, {}, b"[]"), NOW) is None


def test_wrong_client_credentials_say_so_and_do_not_show_them(world: World) -> None:
    settings = dict(world.settings(salesforce)) | {"SG_SALESFORCE_CLIENT_SECRET": "wr0ng"}
    with (
        connect(f"{world.url}/salesforce", settings) as client,
        pytest.raises(SourceError, match="invalid client credentials") as caught,
    ):
        client.get_json("/services/data/v59.0/limits")
    assert "wr0ng" not in str(caught.value)


def test_a_session_is_shared_by_the_requests_of_a_client() -> None:
    with (
        scripted(Answer.json({"access_token": "00D!token"}), Answer.json({})) as vendor,
        connect(vendor.url, SETTINGS) as client,
    ):
        for _ in range(3):
            client.get_json("/services/data/v59.0/limits")
    assert [asked.path.endswith("/token") for asked in vendor.asked] == [True, False, False, False]


def test_the_examination_asks_for_every_field_of_every_object_once(world: World) -> None:
    examine = salesforce.examination
    assert examine
    with world.client(salesforce) as client:
        found = list(examine(client, world.settings(salesforce)))
        assert client.calls == len(OBJECTS) + 3  # what may be changed, and the limits
    assert [finding.subject for finding in found] == [*OBJECTS, "API calls today"]
    assert all(finding.is_permitted for finding in found)
    assert found[-1].quota_left is not None


def test_an_object_that_may_not_be_read_is_found(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "salesforce", match="*queryAll*", count=1)
    examine = salesforce.examination
    assert examine
    with world.client(salesforce) as client:
        found = list(examine(client, world.settings(salesforce)))
    assert [finding.subject for finding in found if not finding.is_permitted] == ["Account"]
    assert "INSUFFICIENT_ACCESS" in found[0].detail
