"""The part of Google Cloud Storage's JSON API that reads: listing a bucket, an object's metadata, its bytes.

Both sources that get files speak it. Paths, parameters and error bodies are those of `storage.googleapis.com`; there is
also a token endpoint, so that a service account's key whose `token_uri` is here works as well as the fixed token.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.hourly_objects import Bucket, Stored
from sg_assets.sandbox.stand_in import Refusal

TOKEN = "sandbox-google-token"  # noqa: S105 (of a made-up company)
CREDENTIALS = "sandbox"
"""The value of SG_GOOGLE_CREDENTIALS for which a client sends the fixed token."""
READING = ("storage.objects.get", "storage.objects.list")
MOST_RESULTS = 1000
_REASONS = {400: "invalid", 401: "authError", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}
_MESSAGES = {
    401: "Invalid Credentials",
    403: "sandbox@made-up.example does not have storage.objects.list access to the Google Cloud Storage bucket.",
    429: "The rate of requests exceeds the limit. Please reduce your request rate.",
}


def google_error(status: int, message: str = "", reason: str = "") -> dict[str, object]:
    """Google's body for an error."""
    text = message or _MESSAGES[status]
    one = {"message": text, "domain": "global", "reason": reason or _REASONS[status]}
    return {"error": {"code": status, "message": text, "errors": [one]}}


def refuse(status: int) -> Refusal:
    """Google's refusal for a status."""
    return Refusal("application/json; charset=UTF-8", json.dumps(google_error(status)).encode())


QUOTA = (
    429,
    Refusal(
        "application/json; charset=UTF-8",
        json.dumps(google_error(429, "The project exceeded its quota for reading.", "quotaExceeded")).encode(),
    ),
)


@dataclass(frozen=True)
class StorageApi:
    """The API in front of one bucket."""

    bucket: Bucket

    def app(self) -> Starlette:
        """The ASGI application."""
        one = "/storage/v1/b/{bucket}/o/{name:path}"
        return Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route("/storage/v1/b/{bucket}", self.describe_bucket),
                Route("/storage/v1/b/{bucket}/o", self.list_objects),
                Route("/storage/v1/b/{bucket}/iam/testPermissions", self.test_permissions),
                Route(one, self.read_object),
                Route("/download" + one, self.read_object),
            ]
        )

    async def token(self, request: Request) -> Response:
        """Give the fixed token for any signed assertion."""
        form = dict(parse_qsl((await request.body()).decode()))
        if not form.get("assertion"):
            return JSONResponse({"error": "invalid_grant", "error_description": "Missing assertion"}, 400)
        return JSONResponse({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})

    async def describe_bucket(self, request: Request) -> Response:
        """The bucket itself."""
        name = self.bucket.name
        return self._problem(request) or JSONResponse(
            {"kind": "storage#bucket", "id": name, "name": name, "location": "US"}
        )

    async def test_permissions(self, request: Request) -> Response:
        """Which of the asked rights the service account has: those to read, and with `further_rights` all."""
        if problem := self._problem(request):
            return problem
        is_wide = self.bucket.sandbox.faults.on(Kind.FURTHER_RIGHTS, self.bucket.source, self.bucket.name)
        asked = request.query_params.getlist("permissions")
        held = [right for right in asked if is_wide or right in READING]
        some = {"permissions": held} if held else {}
        return JSONResponse({"kind": "storage#testIamPermissionsResponse", **some})

    async def list_objects(self, request: Request) -> Response:
        """One page of the objects that exist, in the order of their names; `items` is absent where there are none."""
        if problem := self._problem(request):
            return problem
        asked = request.query_params
        try:
            most = min(MOST_RESULTS, int(asked.get("maxResults", MOST_RESULTS)))
            after = base64.b64decode(asked.get("pageToken", ""), altchars=b"-_", validate=True).decode()
        except ValueError:
            return JSONResponse(google_error(400, "Invalid argument."), 400)
        faults, source = self.bucket.sandbox.faults, self.bucket.source
        if faults.take(Kind.EMPTY_LIST, source, "objects"):
            return JSONResponse({"kind": "storage#objects"})
        found = list(islice(self.bucket.objects(asked.get("prefix", ""), after), most + 1))
        answer: dict[str, object] = {"kind": "storage#objects"}
        if found[most:]:
            answer["nextPageToken"] = base64.urlsafe_b64encode(found[most - 1].name.encode()).decode()
        if items := [self._resource(stored) for stored in found[:most]]:
            answer["items"] = items
        return JSONResponse(answer)

    async def read_object(self, request: Request) -> Response:
        """An object's metadata, or with `alt=media` its bytes, of the asked generation or the newest."""
        if problem := self._problem(request):
            return problem
        name = request.path_params["name"]
        stored = self.bucket.find(name)
        wanted = request.query_params.get("generation")
        if stored is None or (wanted and wanted != str(stored.generation)):
            return JSONResponse(google_error(404, f"No such object: {self.bucket.name}/{name}"), 404)
        content = self.bucket.content(stored)
        if request.query_params.get("alt") != "media":
            return JSONResponse(self._resource(stored) | {"size": str(len(content)), "md5Hash": _md5(content)})
        headers = {"x-goog-generation": str(stored.generation), "x-goog-hash": f"md5={_md5(content)}"}
        return Response(content, media_type="application/gzip", headers=headers)

    def _problem(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse(google_error(401), 401)
        if request.path_params["bucket"] != self.bucket.name:
            return JSONResponse(google_error(404, "The specified bucket does not exist."), 404)
        return None

    def _resource(self, stored: Stored) -> dict[str, object]:
        name, created = stored.name, stored.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return {
            "kind": "storage#object",
            "id": f"{self.bucket.name}/{name}/{stored.generation}",
            "selfLink": f"https://www.googleapis.com/storage/v1/b/{self.bucket.name}/o/{quote(name, safe='')}",
            "name": name,
            "bucket": self.bucket.name,
            "generation": str(stored.generation),
            "metageneration": "1",
            "contentType": "application/gzip",
            "storageClass": "STANDARD",
            "timeCreated": created,
            "updated": created,
        }


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
