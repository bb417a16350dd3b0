"""ZoomInfo's legacy Enterprise API: tokens that live an hour, usage, search, and enrichment, which spends credits.

A search gives a page of what it finds, of the first thousand rows only, and calls the number of hits `maxResults`. An
enrichment takes 25 inputs and answers each, whether or not there is a match. Dates are American and have no zone.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.business_records import BusinessRecords
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import StandIn
from sg_assets.sandbox.zoominfo_credits import Credits
from sg_assets.sandbox.zoominfo_shapes import FIELDS, PAID, QUOTA, company, person, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp

USERNAME, PASSWORD = "analytics@sourcegraph.com", "sandbox-zoominfo"
TOKEN_LIVES = timedelta(minutes=60)
INPUTS = 25
REACHABLE = 1_000
"""Rows of a search that can be paged through."""
LIMITS = {"requestLimit": 10_000, "recordLimit": 20_000, "uniqueIdLimit": 15_000}
PER_MINUTE = 1_500
Row = dict[str, object]


@dataclass(frozen=True)
class ZoomInfoApi:
    """The API in front of the records of one sandbox."""

    sandbox: Sandbox
    records: BusinessRecords
    credits: Credits

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/authenticate", self.authenticate, methods=["POST"]),
                Route("/lookup/usage", self.usage),
                Route("/search/{kind}", self.search, methods=["POST"]),
                Route("/enrich/{kind}", self.enrich, methods=["POST"]),
            ]
        )

    async def authenticate(self, request: Request) -> Response:
        """A token for a user and a password."""
        asked = await request.json()
        if (asked.get("username"), asked.get("password")) != (USERNAME, PASSWORD):
            return _problem(401, "Invalid username or password")
        claims = json.dumps({"exp": (self.sandbox.now() + TOKEN_LIVES).timestamp()})
        return JSONResponse({"jwt": f"eyJhbGciOiJSUzI1NiJ9.{urlsafe_b64encode(claims.encode()).decode()}.sandbox"})

    async def usage(self, request: Request) -> Response:
        """What the contract allows, and what was used of it."""
        if not self._is_known(request):
            return _expired()
        used = self.credits.used(self.sandbox.now())
        current = dict(zip(LIMITS, (used.requests, used.records, used.unique_ids), strict=True))
        described = {"requestLimit": "requests", "recordLimit": "records", "uniqueIdLimit": "different records"}
        rows = [
            {
                "limitType": name,
                "description": f"Number of {described[name]} in the contract's term",
                "limit": limit,
                "currentUsage": current[name],
                "usageRemaining": limit - current[name],
            }
            for name, limit in LIMITS.items()
        ]
        return JSONResponse({"usage": rows})

    async def search(self, request: Request) -> Response:
        """Names of companies and people that fit, in no promised order; it spends no credits."""
        if not self._is_known(request):
            return _expired()
        asked = await request.json()
        rpp, page = min(int(asked.get("rpp", 25)), 100), int(asked.get("page", 1))
        if rpp * page > REACHABLE:
            return _problem(400, f"Total record pagination is over max allowed value ({REACHABLE})")
        found = self._found(request.path_params["kind"], asked)
        if found is None:
            return _problem(404, "Not found")
        if page > 1 and (page - 1) * rpp >= len(found):
            return _problem(400, "Page number (page) requested is greater than the available results")
        shown = found[(page - 1) * rpp : page * rpp]
        return self._json({"maxResults": len(found), "totalResults": len(shown), "currentPage": page, "data": shown})

    async def enrich(self, request: Request) -> Response:
        """All that is known of up to 25 companies or people; each of them that is known costs a credit."""
        if not self._is_known(request):
            return _expired()
        kind, asked = request.path_params["kind"], await request.json()
        if kind not in FIELDS:
            return _problem(404, "Not found")
        inputs = asked.get("matchCompanyInput" if kind == "company" else "matchPersonInput") or []
        if not 0 < len(inputs) <= INPUTS:
            return _problem(400, f"Between 1 and {INPUTS} inputs are allowed")
        wanted = asked.get("outputFields") or []
        if wrong := [name for name in wanted if name not in FIELDS[kind]]:
            return _problem(400, f"Invalid output field requested: {wrong[0]}")
        results, spent = [], []
        for one in inputs:
            row = self._company(one) if kind == "company" else self._person(one)
            results.append(_answer(one, row, wanted))
            spent += [f"{kind} {row['id']}"] if row else []
        self.credits.spend(spent, self.sandbox.now())
        results = self._faulty(kind, results)
        return self._json({"success": True, "data": {"outputFields": [asked["outputFields"]], "result": results}})

    def _found(self, kind: str, asked: Row) -> list[Row] | None:
        """What a search finds; None where there is nothing of the kind."""
        if kind == "company":
            domain = str(asked.get("companyWebsite", "")).removeprefix("https://").removeprefix("www.")
            part = str(asked.get("companyName", "")).lower()
            fits = [one for one in self.records.companies.values() if domain in one.domain and part in one.name.lower()]
            return [{"id": one.id, "name": one.name} for one in sorted(fits, key=lambda one: one.id)]
        if kind != "contact":
            return None
        person = self._person(asked)
        return [] if person is None else [{name: value for name, value in person.items() if name not in PAID}]

    def _company(self, one: Row) -> Row | None:
        domain = str(one.get("companyWebsite", "")).lower().removeprefix("https://").removeprefix("www.")
        found = self.records.companies.get(domain)
        return company(found) if found else None

    def _person(self, one: Row) -> Row | None:
        found = self.records.person(str(one.get("emailAddress", "")), self.sandbox.now())
        return person(found) if found else None

    def _faulty(self, kind: str, results: list[Row]) -> list[Row]:
        faults = self.sandbox.faults
        if faults.take(Kind.EMPTY_LIST, stand_in.source, kind):
            return []
        if faults.take(Kind.REPEATED_ROW, stand_in.source, kind):
            results = [results[0], *results]
        known: list[Row] = [one for result in results for one in result["data"]]  # pyrefly: ignore[not-iterable]
        if known and (fault := faults.take(Kind.WRONG_VALUE, stand_in.source, kind)):
            known[0][str(fault.options["field"])] = fault.options["value"]
        if known and (fault := faults.take(Kind.NULL_VALUE, stand_in.source, kind)):
            known[0][str(fault.options["field"])] = None
        if fault := faults.take(Kind.UNKNOWN_FIELD, stand_in.source, kind):
            for one in known:
                one[str(fault.options.get("field", "surprise"))] = "surprise"
        return results

    def _is_known(self, request: Request) -> bool:
        """Whether the token is one of ours, and has not ended."""
        parts = request.headers.get("authorization", "").removeprefix("Bearer ").split(".")
        if len(parts) != 3 or parts[2] != "sandbox":
            return False
        ends = json.loads(urlsafe_b64decode(parts[1]))["exp"]
        return self.sandbox.now().timestamp() < float(ends)

    def _json(self, answer: Row) -> Response:
        reset = int(self.sandbox.now().timestamp()) // 60 * 60 + 60
        left = LIMITS["recordLimit"] - self.credits.used(self.sandbox.now()).records
        headers = {
            "X-RateLimit-Limit": str(PER_MINUTE),
            "X-RateLimit-Remaining": str(PER_MINUTE - 1),
            "X-RateLimit-Reset": str(reset),
            "X-Usage-Record-Limit-Remaining": str(left),
        }
        return JSONResponse(answer, headers=headers)


def _answer(asked: Row, row: Row | None, wanted: Sequence[str]) -> Row:
    """The answer to one input, which it repeats with its names in lower case; the employer of a person is nested."""
    shown = {name: row[name] for name in wanted if name in row} if row else {}
    if row and any(name.startswith("company") for name in wanted):
        shown["company"] = row["company"]
    return {
        "input": {name.lower(): value for name, value in asked.items()},
        "data": [shown] if row else [],
        "matchStatus": "FULL_MATCH" if row else "NO_MATCH",
    }


def _problem(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)


def _expired() -> Response:
    return _problem(401, "Token expired")


def _app(sandbox: Sandbox) -> ASGIApp:
    return ZoomInfoApi(sandbox, BusinessRecords(sandbox.company), Credits(sandbox.state_dir)).app()


_SETTINGS = {
    "SG_ZOOMINFO_USERNAME": USERNAME,
    "SG_ZOOMINFO_PASSWORD": PASSWORD,
    "SG_ZOOMINFO_CREDITS_PER_RUN": "5000",
    "SG_ZOOMINFO_CREDITS_PER_MONTH": "20000",
}
stand_in = StandIn("zoominfo", _SETTINGS, _app, refuse, QUOTA)
