"""The Tag Manager API (v2) of one account: its containers, and of each the version that is live.

Keys are singular and absent where there is nothing; lists come in no order, in pages whose size nobody can choose; too
many calls are a 403: https://developers.google.com/tag-platform/tag-manager/api/v2
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.tag_containers import TAG, TRIGGER, VARIABLE, Container, Element, TagContainers, Version
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.stand_in import Refusal, StandIn
from sg_assets.sandbox.storage_api import CREDENTIALS, TOKEN

if TYPE_CHECKING:
    from starlette.types import ASGIApp

ACCOUNT = "6001234567"
_ERRORS = {
    401: ("UNAUTHENTICATED", "authError", "Request had invalid authentication credentials."),
    403: ("PERMISSION_DENIED", "insufficientPermissions", "The caller does not have permission."),
    404: ("NOT_FOUND", "notFound", "Not found or permission denied."),
    429: ("RESOURCE_EXHAUSTED", "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'."),
}
Json = dict[str, Any]


@dataclass(frozen=True)
class TagManagerApi:
    """The API in front of the containers of one sandbox."""

    sandbox: Sandbox
    tags: TagContainers

    def app(self) -> Starlette:
        """The ASGI application."""
        account = "/tagmanager/v2/accounts/{account}"
        return Starlette(
            routes=[
                Route(account + "/containers", self.containers),
                Route(account + "/containers/{container}/versions:live", self.live),
            ]
        )

    async def containers(self, request: Request) -> Response:
        """One page of the containers."""
        if problem := _problem(request):
            return problem
        found = sorted(self.tags.containers, key=lambda one: number("order", one.id))
        if self.sandbox.faults.take(Kind.EMPTY_LIST, stand_in.source, "containers"):
            found = []
        start = int(request.query_params.get("pageToken", "0"))
        end = start + self.sandbox.page_size
        answer: Json = {"container": [self._container(one) for one in found[start:end]]} if found[start:end] else {}
        return JSONResponse(answer | ({"nextPageToken": str(end)} if found[end:] else {}))

    async def live(self, request: Request) -> Response:
        """The version of a container that is live, with all that is in it."""
        if problem := _problem(request):
            return problem
        found = next((one for one in self.tags.containers if one.id == request.path_params["container"]), None)
        version = self.tags.live(found, self.sandbox.now()) if found else None
        if found is None or version is None:
            return JSONResponse(_body(404), 404)
        return JSONResponse(self._version(found, version))

    def _container(self, one: Container) -> Json:
        path = f"accounts/{ACCOUNT}/containers/{one.id}"
        return {
            "path": path,
            "accountId": ACCOUNT,
            "containerId": one.id,
            "name": one.name,
            "publicId": one.public_id,
            "usageContext": [one.context],
            "fingerprint": str(number(one.id, "fingerprint") % 10**13),
            "tagManagerUrl": f"https://tagmanager.google.com/#/container/{path}/workspaces?apiLink=container",
            "features": {"supportUserPermissions": True, "supportVersions": True},
            "tagIds": [one.public_id],
        }

    def _version(self, container: Container, version: Version) -> Json:
        path = f"accounts/{ACCOUNT}/containers/{container.id}/versions/{version.number}"
        answer: Json = {
            "path": path,
            "accountId": ACCOUNT,
            "containerId": container.id,
            "containerVersionId": str(version.number),
            "name": f"Version of {version.published_at:%d %B}",
            "container": self._container(container),
            "builtInVariable": [{"accountId": ACCOUNT, "type": "pageUrl", "name": "Page URL"}],
            "fingerprint": str(int(version.published_at.timestamp() * 1000)),
            "tagManagerUrl": f"https://tagmanager.google.com/#/versions/{path}?apiLink=version",
        }
        for kind in (TAG, TRIGGER, VARIABLE):
            if elements := sorted(version.of(kind), key=lambda one: number("order", one.id)):
                answer[kind] = [_element(container, one) for one in elements]
        if fault := self.sandbox.faults.take(Kind.UNKNOWN_FIELD, stand_in.source, "versions:live"):
            answer[str(fault.options.get("field", "surprise"))] = "surprise"
        return answer


def _element(container: Container, one: Element) -> Json:
    return {
        "accountId": ACCOUNT,
        "containerId": container.id,
        f"{one.kind}Id": one.id,
        "name": one.name,
        "type": one.type,
        "fingerprint": one.fingerprint,
        **one.settings,
    }


def _problem(request: Request) -> Response | None:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        return JSONResponse(_body(401), 401)
    if request.path_params["account"] != ACCOUNT:
        return JSONResponse(_body(404), 404)
    return None


def _body(status: int, reason: str = "", message: str = "") -> Json:
    name, usual_reason, usual = _ERRORS[status]
    error = {"message": message or usual, "domain": "global", "reason": reason or usual_reason}
    if (reason or usual_reason).endswith("Exceeded"):
        error["domain"] = "usageLimits"
    return {"error": {"code": status, "message": error["message"], "errors": [error], "status": name}}


def refuse(status: int) -> Refusal:
    """Google's refusal for a status."""
    return Refusal("application/json; charset=UTF-8", json.dumps(_body(status)).encode())


_DAY = _body(403, "dailyLimitExceeded", "Quota exceeded for quota metric 'Queries' and limit 'Queries per day'.")
QUOTA = (403, Refusal("application/json; charset=UTF-8", json.dumps(_DAY).encode()))


def _app(sandbox: Sandbox) -> ASGIApp:
    return TagManagerApi(sandbox, TagContainers(sandbox.company)).app()


_SETTINGS = {"SG_GOOGLE_CREDENTIALS": CREDENTIALS, "SG_GOOGLE_TAG_MANAGER_ACCOUNT": ACCOUNT}
stand_in = StandIn("google_tag_manager", _SETTINGS, _app, refuse, QUOTA)
