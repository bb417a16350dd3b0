"""The Google Analytics Data API (v1beta) of one GA4 property: reports one by one and in batches, quota and errors.

Texts of int64 fields, rows that are absent where there are none, no order but the one that is asked for: as documented
at https://developers.google.com/analytics/devguides/reporting/data/v1/rest. One date range in a report, and filters of
metrics by a number, are what it knows.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.web_reports import DIMENSIONS, METRICS, Report, WebReports
from sg_assets.sandbox.company.web_traffic import ZONE, WebTraffic
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, TOKEN

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PROPERTY = "310020030"
MOST_ROWS, USUAL_ROWS = 250_000, 10_000
MOST_DIMENSIONS, MOST_METRICS, MOST_REPORTS = 9, 10, 5
TOKENS_A_DAY, TOKENS_AN_HOUR, TOKENS_OF_A_REPORT = 200_000, 40_000, 9
EARLIEST = date(2015, 8, 14)
_COMPARED = {"GREATER_THAN": operator.gt, "LESS_THAN": operator.lt, "EQUAL": operator.eq}
_STATUSES = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token."),
    403: ("PERMISSION_DENIED", "User does not have sufficient permissions for this property."),
    404: ("NOT_FOUND", "Requested entity was not found."),
    429: ("RESOURCE_EXHAUSTED", "Exhausted concurrent requests quota."),
}
Json = dict[str, Any]


class ReportError(Exception):
    """A report that cannot be made, and why, in Google's words."""


@dataclass(frozen=True)
class DataApi:
    """The API in front of the reports of one sandbox."""

    sandbox: Sandbox
    reports: WebReports
    _asked: count[int] = field(default_factory=lambda: count(1))

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/v1beta/properties/{target}", self.answer, methods=["GET", "POST"])])

    async def answer(self, request: Request) -> Response:
        """One report, or several of the same property."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401)
        name, _, verb = request.path_params["target"].partition(":")
        if not name.isdigit():
            return _error(400, f"Invalid property ID: {name}. A numeric Property ID is required.")
        make = {"runReport": self.report, "batchRunReports": self.batch}.get(verb)
        if name != PROPERTY or make is None:
            return _error(404 if make is None else 403)
        try:
            return JSONResponse(make(json.loads(await request.body() or b"{}")))
        except ReportError as refusal:
            return _error(400, str(refusal))

    def batch(self, asked: Json) -> Json:
        """Several reports, in the order in which they were asked for.

        Raises:
            ReportError: they are too many, or one cannot be made.
        """
        if len(asked.get("requests", ())) > MOST_REPORTS:
            msg = f"The batch request contains more than {MOST_REPORTS} requests."
            raise ReportError(msg)
        reports = [self.report(one) for one in asked.get("requests", ())]
        return {"reports": reports, "kind": "analyticsData#batchRunReports"}

    def report(self, asked: Json) -> Json:
        """One page of one report.

        Raises:
            ReportError: it cannot be made.
        """
        dimensions = _names(asked, "dimensions", DIMENSIONS, MOST_DIMENSIONS)
        metrics = _names(asked, "metrics", METRICS, MOST_METRICS)
        made = self.reports.report(dimensions, metrics, self._days(asked), self.sandbox.now())
        rows = [row for row in _ordered(made, dimensions, asked) if _passes(row, metrics, asked)]
        if self.sandbox.faults.take(Kind.EMPTY_LIST, stand_in.source, "runReport"):
            rows = []
        start, most = int(asked.get("offset", "0")), int(asked.get("limit", USUAL_ROWS))
        shown = rows[start : start + min(most, MOST_ROWS, self.sandbox.page_size)]
        answer: Json = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": METRICS[name][0]} for name in metrics],
            "rowCount": len(rows),
            "metadata": _metadata(made),
            "kind": "analyticsData#runReport",
        }
        if shown:
            answer["rows"] = [_wire(row) for row in shown]
        if asked.get("returnPropertyQuota"):
            used = next(self._asked) * TOKENS_OF_A_REPORT
            answer["propertyQuota"] = {
                "tokensPerDay": {"consumed": TOKENS_OF_A_REPORT, "remaining": TOKENS_A_DAY - used},
                "tokensPerHour": {"consumed": TOKENS_OF_A_REPORT, "remaining": TOKENS_AN_HOUR - used},
                "concurrentRequests": {"remaining": 10},
            }
        return answer

    def _days(self, asked: Json) -> list[date]:
        ranges = asked.get("dateRanges", ())
        if len(ranges) != 1:
            msg = "dateRanges must have one element."
            raise ReportError(msg)
        first, last = (self._day(str(ranges[0].get(end))) for end in ("startDate", "endDate"))
        if not EARLIEST <= first <= last:
            msg = f"Invalid date range: {first} to {last}."
            raise ReportError(msg)
        first = max(first, self.reports.traffic.first_day)
        return [first + timedelta(days=place) for place in range((last - first).days + 1)]

    def _day(self, text: str) -> date:
        """A day as it is written, or counted back from today in the property's zone."""
        today = self.sandbox.now().astimezone(ZONE).date()
        ago = {"today": "0", "yesterday": "1"}.get(text, text.removesuffix("daysAgo"))
        try:
            return today - timedelta(days=int(ago)) if ago.isdigit() else date.fromisoformat(text)
        except ValueError:
            msg = f"Invalid date: {text}."
            raise ReportError(msg) from None


def _names(asked: Json, kind: str, known: Mapping[str, object], most: int) -> list[str]:
    names = [str(one["name"]) for one in asked.get(kind, ())]
    if len(names) > most:
        msg = f"Requests are limited to {most} {kind}. This request is for {len(names)} {kind}."
        raise ReportError(msg)
    if unknown := [name for name in names if name not in known]:
        msg = f"Did you mean {min(known)}? Field {unknown[0]} is not a valid {kind.removesuffix('s')}."
        raise ReportError(msg)
    return names


def _ordered(made: Report, dimensions: Sequence[str], asked: Json) -> list[Any]:
    """The rows in the order that is asked for; where none is, and among equals, there is none."""
    rows = sorted(made.rows, key=lambda row: number("order", *row[0]))
    for wish in reversed(asked.get("orderBys", ())):
        place = dimensions.index(wish["dimension"]["dimensionName"])
        rows.sort(key=lambda row: row[0][place], reverse=bool(wish.get("desc")))
    return rows


def _passes(row: tuple[tuple[str, ...], tuple[float, ...]], metrics: Sequence[str], asked: Json) -> bool:
    wish = asked.get("metricFilter", {}).get("filter")
    if wish is None:
        return True
    wanted = wish["numericFilter"]
    value = row[1][metrics.index(wish["fieldName"])]
    return bool(_COMPARED[wanted["operation"]](value, float(wanted["value"]["int64Value"])))


def _wire(row: tuple[tuple[str, ...], tuple[float, ...]]) -> Json:
    """A row as it travels: every value a text."""
    dimensions, metrics = row
    return {
        "dimensionValues": [{"value": value} for value in dimensions],
        "metricValues": [{"value": f"{value:.15g}"} for value in metrics],
    }


def _metadata(made: Report) -> Json:
    found: Json = {"currencyCode": "USD", "timeZone": ZONE.key}
    if made.is_thresholded:
        found["subjectToThresholding"] = True
    if made.has_other:
        found["dataLossFromOtherRow"] = True
    if made.samples:
        read, size = made.samples
        found["samplingMetadatas"] = [{"samplesReadCount": str(read), "samplingSpaceSize": str(size)}]
    if not made.rows:
        found["emptyReason"] = "NO_DATA"
    return found


def _error(status: int, message: str = "") -> Response:
    return JSONResponse(_body(status, message), status)


def _body(status: int, message: str = "") -> Json:
    name, usual = _STATUSES[status]
    return {"error": {"code": status, "message": message or usual, "status": name}}


def refuse(status: int) -> Refusal:
    """Google's refusal for a status."""
    return Refusal("application/json; charset=UTF-8", json.dumps(_body(status)).encode())


QUOTA = (
    HTTPStatus.TOO_MANY_REQUESTS.value,
    Refusal(
        "application/json; charset=UTF-8",
        json.dumps(
            _body(429, "Exhausted property tokens per day. These quota tokens will return in under 24 hours.")
        ).encode(),
    ),
)


def _app(sandbox: Sandbox) -> ASGIApp:
    return DataApi(sandbox, WebReports(WebTraffic(sandbox.company))).app()


_SETTINGS = {
    "SG_GOOGLE_CREDENTIALS": CREDENTIALS,
    "SG_GOOGLE_ANALYTICS_PROPERTY": PROPERTY,
    "SG_GOOGLE_ANALYTICS_TIMEZONE": ZONE.key,
}
stand_in = StandIn("google_analytics", _SETTINGS, _app, refuse, QUOTA)
