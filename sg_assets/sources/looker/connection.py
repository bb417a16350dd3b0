"""How Looker's API 4.0 is reached: login, lists, the right without which lists are silently short, and the doctor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from http import HTTPStatus
from typing import Any

from sg_assets.columns import Classification
from sg_assets.examination import Finding, look
from sg_assets.http import Client, Fail, Reply, Ruling, SourceError
from sg_assets.promise import DAILY
from sg_assets.source import Pull, RateLimit, Right, Source, Variable

PERSONAL, PSEUDONYMOUS = Classification.PERSONAL, Classification.PSEUDONYMOUS
API = "/api/4.0"
PAGE = 500
CALLS = RateLimit(25, 1.0)
"""Looker publishes a number for a month only, which depends on the contract: this is what does not disturb people."""
ADVICE = "Looker shows a user only what that user may see: make the owner of the API key an admin."

Json = dict[str, Any]


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in with an API key, and anew when its session of an hour ends."""
    secret = settings["SG_LOOKER_CLIENT_SECRET"]
    form = {"client_id": settings["SG_LOOKER_CLIENT_ID"], "client_secret": secret}
    tokens: list[str] = []

    def authorize(renew: bool) -> Mapping[str, str]:  # noqa: FBT001 (the shape of an `Authorize`)
        if renew or not tokens:
            with Client(base_url, name=client.name, secrets=[secret], rule=login_rule, sleep=client.sleep) as login:
                tokens[:] = [login.post_form(f"{API}/login", form, idempotent=True)["access_token"]]
        return {"Authorization": f"Bearer {tokens[0]}"}

    client = Client(base_url, name="looker", authorize=authorize, rate=CALLS, secrets=[secret], rule=rule)
    return client


def login_rule(reply: Reply, _now: datetime) -> Ruling | None:
    """A wrong key is told as not found."""
    if reply.status == HTTPStatus.NOT_FOUND:
        return Fail("Looker says so of a wrong key: check SG_LOOKER_CLIENT_ID and SG_LOOKER_CLIENT_SECRET.")
    return None


def rule(reply: Reply, _now: datetime) -> Ruling | None:
    """What may not be seen is told as not found, too."""
    return Fail(ADVICE) if reply.status == HTTPStatus.NOT_FOUND else None


looker = Source(
    name="looker",
    description="Where people look at data: their accounts and rights, and the dashboards and looks that there are.",
    owner="team:analytics",
    promise=DAILY,
    connect=connect,
    variables=(
        Variable("SG_LOOKER_CLIENT_ID", "Client id of an admin's API key."),
        Variable("SG_LOOKER_CLIENT_SECRET", "Client secret of that key.", is_secret=True),
    ),
    needs=(Right("Admin", "the owner of the API key: a user of its own", "see every user, group and content"),),
    excess="Not asked: no lesser role sees everything, so the key can change everything. Only reading calls are made.",
)


def listed(pull: Pull, path: str, fields: str, **params: str) -> list[Json]:
    """A whole list that has no pages, as an admin sees it.

    Args:
        pull: the pull.
        path: below the API.
        fields: what to select, so that nothing is sent which is not to be read.
        params: further parameters.

    Raises:
        SourceError: the key is no admin's, whose lists would be short without a word.
    """
    pull.once("is_admin", partial(check_admin, pull.http))
    found: list[Json] = pull.http.get_json(API + path, {"fields": fields, **params})
    return found


def paged(pull: Pull, path: str, fields: str, **params: str) -> Iterator[list[Json]]:
    """A list, page by page, in the order of ids; a page that is not full is the last one, since no answer says so.

    Raises:
        SourceError: see `listed`.
    """
    offset = 0
    while True:
        page = {"limit": str(PAGE), "offset": str(offset), "sorts": "id"}
        found = listed(pull, path, fields, **params, **page)
        yield found
        if len(found) < PAGE:
            return
        offset += PAGE


def check_admin(http: Client) -> None:
    """Refuse a key that is no admin's: Looker filters lists by the rights of the key's owner, and does not say so.

    Raises:
        SourceError: it is none.
    """
    own = set(http.get_json(f"{API}/user", {"fields": "id,role_ids"})["role_ids"])
    roles: list[Json] = http.get_json(f"{API}/roles", {"fields": "id,permission_set(all_access)"})
    if not any(role["id"] in own and role["permission_set"]["all_access"] for role in roles):
        raise SourceError(http.name, f"GET {API}/roles", "the key's owner is no admin", ADVICE, HTTPStatus.FORBIDDEN)


def undeclared(came: Mapping[str, object], fields: str) -> dict[str, object]:
    """What came although it is not among the fields that were asked for."""
    return {name: value for name, value in came.items() if name not in _names(fields)}


@cache
def _names(fields: str) -> frozenset[str]:
    """The names in `a,b(c,d)`: a and b."""
    while (plain := re.sub(r"\([^()]*\)", "", fields)) != fields:
        fields = plain
    return frozenset(fields.split(","))


@looker.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the key is an admin's, and each kind of thing may be listed."""
    yield look("Admin", partial(check_admin, http))
    lists = {"users": "/users", "groups": "/groups", "looks": "/looks/search", "dashboards": "/dashboards/search"}
    for subject, path in lists.items():
        yield look(subject, partial(http.get_json, API + path, {"fields": "id", "limit": "1"}))
    for subject, path in {"boards": "/boards", "explores": "/lookml_models"}.items():
        yield look(subject, partial(http.get_json, API + path, {"fields": "id" if subject == "boards" else "name"}))
