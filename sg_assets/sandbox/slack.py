"""Slack: the Web API for a bot, and an incoming webhook. What it takes can be read with `sg-assets sandbox slack`.

The Web API says `ok: false` with status 200; the webhook says a word as plain text with a status of its own.
Facts: docs.slack.dev/reference/methods, docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.slack_messages import Messages, Posted
from sg_assets.sandbox.slack_rules import MOST_TEXT, refused
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TOKEN = "xoxb-sandbox"  # noqa: S105 (of a made-up company)
WEBHOOK = "/services/T0SANDBOX/B0SANDBOX/sandbox-webhook"
# Channels by id: name, and what is special about them.
CHANNELS: Mapping[str, tuple[str, str]] = {
    "C0DATAALERTS": ("data-alerts", ""),
    "C0SALESOPS": ("sales-ops", ""),
    "C0INFRASTRUCTURE": ("infrastructure", ""),
    "C0MARKETING": ("marketing", ""),
    "C0OLDNEWS": ("old-news", "is_archived"),
    "C0PRIVATE": ("private-talk", "not_in_channel"),
}
PAGE, MOST_PAGE = 100, 999

Asked = Mapping[str, Any]
Answer = dict[str, Any]


class Workspace:
    """What the methods of the Web API do."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Keep the place of the messages."""
        self._sandbox = sandbox
        self._messages = Messages(sandbox.state_dir)

    def post(self, asked: Asked) -> Answer:
        """`chat.postMessage`."""
        channel = asked.get("channel")
        if wrong := _wrong_channel(channel) or refused(asked):
            return _not_ok(wrong)
        shortened = {**asked, "text": str(asked.get("text") or "")[:MOST_TEXT]}
        ts = self._messages.post(str(channel), shortened, self._sandbox.now())
        return {"ok": True, "channel": channel, "ts": ts, "message": {"type": "message", "ts": ts, **shortened}}

    def update(self, asked: Asked) -> Answer:
        """`chat.update`."""
        channel, ts = asked.get("channel"), asked.get("ts")
        if wrong := _wrong_channel(channel) or refused(asked, is_update=True):
            return _not_ok(wrong)
        if not self._messages.edit(str(channel), str(ts), asked):
            return _not_ok("message_not_found")
        return {"ok": True, "channel": channel, "ts": ts, "text": asked.get("text") or ""}

    def history(self, asked: Asked) -> Answer:
        """`conversations.history`: the newest first, without what is said in threads unless it was shown outside."""
        channel = asked.get("channel")
        if wrong := _wrong_channel(channel):
            return _not_ok(wrong)
        oldest = float(asked.get("oldest") or 0)
        found = [
            one
            for one in reversed(self._messages.all(str(channel)))
            if float(one.ts) > oldest and (one.thread_ts is None or one.is_broadcast)
        ]
        return _page(found, asked)

    def replies(self, asked: Asked) -> Answer:
        """`conversations.replies`: a message and what answers it, the oldest first."""
        channel, ts = asked.get("channel"), asked.get("ts")
        if wrong := _wrong_channel(channel):
            return _not_ok(wrong)
        found = [one for one in self._messages.all(str(channel)) if ts in {one.ts, one.thread_ts}]
        return _page(found, asked) if found else _not_ok("thread_not_found")


def _wrong_channel(channel: object) -> str | None:
    if channel not in CHANNELS:
        return "channel_not_found"
    return CHANNELS[str(channel)][1] or None


def _not_ok(word: str) -> Answer:
    return {"ok": False, "error": word}


def _page(found: list[Posted], asked: Asked) -> Answer:
    size = min(int(asked.get("limit") or PAGE), MOST_PAGE)
    start = int(asked.get("cursor") or 0)
    shows_metadata = str(asked.get("include_all_metadata", "")).lower() in {"true", "1"}
    end = start + size
    return {
        "ok": True,
        "messages": [_shown(one, shows_metadata=shows_metadata) for one in found[start:end]],
        "has_more": end < len(found),
        "response_metadata": {"next_cursor": str(end) if end < len(found) else ""},
    }


def _shown(one: Posted, *, shows_metadata: bool) -> Answer:
    shown: Answer = {"type": "message", "bot_id": "B0SANDBOX", "ts": one.ts, "text": one.text, "blocks": one.blocks}
    if one.thread_ts:
        shown["thread_ts"] = one.thread_ts
    if one.metadata and shows_metadata:
        shown["metadata"] = one.metadata
    return shown


def _app(sandbox: Sandbox) -> ASGIApp:
    workspace = Workspace(sandbox)
    methods = {
        "chat.postMessage": workspace.post,
        "chat.update": workspace.update,
        "conversations.history": workspace.history,
        "conversations.replies": workspace.replies,
    }
    routes = [Route(f"/api/{name}", _method(does), methods=["GET", "POST"]) for name, does in methods.items()]

    async def hook(request: Request) -> Response:
        return await _hooked(request, workspace)

    return Starlette(routes=[*routes, Route("/services/{team}/{bot}/{secret}", hook, methods=["POST"])])


def _method(does: Callable[[Asked], Answer]) -> Callable[[Request], Awaitable[Response]]:
    """A method as the Web API answers it: the credential first, then arguments from JSON, form or query."""

    async def answer(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            return JSONResponse(_not_ok("not_authed"))
        if token != TOKEN:
            return JSONResponse(_not_ok("invalid_auth"))
        asked: Asked = dict(request.query_params)
        kind = request.headers.get("content-type", "")
        if request.method == "POST" and kind.startswith("application/json"):
            try:
                asked = await request.json()
            except json.JSONDecodeError:
                return JSONResponse(_not_ok("invalid_json"))
        elif request.method == "POST":
            return JSONResponse(_not_ok("invalid_form_data"))
        found = does(asked)
        if request.method == "POST" and "charset" not in kind:
            found["warning"] = "missing_charset"
        return JSONResponse(found)

    return answer


async def _hooked(request: Request, workspace: Workspace) -> Response:
    """The webhook's answer."""
    if not request.url.path.endswith(WEBHOOK):
        is_ours = request.url.path.endswith(WEBHOOK.rpartition("/")[0] + "/" + request.path_params["secret"])
        word, status = ("invalid_token", HTTPStatus.FORBIDDEN) if is_ours else ("no_service", HTTPStatus.NOT_FOUND)
        return PlainTextResponse(word, status)
    try:
        asked = await request.json()
    except json.JSONDecodeError:
        return PlainTextResponse("invalid_payload", HTTPStatus.BAD_REQUEST)
    answer = workspace.post({**asked, "channel": "C0DATAALERTS"})
    if not answer["ok"]:
        return PlainTextResponse(answer["error"], HTTPStatus.BAD_REQUEST)
    return PlainTextResponse("ok")


def refuse(status: int) -> Refusal:
    """The Web API's words for what it says with a status."""
    words = {401: "token_expired", 403: "access_denied", 429: "ratelimited"}
    return Refusal("application/json; charset=utf-8", json.dumps(_not_ok(words[status])).encode())


QUOTA = (HTTPStatus.OK.value, Refusal("application/json; charset=utf-8", json.dumps(_not_ok("fatal_error")).encode()))

stand_in = StandIn("slack", {"SG_SLACK_BOT_TOKEN": TOKEN}, _app, refuse, QUOTA)
