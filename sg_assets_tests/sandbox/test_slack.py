"""The stand-in as any client meets it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sg_assets.sandbox import slack_messages
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.slack import TOKEN, WEBHOOK
from sg_assets.sandbox.slack_messages import Messages

JSON = {"Content-Type": "application/json; charset=utf-8"}


class Bot:
    """A client of the Web API."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        self._url, self._headers = f"{url}/slack/api", {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, **asked: object) -> dict[str, Any]:
        answer = requests.post(f"{self._url}/{method}", json=asked, headers=self._headers | JSON, timeout=20)
        assert answer.status_code == 200
        document: dict[str, Any] = answer.json()
        return document

    def read(self, method: str, **asked: str) -> dict[str, Any]:
        document: dict[str, Any] = requests.get(
            f"{self._url}/{method}", params=asked, headers=self._headers, timeout=20
        ).json()
        return document


@pytest.fixture
def bot(url: str, sandbox: Sandbox) -> Iterator[Bot]:
    yield Bot(url)
    (sandbox.state_dir / slack_messages.FILE).unlink(missing_ok=True)


def test_a_message_is_posted_edited_and_answered(bot: Bot, sandbox: Sandbox) -> None:
    posted = bot.call("chat.postMessage", channel="C0DATAALERTS", text="late")
    assert (posted["ok"], posted["channel"], posted["message"]["text"]) == (True, "C0DATAALERTS", "late")
    edited = bot.call("chat.update", channel="C0DATAALERTS", ts=posted["ts"], text="well again")
    assert edited == {"ok": True, "channel": "C0DATAALERTS", "ts": posted["ts"], "text": "well again"}
    bot.call("chat.postMessage", channel="C0DATAALERTS", text="it is over", thread_ts=posted["ts"])
    first, second = Messages(sandbox.state_dir).all()
    assert (first.text, second.text, second.thread_ts) == ("well again", "it is over", posted["ts"])


def test_the_history_is_newest_first_and_leaves_out_what_is_in_threads(bot: Bot) -> None:
    stamps = [bot.call("chat.postMessage", channel="C0DATAALERTS", text=f"{n}")["ts"] for n in range(5)]
    bot.call("chat.postMessage", channel="C0DATAALERTS", text="below", thread_ts=stamps[0])
    bot.call("chat.postMessage", channel="C0DATAALERTS", text="both", thread_ts=stamps[0], reply_broadcast=True)
    first = bot.read("conversations.history", channel="C0DATAALERTS", limit="4")
    assert [one["text"] for one in first["messages"]] == ["both", "4", "3", "2"]
    cursor = first["response_metadata"]["next_cursor"]
    last = bot.read("conversations.history", channel="C0DATAALERTS", limit="4", cursor=cursor)
    assert [one["text"] for one in last["messages"]] == ["1", "0"]
    assert not last["has_more"]
    since = bot.read("conversations.history", channel="C0DATAALERTS", oldest=stamps[3])
    assert [one["text"] for one in since["messages"]] == ["both", "4"]
    thread = bot.read("conversations.replies", channel="C0DATAALERTS", ts=stamps[0])
    assert [one["text"] for one in thread["messages"]] == ["0", "below", "both"]


def test_metadata_shows_when_it_is_asked_for(bot: Bot) -> None:
    metadata = {"event_type": "e", "event_payload": {"id": "1"}}
    bot.call("chat.postMessage", channel="C0DATAALERTS", text="x", metadata=metadata)
    (plain,) = bot.read("conversations.history", channel="C0DATAALERTS")["messages"]
    (whole,) = bot.read("conversations.history", channel="C0DATAALERTS", include_all_metadata="true")["messages"]
    assert "metadata" not in plain
    assert whole["metadata"] == metadata


@pytest.mark.parametrize(
    ("method", "asked", "word"),
    [
        ("chat.postMessage", {"channel": "#data-alerts", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0OLDNEWS", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "C0PRIVATE", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C0DATAALERTS"}, "no_text"),
        ("chat.update", {"channel": "C0DATAALERTS", "ts": "1.1", "text": "x"}, "message_not_found"),
        ("chat.update", {"channel": "C0DATAALERTS", "ts": "1.1", "text": "x" * 5000}, "msg_too_long"),
        ("conversations.history", {"channel": "C0NOWHERE"}, "channel_not_found"),
        ("conversations.replies", {"channel": "C0DATAALERTS", "ts": "1.1"}, "thread_not_found"),
        ("conversations.replies", {"channel": "C0OLDNEWS", "ts": "1.1"}, "is_archived"),
    ],
)
def test_a_failure_is_a_word_with_status_200(bot: Bot, method: str, asked: dict[str, str], word: str) -> None:
    assert bot.call(method, **asked) == {"ok": False, "error": word}


@pytest.mark.parametrize(("token", "word"), [("", "not_authed"), ("xoxb-other", "invalid_auth")])
def test_without_the_token_nothing_is_taken(url: str, token: str, word: str) -> None:
    assert Bot(url, token).call("chat.postMessage", channel="C0DATAALERTS", text="x")["error"] == word


def test_bodies_are_json_with_their_charset(url: str, bot: Bot) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    asked = {"channel": "C0DATAALERTS", "text": "x"}
    where = f"{url}/slack/api/chat.postMessage"
    assert requests.post(where, json=asked, headers=headers, timeout=20).json()["warning"] == "missing_charset"
    assert requests.post(where, data="{", headers=headers | JSON, timeout=20).json()["error"] == "invalid_json"
    assert requests.post(where, data="x", headers=headers, timeout=20).json()["error"] == "invalid_form_data"
    assert "warning" not in bot.call("chat.postMessage", **asked)


def test_the_webhook_answers_in_plain_text(url: str, bot: Bot, sandbox: Sandbox) -> None:
    def post(path: str, **asked: object) -> tuple[int, str]:
        answer = requests.post(f"{url}/slack{path}", timeout=20, **asked)  # pyrefly: ignore[bad-argument-type]
        return answer.status_code, answer.text

    assert post(WEBHOOK, json={"text": "x"}) == (200, "ok")
    assert post(WEBHOOK, json={"text": ""}) == (400, "no_text")
    assert post(WEBHOOK, data="{") == (400, "invalid_payload")
    assert post("/services/T0SANDBOX/B0SANDBOX/other", json={"text": "x"}) == (403, "invalid_token")
    assert post("/services/T/B/other", json={"text": "x"}) == (404, "no_service")
    assert [one.text for one in Messages(sandbox.state_dir).all("C0DATAALERTS")] == ["x"]
    assert bot.read("conversations.history", channel="C0DATAALERTS")["ok"]
