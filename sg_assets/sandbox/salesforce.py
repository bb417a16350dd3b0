"""Salesforce's REST API: token, query and queryAll with their cursors, limits, and its two shapes of errors.

A cursor holds its query and the instant at which it was asked, so that any process can go on with it, and what a pull
reads is the state of one instant. Rows come in no promised order unless the query asks for one.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.crm import OBJECTS, Crm, Records
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.salesforce_bulk import BulkApi
from sg_assets.sandbox.salesforce_deleted import DeletedApi
from sg_assets.sandbox.salesforce_describe import DescribeApi
from sg_assets.sandbox.salesforce_memory import Memory
from sg_assets.sandbox.salesforce_shapes import QUOTA, read_back, refuse, wire
from sg_assets.sandbox.salesforce_writing import WritingApi
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.soql import FieldError, ObjectError, Query, SoqlError, read
from sg_assets.sandbox.stand_in import StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"
TOKEN = "00Dsandbox00000!AQsandbox"  # noqa: S105 (of a made-up company)
DAILY_REQUESTS = 15_000
CURSOR_LIVES = timedelta(days=2)
Row = dict[str, object]


@dataclass(frozen=True)
class SalesforceApi:
    """The API in front of the records of one sandbox."""

    sandbox: Sandbox
    crm: Crm
    memory: Memory
    _requests: count[int] = field(default_factory=lambda: count(1))

    def app(self) -> Starlette:
        """The ASGI application."""
        data = "/services/data"
        return Starlette(
            routes=[
                Route("/services/oauth2/token", self.token, methods=["POST"]),
                Route(data + "/v{version}/query", self.query),
                Route(data + "/v{version}/queryAll", self.query_all),
                Route(data + "/v{version}/query/{cursor}", self.go_on),
                Route(data + "/v{version}/limits", self.limits),
                *BulkApi(self).routes(),
                *DeletedApi(self).routes(),
                *DescribeApi(self).routes(),
                *WritingApi(self).routes(),
            ]
        )

    async def token(self, request: Request) -> Response:
        """Sign in by client credentials; the answer never says when the token ends. Errors are an object, here only."""
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") != "client_credentials":
            return JSONResponse(
                {"error": "unsupported_grant_type", "error_description": "grant type not supported"}, 400
            )
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        return JSONResponse(
            {
                "access_token": TOKEN,
                "signature": "c2FuZGJveA==",
                "instance_url": here,
                "id": f"{here}/id/00Dsandbox00000/005sandbox00000",
                "token_type": "Bearer",
                "issued_at": str(int(self.sandbox.now().timestamp() * 1000)),
            }
        )

    async def query(self, request: Request) -> Response:
        """Records that are not deleted."""
        return self._queried(request, request.query_params.get("q", ""), is_all=False)

    async def query_all(self, request: Request) -> Response:
        """Records, deleted and merged ones included."""
        return self._queried(request, request.query_params.get("q", ""), is_all=True)

    async def go_on(self, request: Request) -> Response:
        """The next rows of a query, as they were when it was asked."""
        packed, _, start = request.path_params["cursor"].partition("-")
        try:
            asked = json.loads(zlib.decompress(bytes.fromhex(packed)))
            at, begin = datetime.fromisoformat(asked["at"]), int(start)
        except (zlib.error, ValueError, KeyError):
            return self.error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        if self.sandbox.now() > at + CURSOR_LIVES:
            return self.error(400, "INVALID_QUERY_LOCATOR", "query locator has expired")
        return self._queried(request, asked["q"], is_all=asked["all"], at=at, start=begin)

    async def limits(self, request: Request) -> Response:
        """What is left of today's requests."""
        left = {"Max": DAILY_REQUESTS, "Remaining": DAILY_REQUESTS - next(self._requests)}
        return self.problem(request) or JSONResponse({"DailyApiRequests": left})

    def _queried(
        self, request: Request, text: str, *, is_all: bool, at: datetime | None = None, start: int = 0
    ) -> Response:
        if problem := self.problem(request):
            return problem
        asked_at = at or self.sandbox.now()
        try:
            query = read(text)
            self.check(query)
            rows = self.rows(query, asked_at, is_all=is_all)
        except SoqlError as refusal:
            return self.error(400, refusal.code, str(refusal))
        if not query.fields:
            return self.answer({"totalSize": len(rows), "done": True, "records": []})
        end = start + min(self._page_size(request), self.sandbox.page_size)
        version = request.path_params["version"]
        answer: Row = {"totalSize": len(rows), "done": end >= len(rows)}
        if end < len(rows):
            asked = {"q": text, "all": is_all, "at": asked_at.isoformat()}
            cursor = zlib.compress(json.dumps(asked).encode()).hex()
            answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{cursor}-{end}"
        path = f"/services/data/v{version}/sobjects/{query.object}"
        answer["records"] = [
            {"attributes": {"type": query.object, "url": f"{path}/{id_}"}, **row}
            for id_, row in self._page(query, rows, start, end)
        ]
        return self.answer(answer)

    def records(self, at: datetime) -> Records:
        """Every record by object and id as it is at an instant, with what was written to it by then."""
        records = self.crm.at(at)
        for when, name, id_, fields in self.memory.written(at):
            stamp = when.replace(microsecond=0)
            if record := records[name].get(id_):
                written = {field: read_back(field, value) for field, value in fields.items()}
                last = record["SystemModstamp"]
                newest = last if isinstance(last, datetime) and last > stamp else stamp
                record.update(written, LastModifiedDate=newest, SystemModstamp=newest)
        return records

    def rows(self, query: Query, at: datetime, *, is_all: bool) -> list[Row]:
        """The records that a query asks for, whole; deleted and merged ones too where it is for all."""
        rows = [row for row in self.records(at)[query.object].values() if is_all or not row.get("IsDeleted")]
        rows = [row for row in rows if all(condition.holds(row) for condition in query.conditions)]
        rows.sort(key=lambda row: number("order", row["Id"]))
        for name, is_descending in reversed(query.order):
            rows.sort(key=partial(_place, name), reverse=is_descending)
        return rows[: query.limit]

    def _page(self, query: Query, rows: list[Row], start: int, end: int) -> list[tuple[object, Row]]:
        """The ids and the asked fields of one page, with the faults that are on."""
        shown, faults, name = rows[start:end], self.sandbox.faults, query.object
        if faults.take(Kind.EMPTY_LIST, stand_in.source, name):
            return []
        if start and shown and faults.take(Kind.REPEATED_ROW, stand_in.source, name):
            shown = [rows[start - 1], *shown]
        if start and faults.take(Kind.CHANGED_ROW, stand_in.source, name):
            shown = [*shown, rows[0] | {"SystemModstamp": self.sandbox.now().replace(microsecond=0), "OwnerId": None}]
        page = [(row["Id"], {field: wire(row.get(field)) for field in query.fields}) for row in shown]
        if page and (fault := faults.take(Kind.NULL_VALUE, stand_in.source, name)):
            page[0][1][str(fault.options["field"])] = None
        if fault := faults.take(Kind.UNKNOWN_FIELD, stand_in.source, name):
            surprise = {str(fault.options.get("field", "surprise")): "surprise"}
            page = [(id_, row | surprise) for id_, row in page]
        return page

    def check(self, query: Query) -> None:
        """Refuse what the organisation does not have.

        Raises:
            ObjectError, FieldError: what it names is not there.
        """
        if query.object not in OBJECTS:
            msg = f"sObject type '{query.object}' is not supported."
            raise ObjectError(msg)
        if unknown := sorted(query.names - self.field_names(query.object)):
            advice = (
                "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
            )
            msg = f"No such column '{unknown[0]}' on entity '{query.object}'. {advice}"
            raise FieldError(msg)

    def field_names(self, name: str) -> set[str]:
        """The fields of an object."""
        return next({*change.fields} for change in self.crm.changes.first if change.kind == name)

    def _page_size(self, request: Request) -> int:
        """What the client hints at, within 200 and 2,000."""
        asked = request.headers.get("sforce-query-options", "").replace(" ", "").partition("batchSize=")[2]
        return min(max(int(asked), 200), 2000) if asked.isdigit() else 2000

    def problem(self, request: Request) -> Response | None:
        """The refusal of a request without a session; None for one with it."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return None

    def answer(self, answer: Row) -> Response:
        """An answer that tells how many of today's requests are used."""
        usage = f"api-usage={next(self._requests)}/{DAILY_REQUESTS}"
        return JSONResponse(answer, headers={"Sforce-Limit-Info": usage})

    @staticmethod
    def error(status: int, code: str, message: str) -> Response:
        """An error: an array of one."""
        return JSONResponse([{"message": message, "errorCode": code}], status)


def _place(name: str, row: Row) -> tuple[bool, Any]:
    """Where a record stands in an order by a field: nulls come first."""
    return row[name] is not None, row[name]


def _app(sandbox: Sandbox) -> ASGIApp:
    return SalesforceApi(sandbox, Crm(CrmChanges(sandbox.company)), Memory(sandbox.state_dir)).app()


_SETTINGS = {"SG_SALESFORCE_CLIENT_ID": CLIENT_ID, "SG_SALESFORCE_CLIENT_SECRET": CLIENT_SECRET}
stand_in = StandIn("salesforce", _SETTINGS, _app, refuse, QUOTA)
