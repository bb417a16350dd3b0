"""Looker's API 4.0: login, bare lists by limit and offset, lists that are filtered by what the asking user may see.

How each thing is written is in `looker_people.py` and `looker_content.py`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox import looker_content as content
from sg_assets.sandbox import looker_people as people
from sg_assets.sandbox.company import looker_content as made_up
from sg_assets.sandbox.company.looker_access import ADMIN, ROLES, VIEW, accounts
from sg_assets.sandbox.company.looker_content import BOARDS, EXPLORES, LOOKML_DASHBOARDS
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.looker_people import Json
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

CLIENT_ID, CLIENT_SECRET = "sandboxclient", "sandbox-looker-secret"
VIEWER_SECRET = "sandbox-viewer-secret"  # noqa: S105 (of a made-up company: the key of a user who is no admin)
TOKENS = {CLIENT_SECRET: "sandbox-looker-token", VIEWER_SECRET: "sandbox-viewer-token"}
DOCS = "https://cloud.google.com/looker/docs/"


@dataclass(frozen=True)
class LookerApi:
    """The API in front of one sandbox."""

    sandbox: Sandbox

    def app(self) -> Starlette:
        """The ASGI application."""
        lists: dict[str, Callable[[Request], list[Json] | None]] = {
            "/users": self.users,
            "/groups": self.groups,
            "/roles": self.roles,
            "/roles/{id}/users": self.role_users,
            "/roles/{id}/groups": self.role_groups,
            "/dashboards": self.dashboards,
            "/dashboards/search": self.search_dashboards,
            "/dashboard_elements/search": self.search_elements,
            "/looks/search": self.search_looks,
            "/lookml_models": lambda _: content.models(),
            "/boards": lambda _: [content.board(id_) for id_ in BOARDS],
            "/scheduled_plans": self.plans,
        }
        ones: dict[str, Callable[[Request], Json | None]] = {
            "/user": self.me,
            "/queries/{id}": self.query,
            "/lookml_models/{model}/explores/{name}": self.explore,
        }
        routes = [Route("/api/4.0/login", self.login, methods=["POST"])]
        routes += [Route(f"/api/4.0{path}", self._answering(path, give)) for path, give in (lists | ones).items()]
        return Starlette(routes=routes)

    async def login(self, request: Request) -> Response:
        """Sign in with a key; a wrong one is not found."""
        form = dict(parse_qsl((await request.body()).decode()))
        token = TOKENS.get(form.get("client_secret", ""))
        if form.get("client_id") != CLIENT_ID or token is None:
            return _message(404, "Not found")
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": None}
        return JSONResponse(answer)

    def users(self, request: Request) -> list[Json]:
        """The users that the asking one may see: an admin all, anybody else only itself."""
        at = self._now
        everybody = [people.service_user(self._roles_of(request))]
        if not self._is_admin(request):
            return everybody
        return everybody + [people.user(one, at) for one in accounts(self.sandbox.company) if one.is_there(at)]

    def me(self, request: Request) -> Json:
        """The asking user."""
        return people.service_user(self._roles_of(request))

    def groups(self, request: Request) -> list[Json]:
        """The groups."""
        members = Counter(str(id_) for user in self.users(request) for id_ in _ids(user["group_ids"]))
        return people.groups(dict(members))

    def roles(self, request: Request) -> list[Json] | None:
        """The roles; who is no admin is told that there are none."""
        return people.roles() if self._is_admin(request) else None

    def role_users(self, request: Request) -> list[Json] | None:
        """Who has a role; by itself, or through a group too."""
        role, at = request.path_params["id"], self._now
        if role not in ROLES or not self._is_admin(request):
            return None
        is_direct = request.query_params.get("direct_association_only") == "true"
        found = [people.service_user([ADMIN])] if role == ADMIN else []
        there = [one for one in accounts(self.sandbox.company) if one.is_there(at)]
        has = [one for one in there if role in (one.direct_role_ids(at) if is_direct else one.role_ids(at))]
        return [*found, *(people.user(one, at) for one in has)]

    def role_groups(self, request: Request) -> list[Json] | None:
        """Which groups give a role."""
        name = ROLES.get(request.path_params["id"])
        if name is None or not self._is_admin(request):
            return None
        return [group for group in people.groups({}) if group["id"] in people.groups_of_role(name)]

    def dashboards(self, _request: Request) -> list[Json]:
        """All dashboards that are not in the bin, those of LookML too; there are no pages, and less of each."""
        at, kept = self._now, ("id", "title", "description", "folder", "hidden", "readonly", "user_id")
        made = made_up.dashboards(self.sandbox.company)
        full = [content.dashboard(one, at) for one in made if one.is_there(at) and not one.is_binned(at)]
        short = [{name: one[name] for name in kept} for one in full]
        return short + [content.lookml_dashboard(id_) for id_ in LOOKML_DASHBOARDS]

    def search_dashboards(self, request: Request) -> list[Json]:
        """Dashboards that somebody made; those in the bin only when they are asked for."""
        at, wants_bin = self._now, request.query_params.get("deleted") == "true"
        made = made_up.dashboards(self.sandbox.company)
        return [content.dashboard(one, at) for one in made if one.is_there(at) and one.is_binned(at) == wants_bin]

    def search_elements(self, _request: Request) -> list[Json]:
        """The parts of all dashboards."""
        made = made_up.dashboards(self.sandbox.company)
        return [content.tile(tile, one.id) for one in made if one.is_there(self._now) for tile in one.tiles]

    def search_looks(self, request: Request) -> list[Json]:
        """Looks; those in the bin only when they are asked for."""
        at, wants_bin = self._now, request.query_params.get("deleted") == "true"
        made = made_up.looks(self.sandbox.company)
        return [content.look(one, at) for one in made if one.is_there(at) and one.is_binned(at) == wants_bin]

    def plans(self, request: Request) -> list[Json]:
        """The plans of the asking user, who has none, or of everybody."""
        wants_all = request.query_params.get("all_users") == "true" and self._is_admin(request)
        return [content.plan(one, self._now) for one in made_up.plans(self.sandbox.company) if wants_all]

    def query(self, request: Request) -> Json | None:
        """One query."""
        for one in made_up.looks(self.sandbox.company):
            if one.query_id == request.path_params["id"] and one.explore and one.is_there(self._now):
                return content.query(one.query_id, *one.explore)
        return None

    def explore(self, request: Request) -> Json | None:
        """One explore."""
        named = (request.path_params["model"], request.path_params["name"])
        return content.explore(*named) if named in EXPLORES else None

    @property
    def _now(self) -> datetime:
        return self.sandbox.now()

    def _is_admin(self, request: Request) -> bool:
        return ADMIN in self._roles_of(request)

    @staticmethod
    def _roles_of(request: Request) -> list[str]:
        return [ADMIN] if _token(request) == TOKENS[CLIENT_SECRET] else [VIEW]

    def _answering(
        self, path: str, give: Callable[[Request], list[Json] | Json | None]
    ) -> Callable[[Request], Awaitable[Response]]:
        """What answers for a path: a list in pages where they are asked for, one thing, or that there is none."""

        async def answer(request: Request) -> Response:
            if _token(request) not in TOKENS.values():
                return _message(401, "Requires authentication.")
            found = give(request)
            if found is None:
                return _message(404, "Not found")
            fields = request.query_params.get("fields")
            if isinstance(found, list):
                return JSONResponse(self._page(request, path.strip("/"), found, fields))
            return JSONResponse(_selected(found, fields))

        return answer

    def _page(self, request: Request, what: str, rows: Sequence[Json], fields: str | None) -> list[Json]:
        """A page; without `sorts` the order is anybody's."""
        asked, faults = request.query_params, self.sandbox.faults
        ordered = sorted(rows, key=lambda row: int(str(row["id"])) if str(row.get("id", "")).isdigit() else -1)
        if asked.get("sorts", "") != "id":
            ordered = ordered[::-1]
        start = int(asked.get("offset", 0))
        shown = ordered[start : start + int(asked["limit"])] if "limit" in asked else ordered
        if faults.take(Kind.EMPTY_LIST, stand_in.source, what):
            return []
        if start and shown and faults.take(Kind.REPEATED_ROW, stand_in.source, what):
            shown = [ordered[start - 1], *shown]
        shown = [_selected(row, fields) for row in shown]
        if shown and (fault := faults.take(Kind.NULL_VALUE, stand_in.source, what)):
            shown = [shown[0] | {str(fault.options["field"]): None}, *shown[1:]]
        if fault := faults.take(Kind.UNKNOWN_FIELD, stand_in.source, what):
            shown = [row | {str(fault.options.get("field", "surprise")): "surprise"} for row in shown]
        return list(shown)


def _selected(row: Json, fields: str | None) -> Json:
    """The fields of `a,b(c)` that were asked for, all without any; what is in brackets is not looked at."""
    if not fields:
        return row
    names = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", fields)).split(",")
    return {name: value for name, value in row.items() if name in names}


def _ids(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _token(request: Request) -> str:
    """The token, after either of the two words that Looker takes before it."""
    return request.headers.get("authorization", "").removeprefix("token ").removeprefix("Bearer ")


def _message(status: int, text: str) -> Response:
    return JSONResponse({"message": text, "documentation_url": DOCS}, status)


def refuse(status: int) -> Refusal:
    """Looker's refusals."""
    texts = {401: "Requires authentication.", 403: "Forbidden", 429: "Too Many Requests"}
    return Refusal("application/json", json.dumps({"message": texts[status], "documentation_url": DOCS}).encode())


QUOTA = (429, Refusal("application/json", json.dumps({"message": "Too Many Requests"}).encode()))


def _app(sandbox: Sandbox) -> ASGIApp:
    return LookerApi(sandbox).app()


_SETTINGS = {"SG_LOOKER_CLIENT_ID": CLIENT_ID, "SG_LOOKER_CLIENT_SECRET": CLIENT_SECRET}
stand_in = StandIn("looker", _SETTINGS, _app, refuse, QUOTA)
