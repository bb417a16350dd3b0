"""What every Google source shares: the service account's session, Google's error shapes, and objects in a bucket.

Protocol: the Cloud Storage JSON API, https://cloud.google.com/storage/docs/json_api/v1/objects (list, get).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from sg_assets import google_key
from sg_assets.examination import Finding, beyond, look
from sg_assets.http import Authorize, Client, Later, Reply, Retry, Rule, Ruling, SourceError
from sg_assets.source import RateLimit, Right

CREDENTIALS = google_key.CREDENTIALS
SIGN_IN = "sign in to Google"
SANDBOX = "sandbox"
SANDBOX_TOKEN = "sandbox-google-token"  # noqa: S105 (what the stand-ins accept, and nobody else)
IN_MEMORY = 16 << 20
"""Bytes of a downloaded object that wait in memory; a larger one waits in a file."""
READ_STORAGE = "https://www.googleapis.com/auth/devstorage.read_only"

BUCKET_NEEDS = (
    Right(READ_STORAGE, "the access token", "asked for by us: the token itself cannot write"),
    Right("roles/storage.objectViewer", "the bucket", "list and read objects"),
)
"""What reading a bucket needs."""
BUCKET_EXCESS = "Asks which rights to write the service account has on the bucket (buckets.testIamPermissions)."
CHANGING = (
    "storage.objects.create", "storage.objects.delete", "storage.objects.update", "storage.objects.setIamPolicy",
    "storage.buckets.delete", "storage.buckets.update", "storage.buckets.setIamPolicy",
)  # fmt: skip
"""Rights on a bucket that change something."""
READ_ONLY_SCOPE = (
    "Not asked: Google does not tell it to a token that can only read. Nothing can be written with ours, whatever the "
    "service account may do."
)

RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
DAY_REASONS = frozenset({"dailyLimitExceeded", "quotaExceeded"})
DAY_PAUSE = timedelta(hours=1)
"""How long to stay away when a day's quota is used up: it is given back bit by bit, or at midnight in California."""


def connect(  # noqa: PLR0913 (each of the last three has a default, and is named)
    name: str,
    base_url: str,
    settings: Mapping[str, str],
    scopes: Sequence[str] = (READ_STORAGE,),
    *,
    rate: RateLimit | Sequence[RateLimit] = (),
    rule: Rule | None = None,
) -> Client:
    """The client of one Google source, signed in as the service account of the settings.

    `rate` is what the API allows; `rule` what its answers mean, by default what those of every Google API do.

    Raises:
        SourceError: the credentials are not a service account's key.
    """
    credentials = settings[CREDENTIALS].strip()
    authorize = _sandbox if credentials == SANDBOX else _service_account(name, credentials, scopes)
    return Client(base_url, name=name, authorize=authorize, rate=rate, rule=rule or google_rule)


def address_of(settings: Mapping[str, str]) -> str:
    """The e-mail address of the service account of the settings: what people share things with."""
    credentials = settings[CREDENTIALS].strip()
    try:
        text = credentials if credentials.startswith("{") else Path(credentials).read_text(encoding="utf-8")
        return str(json.loads(text)["client_email"])
    except (KeyError, OSError, TypeError, ValueError):
        return f"the service account of {CREDENTIALS}"


def google_rule(reply: Reply, now: datetime) -> Ruling | None:
    """Google's quotas come as 403, too, and only the reason in the body tells them from a missing right.

    https://cloud.google.com/storage/docs/json_api/v1/status-codes
    """
    if reply.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return None
    reasons = _reasons(reply.body)
    if reasons & DAY_REASONS:
        return Later(now + DAY_PAUSE, f"Google's quota is used up: {', '.join(sorted(reasons))}")
    return Retry(is_limit=True) if reply.status == HTTPStatus.FORBIDDEN and reasons & RATE_REASONS else None


def _reasons(body: bytes) -> set[str]:
    """The reasons in `{"error": {"errors": [{"reason": …}], "details": [{"reason": …}]}}`; none in another shape.

    Older APIs have the first list, newer ones the second: https://cloud.google.com/apis/design/errors
    """
    try:
        error = json.loads(body)["error"]
        return {item["reason"] for item in (*error.get("errors", ()), *error.get("details", ())) if "reason" in item}
    except (AttributeError, KeyError, TypeError, ValueError):
        return set()


def _sandbox(_renew: bool) -> Mapping[str, str]:  # noqa: FBT001 (the shape of an `Authorize`)
    return {"Authorization": f"Bearer {SANDBOX_TOKEN}"}


def _service_account(name: str, credentials: str, scopes: Sequence[str]) -> Authorize:
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 (slow to import, not needed by the sandbox)
    from google.auth.transport.requests import Request  # noqa: PLC0415

    try:
        account = google_key.read(credentials, scopes)
    except google_key.UnreadableKeyError as error:
        raise SourceError(name, SIGN_IN, f"the credentials cannot be read ({error})", google_key.WANTED) from None

    def authorize(renew: bool) -> Mapping[str, str]:  # noqa: FBT001 (the shape of an `Authorize`)
        refused = ""
        if renew or not account.valid:
            try:
                account.refresh(Request())
            except GoogleAuthError as error:
                refused = type(error).__name__
        if refused:
            message = f"no token for {account.service_account_email} ({refused})"
            advice = "The key may have been revoked, or Google be out of reach."
            raise SourceError(name, SIGN_IN, message, advice)
        return {"Authorization": f"Bearer {account.token}"}

    return authorize


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a bucket lists it; `generation` changes whenever its content is replaced."""

    name: str
    generation: str
    size: int


class Bucket:
    """One bucket of Cloud Storage."""

    def __init__(self, http: Client, name: str, page_size: int = 1000) -> None:
        """Read the bucket of that name; `page_size` objects at most come in one answer."""
        self._http = http
        self._path = f"/storage/v1/b/{quote(name, safe='')}/o"
        self._page_size = page_size

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose names begin so, by name.

        Raises:
            SourceError: the bucket could not be listed.
        """
        params = {
            "prefix": prefix,
            "maxResults": str(self._page_size),
            "fields": "nextPageToken,items(name,generation,size)",
        }
        while True:
            answer: dict[str, Any] = self._http.get_json(self._path, params)
            for item in answer.get("items", ()):
                yield StoredObject(item["name"], str(item["generation"]), int(item.get("size", 0)))
            if not (token := answer.get("nextPageToken")):
                return
            params = {**params, "pageToken": token}

    def download(self, name: str, into: BinaryIO, generation: str | None = None) -> None:
        """Read one object, of one generation or as it is now, into an empty file.

        Raises:
            SourceError: it could not be read; with status 404, that generation is no more.
        """
        params = {"alt": "media", **({"generation": generation} if generation else {})}
        self._http.download(f"{self._path}/{quote(name, safe='')}", params, into)


def examine_bucket(
    http: Client, settings: Mapping[str, str], variable: str, prefixes: Sequence[str]
) -> Iterator[Finding]:
    """Whether the objects below some prefixes may be listed, and the first of each be read: two separate rights.

    And whether more may be done than that.

    Args:
        http: the client.
        settings: by name of variable.
        variable: the one that names the bucket.
        prefixes: of the objects, without a slash at their ends.

    Raises:
        SourceError: nothing answers.
    """
    name = settings[variable]
    objects = f"/storage/v1/b/{quote(name, safe='')}/o"

    def ask(prefix: str) -> None:
        found = http.get_json(objects, {"prefix": f"{prefix}/", "maxResults": "1", "fields": "items(name)"})
        for item in found.get("items", ()):
            http.get_json(f"{objects}/{quote(item['name'], safe='')}", {"fields": "size"})

    for prefix in prefixes:
        yield look(f"gs://{name}/{prefix}", partial(ask, prefix))
    tested = "&".join(f"permissions={right}" for right in CHANGING)
    path = f"/storage/v1/b/{quote(name, safe='')}/iam/testPermissions?{tested}"
    advice = f"Give {address_of(settings)} roles/storage.objectViewer on gs://{name} only."

    def held() -> list[str]:
        found = http.get_json(path).get("permissions", ())
        return [f"use {', '.join(found)} on gs://{name}"] if found else []

    yield from beyond(held, advice)
