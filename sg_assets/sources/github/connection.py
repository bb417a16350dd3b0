"""How GitHub is reached: the token, the meaning of its refusals and limits, and how `sg-assets doctor` looks at it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from sg_assets.examination import Finding, beyond, look
from sg_assets.http import Client, Fail, Reply, Retry, Ruling, SourceError
from sg_assets.http.exchange import Request
from sg_assets.http.quota import remaining
from sg_assets.promise import HOURLY
from sg_assets.source import RateLimit, Right, Source, Variable

VERSION = "2022-11-28"
POINTS = (RateLimit(2_000, 60.0, "/graphql"), RateLimit(900, 60.0))
"""The secondary limits, a point a read; the hourly one is told by GitHub itself when it is used up."""
QUOTA = remaining("x-ratelimit-limit", "x-ratelimit-remaining", "hour")
SECONDARY_PAUSE = 60.0
"""Seconds to wait after a secondary limit that does not say how long, as GitHub asks for."""
HOUR = timedelta(hours=1)
_REPOSITORY = re.compile(r"[A-Za-z0-9-]+/(?!\.\.?$)[A-Za-z0-9._-]+")
BOARD_OF = "query($org:String!,$n:Int!){organization(login:$org){projectV2(number:$n){items(first:1){totalCount}}}}"


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client with a personal access token, or one of an app, classic or fine-grained."""
    token = settings["SG_GITHUB_TOKEN"]
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": VERSION,
    }
    return Client(base_url, name="github", headers=headers, rate=POINTS, secrets=[token], rule=rule, quota=QUOTA)


ADVICE: Mapping[int, str] = {
    HTTPStatus.NOT_FOUND: "Also said of a repository that the token may not read: see SG_GITHUB_REPOSITORIES.",
    HTTPStatus.GONE: "Issues are switched off in this repository: take it out of SG_GITHUB_REPOSITORIES.",
}


def rule(reply: Reply, now: datetime) -> Ruling | None:
    """What GitHub means, where the status does not say it: limits, missing rights, queries that take too long.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    body = _body(reply)
    if limit := _limit(reply, body, now):
        return limit
    if reply.status in ADVICE:
        return Fail(ADVICE[reply.status])
    is_too_heavy = reply.status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT} and "errors" in body
    return Fail("The query took GitHub too long.") if is_too_heavy else None


def _limit(reply: Reply, body: Mapping[str, Any], now: datetime) -> Retry | None:
    """How long to wait where a limit is reached: GitHub says so by 403 or 429, or in a good answer of GraphQL."""
    if reply.is_good:
        kinds = {error.get("type") for error in body.get("errors") or ()}
        return Retry(_until_reset(reply, now), is_limit=True) if "RATE_LIMITED" in kinds else None
    if reply.status not in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
        return None
    message = str(body.get("message", ""))
    if (wait := reply.headers.get("retry-after", "")).isdigit():
        return Retry(float(wait), is_limit=True)
    if reply.headers.get("x-ratelimit-remaining") == "0" or message.startswith("API rate limit exceeded"):
        return Retry(_until_reset(reply, now), is_limit=True)
    return Retry(SECONDARY_PAUSE, is_limit=True) if "secondary rate limit" in message else None


def _until_reset(reply: Reply, now: datetime) -> float:
    """The seconds until the primary limit is given back; an hour where the answer does not say."""
    reset = reply.headers.get("x-ratelimit-reset", "")
    at = datetime.fromtimestamp(int(reset), UTC) if reset.isdigit() else now + HOUR
    return max((at - now).total_seconds(), 1.0)


def _body(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is something else."""
    try:
        body = reply.value if reply.is_good else json.loads(reply.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


github = Source(
    name="github",
    description="Where the product is written, and where people ask the analytics team for data.",
    owner="team:analytics",
    promise=HOURLY,
    connect=connect,
    base_url="https://api.github.com",
    variables=(
        Variable("SG_GITHUB_TOKEN", "Token with read:project, and read access to the repositories.", is_secret=True),
        Variable("SG_GITHUB_ORGANIZATION", "Organisation that the board belongs to.", default="sourcegraph"),
        Variable("SG_GITHUB_PROJECT", "Number of the analytics team's board.", default="63"),
        Variable(
            "SG_GITHUB_REPOSITORIES",
            "Repositories to read, owner/name, separated by commas.",
            default="sourcegraph/analytics",
        ),
    ),
    needs=(
        Right("Metadata: read", "each repository, by a fine-grained token", "find the repository"),
        Right("Issues: read", "each repository", "raw_github.issue"),
        Right("Pull requests: read", "each repository", "raw_github.pull_request"),
        Right("Projects: read", "the organisation", "the board (a classic token: scope read:project)"),
    ),
    excess=(
        "Of a classic token GitHub tells the scopes (X-OAuth-Scopes): each but read:… is warned of. Of a fine-grained "
        "one it tells nothing."
    ),
)


def repositories(settings: Mapping[str, str]) -> list[str]:
    """The repositories to read, as `owner/name`, each once.

    Raises:
        SourceError: one is named in another way.
    """
    names = list(dict.fromkeys(name.strip() for name in settings["SG_GITHUB_REPOSITORIES"].split(",") if name.strip()))
    if wrong := [name for name in names if not _REPOSITORY.fullmatch(name)]:
        raise SourceError(github.name, "the repositories", f"{wrong[0]!r} is none", "Set SG_GITHUB_REPOSITORIES.")
    return names


def board(settings: Mapping[str, str]) -> dict[str, object]:
    """The variables that name the board in a query.

    Raises:
        SourceError: its number is none.
    """
    number = settings["SG_GITHUB_PROJECT"].strip()
    if not number.isdigit():
        raise SourceError(github.name, "the board", f"its number is {number!r}", "Set SG_GITHUB_PROJECT to a number.")
    return {"org": settings["SG_GITHUB_ORGANIZATION"].strip(), "n": int(number)}


REFUSALS = {
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "INSUFFICIENT_SCOPES": HTTPStatus.FORBIDDEN,
}
"""Types of errors that are refusals, and the status that they would have in REST."""


def ask(http: Client, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
    """The data of a GraphQL query; data beside an error is incomplete, and not taken.

    Raises:
        SourceError: GraphQL reports its errors in an answer that is good HTTP; a refusal has the status of one.
    """
    answer = http.post_json("/graphql", {"query": query, "variables": dict(variables)}, idempotent=True)
    if errors := answer.get("errors"):
        came = http.shown("; ".join(str(error.get("message", "an error without a message")) for error in errors))
        advice = "Check SG_GITHUB_ORGANIZATION, SG_GITHUB_PROJECT, and that the token has the scope read:project."
        raise SourceError(http.name, "POST /graphql", came, advice, REFUSALS.get(str(errors[0].get("type"))))
    return cast("dict[str, Any]", answer["data"])


@github.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether each repository's issues and pull requests and the board may be read, and what is left of the hour."""
    for name in repositories(settings):
        for what in ("issues", "pulls"):
            path = f"/repos/{name}/{what}"
            yield look(f"{name} {what}", partial(http.get_json, path, {"per_page": "1"}))
    yield from examine_board(http, settings)


def examine_board(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the board may be read, and what is left of the hour: all that is asked where others copy the rest."""
    yield look("read:project", partial(ask, http, BOARD_OF, board(settings)))
    limits = http.send(Request("GET", "/rate_limit"))
    left = limits.value["resources"]
    yield Finding("REST calls this hour", quota_left=left["core"]["remaining"])
    yield Finding("GraphQL points this hour", quota_left=left["graphql"]["remaining"])
    yield from beyond(
        partial(_further_scopes, limits), "Make a fine-grained token, which can be given read access only."
    )


def _further_scopes(reply: Reply) -> list[str]:
    """The scopes of a classic token that let it do more than read; a fine-grained one has no such header.

    https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
    """
    told = reply.headers.get("X-OAuth-Scopes", "")
    scopes = sorted(scope for part in told.split(",") if (scope := part.strip()))
    return [f"use the scope {scope}" for scope in scopes if not scope.startswith("read:")]
