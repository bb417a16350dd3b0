"""The faults of HTTP itself, played in front of any stand-in: refusals, pages of HTML, cut and slow bodies."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sg_assets.sandbox.faults import Fault, Faults, Kind
from sg_assets.sandbox.stand_in import StandIn

HTML = b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Service unavailable</h1></body></html>\n"
SLICES = 10


class Faulty:
    """An ASGI application in front of a stand-in's own."""

    def __init__(self, app: ASGIApp, stand_in: StandIn, faults: Faults) -> None:
        """Keep both."""
        self._app, self._stand_in, self._faults = app, stand_in, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the first fault that is on for the path, else let the stand-in answer."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        on = {fault.kind for fault in self._faults.list() if fault.concerns(self._stand_in.source, path)}
        refusal = self._refusal(path, on)
        if refusal is not None:
            status, headers, body = refusal
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        elif Kind.CUT_BODY in on and self._take(Kind.CUT_BODY, path):
            await self._app(scope, receive, _cut(send))
        elif Kind.SLOW_BODY in on and (slow := self._take(Kind.SLOW_BODY, path)):
            await self._app(scope, receive, _slow(send, float(str(slow.options.get("seconds", 5)))))
        else:
            await self._app(scope, receive, send)

    def _take(self, kind: Kind, path: str) -> Fault | None:
        return self._faults.take(kind, self._stand_in.source, path)

    def _refusal(self, path: str, on: set[Kind]) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
        if Kind.TOO_MANY_REQUESTS in on and (fault := self._take(Kind.TOO_MANY_REQUESTS, path)):
            wait = fault.options.get("retry_after")
            return self._refused(429, [] if wait is None else [(b"retry-after", str(wait).encode())])
        if Kind.SERVER_ERROR in on and (fault := self._take(Kind.SERVER_ERROR, path)):
            return int(str(fault.options.get("status", 503))), [(b"content-type", b"text/html; charset=utf-8")], HTML
        if Kind.EXPIRED_TOKEN in on and not path.endswith("/token") and self._take(Kind.EXPIRED_TOKEN, path):
            return self._refused(401, [])
        if Kind.FORBIDDEN in on and self._take(Kind.FORBIDDEN, path):
            return self._refused(403, [])
        if Kind.QUOTA in on and self._take(Kind.QUOTA, path):
            status, refusal = self._stand_in.quota
            return status, [(b"content-type", refusal.content_type.encode())], refusal.body
        return None

    def _refused(self, status: int, headers: list[tuple[bytes, bytes]]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        refusal = self._stand_in.refuse(status)
        return status, [(b"content-type", refusal.content_type.encode()), *headers], refusal.body


def _cut(send: Send) -> Send:
    """Send half of the body; the announced length says that more was to come."""

    async def half(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
            await send(message)
            raise ConnectionAbortedError
        await send(message)

    return half


def _slow(send: Send, seconds: float) -> Send:
    """Send the body in slices over some seconds."""

    async def slices(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        size = max(1, -(-len(body) // SLICES))
        for start in range(0, max(1, len(body)), size):
            await asyncio.sleep(seconds / SLICES)
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})

    return slices
