"""Prometheus' HTTP API in front of stored samples, and the sandbox's server: the health of the managed instances.

The API has no credential of its own; the sandbox's stands behind a proxy that wants one and says so in HTML. Refusals
and limits are those of Prometheus 2.42 (`web/api/v1/api.go`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sg_assets.sandbox.company.health import Health
from sg_assets.sandbox.company.health_metrics import HealthMetrics
from sg_assets.sandbox.faults import Faults, Kind
from sg_assets.sandbox.promql import Matcher, Node, ParseError, Selector, parse
from sg_assets.sandbox.promql_values import Evaluation, ExecutionError, Samples, Store, TooManySamplesError
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

TOKEN = "sandbox-prometheus-token"  # noqa: S105 (of a made-up company)
RETENTION = timedelta(days=2)
"""How long the sandbox's server keeps samples; what is older is gone without a word."""
MOST_STEPS, MOST_SAMPLES = 11_000, 50_000_000
TOO_FINE = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
TOO_MUCH = "query processing would load too many samples into memory in query execution"
_SECONDS = re.compile(r"-?\d+(\.\d+)?")


class BadDataError(ValueError):
    """A parameter that cannot be used."""


@dataclass(frozen=True)
class PrometheusApi:
    """The API in front of a store; `most_samples` is the server's flag `--query.max-samples`."""

    store: Store
    most_samples: int = MOST_SAMPLES
    faults: Faults | None = None

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/api/v1/query_range", self.query_range, methods=["GET", "POST"]),
                Route("/api/v1/label/{label}/values", self.label_values),
                Route("/api/v1/status/flags", self.flags),
            ],
            exception_handlers={404: _not_found},
        )

    async def query_range(self, request: Request) -> Response:
        """The series of an expression at every step from start to end, both included."""
        asked = {**dict(request.query_params), **dict(parse_qsl((await request.body()).decode()))}
        try:
            grid, node = _grid(asked), _vector(asked.get("query", ""))
            found = Evaluation(self.store, grid, self.most_samples).series(node)
        except (BadDataError, ParseError) as error:
            return _problem(str(error))
        except (TooManySamplesError, ExecutionError) as error:
            return _problem(str(error) or TOO_MUCH, "execution", HTTPStatus.UNPROCESSABLE_ENTITY)
        series = [
            {"metric": dict(labels), "values": _points(grid, values)}
            for labels, values in sorted(found.items())
            if any(value is not None for value in values)
        ]
        return _answer({"resultType": "matrix", "result": self._faulty(series)})

    async def label_values(self, request: Request) -> Response:
        """The values of a label among all series, or those that a selector chooses."""
        chosen = request.query_params.get("match[]")
        try:
            node = parse(chosen) if chosen else Selector(())
        except ParseError as error:
            return _problem(_invalid("match[]", str(error)))
        label = request.path_params["label"]
        series = self.store.select(node.matchers if isinstance(node, Selector) else (), math.inf, -math.inf)
        return _answer(sorted({one.labels[label] for one in series if label in one.labels}))

    async def flags(self, _request: Request) -> Response:
        """Flags of the server; nobody may change it but with `further_rights`."""
        is_open = bool(self.faults and self.faults.on(Kind.FURTHER_RIGHTS, stand_in.source, "flags"))
        closed = ("web.enable-lifecycle", "web.enable-remote-write-receiver")
        return _answer({"web.enable-admin-api": str(is_open).lower(), **dict.fromkeys(closed, "false")})

    def _faulty(self, series: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The series with the faults that are on."""
        if self.faults and self.faults.take(Kind.EMPTY_LIST, stand_in.source, "query_range"):
            return []
        if self.faults and (fault := self.faults.take(Kind.WRONG_VALUE, stand_in.source, "query_range")):
            series = [{**one, str(fault.options["field"]): fault.options["value"]} for one in series]
        return series


@dataclass(frozen=True)
class Scraped:
    """What the sandbox's server has scraped by now, and not dropped yet."""

    sandbox: Sandbox
    metrics: HealthMetrics

    def select(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Samples]:
        """The series of the instances that run now."""
        now = self.sandbox.now()
        oldest, newest = (now - RETENTION).timestamp(), now.timestamp()
        found = []
        for metric in self.metrics.series(now):
            if all(matcher.holds(metric.labels) for matcher in matchers):
                times = list(self.metrics.scrapes(metric, max(start, oldest), min(end, newest))) if start <= end else []
                found.append(Samples(metric.labels, times, [metric.value(at) for at in times]))
        return found


def _grid(asked: Mapping[str, str]) -> list[float]:
    """The instants to evaluate at.

    Raises:
        BadDataError: the parameters do not say it, or want too many.
    """
    start, end, step = _time(asked, "start"), _time(asked, "end"), _step(asked)
    if end < start:
        raise BadDataError(_invalid("end", "end timestamp must not be before start time"))
    if step <= 0:
        advice = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        raise BadDataError(_invalid("step", advice))
    if (end - start) // step > MOST_STEPS:
        raise BadDataError(TOO_FINE)
    return [start + place * step for place in range(int((end - start) / step + 1e-9) + 1)]


def _vector(text: str) -> Node:
    """The tree of an expression that has a value at each instant.

    Raises:
        BadDataError, ParseError: it has not.
    """
    node = parse(text)
    if isinstance(node, Selector) and node.seconds is not None:
        msg = 'invalid expression type "range vector" for range query, must be Scalar or instant Vector'
        raise BadDataError(msg)
    return node


def _time(asked: Mapping[str, str], name: str) -> float:
    text = asked.get(name, "")
    if _SECONDS.fullmatch(text):
        return float(text)
    msg = _invalid(name, f'cannot parse "{text}" to a valid timestamp')
    raise BadDataError(msg)


def _step(asked: Mapping[str, str]) -> float:
    text = asked.get("step", "")
    if _SECONDS.fullmatch(text.removesuffix("s")):
        return float(text.removesuffix("s"))
    msg = _invalid("step", f'cannot parse "{text}" to a valid duration')
    raise BadDataError(msg)


def _invalid(name: str, why: str) -> str:
    return f'invalid parameter "{name}": {why}'


def _points(grid: Sequence[float], values: Sequence[float | None]) -> list[list[object]]:
    return [[_wire(at), _text(value)] for at, value in zip(grid, values, strict=True) if value is not None]


def _wire(at: float) -> float:
    """Times have milliseconds, and no point where they are whole."""
    at = round(at, 3)
    return int(at) if at == int(at) else at


def _text(value: float) -> str:
    """A value as Go writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e21 else repr(value)


def _answer(data: object, **more: object) -> Response:
    return Response(json.dumps({"status": "success", "data": data, **more}), media_type="application/json")


def _problem(text: str, kind: str = "bad_data", status: int = HTTPStatus.BAD_REQUEST) -> Response:
    body = {"status": "error", "errorType": kind, "error": text}
    return Response(json.dumps(body, separators=(",", ":")), status, media_type="application/json")


async def _not_found(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("404 page not found\n", HTTPStatus.NOT_FOUND)


def refuse(status: int) -> Refusal:
    """The proxy in front of Prometheus refuses in HTML."""
    words = {401: "401 Authorization Required", 403: "403 Forbidden", 429: "429 Too Many Requests"}[status]
    return Refusal("text/html", f"<html><head><title>{words}</title></head><body>{words}</body></html>\n".encode())


QUOTA = (
    HTTPStatus.UNPROCESSABLE_ENTITY.value,
    Refusal("application/json", json.dumps({"status": "error", "errorType": "execution", "error": TOO_MUCH}).encode()),
)


@dataclass(frozen=True)
class Proxy:
    """What stands in front of the server: it wants a token, and knows nothing of the API."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through who has the token."""
        is_known = dict(scope["headers"]).get(b"authorization") == f"Bearer {TOKEN}".encode()
        refusal = refuse(HTTPStatus.UNAUTHORIZED)
        refused = Response(refusal.body, HTTPStatus.UNAUTHORIZED, media_type=refusal.content_type)
        await (self.app if is_known else refused)(scope, receive, send)


def _app(sandbox: Sandbox) -> ASGIApp:
    api = PrometheusApi(Scraped(sandbox, HealthMetrics(Health(sandbox.company))), faults=sandbox.faults)
    return Proxy(api.app())


stand_in = StandIn("prometheus", {"SG_PROMETHEUS_TOKEN": TOKEN}, _app, refuse, QUOTA)
