"""How ZoomInfo is reached: a token for fifty-five minutes, its limits, and what its refusals mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from sg_assets.http import ComeBackLater, Later, Reply, Retry, SourceError
from sg_assets.http.pace import pace
from sg_assets.sandbox.faults import Kind
from sg_assets.sources.zoominfo import rule, zoominfo
from sg_assets.sources.zoominfo.session import LOGIN_RATE, RATE
from sg_assets_tests.scripted_vendor import Answer, Asked, answering
from sg_assets_tests.sources.conftest import World
from sg_assets_tests.sources.zoominfo.rows import NOW, SETTINGS, connected

USAGE = [
    {
        "limitType": "requestLimit",
        "description": "Number of requests",
        "limit": 1000,
        "currentUsage": 89,
        "usageRemaining": 911,
    }
]


@pytest.fixture(autouse=True)
def another_second() -> None:
    """What other tests asked does not count against ZoomInfo's limits."""
    pace.cache_clear()


def vendor(asked: Asked) -> Answer:
    return Answer.json({"jwt": "eyJ.one.two"} if asked.path == "/authenticate" else {"usage": USAGE})


def test_what_is_asked() -> None:
    with answering(vendor) as served, connected(served.url) as client:
        client.get_json("/lookup/usage")
    login, usage = served.asked
    assert (login.method, json.loads(login.body)) == ("POST", {"username": "analytics", "password": "s3cret"})
    assert (usage.path, usage.headers["Authorization"]) == ("/lookup/usage", "Bearer eyJ.one.two")


def test_a_token_is_renewed_before_it_ends() -> None:
    with answering(vendor) as served, connected(served.url) as client:
        now = NOW
        client.clock = lambda: now
        for minutes in (0, 30, 24, 2, 50):
            now += timedelta(minutes=minutes)
            pace.cache_clear()
            client.get_json("/lookup/usage")
    paths = [asked.path.rpartition("/")[2] for asked in served.asked]
    assert paths == ["authenticate", "usage", "usage", "usage", "authenticate", "usage", "usage"]


def test_a_token_that_ended_all_the_same_is_renewed_once(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.EXPIRED_TOKEN, "zoominfo", match="*usage")
    with world.client(zoominfo) as client:
        assert len(client.get_json("/lookup/usage")["usage"]) == 3


def test_a_wrong_password_says_so_and_is_not_shown(world: World) -> None:
    with (
        connected(f"{world.url}/zoominfo") as client,
        pytest.raises(SourceError, match=r"POST /authenticate: 401 .*Invalid username or password") as caught,
    ):
        client.get_json("/lookup/usage")
    assert SETTINGS["SG_ZOOMINFO_PASSWORD"] not in str(caught.value)


def refusal(status: int, text: str, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps({"message": text}).encode())


def test_what_zoominfo_means() -> None:
    for what in ("request", "record"):
        over = rule(refusal(403, f"You have used up all of your allowed {what} limit"), NOW)
        assert isinstance(over, Later)
        assert (over.at, what in over.reason) == (NOW + timedelta(days=1), True)
    assert rule(refusal(403, "You do not have access to this API"), NOW) is None
    reset = str(int(NOW.timestamp()) + 20)
    assert rule(refusal(429, "Too many requests", **{"X-RateLimit-Reset": reset}), NOW) == Retry(20.0, is_limit=True)
    assert rule(refusal(429, "Too many requests"), NOW) is None
    assert rule(refusal(401, "Token expired"), NOW) is None
    assert rule(Reply(200, {}, b"{}"), NOW) is None


def test_a_contract_that_is_used_up_is_not_tried_again(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "zoominfo", match="*usage")
    with world.client(zoominfo) as client, pytest.raises(ComeBackLater, match="contract is used up") as caught:
        client.get_json("/lookup/usage")
    assert caught.value.at > datetime.now(UTC) + timedelta(hours=23)
    assert world.waits == []


def test_tokens_and_questions_have_limits_of_their_own() -> None:
    with answering(vendor) as served, connected(served.url) as client:
        client.get_json("/lookup/usage")
        assert pace(served.url, LOGIN_RATE).take() > 0
        assert pace(served.url, RATE).take() == 0


def test_the_doctor_searches_and_spends_nothing(world: World) -> None:
    assert zoominfo.examination
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "zoominfo", match="/search/contact")
    with world.client(zoominfo) as client:
        found = list(zoominfo.examination(client, world.settings(zoominfo)))
        assert client.get_json("/lookup/usage")["usage"][0]["usageRemaining"] == found[1].quota_left
    assert [(one.subject, one.is_permitted) for one in found] == [
        ("usage", True),
        ("requestLimit", True),
        ("recordLimit", True),
        ("uniqueIdLimit", True),
        ("company", True),
        ("contact", False),
    ]


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (Answer(403, b'{"message":"You do not have access to this API"}'), "403 .*is not allowed to read this"),
        (Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}), "text/html"),
        (Answer(200, b'{"usage":[{"limit'), "no complete JSON"),
    ],
)
def test_an_answer_that_is_none_says_what_was_asked_and_what_came(
    answer: Answer, came: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sg_assets.http.client.TRIES", 1)
    with (
        answering(lambda asked: vendor(asked) if asked.path == "/authenticate" else answer) as served,
        connected(served.url) as client,
        pytest.raises(SourceError, match=came) as caught,
    ):
        client.get_json("/lookup/usage")
    assert str(caught.value).startswith("zoominfo: GET /lookup/usage: ")
