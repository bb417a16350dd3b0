"""BigQuery's Data Transfer Service, as far as scheduled queries are read: locations, configurations, runs.

A list never says who owns a configuration, `get` does; what is false or empty is left out; the form without a location
shows the US alone. Errors have Google's newer shape, with a status in words.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.scheduled_queries import (
    LOCATIONS,
    PROJECT,
    PROJECT_NUMBER,
    QueryRun,
    ScheduledQueries,
    ScheduledQuery,
)
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, TOKEN

MOST = 1000
SOURCE = "scheduled_query"
DENIED = 7
"""google.rpc.Code: permission denied."""
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}
_MESSAGES = {
    401: "Request had invalid authentication credentials. Expected OAuth 2 access token.",
    403: f"The caller does not have permission bigquery.transfers.get on project {PROJECT}.",
    404: "Requested entity was not found.",
    429: "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'.",
}


@dataclass(frozen=True)
class TransferApi:
    """The API in front of the scheduled queries of one sandbox."""

    sandbox: Sandbox
    queries: ScheduledQueries

    def app(self) -> Starlette:
        """The ASGI application."""
        project = "/v1/projects/{project}"
        config = project + "/locations/{location}/transferConfigs"
        return Starlette(
            routes=[
                Route(project + "/locations", self.locations),
                Route(project + "/transferConfigs", self.configs),
                Route(config, self.configs),
                Route(config + "/{config}", self.config),
                Route(config + "/{config}/runs", self.runs),
            ]
        )

    async def locations(self, request: Request) -> Response:
        """Every location of the service."""
        place = f"projects/{PROJECT_NUMBER}/locations"
        items = [
            {"name": f"{place}/{one}", "locationId": one, "displayName": one, "labels": {}, "metadata": {}}
            for one in LOCATIONS
        ]
        return self._problem(request) or self._page(request, "locations", items)

    async def configs(self, request: Request) -> Response:
        """The configurations of a location, without their owners."""
        if problem := self._problem(request):
            return problem
        location = request.path_params.get("location", "us")
        if location not in LOCATIONS:
            return _refused(HTTPStatus.NOT_FOUND)
        now = self.sandbox.now()
        found = [self._resource(one, now) for one in self.queries.at(now) if one.location == location]
        wanted = request.query_params.getlist("dataSourceIds")
        return self._page(request, "transferConfigs", found if not wanted or SOURCE in wanted else [])

    async def config(self, request: Request) -> Response:
        """One configuration with its owner, where the service tells."""
        one = self._find(request)
        if isinstance(one, Response):
            return one
        now = self.sandbox.now()
        owner = one.owner(now)
        return JSONResponse({**self._resource(one, now), **({"ownerInfo": {"email": owner}} if owner else {})})

    async def runs(self, request: Request) -> Response:
        """The runs of a configuration, every try of each, the newest first."""
        one = self._find(request)
        if isinstance(one, Response):
            return one
        now = self.sandbox.now()
        items = [self._run(one, run, now) for run in self.queries.runs(one, now)]
        states = request.query_params.getlist("states")
        return self._page(request, "transferRuns", [item for item in items if not states or item["state"] in states])

    def _find(self, request: Request) -> ScheduledQuery | Response:
        if problem := self._problem(request):
            return problem
        asked = request.path_params
        for one in self.queries.at(self.sandbox.now()):
            if self.queries.resource(one).split("/")[3::2] == [asked["location"], asked["config"]]:
                return one
        return _refused(HTTPStatus.NOT_FOUND)

    def _resource(self, one: ScheduledQuery, now: datetime) -> dict[str, Any]:
        params = {"query": one.query}
        if one.table:
            params |= {"destination_table_name_template": one.table, "write_disposition": one.disposition}
        newest = next(self.queries.runs(one, now), None)
        found: dict[str, Any] = {
            "name": self.queries.resource(one),
            "displayName": one.name,
            "dataSourceId": SOURCE,
            "destinationDatasetId": one.dataset if one.table else "",
            "schedule": one.schedule,
            "scheduleOptions": {"startTime": _time(one.created_at)},
            "params": params,
            "updateTime": _time(max(since for since, _ in one.owners if since <= now)),
            "userId": str(-(number(self.sandbox.seed, one.owner(now)) >> 1)),
            "datasetRegion": one.location,
            "emailPreferences": {},
        }
        if one.is_disabled:
            return found | {"disabled": True}
        found["nextRunTime"] = _time(newest.scheduled + one.every if newest else one.created_at)
        found["state"] = _state(newest, now) if newest else "PENDING"
        if newest and found["state"] == "FAILED":
            found["error"] = _denied(one, now)
        return {name: value for name, value in found.items() if value != ""}

    def _run(self, one: ScheduledQuery, run: QueryRun, now: datetime) -> dict[str, Any]:
        state = _state(run, now)
        run_id = f"{number(self.sandbox.seed, 'run', one.place, run.scheduled):016x}"
        found: dict[str, Any] = {
            "name": f"{self.queries.resource(one)}/runs/{run_id}",
            "scheduleTime": _time(run.scheduled),
            "runTime": _time(run.scheduled),
            "params": self._resource(one, now)["params"],
            "dataSourceId": SOURCE,
            "updateTime": _time(min(run.end, now)),
            "state": state,
            "userId": str(-(number(self.sandbox.seed, one.owner(run.start)) >> 1)),
            "schedule": one.schedule,
            "errorStatus": _denied(one, run.start) if state == "FAILED" else {},
            "emailPreferences": {},
        }
        if one.table:
            found["destinationDatasetId"] = one.dataset
        if state != "PENDING":
            found["startTime"] = _time(run.start)
        if state in {"SUCCEEDED", "FAILED"}:
            found["endTime"] = _time(run.end)
        return found

    def _page(self, request: Request, name: str, items: Sequence[dict[str, Any]]) -> Response:
        """A page; an empty list is left out of the answer, and so is the token of the last page."""
        asked = request.query_params
        try:
            size = min(int(asked.get("pageSize", MOST)) or MOST, MOST, self.sandbox.page_size)
            start = json.loads(base64.b64decode(asked.get("pageToken", "MA==")))
        except ValueError:
            return _refused(HTTPStatus.BAD_REQUEST, "Invalid page token.")
        if self.sandbox.faults.take(Kind.EMPTY_LIST, stand_in.source, name):
            return JSONResponse({})
        shown = list(items[start : start + size])
        if start and shown and self.sandbox.faults.take(Kind.REPEATED_ROW, stand_in.source, name):
            shown.insert(0, items[start - 1])
        answer: dict[str, Any] = {name: shown} if shown else {}
        if start + size < len(items):
            answer["nextPageToken"] = base64.b64encode(str(start + size).encode()).decode()
        return JSONResponse(answer)

    @staticmethod
    def _problem(request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused(HTTPStatus.UNAUTHORIZED)
        if request.path_params["project"] not in {PROJECT, str(PROJECT_NUMBER)}:
            return _refused(HTTPStatus.FORBIDDEN)
        return None


def _state(run: QueryRun, now: datetime) -> str:
    if now < run.start:
        return "PENDING"
    return "RUNNING" if now < run.end else "SUCCEEDED" if run.has_succeeded else "FAILED"


def _denied(one: ScheduledQuery, at: datetime) -> dict[str, Any]:
    return {"code": DENIED, "message": f"Access Denied: the user {one.owner(at)} does not exist any more."}


def _time(at: datetime) -> str:
    text = f"{at:%Y-%m-%dT%H:%M:%S}"
    return f"{text}.{at.microsecond:06d}Z" if at.microsecond else f"{text}Z"


def _refused(status: int, message: str = "") -> Response:
    return JSONResponse(_error(status, message), status)


def _error(status: int, message: str = "") -> dict[str, object]:
    return {"error": {"code": status, "message": message or _MESSAGES[status], "status": _STATUSES[status]}}


def refuse(status: int) -> Refusal:
    """Google's refusal for a status."""
    return Refusal("application/json; charset=UTF-8", json.dumps(_error(status)).encode())


QUOTA = (HTTPStatus.TOO_MANY_REQUESTS.value, refuse(HTTPStatus.TOO_MANY_REQUESTS))


def _app(sandbox: Sandbox) -> ASGIApp:
    return TransferApi(sandbox, ScheduledQueries(sandbox.company)).app()


_SETTINGS = {"SG_SCHEDULED_QUERIES_PROJECT": PROJECT, "SG_GOOGLE_CREDENTIALS": CREDENTIALS}
stand_in = StandIn("scheduled_queries", _SETTINGS, _app, refuse, QUOTA)
