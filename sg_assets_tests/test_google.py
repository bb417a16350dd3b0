"""Google's session, its error shapes and its buckets."""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from sg_assets import google
from sg_assets.http import ComeBackLater, Later, Reply, Retry, SourceError
from sg_assets_tests.made_bucket import made_bucket
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *form).decode()


def account(private_key: str, token_uri: str) -> str:
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "robot@acme.example",
            "private_key": private_key,
            "private_key_id": "1",
            "token_uri": token_uri,
        }
    )


def token_server() -> Callable[[Asked], Answer]:
    """Gives a new token each time, and lists an empty bucket to whoever has the second one."""
    numbers = count(1)

    def answer(asked: Asked) -> Answer:
        if asked.path == "/token":
            return Answer.json({"access_token": f"token-{next(numbers)}", "expires_in": 3600})
        return Answer.json({}) if asked.headers["Authorization"] == "Bearer token-2" else Answer(401)

    return answer


@pytest.mark.parametrize("is_file", [False, True])
def test_a_service_account_signs_in_and_again_when_its_token_is_refused(
    private_key: str, tmp_path: Path, *, is_file: bool
) -> None:
    with answering(token_server()) as vendor:
        key = account(private_key, f"{vendor.url}/token")
        path = tmp_path / "key.json"
        path.write_text(key)
        settings = {google.CREDENTIALS: str(path) if is_file else f"\n {key}"}
        with google.connect("acme", vendor.url, settings) as client:
            assert list(google.Bucket(client, "b").list("")) == []
    assert [asked.path for asked in vendor.asked] == ["/token", "/storage/v1/b/b/o"] * 2
    form = dict(parse_qsl(vendor.asked[0].body.decode()))
    claims = jwt.decode(form["assertion"], verify=False)
    assert claims["iss"] == "robot@acme.example"
    assert claims["scope"] == google.READ_STORAGE


def test_a_revoked_key_says_whose_it_is_and_not_what_it_is(private_key: str) -> None:
    with scripted(Answer.json({"error": "invalid_grant"}, 400)) as vendor:
        settings = {google.CREDENTIALS: account(private_key, f"{vendor.url}/token")}
        with google.connect("acme", vendor.url, settings) as client, pytest.raises(SourceError) as caught:
            client.get_json("/x")
    assert "robot@acme.example" in str(caught.value)
    assert "may have been revoked" in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "credentials", ["/no/such/file", "{", '{"type": "authorized_user"}', "[]", '{"private_key": "s3cret"}']
)
def test_what_is_no_key_is_refused_before_anything_is_sent(credentials: str) -> None:
    with pytest.raises(SourceError, match="SG_GOOGLE_CREDENTIALS is the path or the JSON text") as caught:
        google.connect("acme", "http://127.0.0.1:1", {google.CREDENTIALS: credentials})
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_the_sandbox_has_a_token_of_its_own() -> None:
    with (
        scripted(Answer.json({})) as vendor,
        google.connect("acme", vendor.url, {google.CREDENTIALS: "sandbox"}) as client,
    ):
        client.get_json("/x")
    assert vendor.asked[0].headers["Authorization"] == f"Bearer {google.SANDBOX_TOKEN}"


def refusal(status: int, reason: str) -> Reply:
    error: Mapping[str, object] = {"code": status, "errors": [{"reason": reason, "domain": "usageLimits"}]}
    return Reply(status, {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_a_rate_limit_in_a_403_is_waited_for(reason: str) -> None:
    assert google.google_rule(refusal(403, reason), NOW) == Retry(is_limit=True)


def test_a_rate_that_a_newer_api_tells_in_its_details_is_one_too() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}
    body = json.dumps({"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [{"@type": "x"}, info]}})
    assert google.google_rule(Reply(403, {}, body.encode()), NOW) == Retry(is_limit=True)


def test_people_are_told_whom_to_share_with(tmp_path: Path) -> None:
    key = '{"client_email": "robot@acme.example"}'
    (tmp_path / "key.json").write_text(key)
    for told in (key, str(tmp_path / "key.json")):
        assert google.address_of({google.CREDENTIALS: told}) == "robot@acme.example"
    for told in ("sandbox", str(tmp_path), "{", "[]"):
        assert google.address_of({google.CREDENTIALS: told}) == "the service account of SG_GOOGLE_CREDENTIALS"


@pytest.mark.parametrize(("status", "reason"), [(403, "dailyLimitExceeded"), (429, "quotaExceeded")])
def test_a_days_quota_is_not_waited_for(status: int, reason: str) -> None:
    ruling = google.google_rule(refusal(status, reason), NOW)
    assert isinstance(ruling, Later)
    assert ruling.at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "reply",
    [
        refusal(403, "forbidden"),
        refusal(429, "rateLimitExceeded"),
        refusal(404, "notFound"),
        Reply(403, {}, b"<html>"),
        Reply(403, {}, b'{"error": "text"}'),
        Reply(403, {}, b"[]"),
        Reply(200, {}, b"{}"),
    ],
)
def test_everything_else_is_left_to_the_general_rule(reply: Reply) -> None:
    assert google.google_rule(reply, NOW) is None


def test_a_missing_right_is_an_error_at_once() -> None:
    with (
        scripted(Answer(403, refusal(403, "forbidden").body)) as vendor,
        google.connect("acme", vendor.url, {google.CREDENTIALS: "sandbox"}) as client,
    ):
        with pytest.raises(SourceError, match="not allowed to read this") as caught:
            client.get_json("/x")
        assert not isinstance(caught.value, ComeBackLater)
        assert len(vendor.asked) == 1


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5])
def test_a_list_is_whole_at_every_page_boundary(total: int) -> None:
    with made_bucket(page_size=2) as (bucket, objects):
        for i in range(total):
            objects.put(f"x/{i}", {})
        objects.put("y/0", {})
        assert [item.name for item in bucket.list("x/")] == [f"x/{i}" for i in range(total)]


def test_an_object_is_read_by_name_and_generation() -> None:
    with made_bucket() as (bucket, objects):
        objects.put_bytes("a b/ü%2F.gz", b"old")
        objects.put_bytes("a b/ü%2F.gz", b"new")
        (item,) = bucket.list("")
        assert (item.generation, item.size) == ("2", 3)
        file = io.BytesIO()
        bucket.download(item.name, file, item.generation)
        assert file.getvalue() == b"new"
        with pytest.raises(SourceError, match="404") as caught:
            bucket.download(item.name, file, "1")
        assert caught.value.status == 404
