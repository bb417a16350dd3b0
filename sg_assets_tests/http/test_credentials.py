"""A credential is renewed when it ends, goes to its vendor only, and is never shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from sg_assets.http import SourceError
from sg_assets_tests.http.test_client import GOOD, client_of
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted


def tokens(*given: str) -> tuple[Callable[[bool], Mapping[str, str]], list[bool]]:
    """An `Authorize` that gives one token after the other, and when it was asked for a new one."""
    asked: list[bool] = []
    left = list(given)

    def authorize(renew: bool) -> Mapping[str, str]:  # noqa: FBT001 (its shape)
        asked.append(renew)
        if renew:
            left.pop(0)
        return {"Authorization": f"Bearer {left[0]}"}

    return authorize, asked


def needs_token(token: str) -> Callable[[Asked], Answer]:
    return lambda asked: GOOD if asked.headers.get("Authorization") == f"Bearer {token}" else Answer(401, b"[]")


def test_a_session_that_ended_is_renewed_once() -> None:
    authorize, asked = tokens("old", "new")
    with answering(needs_token("new")) as vendor, client_of(vendor, authorize=authorize) as (client, waits):
        assert client.get_json("/x") == {"answer": 42}
        assert client.get_json("/x") == {"answer": 42}
        assert asked == [False, True, False]
        assert waits == []


def test_a_credential_that_is_refused_twice_is_wrong() -> None:
    authorize, asked = tokens("old", "older", "oldest")
    with answering(needs_token("new")) as vendor, client_of(vendor, authorize=authorize) as (client, _):
        with pytest.raises(SourceError, match="The credential was refused") as caught:
            client.get_json("/x")
        assert caught.value.status == 401
        assert asked == [False, True]


def test_a_credential_does_not_follow_a_redirect_to_another_host() -> None:
    with scripted(GOOD) as thief, scripted(Answer(302, b"", {"Location": f"{thief.url}/x"})) as vendor:
        authorize, _ = tokens("secret")
        with client_of(vendor, authorize=authorize) as (client, _), pytest.raises(SourceError, match="another host"):
            client.get_json("/x")
        assert thief.asked == []


def test_a_redirect_on_the_same_host_is_followed() -> None:
    moved = Answer(301, b"", {"Location": "/y?page=2"})
    with scripted(moved, GOOD) as vendor, client_of(vendor) as (client, _):
        assert client.get_json("/x", {"q": "1"}) == {"answer": 42}
        assert [(asked.path, asked.query) for asked in vendor.asked] == [("/x", {"q": "1"}), ("/y", {"page": "2"})]
    with scripted(moved) as vendor, client_of(vendor) as (client, _), pytest.raises(SourceError, match="redirects"):
        client.get_json("/x")


def test_no_error_shows_a_secret() -> None:
    authorize, _ = tokens("t0ken/+")
    said = Answer(400, b"bad key s3cret for t0ken/+ and t0ken%2F%2B", {})
    with scripted(said) as vendor, client_of(vendor, authorize=authorize, secrets=["s3cret", ""]) as (client, _):
        with pytest.raises(SourceError) as caught:
            client.get_json("/path/s3cret", {"key": "s3cret"})
        assert str(caught.value) == "acme: GET /path/***: 400 bad key *** for *** and ***"
        assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_broken_connection_does_not_show_the_query() -> None:
    with scripted(GOOD) as vendor:
        pass
    with client_of(vendor) as (client, _), pytest.raises(SourceError) as caught:
        client.get_json("/x", {"key": "s3cret"})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
