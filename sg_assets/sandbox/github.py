"""GitHub's REST and GraphQL APIs: pages by `Link`, limits in headers, refusals that look like something else.

How bodies are written is in `github_shapes.py`, GraphQL in `github_graphql.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.github_board import ORGANIZATION, PROJECT
from sg_assets.sandbox.company.github_threads import REPOSITORIES, Repository, Thread, threads
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.github_graphql import Graph
from sg_assets.sandbox.github_shapes import Json, issue, pull_request, repository, stamp
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TOKEN = "github_pat_sandbox"  # noqa: S105 (of a made-up company)
HOURLY = 5_000
DEFAULT_PAGE, LARGEST_PAGE = 30, 100
DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True)
class GitHubApi:
    """Both APIs in front of one sandbox."""

    sandbox: Sandbox
    _requests: count[int] = field(default_factory=lambda: count(1))

    def app(self) -> Starlette:
        """The ASGI application."""
        repo = "/repos/{owner}/{name}"
        return Starlette(
            routes=[
                Route("/rate_limit", self.rate_limit),
                Route("/graphql", self.graphql, methods=["POST"]),
                Route(repo, self.repository),
                Route(repo + "/issues", self.issues),
                Route(repo + "/issues/{number:int}", self.one_issue),
                Route(repo + "/pulls", self.pulls),
                Route("/repositories/{id:int}", self.repository),
                Route("/repositories/{id:int}/issues", self.issues),
                Route("/repositories/{id:int}/pulls", self.pulls),
            ]
        )

    async def rate_limit(self, request: Request) -> Response:
        """What is left of the hour; asking costs nothing."""
        if problem := self._problem(request):
            return problem
        resource = {"limit": HOURLY, "remaining": HOURLY - 1, "reset": self._reset(), "used": 1}
        body = {"resources": {"core": resource, "graphql": resource}, "rate": resource}
        return JSONResponse(body, headers=self._scopes())

    async def graphql(self, request: Request) -> Response:
        """Whatever is wrong, the answer is good HTTP, unless nobody is signed in."""
        if problem := self._problem(request):
            return problem
        remaining = HOURLY - next(self._requests)
        limits = {"cost": 1, "limit": HOURLY, "remaining": remaining, "resetAt": stamp(self._reset_at())}
        return JSONResponse(Graph(self.sandbox, self.sandbox.now(), limits).answer(await request.json()))

    async def repository(self, request: Request) -> Response:
        """One repository."""
        found = self._repository(request)
        if isinstance(found, Response):
            return found
        at = self.sandbox.now()
        return self._json(repository(found, self._threads(found), self.sandbox.company.anchor, at, _here(request)))

    async def issues(self, request: Request) -> Response:
        """Issues and pull requests of a repository: open ones unless told otherwise, the newest first."""
        found = self._repository(request)
        if isinstance(found, Response):
            return found
        at, since = self.sandbox.now(), request.query_params.get("since")
        every = self._threads(found)
        if since is not None:
            every = [one for one in every if one.updated_at(at) >= datetime.fromisoformat(since).astimezone(UTC)]
        return self._listed(request, every, "issues", lambda one: issue(one, at, _here(request)))

    async def pulls(self, request: Request) -> Response:
        """Pull requests of a repository; there is no `since`."""
        found = self._repository(request)
        if isinstance(found, Response):
            return found
        at = self.sandbox.now()
        every = [one for one in self._threads(found) if one.is_pull_request]
        return self._listed(request, every, "pulls", lambda one: pull_request(one, at, _here(request)))

    async def one_issue(self, request: Request) -> Response:
        """One issue: deleted ones are gone, transferred ones have moved."""
        found = self._repository(request)
        if isinstance(found, Response):
            return found
        at, number = self.sandbox.now(), request.path_params["number"]
        for one in threads(self.sandbox.company, found, at):
            if one.number == number and one.is_there(at):
                return self._json(issue(one, at, _here(request)))
            if one.number == number and one.is_transferred:
                url = f"{_here(request)}/repositories/{found.id}/issues/{number}"
                return JSONResponse({"message": "Moved Permanently", "url": url}, 301, {"Location": url})
            if one.number == number:
                return _message(410, "This issue was deleted")
        return _message(404, "Not Found")

    def _listed(
        self, request: Request, every: Sequence[Thread], what: str, shape: Callable[[Thread], Json]
    ) -> Response:
        """A page of threads, in the order that is asked for, with a link to the next one."""
        at, asked = self.sandbox.now(), request.query_params
        if (state := asked.get("state", "open")) != "all":
            every = [one for one in every if one.is_closed(at) == (state == "closed")]
        is_by_change = asked.get("sort", "created") == "updated"
        every = sorted(
            every,
            key=lambda one: (one.updated_at(at) if is_by_change else one.created_at, one.number),
            reverse=asked.get("direction", "desc") == "desc",
        )
        size = min(int(asked.get("per_page", DEFAULT_PAGE)), LARGEST_PAGE, self.sandbox.page_size)
        page = int(asked.get("page", 1))
        start, end = (page - 1) * size, page * size
        shown, faults = list(every[start:end]), self.sandbox.faults
        if faults.take(Kind.EMPTY_LIST, stand_in.source, what):
            shown, end = [], len(every)
        if start and shown and faults.take(Kind.REPEATED_ROW, stand_in.source, what):
            shown = [every[start - 1], *shown]
        body = [shape(one) for one in shown]
        if body and (fault := faults.take(Kind.NULL_VALUE, stand_in.source, what)):
            body[0][str(fault.options["field"])] = None
        if fault := faults.take(Kind.UNKNOWN_FIELD, stand_in.source, what):
            body = [row | {str(fault.options.get("field", "surprise")): "surprise"} for row in body]
        links = []
        if end < len(every):
            links = [(page + 1, "next"), (-(-len(every) // size), "last")]
        if page > 1:
            links += [(page - 1, "prev"), (1, "first")]
        id_ = every[0].repository.id if every else 0
        url = f"{_here(request)}/repositories/{id_}/{what}"
        link = ", ".join(f'<{url}?{urlencode({**asked, "page": number})}>; rel="{rel}"' for number, rel in links)
        return self._json(body, {"Link": link} if link else {})

    def _repository(self, request: Request) -> Repository | Response:
        """The repository that a path names, by its name, its number, or the name that it had before."""
        if problem := self._problem(request):
            return problem
        path = request.path_params
        name = f"{path.get('owner')}/{path.get('name')}"
        for one in REPOSITORIES:
            if path.get("id") == one.id or name == one.name:
                return one
            if name == one.former_name:
                rest = request.url.path.partition(f"/repos/{name}")[2]
                query = f"?{request.url.query}" if request.url.query else ""
                url = f"{_here(request)}/repositories/{one.id}{rest}{query}"
                body = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
                return JSONResponse(body, 301, {"Location": url})
        return _message(404, "Not Found")

    def _threads(self, one: Repository) -> list[Thread]:
        at = self.sandbox.now()
        return [thread for thread in threads(self.sandbox.company, one, at) if thread.is_there(at)]

    def _problem(self, request: Request) -> Response | None:
        if not request.headers.get("user-agent"):
            return _message(403, "Request forbidden by administrative rules. Please make sure to have a User-Agent.")
        if request.headers.get("authorization") not in {f"Bearer {TOKEN}", f"token {TOKEN}"}:
            return _message(401, "Bad credentials")
        return None

    def _scopes(self) -> dict[str, str]:
        """The header that only a classic token's answers have: ours is fine-grained, but for `further_rights`."""
        is_classic = self.sandbox.faults.on(Kind.FURTHER_RIGHTS, stand_in.source, "scopes")
        return {"X-OAuth-Scopes": "read:project, repo"} if is_classic else {}

    def _reset_at(self) -> datetime:
        return self.sandbox.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    def _reset(self) -> int:
        return int(self._reset_at().timestamp())

    def _json(self, body: object, headers: dict[str, str] | None = None) -> Response:
        used = next(self._requests)
        limits = {
            "x-ratelimit-limit": str(HOURLY),
            "x-ratelimit-remaining": str(max(0, HOURLY - used)),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(self._reset()),
            "x-ratelimit-resource": "core",
        }
        return JSONResponse(body, headers=limits | self._scopes() | (headers or {}))


def _here(request: Request) -> str:
    """The absolute address that links begin with."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def _message(status: int, text: str) -> Response:
    return JSONResponse({"message": text, "documentation_url": DOCS, "status": str(status)}, status)


def refuse(status: int) -> Refusal:
    """GitHub's refusals."""
    texts = {
        401: "Bad credentials",
        403: "Resource not accessible by personal access token",
        429: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    }
    body = {"message": texts[status], "documentation_url": DOCS, "status": str(status)}
    return Refusal("application/json; charset=utf-8", json.dumps(body).encode())


_LIMITED = {"message": "API rate limit exceeded for user ID 5000000.", "documentation_url": DOCS, "status": "403"}
QUOTA = (403, Refusal("application/json; charset=utf-8", json.dumps(_LIMITED).encode()))


def _app(sandbox: Sandbox) -> ASGIApp:
    return GitHubApi(sandbox).app()


_SETTINGS = {
    "SG_GITHUB_TOKEN": TOKEN,
    "SG_GITHUB_ORGANIZATION": ORGANIZATION,
    "SG_GITHUB_PROJECT": str(PROJECT),
    "SG_GITHUB_REPOSITORIES": ",".join(one.name for one in REPOSITORIES),
}
stand_in = StandIn("github", _SETTINGS, _app, refuse, QUOTA)
