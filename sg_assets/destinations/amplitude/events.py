"""What is sent to Amplitude, to which project, and how we sign in and are refused.

How batches are made and what becomes of them is in `upload.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from sg_assets.destination import Destination, Receipt, Send
from sg_assets.destinations.amplitude.upload import MOST_EVENTS, UPLOAD, Upload, said
from sg_assets.examination import Finding
from sg_assets.http import Client, ComeBackLater, Fail, Reply, Ruling, SourceError
from sg_assets.http.exchange import Request
from sg_assets.promise import HOUR, Promise
from sg_assets.source import RateLimit, Right, Variable
from sg_assets.sources.amplitude import KEYS, PROJECTS, REGION, amplitude

ALLOWED, EVENTS = "SG_AMPLITUDE_UPLOAD", "events"
US, EU = "https://api2.amplitude.com", "https://api.eu.amplitude.com"
RATE = RateLimit(10, 1)
THROTTLE_PAUSE = 30.0
"""Seconds over which Amplitude averages the events of a user or device, of whom it takes 1,000 a second."""
PAUSES = 2
SHORT_PAUSE = timedelta(minutes=5)
DAILY_PAUSE = HOUR
"""How long to stay away from users whose 500,000 events of the last 24 hours are used up."""


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client without a credential, because the key of a project is part of each batch.

    Raises:
        SourceError: the variable that allows it says something else, such as `off`.
    """
    if (told := settings.get(ALLOWED, EVENTS)) != EVENTS:
        advice = f"Set it to {EVENTS}, or unset it."
        raise SourceError(amplitude.name, "upload events", f"{ALLOWED}={told}", advice, HTTPStatus.FORBIDDEN)
    is_elsewhere = base_url == US and settings.get(REGION.name) == "eu"
    keys = [settings[project.api_key] for project in PROJECTS]
    return Client(EU if is_elsewhere else base_url, name=amplitude.name, rate=RATE, secrets=keys, rule=rule)


def rule(reply: Reply, _now: datetime) -> Ruling | None:
    """A refusal that names events is sorted out here, not waited for by the client."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS and said(reply.body).get("throttled_events"):
        return Fail("Some users or devices send more than Amplitude takes.")
    if reply.status == HTTPStatus.BAD_REQUEST and "api key" in str(said(reply.body).get("error")).lower():
        return Fail("Check the API key of the project, and SG_AMPLITUDE_REGION.")
    return None


to_amplitude = Destination(
    replace(
        amplitude,
        description="Product analytics, told what users do.",
        connect=connect,
        base_url=US,
        promise=Promise("20 * * * *", warn=4 * HOUR, fail=8 * HOUR),
        variables=(
            *(KEYS[project.name][0] for project in PROJECTS),
            REGION,
            Variable(ALLOWED, f"`{EVENTS}`: upload events to both projects."),
        ),
        known_delay=timedelta(0),
        tables={},
        examination=None,
        needs=(Right("API key", "each project", "upload events", writes=True),),
        excess="Not asked: the keys of a project have no scopes.",
    )
)


@to_amplitude.system.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The key of each project, with a batch of nothing: it is refused for that, or for its key."""
    for project in PROJECTS:
        body = {"api_key": settings[project.api_key], "events": []}
        try:
            http.send(Request("POST", UPLOAD, body=body), idempotent=True)
        except SourceError as error:
            if error.status is None or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            if "api key" in str(error).lower() or error.status != HTTPStatus.BAD_REQUEST:
                yield Finding(f"upload to {project.name}", is_permitted=False, detail=str(error))
                continue
        yield Finding(f"upload to {project.name}")


@to_amplitude.sends(
    "amplitude.event_export",
    key=("event_on", "insert_id"),
    kept=("project", "arrived_at"),
    told=(
        "event_type", "event_at", "user_id", "device_id", "app_version", "event_properties", "user_properties",
        "ab_groups",
    ),
    days=7,
)  # fmt: skip
def event(send: Send) -> Iterator[Sequence[Receipt]]:
    """One row per event that was sent to Amplitude, and when, or why it was not.

    `detail` of one that was taken is Amplitude's own time of the upload, by whose hour its export is asked for. Between
    `arrived_at` and `sent_at` lie at most 65 minutes, for which there is a check on `amplitude.upload_hour`.
    """
    import pyarrow.compute as pc

    uploads = {project.name: Upload(send.http, send.settings[project.api_key]) for project in PROJECTS}
    for name, upload in uploads.items():
        rows = send.rows.filter(pc.equal(send.rows["project"], name))
        for batch in replace(send, rows=rows).batches(MOST_EVENTS):
            yield from upload.send(batch)
    for _ in range(PAUSES):
        waiting = [upload for upload in uploads.values() if upload.throttled and not upload.is_daily]
        if not waiting or send.http.patience < THROTTLE_PAUSE:
            break
        send.http.sleep(THROTTLE_PAUSE)
        for upload in waiting:
            yield from upload.send_again()
    if left := sum(len(upload.throttled) for upload in uploads.values()):
        pause = DAILY_PAUSE if any(upload.is_daily for upload in uploads.values()) else SHORT_PAUSE
        reason = f"{left} events are of users or devices that had too many"
        raise ComeBackLater(send.http.name, send.http.clock() + pause, reason)
