"""Amplitude's two APIs: batches of events are taken, and given back by the hour of their upload.

It has what it was sent, and nothing else. An hour is complete two hours after its end; who asks before that is given a
part of it, without a word. What is wrong with events is said by their places in the batch; some are dropped in silence.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.amplitude_memory import Memory, Taken
from sg_assets.sandbox.amplitude_shapes import zipped
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOUR = timedelta(hours=1)
PROJECTS = {
    "sandbox-managed-key": ("sandbox-managed-secret", 400101),
    "sandbox-dotcom-key": ("sandbox-dotcom-secret", 400102),
}
"""The API keys, each with its secret key and the number of its project."""
MOST_EVENTS, MOST_BYTES = 2_000, 20 * 1024 * 1024
SHORTEST_ID = 5
AVERAGED = timedelta(seconds=30)
LAG = timedelta(minutes=90)
"""How long an event is on its way into the export; within three hours of its beginning an hour is complete."""
NOBODY = frozenset(
    {"anonymous", "nil", "none", "null", "n/a", "undefined", "unknown", "00000000-0000-0000-0000-000000000000"}
)
"""Ids that are taken for none: their events are dropped."""
Event = dict[str, Any]


@dataclass(frozen=True)
class AmplitudeApi:
    """The APIs of one sandbox. `a_second` are the events of a device that are taken, `most_rows` those of an export."""

    sandbox: Sandbox
    memory: Memory
    a_second: int = 1_000
    most_rows: int = 5_000_000

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/batch", self.batch, methods=["POST"]), Route("/api/2/export", self.export)])

    async def batch(self, request: Request) -> Response:
        """Take a batch of events, or say what is wrong with it."""
        body = await request.body()
        try:
            asked = json.loads(body)
        except ValueError:
            return _no(400, "Invalid JSON request body")
        if problem := _problem(asked, len(body)):
            return problem
        at, project = self.sandbox.now(), str(PROJECTS[asked["api_key"]][1])
        events: list[tuple[str, Event]] = [(_device(event), event) for event in asked["events"]]
        if throttled := self.throttled(project, [device for device, _ in events], at):
            return throttled
        self.memory.take(at, project, [(device, event) for device, event in events if device])
        answer = {"code": 200, "events_ingested": len(events), "payload_size_bytes": len(body)}
        return JSONResponse(answer | {"server_upload_time": int(at.timestamp() * 1000)})

    def throttled(self, project: str, devices: Sequence[str], at: datetime) -> Response | None:
        """The refusal of a batch from these devices, one for each event, where some had too many; else None."""
        most = self.a_second * int(AVERAGED.total_seconds())
        over = {}
        for device, count in Counter(devices).items():
            known = self.memory.count(project, device, at - AVERAGED, at) if device else 0
            if count + known > most:
                over[device] = (count + known) // int(AVERAGED.total_seconds())
        if not over:
            return None
        places = [place for place, device in enumerate(devices) if device in over]
        told = {"eps_threshold": self.a_second, "throttled_devices": over, "throttled_users": {}}
        return _no(429, "Too many requests for some devices and users", throttled_events=places, **told)

    async def export(self, request: Request) -> Response:
        """A ZIP of the hours that were asked for, both included; 404 where nothing was uploaded in them."""
        project = _project(request)
        if project is None:
            return PlainTextResponse("Forbidden", 403)
        try:
            first, last = (_hour(request.query_params[name]) for name in ("start", "end"))
        except (KeyError, ValueError):
            return PlainTextResponse("start and end must be YYYYMMDDTHH", 400)
        since, before = first, last + HOUR
        if before - since > timedelta(days=365):
            return PlainTextResponse("The time range is over 365 days", 400)
        found = [one for one in self.memory.taken(str(project), since, before) if self._is_shown(one)]
        if not found:
            return PlainTextResponse("Raw data files were not found.", 404)
        if len(found) > self.most_rows:
            return PlainTextResponse("The export is larger than 4GB; ask for a shorter time range.", 400)
        name, asked = f"{project}.zip", self.sandbox.faults.take(Kind.UNKNOWN_FIELD, stand_in.source, "export")
        extra = {str(asked.options.get("field", "surprise")): "surprise"} if asked else {}
        body = zipped(project, found, extra)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type="application/zip", headers=headers)

    def _is_shown(self, one: Taken) -> bool:
        """Whether it has come into the export: all of an hour have, two hours after its end."""
        now = self.sandbox.now()
        hour = one.at.replace(minute=0, second=0, microsecond=0)
        return one.at <= now and (now >= hour + 3 * HOUR or now >= one.at + LAG)


def _problem(asked: object, size: int) -> Response | None:
    """What is wrong with a batch, as the API says it."""
    if not isinstance(asked, dict) or "api_key" not in asked:
        return _no(400, "Request missing required field", missing_field="api_key")
    if asked["api_key"] not in PROJECTS:
        return _no(400, f"Invalid API key: {asked['api_key']}")
    events = asked.get("events")
    if not events:
        return _no(400, "Request missing required field", missing_field="events")
    if len(events) > MOST_EVENTS or size > MOST_BYTES:
        return _no(413, "Payload too large")
    if wrong := _wrong(events):
        return _no(400, "Invalid field values on some events", **wrong)
    return None


def _wrong(events: Sequence[Event]) -> dict[str, dict[str, list[int]]]:
    """The fields that are wrong, with the places of their events; nothing where all are well."""
    missing: dict[str, list[int]] = defaultdict(list)
    invalid: dict[str, list[int]] = defaultdict(list)
    short: dict[str, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        if not event.get("event_type"):
            missing["event_type"].append(place)
        if not event.get("user_id") and not event.get("device_id"):
            missing["user_id"].append(place)
        if not isinstance(event.get("time", 0), int):
            invalid["time"].append(place)
        for name in ("user_id", "device_id"):
            if 0 < len(event.get(name) or "") < SHORTEST_ID:
                short[name].append(place)
    kinds = {"missing_fields": missing, "invalid_fields": invalid, "invalid_id_lengths": short}
    return {f"events_with_{kind}": named for kind, named in kinds.items()} if missing or invalid or short else {}


def _device(event: Event) -> str:
    """The device of an event, made from its user where none was sent; nothing where it is dropped."""
    ids = [event.get("device_id"), event.get("user_id")]
    device, user = (None if one is None or one.lower() in NOBODY else str(one) for one in ids)
    if device is None and user is not None:
        return sha256(user.encode()).hexdigest()[:36]
    return device or ""


def _hour(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H").replace(tzinfo=UTC)


def _project(request: Request) -> int | None:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        key, _, secret = b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return None
    known, number = PROJECTS.get(key, ("", 0))
    return number if kind == "Basic" and secret and secret == known else None


def _no(status: int, error: str, **told: object) -> Response:
    return JSONResponse({"code": status, "error": error, **told}, status)


def refuse(status: int) -> Refusal:
    """A refusal without any event named."""
    texts = {401: "Unauthorized", 403: "Forbidden", 429: "Too many requests"}
    return Refusal("application/json", json.dumps({"code": status, "error": texts[status]}).encode())


def _app(sandbox: Sandbox) -> ASGIApp:
    return AmplitudeApi(sandbox, Memory(sandbox.state_dir)).app()


stand_in = StandIn(
    source="amplitude",
    settings={
        "SG_AMPLITUDE_MANAGED_API_KEY": "sandbox-managed-key",
        "SG_AMPLITUDE_MANAGED_SECRET_KEY": "sandbox-managed-secret",
        "SG_AMPLITUDE_DOTCOM_API_KEY": "sandbox-dotcom-key",
        "SG_AMPLITUDE_DOTCOM_SECRET_KEY": "sandbox-dotcom-secret",
    },
    app=_app,
    refuse=refuse,
    quota=(429, refuse(429)),
)
