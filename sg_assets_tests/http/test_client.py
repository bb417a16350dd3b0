"""What the client tries again, how long it waits, and what it says when it gives up."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import Client, ComeBackLater, Fail, Later, Reply, Retry, Ruling, SourceError
from sg_assets.http.client import TRIES
from sg_assets.http.quota import Quota, remaining
from sg_assets.source import RateLimit
from sg_assets_tests.scripted_vendor import Answer, Vendor, scripted

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OUTAGE = Answer(503, b"<!DOCTYPE html><html><style>b{}</style><body><h1>Service   Unavailable</h1></body></html>")
BUSY = Answer(429, b"slow down")
GOOD = Answer.json({"answer": 42})


@contextmanager
def client_of(vendor: Vendor, **options: object) -> Generator[tuple[Client, list[float]]]:
    """A client of the vendor whose waits are noted instead of waited."""
    waits: list[float] = []
    told: dict[str, object] = {"name": "acme", "sleep": waits.append, "clock": lambda: NOW} | options
    with Client(vendor.url, **told) as client:  # pyrefly: ignore[bad-argument-type]
        yield client, waits


def test_an_outage_is_waited_out_with_growing_pauses() -> None:
    with scripted(OUTAGE, OUTAGE, OUTAGE, GOOD) as vendor, client_of(vendor) as (client, waits):
        assert client.get_json("/x") == {"answer": 42}
        assert client.calls == len(vendor.asked) == 4
        assert [0.5 <= wait / 2**number <= 1 for number, wait in enumerate(waits)] == [True] * 3


def test_the_newest_quota_that_was_told_is_known() -> None:
    told = [Answer(200, b"{}", {"Allowed": "100", "Left": left}) for left in ("90", "89")]
    with (
        scripted(GOOD, *told, GOOD) as vendor,
        client_of(vendor, quota=remaining("allowed", "left", "day")) as (client, _),
    ):
        found = []
        for _ in range(4):
            client.get_json("/x")
            found.append(client.quota)
        assert found == [None, Quota(100, 10, "day"), Quota(100, 11, "day"), Quota(100, 11, "day")]


def test_what_the_vendor_said_in_full_is_for_its_own_module_and_not_shown() -> None:
    body = b'{"error": "' + b"x" * 300 + b'"}'
    with scripted(Answer(400, body)) as vendor, client_of(vendor) as (client, _):
        with pytest.raises(SourceError) as caught:
            client.get_json("/x")
        assert caught.value.body == body
        assert "x" * 201 not in str(caught.value)


def test_a_lasting_outage_is_an_error_that_shows_text_and_no_markup() -> None:
    with scripted(OUTAGE) as vendor, client_of(vendor) as (client, waits):
        with pytest.raises(SourceError, match=r"^acme: GET /x: 503 Service Unavailable\. .*status page") as caught:
            client.get_json("/x", {"q": "select"})
        assert caught.value.status == 503
        assert not isinstance(caught.value, ComeBackLater)
        assert len(vendor.asked) == TRIES
        assert sum(waits) <= 60


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [("7", 7.0), ("0", 0.0), ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0), ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0)],
)
def test_the_vendor_says_how_long_to_wait(retry_after: str, wait: float) -> None:
    limit = Answer(429, b"", {"Retry-After": retry_after})
    with scripted(limit, GOOD) as vendor, client_of(vendor) as (client, waits):
        client.get_json("/x")
        assert waits == [wait]


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_of_over_a_minute_is_not_waited_but_named(status: int) -> None:
    with scripted(Answer(status, b"", {"Retry-After": "3600"})) as vendor, client_of(vendor) as (client, waits):
        with pytest.raises(ComeBackLater, match="come back at 2026-11-21T13:00:00Z") as caught:
            client.get_json("/x")
        assert caught.value.at == NOW + timedelta(hours=1)
        assert waits == []


def test_a_limit_that_does_not_end_is_a_time_to_come_back() -> None:
    with scripted(BUSY) as vendor, client_of(vendor) as (client, waits):
        with pytest.raises(ComeBackLater, match="429 slow down") as caught:
            client.get_json("/x")
        assert caught.value.at > NOW
        assert sum(waits) <= 60


def test_waits_that_the_vendor_asks_for_again_and_again_end_after_a_minute() -> None:
    with scripted(Answer(429, b"", {"Retry-After": "25"})) as vendor, client_of(vendor) as (client, waits):
        with pytest.raises(ComeBackLater):
            client.get_json("/x")
        assert waits == [25, 25]


CUT = [
    Answer(200, b'{"answer": 42}', sent=7),
    Answer(200, b'{"answer": 42}', sent=7, is_chunked=True),
    Answer(200, b'{"answer": 4', {"Content-Type": "application/json"}),
    Answer(200, b"<html>we are being updated</html>", {"Content-Type": "text/html"}),
]


@pytest.mark.parametrize("cut", CUT, ids=["shorter than announced", "chunks end early", "half JSON", "HTML as 200"])
def test_half_an_answer_is_no_answer(cut: Answer) -> None:
    with scripted(cut, GOOD) as vendor, client_of(vendor) as (client, waits):
        assert client.get_json("/x") == {"answer": 42}
        assert len(waits) == 1


@pytest.mark.parametrize("cut", CUT)
def test_of_an_answer_that_is_always_cut_no_text_is_shown(cut: Answer) -> None:
    with scripted(cut) as vendor, client_of(vendor) as (client, _), pytest.raises(SourceError) as caught:
        client.get_json("/x")
    assert "answer" not in str(caught.value)
    assert "updated" not in str(caught.value)


def test_a_body_that_stalls_is_tried_again() -> None:
    with (
        scripted(Answer(200, b'{"answer": 42}', pause=1.0), GOOD) as vendor,
        client_of(vendor, timeout=(1.0, 0.1)) as (client, waits),
    ):
        assert client.get_json("/x") == {"answer": 42}
        assert len(waits) == 1


def test_a_slow_body_that_goes_on_is_waited_for() -> None:
    slow = Answer(200, b'{"answer": 42}', pause=0.2)
    with scripted(slow) as vendor, client_of(vendor, timeout=(1.0, 2.0)) as (client, waits):
        assert client.get_json("/x") == {"answer": 42}
        assert waits == []


@pytest.mark.parametrize("bad", [OUTAGE, CUT[0]])
def test_a_post_is_repeated_only_where_that_does_no_harm(bad: Answer) -> None:
    with scripted(bad, GOOD) as vendor, client_of(vendor) as (client, _):
        with pytest.raises(SourceError):
            client.post_json("/write", {})
        assert len(vendor.asked) == 1
    with scripted(bad, GOOD) as vendor, client_of(vendor) as (client, _):
        assert client.post_json("/read", {"query": "{ }"}, idempotent=True) == {"answer": 42}
        assert [asked.body for asked in vendor.asked] == [b'{"query": "{ }"}'] * 2


def test_a_post_that_was_refused_for_a_limit_was_not_carried_out_and_is_repeated() -> None:
    with scripted(BUSY, GOOD) as vendor, client_of(vendor) as (client, _):
        assert client.post_json("/write", {}) == {"answer": 42}


def test_a_post_that_never_left_is_repeated() -> None:
    with scripted(GOOD) as vendor:
        pass  # the port is closed now
    told = r"no answer from 127\.0\.0\.1:\d+: ConnectionError \(New"
    with client_of(vendor) as (client, waits), pytest.raises(SourceError, match=told):
        client.post_json("/write", {})
    assert len(waits) == TRIES - 1


def test_the_vendors_own_rule_goes_before_the_general_one() -> None:
    rulings: dict[int, Ruling] = {
        403: Later(NOW + timedelta(hours=5), "the day's quota is used up"),
        404: Retry(1.0),
        500: Fail("Ask for fewer fields."),
    }

    def rule(reply: Reply, _now: datetime) -> Ruling | None:
        return rulings.get(reply.status)

    with scripted(Answer(403)) as vendor, client_of(vendor, rule=rule) as (client, _):
        with pytest.raises(ComeBackLater, match="the day's quota is used up") as caught:
            client.get_json("/x")
        assert caught.value.at == NOW + timedelta(hours=5)
    with scripted(Answer(404), GOOD) as vendor, client_of(vendor, rule=rule) as (client, waits):
        assert client.get_json("/x") == {"answer": 42}
        assert waits == [1.0]
    with scripted(Answer(500)) as vendor, client_of(vendor, rule=rule) as (client, waits):
        with pytest.raises(SourceError, match="Ask for fewer fields"):
            client.get_json("/x")
        assert waits == []


def test_a_download_that_was_cut_begins_again() -> None:
    whole = bytes(range(256)) * 1000
    with scripted(Answer(200, whole, sent=100_000), Answer(200, whole)) as vendor, client_of(vendor) as (client, waits):
        file = io.BytesIO()
        client.download("/x", {"alt": "media"}, file)
        assert file.getvalue() == whole
        assert len(waits) == 1


def test_a_download_of_nothing_says_what_the_vendor_says() -> None:
    with scripted(Answer(404, b"no such object")) as vendor, client_of(vendor) as (client, _):
        file = io.BytesIO()
        with pytest.raises(SourceError, match="404 no such object") as caught:
            client.download("/x", None, file)
        assert caught.value.status == 404
        assert file.getvalue() == b""


def test_our_own_pace_keeps_the_vendors_limit() -> None:
    with scripted(GOOD) as vendor, client_of(vendor, rate=RateLimit(2, 3600)) as (client, waits):
        client.get_json("/x")
        client.get_json("/x")
        with pytest.raises(ComeBackLater, match="the vendor allows 2 calls in 3600 s"):
            client.get_json("/x")
        assert waits == []
        assert len(vendor.asked) == 2


def test_a_limit_of_some_requests_is_kept_apart_from_that_of_the_others() -> None:
    limits = (RateLimit(1, 3600, "/search"), RateLimit(2, 3600))
    with scripted(GOOD) as vendor, client_of(vendor, rate=limits) as (client, _):
        client.post_json("/contacts/search", {}, idempotent=True)
        client.get_json("/contacts")
        client.get_json("/companies")
        with pytest.raises(ComeBackLater, match="the vendor allows 1 calls"):
            client.post_json("/companies/search", {}, idempotent=True)
        with pytest.raises(ComeBackLater, match="the vendor allows 2 calls"):
            client.get_json("/deals")
