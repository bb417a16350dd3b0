"""Mixmax's REST API: the user of a token, sequences by a cursor, recipients of a sequence by an offset.

A token is one user's and sees what that user may see: the own sequences, and those that colleagues share. Sequences
come in an envelope with a cursor, recipients as a bare array, of which at most 10,000 can be reached; both the newest
first.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.dice import dice, number
from sg_assets.sandbox.company.outreach import Outreach, Recipient
from sg_assets.sandbox.company.outreach import Sequence as Campaign
from sg_assets.sandbox.company.staff import Employee
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

EXECUTIVES = 8
"""Account executives who still work here when the history ends, and have a token each."""
TOKENS = tuple(f"sandbox-mixmax-{place}" for place in range(EXECUTIVES))
DEFAULT_LIMIT, MOST = 50, 300
REACHABLE = 10_000
"""Recipients of a sequence that can be reached by an offset."""
LETTERS = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
Row = dict[str, object]


@dataclass(frozen=True)
class MixmaxApi:
    """The API in front of the sequences of one sandbox."""

    sandbox: Sandbox
    outreach: Outreach

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/v1/users/me", self.me),
                Route("/v1/sequences", self.sequences),
                Route("/v1/sequences/{id}/recipients", self.recipients),
            ]
        )

    async def me(self, request: Request) -> Response:
        """The user of the token."""
        user = self._user(request)
        if user is None:
            return _unknown_token()
        return JSONResponse({"_id": user_id(user), "name": user.person.name, "email": user.person.email})

    async def sequences(self, request: Request) -> Response:
        """The sequences that the user may see, the newest first, page by page."""
        user, at = self._user(request), self.sandbox.now()
        if user is None:
            return _unknown_token()
        if self.sandbox.faults.take(Kind.EMPTY_LIST, stand_in.source, "sequences"):
            return JSONResponse({"results": [], "hasNext": False, "hasPrevious": False})
        seen = [one for one in self.outreach.sequences if one.exists(at) and (one.owner is user or one.is_shared)]
        seen.sort(key=lambda one: (one.created_at, one.id), reverse=True)
        if after := request.query_params.get("next"):
            created, id_ = json.loads(urlsafe_b64decode(after))
            seen = [one for one in seen if (one.created_at.isoformat(), one.id) < (created, id_)]
        limit = min(_number(request, "limit", DEFAULT_LIMIT), MOST, self.sandbox.page_size)
        page = seen[:limit]
        answer: Row = {"results": self._faulty("sequences", self._sequences(page, request, at))}
        if page:
            last = json.dumps([page[-1].created_at.isoformat(), page[-1].id])
            answer["next"] = urlsafe_b64encode(last.encode()).decode()  # the last page has one, too
        return JSONResponse(answer | {"hasNext": len(seen) > limit, "hasPrevious": after is not None})

    async def recipients(self, request: Request) -> Response:
        """Recipients of a sequence: an array, the newest first, without those who are drafts."""
        user, at = self._user(request), self.sandbox.now()
        if user is None:
            return _unknown_token()
        wanted = next((one for one in self.outreach.sequences if one.id == request.path_params["id"]), None)
        if wanted is None or not wanted.exists(at) or not (wanted.owner is user or wanted.is_shared):
            return JSONResponse({"message": "Sequence not found"}, 404)
        limit, offset = min(_number(request, "limit", DEFAULT_LIMIT), MOST), _number(request, "offset", 0)
        if limit + offset > REACHABLE:
            return JSONResponse({"message": f"Only {REACHABLE} records can be requested"}, 400)
        found = self.outreach.recipients(at)[wanted.id]
        rows = [self._recipient(one, wanted, at) for one in found]
        shown = rows[offset : offset + limit]
        faults = self.sandbox.faults
        if faults.take(Kind.EMPTY_LIST, stand_in.source, "recipients"):
            return JSONResponse([])
        if offset and faults.take(Kind.CHANGED_ROW, stand_in.source, "recipients"):
            shown = [*shown, rows[0] | {"state": "failed"}]
        if shown and faults.take(Kind.REPEATED_ROW, stand_in.source, "recipients"):
            shown = [*shown, shown[-1]]
        with_variables = request.query_params.get("includeVariables") == "true"
        return JSONResponse(self._faulty("recipients", shown if with_variables else [_bare(row) for row in shown]))

    def _sequences(self, page: Sequence[Campaign], request: Request, at: datetime) -> list[Row]:
        expands = request.query_params.get("expand") == "stages"
        recipients = self.outreach.recipients(at)
        rows: list[Row] = []
        for one in page:
            ids = [f"{number(one.id, stage):016x}{stage:08x}" for stage in range(3)]
            added = [each.created_at for each in recipients[one.id]]
            rows.append(
                {
                    "_id": one.id,
                    "userId": user_id(one.owner),
                    "createdAt": time(one.created_at),
                    "updatedAt": time(max(added, default=one.created_at)),
                    "name": one.name,
                    "stages": [{"_id": id_, "delay": 3} for id_ in ids] if expands else ids,
                    "variables": ["Email", "First name"],
                    "sendStagesAsReplies": True,
                    "linkTrackingEnabled": one.owner.number % 3 != 1,
                    "timezone": "America/Los_Angeles",
                    "shared": one.is_shared,
                }
            )
        return rows

    def _recipient(self, one: Recipient, sequence: Campaign, at: datetime) -> Row:
        return {
            "_id": one.id,
            "userId": user_id(sequence.owner),
            "sequenceId": one.sequence_id,
            "email": one.email,
            "state": one.state(at),
            "createdAt": time(one.created_at),
            "updatedAt": time(one.updated_at(at)),
            "variables": {"Email": one.email, "First name": one.email.partition(".")[0].title()},
        }

    def _faulty(self, what: str, rows: list[Row]) -> list[Row]:
        faults = self.sandbox.faults
        if rows and (fault := faults.take(Kind.NULL_VALUE, stand_in.source, what)):
            rows = [rows[0] | {str(fault.options["field"]): None}, *rows[1:]]
        if fault := faults.take(Kind.UNKNOWN_FIELD, stand_in.source, what):
            rows = [row | {str(fault.options.get("field", "surprise")): "surprise"} for row in rows]
        return rows

    def _user(self, request: Request) -> Employee | None:
        """Whose token it is; the header comes before the parameter."""
        sent = request.headers.get("x-api-token") or request.query_params.get("apiToken")
        at_work = [one for one in self.outreach.executives if one.left_at is None]
        return at_work[TOKENS.index(sent)] if sent in TOKENS else None


def user_id(one: Employee) -> str:
    """Mixmax's id of a user."""
    return "".join(dice("mixmax", one.person.email).choices(LETTERS, k=17))


def time(at: datetime) -> str:
    """A time as the API writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bare(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "variables"}


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdigit() else default


def _unknown_token() -> Response:
    return JSONResponse({"message": "Invalid API token provided"}, 401)


def refuse(status: int) -> Refusal:
    """Mixmax's refusals have a message."""
    texts = {401: "Invalid API token provided", 403: "This feature needs another plan", 429: "Too Many Requests"}
    return Refusal("application/json", json.dumps({"message": texts[status]}).encode())


def _app(sandbox: Sandbox) -> ASGIApp:
    return MixmaxApi(sandbox, Outreach(sandbox.company)).app()


stand_in = StandIn("mixmax", {"SG_MIXMAX_TOKENS": ",".join(TOKENS)}, _app, refuse, (429, refuse(429)))
