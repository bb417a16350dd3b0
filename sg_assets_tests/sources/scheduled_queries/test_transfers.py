"""The Data Transfer Service: handing a scheduled query over, as documented, and the newest of its runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from sg_assets.http import Client, SourceError
from sg_assets.sandbox.company.scheduled_queries import SERVICE_ACCOUNT
from sg_assets.sources.scheduled_queries import CHANGE, READ, connect, connect_to_change, scheduled_queries
from sg_assets.sources.scheduled_queries.transfers import details, hand_over, listed, newest_run
from sg_assets_tests.scripted_vendor import Answer, scripted
from sg_assets_tests.sources.conftest import World

NAME = "projects/1/locations/us/transferConfigs/5d1bec8c"
SETTINGS = {"SG_GOOGLE_CREDENTIALS": "sandbox"}


@pytest.fixture
def http(world: World) -> Iterator[Client]:
    with world.client(scheduled_queries) as client:
        yield client


def name_of(http: Client, title: str) -> str:
    (name,) = (one["name"] for one in listed(http, "made-up-analytics") if one["displayName"] == title)
    return str(name)


def test_the_request_is_the_documented_one() -> None:
    config = {"name": NAME, "displayName": "x", "dataSourceId": "scheduled_query", "params": {"query": "select 1"}}
    with scripted(Answer.json(config)) as vendor, scheduled_queries.connect(vendor.url, SETTINGS) as http:
        assert isinstance(http, Client)
        hand_over(http, config, "sa@p.iam.gserviceaccount.com")
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("PATCH", f"/v1/{NAME}")
    assert asked.query == {
        "updateMask": "service_account_name",
        "serviceAccountName": "sa@p.iam.gserviceaccount.com",
    }
    assert json.loads(asked.body) == config  # all fields are set, even those that are not updated


def test_one_that_is_not_there_has_no_details_and_cannot_be_handed_over(http: Client) -> None:
    gone = "projects/made-up-analytics/locations/us/transferConfigs/none"
    assert details(http, gone) is None
    with pytest.raises(SourceError, match="404"):
        hand_over(http, {"name": gone, "displayName": "", "dataSourceId": "", "params": {}}, SERVICE_ACCOUNT)


def test_the_newest_run_is_the_one_that_began_last(http: Client) -> None:
    newest = newest_run(http, name_of(http, "events_usage"))
    assert newest
    assert newest["state"] == "SUCCEEDED"
    assert newest["scheduleTime"].startswith("2026-11-2")
    assert newest_run(http, name_of(http, "instances scheduled query 2")) is None


def test_only_who_hands_over_has_a_token_that_can_write() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, *form).decode()
    token = Answer.json({"access_token": "t", "expires_in": 3600})
    with scripted(token, Answer.json({}), token, Answer.json({"name": NAME})) as vendor:
        account = {
            "type": "service_account",
            "client_email": "robot@p.example",
            "private_key": pem,
            "private_key_id": "1",
        }
        settings = {"SG_GOOGLE_CREDENTIALS": json.dumps({**account, "token_uri": f"{vendor.url}/token"})}
        with connect(vendor.url, settings) as reader:
            assert list(listed(reader, "p")) == []
        with connect_to_change(vendor.url, settings) as writer:
            hand_over(writer, {"name": NAME}, SERVICE_ACCOUNT)
    bodies = [asked.body.decode() for asked in vendor.asked if asked.path == "/token"]
    forms = [dict(parse_qsl(body)) for body in bodies]
    claims = [jwt.decode(form["assertion"], verify=False) for form in forms]
    assert [one["scope"] for one in claims] == [READ, CHANGE]
