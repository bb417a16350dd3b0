"""Fivetran's REST API: connections with their state, their schemas, and a sync on demand.

What a schedule does follows from the clock; what was asked for is remembered. `force: false` does nothing while a sync
runs, `force: true` stops it and begins anew; the answer is the same, and names no run.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sg_assets.sandbox.company.connections import GROUP, HISTORICAL, Connection, Connections, Sync, newest_ends
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.fivetran_requests import Asked, Requests
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

KEY, SECRET = "sandbox-fivetran-key", "sandbox-fivetran-secret"
USUAL_PAGE, MOST_PAGE = 100, 1000
_CODES = {401: "AuthFailed", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}


@dataclass(frozen=True)
class FivetranApi:
    """The API in front of the connections of one sandbox."""

    sandbox: Sandbox
    connections: Connections
    requests: Requests

    def app(self) -> Starlette:
        """The ASGI application; connections were called connectors once, and a sync `force`."""
        routes = []
        for name in ("connections", "connectors"):
            one = f"/v1/{name}/{{id}}"
            routes += [
                Route(f"/v1/{name}", self.listing),
                Route(f"/v1/groups/{{group}}/{name}", self.listing),
                Route(one, self.details),
                Route(one, self.change, methods=["PATCH"]),
                Route(f"{one}/schemas", self.schemas),
                Route(f"{one}/sync", self.sync, methods=["POST"]),
                Route(f"{one}/force", self.sync, methods=["POST"]),
            ]
        return Starlette(routes=[Route("/v1/groups", self.groups), *routes])

    async def groups(self, request: Request) -> Response:
        """The one group."""
        item = {"id": GROUP, "name": "Warehouse", "created_at": "2021-03-01T10:00:00.000000Z"}
        return self._problem(request) or _page([item], request, self.sandbox.page_size)

    async def listing(self, request: Request) -> Response:
        """A page of connections; the last one has no `next_cursor`."""
        if problem := self._problem(request):
            return problem
        asked, now = request.query_params, self.sandbox.now()
        items = [self._resource(one, now) for one in self.connections.at(now)]
        if request.path_params.get("group", asked.get("group_id", GROUP)) != GROUP:
            items = []
        if schema := asked.get("schema"):
            items = [item for item in items if item["schema"] == schema]
        if self.sandbox.faults.take(Kind.EMPTY_LIST, stand_in.source, "connections"):
            items = []
        if items and (fault := self.sandbox.faults.take(Kind.UNKNOWN_FIELD, stand_in.source, "connections")):
            items[0][str(fault.options.get("field", "surprise"))] = "surprise"
        if items and (fault := self.sandbox.faults.take(Kind.NULL_VALUE, stand_in.source, "connections")):
            items[0][str(fault.options["field"])] = None
        repeats = bool(self.sandbox.faults.take(Kind.REPEATED_ROW, stand_in.source, "connections"))
        return _page(items, request, self.sandbox.page_size, repeats=repeats)

    async def details(self, request: Request) -> Response:
        """One connection; only here is its configuration, with the credentials masked."""
        found = self._find(request)
        if isinstance(found, Response):
            return found
        config = {"username": f"{found.service}@sourcegraph.com", "password": "******", "schema": found.schema}
        return _good({**self._resource(found, self.sandbox.now()), "setup_tests": [], "config": config})

    async def schemas(self, request: Request) -> Response:
        """What it fills, by the names at its source; 404 as long as these were not read."""
        found = self._find(request)
        if isinstance(found, Response):
            return found
        if not found.tables:
            text = f"Connection with id '{found.id}' doesn't have schema config"
            return JSONResponse({"code": "NotFound_SchemaConfig", "message": text}, HTTPStatus.NOT_FOUND)
        tables = {
            name.title(): {
                "name_in_destination": name,
                "enabled": name != "email_event",
                "enabled_patch_settings": {"allowed": True},
                "supports_columns_config": True,
                "sync_mode": "SOFT_DELETE",
            }
            for name in found.tables
        }
        schema = {"name_in_destination": found.schema, "enabled": True, "tables": tables}
        answer = {"enable_new_by_default": True, "schema_change_handling": "ALLOW_ALL"}
        return _good({**answer, "schemas": {found.service: schema}})

    async def sync(self, request: Request) -> Response:
        """Begin a sync, unless one is running."""
        found = self._find(request)
        if isinstance(found, Response):
            return found
        asked = json.loads(await request.body() or b"{}")
        self.requests.add(Asked(self.sandbox.now(), found.id, "POST sync", asked))
        text = f"Sync has been successfully triggered for connection with id '{found.id}'"
        return JSONResponse({"code": "Success", "message": text})

    async def change(self, request: Request) -> Response:
        """Change a connection: here only remembered, since nothing of ours may ask for it."""
        found = self._find(request)
        if isinstance(found, Response):
            return found
        self.requests.add(Asked(self.sandbox.now(), found.id, "PATCH", json.loads(await request.body())))
        return _good(self._resource(found, self.sandbox.now()))

    def _on_demand(self, one: Connection, now: datetime) -> tuple[Sync, ...]:
        """The syncs that were asked for and really began; one that was stopped never ends."""
        begun: list[Sync] = []
        for asked in (asked for asked in self.requests.all(one.id) if asked.what == "POST sync" and asked.at <= now):
            running = [sync for sync in self._running(one, asked.at) if sync not in begun] + [
                sync for sync in begun if sync.end > asked.at
            ]
            if running and not asked.asked.get("force"):
                continue
            begun = [sync for sync in begun if sync.end <= asked.at]
            begun.append(self.connections.sync_at(one, asked.at))
        return tuple(begun)

    def _running(self, one: Connection, at: datetime) -> list[Sync]:
        """The newest scheduled syncs that run at an instant."""
        newest = islice(self.connections.scheduled(one, at), HISTORICAL + 1)
        return [sync for sync in newest if sync.start <= at < sync.end]

    def _resource(self, one: Connection, now: datetime) -> dict[str, Any]:
        on_demand = self._on_demand(one, now)
        ends = newest_ends(self.connections.scheduled(one, now), on_demand, now)
        is_syncing = bool(self._running(one, now)) or any(sync.end > now for sync in on_demand)
        well, badly = ends[True], ends[False]
        has_failed = badly is not None and (well is None or badly > well)
        return {
            "id": one.id,
            "service": one.service,
            "schema": one.schema,
            "paused": one.is_paused,
            "daily_sync_time": one.daily_at,
            "succeeded_at": _time(well),
            "connected_by": f"user_{number(self.sandbox.seed, one.id) % 10_000:04d}",
            "sync_frequency": int(one.every.total_seconds() // 60),
            "group_id": GROUP,
            "service_version": 2,
            "created_at": _time(one.created_at),
            "failed_at": _time(badly),
            "private_link_id": None,
            "schedule_type": "auto",
            "networking_method": "Directly",
            "status": {
                "setup_state": "connected" if one.is_set_up else "incomplete",
                "schema_status": "ready" if one.tables else "blocked_on_capture",
                "sync_state": "paused" if one.is_paused else "syncing" if is_syncing else "scheduled",
                "update_state": "delayed" if has_failed else "on_schedule",
                "is_historical_sync": well is None,
                "tasks": [] if one.is_set_up else [{"code": "reconnect", "message": "Reconnect", "details": None}],
                "warnings": [],
                "rescheduled_for": None,
            },
        }

    def _find(self, request: Request) -> Connection | Response:
        if problem := self._problem(request):
            return problem
        wanted = request.path_params["id"]
        for one in self.connections.at(self.sandbox.now()):
            if one.id == wanted:
                return one
        text = f"Cannot find connection with id '{wanted}'"
        return JSONResponse({"code": "NotFound_Connection", "message": text}, HTTPStatus.NOT_FOUND)

    def _problem(self, request: Request) -> Response | None:
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(sent, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        if kind == "Basic" and pair == f"{KEY}:{SECRET}":
            return None
        refusal = refuse(HTTPStatus.UNAUTHORIZED)
        return Response(refusal.body, HTTPStatus.UNAUTHORIZED, media_type=refusal.content_type)


def _page(items: list[dict[str, Any]], request: Request, most: int, *, repeats: bool = False) -> Response:
    asked = request.query_params
    try:
        size = int(asked.get("limit", USUAL_PAGE))
        start = json.loads(base64.b64decode(asked["cursor"]))["skip"] if "cursor" in asked else 0
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"code": "InvalidInput", "message": "Invalid cursor or limit"}, HTTPStatus.BAD_REQUEST)
    if not 1 <= size <= MOST_PAGE:
        text = f"limit must be between 1 and {MOST_PAGE}"
        return JSONResponse({"code": "InvalidInput", "message": text}, HTTPStatus.BAD_REQUEST)
    end = start + min(size, most)
    shown = items[start:end]
    data: dict[str, Any] = {"items": [items[start - 1], *shown] if repeats and start and shown else shown}
    if end < len(items):
        data["next_cursor"] = base64.b64encode(json.dumps({"skip": end}).encode()).decode()
    return _good(data)


def _good(data: object) -> Response:
    return JSONResponse({"code": "Success", "data": data})


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def refuse(status: int) -> Refusal:
    """Fivetran's refusal for a status."""
    body = {"code": _CODES[status], "message": "Access is not allowed" if status != 429 else "Too many requests"}
    return Refusal("application/json", json.dumps(body).encode())


QUOTA = (HTTPStatus.TOO_MANY_REQUESTS.value, refuse(HTTPStatus.TOO_MANY_REQUESTS))


def _app(sandbox: Sandbox) -> ASGIApp:
    return FivetranApi(sandbox, Connections(sandbox.company), Requests(sandbox.state_dir)).app()


_SETTINGS = {"SG_FIVETRAN_API_KEY": KEY, "SG_FIVETRAN_API_SECRET": SECRET}
stand_in = StandIn("fivetran", _SETTINGS, _app, refuse, QUOTA)
