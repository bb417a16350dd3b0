"""HubSpot as a source: how we sign in, what its refusals mean, whose it is and what it promises."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from sg_assets.examination import Finding, beyond, look
from sg_assets.http import Client, Fail, Later, Reply, Retry, Ruling
from sg_assets.http.answers import retry_after
from sg_assets.http.exchange import Request
from sg_assets.http.quota import remaining
from sg_assets.promise import HOUR, Promise
from sg_assets.source import RateLimit, Right, Source, Variable
from sg_assets.sources.hubspot.fields import COMPANY, CONTACT, DEAL, NPS_FORM

RATES = (RateLimit(5, 1, path="/search"), RateLimit(100, 10))
"""What every plan allows: searches are counted for the whole account, other calls apart from them for each app."""
QUOTA = remaining("X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining", "day")
ROLLING_SECONDS = 10.0
"""The window of the general limit: what to wait where a refusal does not say how long."""
INDEX_LAG = timedelta(minutes=5)
"""How much later than the time it bears a change may be found by a search; HubSpot's index lags by seconds."""
ADVICE: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "SG_HUBSPOT_TOKEN must be the access token of a private app of the account.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The address was too long: lessen PROPERTIES_LENGTH in hubspot/objects.py.",
    530: "HubSpot does not know the token's host: check SG_HUBSPOT_URL and SG_HUBSPOT_TOKEN.",
}
MIGRATING = 477
KINDS = {CONTACT.path: "contacts", COMPANY.path: "companies", DEAL.path: "deals, and their pipelines"}
NEEDS = (
    *(
        Right(f"crm.objects.{kind}.read", "the private app", f"{told}, with associations")
        for kind, told in KINDS.items()
    ),
    *(Right(f"crm.schemas.{kind}.read", "the private app", "which properties there are") for kind in KINDS),
    Right("crm.objects.owners.read", "the private app", "owners"),
    Right("forms", "the private app", "answers to the survey; HubSpot has no scope that reads forms only"),
)
EVERY_APP = "oauth"
"""The scope that each app has by itself."""


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in with the access token of a private app."""
    token = settings["SG_HUBSPOT_TOKEN"]
    meaning = partial(rule, ZoneInfo(settings["SG_HUBSPOT_TIMEZONE"]))
    headers = {"Authorization": f"Bearer {token}"}
    return Client(base_url, name="hubspot", headers=headers, rate=RATES, secrets=[token], rule=meaning, quota=QUOTA)


def rule(zone: ZoneInfo, reply: Reply, now: datetime) -> Ruling | None:
    """What HubSpot means, where the status does not say it; the day begins at midnight in the account's zone.

    Source: HubSpot's usage guidelines and error handling, and what users of public connectors report.
    """
    if reply.is_good:
        return None
    if reply.status in {HTTPStatus.TOO_MANY_REQUESTS, MIGRATING}:
        return _limit(zone, reply, now)
    if reply.status == HTTPStatus.FORBIDDEN and (scopes := _scopes(_error(reply.body))):
        return Fail(f"Grant the private app {', '.join(scopes)}.")
    return Fail(ADVICE[reply.status]) if reply.status in ADVICE else None


def _limit(zone: ZoneInfo, reply: Reply, now: datetime) -> Ruling:
    """How long to stay away: to the end of the day, as long as the answer says, or until the window has passed."""
    error = _error(reply.body)
    if error.get("policyName") == "DAILY":
        midnight = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return Later(midnight, f"HubSpot's daily quota of API calls is used up ({error.get('message')})")
    wait = retry_after(reply, now)
    return Retry(ROLLING_SECONDS if wait is None else wait, is_limit=True)


def _error(body: bytes) -> dict[str, Any]:
    """The object that HubSpot's errors are; an empty one where the body is none, as from the proxies before it."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _scopes(error: Mapping[str, Any]) -> list[str]:
    """The scopes that a refusal names as missing."""
    contexts = (each.get("context", {}) for each in error.get("errors", ()))
    return sorted({scope for context in contexts for scope in context.get("requiredGranularScopes", ())})


hubspot = Source(
    name="hubspot",
    description="Marketing: contacts with their lifecycle and scores, companies, deals, and the answers to forms.",
    owner="team:marketing-ops",
    promise=Promise("0 15 * * *", timezone="America/Los_Angeles", warn=26 * HOUR, fail=30 * HOUR),
    connect=connect,
    base_url="https://api.hubapi.com",
    variables=(
        Variable("SG_HUBSPOT_TOKEN", "Access token of a private app of the HubSpot account.", is_secret=True),
        Variable(
            "SG_HUBSPOT_TIMEZONE",
            "Time zone of the HubSpot account: at midnight there its daily quota begins anew.",
            default="America/Los_Angeles",
        ),
    ),
    known_delay=INDEX_LAG,
    needs=NEEDS,
    excess="Asks which scopes the private app has, and compares them with these.",
)


@hubspot.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """One row of everything that is read, by the scope that it needs; further scopes; what is left of today's calls."""
    for kind in (CONTACT, COMPANY, DEAL):
        name = kind.path
        yield look(f"crm.objects.{name}.read", partial(http.get_json, f"/crm/v3/objects/{name}", {"limit": "1"}))
        yield look(f"crm.schemas.{name}.read", partial(http.get_json, f"/crm/v3/properties/{name}"))
    yield look("crm.objects.owners.read", partial(http.get_json, "/crm/v3/owners", {"limit": "1"}))
    yield look("forms", partial(http.get_json, f"/form-integrations/v1/submissions/forms/{NPS_FORM}", {"limit": "1"}))
    headers = http.send(Request("GET", "/crm/v3/pipelines/deals")).headers
    if left := headers.get("X-HubSpot-RateLimit-Daily-Remaining"):
        limit = headers.get("X-HubSpot-RateLimit-Daily", "an unknown number")
        yield Finding("API calls today", detail=f"of {limit}", quota_left=float(left))
    yield from beyond(
        partial(_further_scopes, http, settings["SG_HUBSPOT_TOKEN"]), "Take the scope from the private app."
    )


def _further_scopes(http: Client, token: str) -> list[str]:
    """The scopes of the token that nobody needs.

    https://developers.hubspot.com/docs/guides/apps/private-apps/overview
    """
    path = "/oauth/v2/private-apps/get/access-token-info"
    scopes: list[str] = http.post_json(path, {"tokenKey": token}, idempotent=True)["scopes"]
    return [f"use the scope {scope}" for scope in sorted({*scopes} - {right.name for right in NEEDS} - {EVERY_APP})]
