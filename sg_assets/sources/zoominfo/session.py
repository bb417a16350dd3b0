"""How ZoomInfo is reached: tokens, limits, what its refusals mean, and what the contract still allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from sg_assets.examination import Finding, look
from sg_assets.http import Client, Later, Reply, Retry, Ruling
from sg_assets.promise import DAILY
from sg_assets.source import RateLimit, Right, Source, Variable

TOKEN_LIVES = timedelta(minutes=55)
"""How long a token is used; it ends after 60 minutes."""
QUOTA_PAUSE = timedelta(days=1)
"""How long to stay away when the contract is used up; only a new term, or more credits, mend that."""
LOGIN_RATE = RateLimit(1, 1.0)
RATE = RateLimit(25, 1.0)

Node = dict[str, Any]


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in with name and password, and anew before its token ends."""
    who = {"username": settings["SG_ZOOMINFO_USERNAME"], "password": settings["SG_ZOOMINFO_PASSWORD"]}
    secrets = [who["password"]]
    tokens: list[tuple[str, datetime]] = []

    def authorize(renew: bool) -> Mapping[str, str]:  # noqa: FBT001 (the shape of an `Authorize`)
        if renew or not tokens or client.clock() >= tokens[0][1] + TOKEN_LIVES:
            with Client(base_url, name=client.name, rate=LOGIN_RATE, secrets=secrets, sleep=client.sleep) as login:
                login.patience = client.patience
                jwt = login.post_json("/authenticate", who, idempotent=True)["jwt"]
            tokens[:] = [(jwt, client.clock())]
        return {"Authorization": f"Bearer {tokens[0][0]}"}

    client = Client(base_url, name="zoominfo", authorize=authorize, rate=RATE, secrets=secrets, rule=rule)
    return client


def rule(reply: Reply, now: datetime) -> Ruling | None:
    """What ZoomInfo means, where the status does not say it: a contract that is used up is a 403."""
    text = reply.body.decode(errors="replace") if not reply.is_good else ""
    if reply.status == HTTPStatus.FORBIDDEN and "used up all of your allowed" in text:
        which = next((limit for limit in ("record", "request", "unique id") if f"allowed {limit}" in text), "one")
        return Later(
            now + QUOTA_PAUSE, f"ZoomInfo's contract is used up ({which} limit): ask the owner for more credits"
        )
    reset = reply.headers.get("X-RateLimit-Reset", "")
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS and reset.isdigit():
        return Retry(max(float(reset) - now.timestamp(), 0.0), is_limit=True)
    return None


zoominfo = Source(
    name="zoominfo",
    description="A vendor's records of the companies and people in our CRM.",
    owner="team:sales-ops",
    promise=DAILY,
    connect=connect,
    base_url="https://api.zoominfo.com",
    variables=(
        Variable("SG_ZOOMINFO_USERNAME", "Name of the API user."),
        Variable("SG_ZOOMINFO_PASSWORD", "Its password.", is_secret=True),
        Variable("SG_ZOOMINFO_CREDITS_PER_RUN", "Credits that one pull of a table may spend", default="250"),
        Variable("SG_ZOOMINFO_CREDITS_PER_MONTH", "Credits that all may spend in a month (UTC)", default="1000"),
    ),
    needs=(Right("API access", "a user of its own", "usage, search, and enrichment, which spends credits"),),
    excess="Not asked: ZoomInfo does not tell. There is nothing to change at ZoomInfo but the credits that are spent.",
)


@zoominfo.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """What the contract still allows, and the right to each kind of record: searching spends no credits."""
    limits: list[Node] = []
    yield look("usage", lambda: limits.extend(http.get_json("/lookup/usage")["usage"]))
    for limit in limits:
        yield Finding(limit["limitType"], quota_left=limit["usageRemaining"])
    for path, asked in (("company", {"companyName": "ZoomInfo"}), ("contact", {"emailAddress": "nobody@zoominfo.com"})):
        yield look(path, partial(http.post_json, f"/search/{path}", {**asked, "rpp": 1}, idempotent=True))
