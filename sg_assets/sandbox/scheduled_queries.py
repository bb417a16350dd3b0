"""BigQuery's Data Transfer Service, as far as scheduled queries are read: locations, configurations, runs.

A list never says who owns a configuration, `get` does; what is false or empty is left out; the form without a location
shows the US alone. Errors have Google's newer shape, with a status in words. A configuration can be changed, and handed
to the service account, as which nobody but those who are allowed to may act.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sg_assets.sandbox.company.scheduled_queries import (
    LOCATIONS,
    PROJECT,
    PROJECT_NUMBER,
    SERVICE_ACCOUNT,
    ScheduledQueries,
    ScheduledQuery,
)
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.scheduled_queries_changes import Changes, MaskError, read_change
from sg_assets.sandbox.scheduled_queries_shapes import SOURCE, Shapes
from sg_assets.sandbox.stand_in import Refusal, StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, TOKEN

MOST = 1000
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
    changes: Changes

    @property
    def shapes(self) -> Shapes:
        """How they are shown."""
        return Shapes(self.queries, self.changes)

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
                Route(config + "/{config}", self.change, methods=["PATCH"]),
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
        found = [self.shapes.resource(one, now) for one in self.queries.at(now) if one.location == location]
        wanted = request.query_params.getlist("dataSourceIds")
        return self._page(request, "transferConfigs", found if not wanted or SOURCE in wanted else [])

    async def config(self, request: Request) -> Response:
        """One configuration with its owner, where the service tells."""
        one = self._find(request)
        if isinstance(one, Response):
            return one
        return JSONResponse(self.shapes.told(one, self.sandbox.now()))

    async def change(self, request: Request) -> Response:
        """Change the fields that a mask names, and no other; on whose account it runs is one of them."""
        one = self._find(request)
        if isinstance(one, Response):
            return one
        try:
            body = json.loads(await request.body() or b"{}")
            change = read_change(self.sandbox.now(), self.queries.resource(one), request.query_params, body)
        except ValueError as error:
            return _refused(HTTPStatus.BAD_REQUEST, str(error) if isinstance(error, MaskError) else "Invalid JSON.")
        if change.account not in {None, SERVICE_ACCOUNT}:
            text = f"User does not have permission to act as service account {change.account}."
            return _refused(HTTPStatus.FORBIDDEN, text)
        self.changes.add(change)
        return JSONResponse(self.shapes.told(one, self.sandbox.now()))

    async def runs(self, request: Request) -> Response:
        """The runs of a configuration, every try of each, the newest first."""
        one = self._find(request)
        if isinstance(one, Response):
            return one
        now = self.sandbox.now()
        items = [self.shapes.run(one, run, now) for run in self.shapes.runs(one, now)]
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


def _refused(status: int, message: str = "") -> Response:
    return JSONResponse(_error(status, message), status)


def _error(status: int, message: str = "") -> dict[str, object]:
    return {"error": {"code": status, "message": message or _MESSAGES[status], "status": _STATUSES[status]}}


def refuse(status: int) -> Refusal:
    """Google's refusal for a status."""
    return Refusal("application/json; charset=UTF-8", json.dumps(_error(status)).encode())


QUOTA = (HTTPStatus.TOO_MANY_REQUESTS.value, refuse(HTTPStatus.TOO_MANY_REQUESTS))


def _app(sandbox: Sandbox) -> ASGIApp:
    return TransferApi(sandbox, ScheduledQueries(sandbox.company), Changes(sandbox.state_dir)).app()


_SETTINGS = {
    "SG_SCHEDULED_QUERIES_PROJECT": PROJECT,
    "SG_SCHEDULED_QUERIES_SERVICE_ACCOUNT": SERVICE_ACCOUNT,
    "SG_GOOGLE_CREDENTIALS": CREDENTIALS,
}
stand_in = StandIn("scheduled_queries", _SETTINGS, _app, refuse, QUOTA)
