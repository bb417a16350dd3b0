"""The source itself: how we sign in, what Google Analytics means by its refusals, and how it is examined."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from sg_assets import google
from sg_assets.examination import Finding, look
from sg_assets.http import Client, Fail, Later, Reply, Retry, Ruling, SourceError
from sg_assets.promise import HOUR, Promise
from sg_assets.source import RateLimit, Right, Source, Variable
from sg_assets.sources.google_analytics.reports import LATENCY, PROPERTY, TIMEZONE, asked, path

NAME = "google_analytics"
READ = "https://www.googleapis.com/auth/analytics.readonly"
PACIFIC = ZoneInfo("America/Los_Angeles")
CONCURRENT_PAUSE = 30.0
"""Seconds after which one of ten concurrent requests has ended."""
HOUR_PAUSE = HOUR / 2
"""How long to stay away when an hour's quota is used up."""
RATE = RateLimit(calls=250, seconds=3600)
"""A project has 14,000 tokens of a property's hour, and the five reports of a request cost about fifty of them."""


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The client of the service account, which must be a viewer of the property.

    Raises:
        SourceError: the credentials are no key, or the property is not named by its number.
    """
    if not settings[PROPERTY].isdigit():
        advice = f"{PROPERTY} is the number of the property (Admin > Property details), not the G-… of a data stream."
        raise SourceError(NAME, "choose the property", "its id is not a number", advice)
    return google.connect(NAME, base_url, settings, (READ,), rate=RATE, rule=rule)


def rule(reply: Reply, now: datetime) -> Ruling | None:
    """What Google Analytics means: its quotas differ in their text only, and outages are not to be asked about often.

    More than ten server errors in an hour lock a project out of the property for that hour: so a request is not
    repeated, and it is the step that is tried again, twice.
    https://developers.google.com/analytics/devguides/reporting/data/v1/quotas
    """
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        message = _message(reply.body)
        if "concurrent" in message:
            return Retry(CONCURRENT_PAUSE, is_limit=True)
        if "per day" in message:
            midnight = datetime.combine(
                now.astimezone(PACIFIC).date() + timedelta(days=1), datetime.min.time(), PACIFIC
            )
            return Later(midnight.astimezone(UTC), f"the day's quota of Google Analytics is used up ({message})")
        return Later(now + HOUR_PAUSE, f"the hour's quota of Google Analytics is used up ({message})")
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fail("It is not asked again at once: over ten such errors an hour lock us out of the property.")
    if reply.status == HTTPStatus.FORBIDDEN:
        return Fail("Make the service account a viewer of the property (Admin > Property access management).")
    return None


def _message(body: bytes) -> str:
    """The message of `{"error": {"message": …}}`; empty where the body has another shape."""
    try:
        return str(json.loads(body)["error"]["message"])
    except (KeyError, TypeError, ValueError):
        return ""


google_analytics = Source(
    name=NAME,
    description="Web analytics of the marketing and documentation sites: sums per day, no people.",
    owner="team:marketing",
    promise=Promise("0 7 * * *", warn=75 * HOUR, fail=84 * HOUR),
    connect=connect,
    base_url="https://analyticsdata.googleapis.com",
    variables=(
        Variable(PROPERTY, "Number of the GA4 property."),
        Variable(TIMEZONE, "Reporting time zone of the property, in which its days are.", default=PACIFIC.key),
        Variable(google.CREDENTIALS, "Key of a service account: path or JSON.", is_secret=True),
    ),
    known_delay=LATENCY,
    needs=(
        Right(READ, "the access token", "asked for by us: the token itself cannot write"),
        Right("Viewer", "the GA4 property", "run reports"),
    ),
    excess=google.READ_ONLY_SCOPE,
)


@google_analytics.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """One number of yesterday, with what is left of the property's day."""
    body = asked((), ("sessions",), "yesterday", "yesterday") | {"returnPropertyQuota": True}
    left: list[float] = []

    def ask() -> None:
        answer = http.post_json(f"{path(settings)}:runReport", body, idempotent=True)
        left.append(answer["propertyQuota"]["tokensPerDay"]["remaining"])

    yield look(f"property {settings[PROPERTY]}", ask)
    for tokens in left:
        yield Finding("tokens of today", quota_left=tokens)
