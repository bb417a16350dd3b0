"""An address that takes messages as JSON, as an incident system of somebody's would: each id once.

What it took lies in a file of one JSON document a line in the state folder, in the order in which it came.
"""

from __future__ import annotations

import json
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PATH = "/hooks/sandbox-alerts"
FILE = "webhook.ndjson"
TEXTS = ("id", "incident", "kind", "severity", "owner", "title", "created_at", "text")
KINDS = {"opened", "grown", "resolved", "digest"}
SEVERITIES = {"error", "warning", "info"}


def taken(state_dir: Path) -> list[dict[str, Any]]:
    """The documents that came, duplicates too."""
    file = state_dir / FILE
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def wrong_with(document: object) -> str | None:
    """What a receiver that reads our documents would trip over; None where it would not."""
    if not isinstance(document, dict):
        return "not an object"
    if missing := [name for name in TEXTS if not isinstance(document.get(name), str)]:
        return f"no text in {', '.join(missing)}"
    if document["kind"] not in KINDS or document["severity"] not in SEVERITIES:
        return "unknown kind or severity"
    if not isinstance(document.get("number"), int) or not isinstance(document.get("lines"), list):
        return "number or lines are not what they should be"
    if not all({"words", "url"} <= set(link) for link in document.get("links", ())):
        return "a link without words or url"
    return None if datetime.fromisoformat(document["created_at"]).tzinfo else "created_at without its offset"


def _app(sandbox: Sandbox) -> ASGIApp:
    async def take(request: Request) -> Response:
        try:
            document = await request.json()
        except json.JSONDecodeError:
            return JSONResponse({"error": "no JSON"}, HTTPStatus.BAD_REQUEST)
        if wrong := wrong_with(document):
            return JSONResponse({"error": wrong}, HTTPStatus.UNPROCESSABLE_ENTITY)
        sandbox.state_dir.mkdir(parents=True, exist_ok=True)
        with (sandbox.state_dir / FILE).open("a") as file:
            file.write(json.dumps(document) + "\n")
        return Response(status_code=HTTPStatus.ACCEPTED)

    return Starlette(routes=[Route(PATH, take, methods=["POST"])])


def refuse(status: int) -> Refusal:
    """Refusals in its own shape."""
    return Refusal("application/json", json.dumps({"error": HTTPStatus(status).phrase}).encode())


stand_in = StandIn("webhook", {}, _app, refuse, (429, refuse(429)))
