"""HubSpot's API: objects of the CRM with listing and search, owners, pipelines, associations, submissions of a form.

A page begins after the id that `after` names, so that any process can go on with a listing. What each answer may hold,
and which address is too long, is as in HubSpot; how it is written stands in `hubspot_shapes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox import hubspot_search
from sg_assets.sandbox.company.marketing import Marketing, State, Way
from sg_assets.sandbox.company.marketing_record import Record, time
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.hubspot_rights import TOKEN, scopes
from sg_assets.sandbox.hubspot_shapes import (
    QUOTA,
    TOO_LONG,
    Json,
    crm_object,
    error,
    owner,
    page,
    pipeline,
    refuse,
    submission,
)
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

NPS_FORM = "ee042306-491a-4b06-bd9c-1181774dfda0"
DAILY = 650_000
MOST_LISTED, MOST_SUBMITTED, MOST_ASSOCIATED, MOST_INPUTS, LONGEST_ADDRESS = 100, 50, 500, 100, 8_000
KINDS = {"contacts": "contact", "companies": "company", "deals": "deal"}
MODIFIED = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate", "deals": "hs_lastmodifieddate"}


@dataclass(frozen=True)
class HubspotApi:
    """The API in front of the records of one sandbox."""

    sandbox: Sandbox
    marketing: Marketing
    _requests: count[int] = field(default_factory=lambda: count(1))

    def app(self) -> Starlette:
        """The ASGI application."""
        crm = "/crm/v3"
        return Starlette(
            routes=[
                Route(crm + "/objects/{kind}", self.listing),
                Route(crm + "/objects/{kind}/search", self.search, methods=["POST"]),
                Route(crm + "/properties/{kind}", self.properties),
                Route(crm + "/owners", self.owners),
                Route(crm + "/pipelines/deals", self.pipelines),
                Route("/crm/v4/associations/{origin}/{target}/batch/read", self.associations, methods=["POST"]),
                Route("/crm/v4/objects/{origin}/{id}/associations/{target}", self.associations_of_one),
                Route("/form-integrations/v1/submissions/forms/{form}", self.submissions),
                Route("/oauth/v2/private-apps/get/access-token-info", self.token_info, methods=["POST"]),
            ]
        )

    async def listing(self, request: Request) -> Response:
        """Records that are archived, or that are not; an address with too many properties does not get this far."""
        if problem := self._problem(request):
            return problem
        if len(str(request.url)) > LONGEST_ADDRESS:
            return HTMLResponse(TOO_LONG, 414)
        kind, asked = request.path_params["kind"], request.query_params
        if kind not in KINDS:
            return JSONResponse(error("VALIDATION_ERROR", f"Unable to infer object type from: {kind}"), 400)
        is_archived = asked.get("archived") == "true"
        records = [r for r in self._state.records[KINDS[kind]].values() if (r.archived_at is not None) == is_archived]
        names = asked.get("properties", "").split(",")
        return self._page(request, records, MOST_LISTED, lambda record: crm_object(record, MODIFIED[kind], names))

    async def search(self, request: Request) -> Response:
        """Records that are not archived, by their properties."""
        if problem := self._problem(request):
            return problem
        kind, asked = request.path_params["kind"], await request.json()
        try:
            start, length = hubspot_search.bounds(asked, self.sandbox.page_size)
            records = self._state.records[KINDS[kind]].values()
            found = hubspot_search.found(asked, records, MODIFIED[kind])
        except hubspot_search.SearchError as refusal:
            return JSONResponse(error("VALIDATION_ERROR", str(refusal)), 400)
        end = start + length
        names = hubspot_search.names(asked)
        shown = self._faulty(kind, [crm_object(record, MODIFIED[kind], names) for record in found[start:end]])
        after = str(end) if end < len(found) else None
        return JSONResponse({"total": len(found), **page(shown, after, _path(request))})

    async def properties(self, request: Request) -> Response:
        """Every property of a kind of objects."""
        if problem := self._problem(request):
            return problem
        kind = request.path_params["kind"]
        records = iter(self._state.records[KINDS[kind]].values())
        names = {*next(records).properties, "hs_object_id", "createdate", MODIFIED[kind]}
        return self._json({"results": [{"name": name, "type": "string", "archived": False} for name in sorted(names)]})

    async def owners(self, request: Request) -> Response:
        """Owners that are archived, or that are not."""
        if problem := self._problem(request):
            return problem
        is_archived = request.query_params.get("archived") == "true"
        found = [r for r in self._state.records["owner"].values() if (r.archived_at is not None) == is_archived]
        return self._page(request, found, MOST_LISTED, owner)

    async def pipelines(self, request: Request) -> Response:
        """The one pipeline of deals, whole."""
        return self._problem(request) or self._json({"results": [pipeline()]})

    async def associations(self, request: Request) -> Response:
        """What some records are associated with; one that has nothing, or is not there, is told of as an error."""
        if problem := self._problem(request):
            return problem
        origin, target = request.path_params["origin"], request.path_params["target"]
        ids = [str(each["id"]) for each in (await request.json())["inputs"]]
        if len(ids) > MOST_INPUTS:
            return JSONResponse(error("VALIDATION_ERROR", f"The maximum number of inputs is {MOST_INPUTS}"), 400)
        joined, results, errors = self._state.associated(origin, target), [], []
        for id_ in ids:
            if id_ in joined:
                results.append({"from": {"id": id_}, **self._joined_page(joined, origin, id_, target, 0)})
            else:
                message, context = f"No {target} is associated with {origin} {id_}.", {"fromObjectId": [id_]}
                nothing = {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "context": context}
                errors.append({"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, **nothing})
        now = time(self.sandbox.now())
        answer: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if not errors:
            return self._json(answer)
        return self._json({**answer, "numErrors": len(errors), "errors": errors}, 207)

    async def associations_of_one(self, request: Request) -> Response:
        """What one record is associated with, page by page."""
        if problem := self._problem(request):
            return problem
        origin, target, id_ = (request.path_params[name] for name in ("origin", "target", "id"))
        start = int(request.query_params.get("after", 0))
        shown = self._joined_page(self._state.associated(origin, target), origin, id_, target, start)
        return self._json({"results": shown.pop("to"), **shown})

    async def submissions(self, request: Request) -> Response:
        """Answers to the survey, the newest first; `after` counts from the oldest, so that new ones shift nothing."""
        if problem := self._problem(request):
            return problem
        if request.path_params["form"] != NPS_FORM:
            return JSONResponse(error("OBJECT_NOT_FOUND", "The form could not be found."), 404)
        answers = self.marketing.nps.answers(self.sandbox.now())
        end = int(request.query_params.get("after", len(answers)))
        begin = max(0, end - min(int(request.query_params.get("limit", 20)), MOST_SUBMITTED, self.sandbox.page_size))
        shown = self._faulty(
            "submissions", [submission(one, place) for place, one in enumerate(answers)][begin:end][::-1]
        )
        return self._json(page(shown, str(begin) if begin else None, _path(request)))

    async def token_info(self, request: Request) -> Response:
        """What the token of a private app is good for."""
        return self._problem(request) or JSONResponse(
            {"userId": 1, "hubId": 2, "appId": 3, "scopes": scopes(self.sandbox)}
        )

    @property
    def _state(self) -> State:
        return self.marketing.at(self.sandbox.now())

    def _page(
        self, request: Request, records: Iterable[Record], most: int, shape: Callable[[Record], Json]
    ) -> Response:
        """The records from the id on that `after` names, in the order of their ids."""
        limit = int(request.query_params.get("limit", 10))
        if limit > most:
            return JSONResponse(error("VALIDATION_ERROR", f"The limit {limit} is over {most}."), 400)
        first, length = int(request.query_params.get("after", 0)), min(limit, self.sandbox.page_size)
        rest = sorted((record for record in records if int(record.id) >= first), key=lambda record: int(record.id))
        shown = self._faulty(_path(request).rpartition("/")[2], [shape(record) for record in rest[:length]])
        return self._json(page(shown, rest[length].id if len(rest) > length else None, _path(request)))

    def _joined_page(
        self, joined: Mapping[str, Sequence[tuple[str, Sequence[Way]]]], origin: str, id_: str, target: str, start: int
    ) -> Json:
        """Some of what a record is associated with, and where the rest of it is."""
        others, end = joined.get(id_, ()), start + min(MOST_ASSOCIATED, self.sandbox.page_size)
        to = [
            {
                "toObjectId": int(other),
                "associationTypes": [{"category": w.category, "typeId": w.type_id, "label": w.label} for w in ways],
            }
            for other, ways in others[start:end]
        ]
        after = str(end) if end < len(others) else None
        rest = page((), after, f"/crm/v4/objects/{origin}/{id_}/associations/{target}")
        del rest["results"]
        return {"to": to, **rest}

    def _faulty(self, name: str, shown: list[Json]) -> list[Json]:
        """A page with the faults that are on for it."""
        faults, source = self.sandbox.faults, stand_in.source
        if not shown or not faults.list():
            return shown
        if faults.take(Kind.EMPTY_LIST, source, name):
            return []
        if faults.take(Kind.REPEATED_ROW, source, name):
            shown = [*shown, shown[-1]]
        if fault := faults.take(Kind.NULL_VALUE, source, name):
            shown[0]["properties"] |= {str(fault.options["field"]): None}
        if fault := faults.take(Kind.WRONG_VALUE, source, name):
            shown[0]["properties"] |= {str(fault.options["field"]): str(fault.options["value"])}
        if fault := faults.take(Kind.UNKNOWN_FIELD, source, name):
            shown = [one | {str(fault.options.get("field", "surprise")): "surprise"} for one in shown]
        return shown

    def _problem(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            refusal = refuse(401)
            return Response(refusal.body, 401, media_type=refusal.content_type)
        return None

    def _json(self, answer: Json, status: int = 200) -> Response:
        """An answer with what is left of today's calls; those to a search come without."""
        left = {"X-HubSpot-RateLimit-Daily": str(DAILY)}
        left["X-HubSpot-RateLimit-Daily-Remaining"] = str(DAILY - next(self._requests))
        return JSONResponse(answer, status, headers=left)


def _path(request: Request) -> str:
    """The path as HubSpot has it, without that under which the stand-in is served."""
    return request.url.path.removeprefix(request.scope.get("root_path", ""))


def _app(sandbox: Sandbox) -> ASGIApp:
    return HubspotApi(sandbox, Marketing(sandbox.company)).app()


_SETTINGS = {"SG_HUBSPOT_TOKEN": TOKEN, "SG_HUBSPOT_TIMEZONE": "America/Los_Angeles"}
stand_in = StandIn("hubspot", _SETTINGS, _app, refuse, QUOTA)
