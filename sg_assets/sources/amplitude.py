"""Amplitude, read back: the events of its two projects, hour by hour of their upload, as its Export API gives them.

What is uploaded, and how, is in `destinations/amplitude.py`. Hours are those at which Amplitude took an event, not
those at which it happened. An export is a ZIP of gzipped lines of JSON, of up to 4 GB: it goes to a file, is checked to
its last byte, and is read from there.
Protocol: https://amplitude.com/docs/apis/analytics/export
"""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any, BinaryIO

import orjson

from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client, Fail, Reply, Ruling, SourceError
from sg_assets.promise import Promise
from sg_assets.source import Page, Pull, RateLimit, Right, Row, Source, Variable
from sg_assets.table import Mode, Window

PSEUDONYMOUS = Classification.PSEUDONYMOUS
HOUR = timedelta(hours=1)
LATENCY = 3 * HOUR
"""An hour can be had two hours after its end; who asks earlier is given a part of it, and told that all is well."""
AT_FIRST = timedelta(days=30)
"""How far back the first pull goes: what was uploaded before is not compared any more."""
MOST_HOURS = 7 * 24
"""Hours that are asked for at once; a week is far below the year that the API allows, and may be above the 4 GB."""
ROWS = 5_000
"""Rows that are given at a time."""
RATE = RateLimit(10, 1)
TOO_MUCH = (HTTPStatus.BAD_REQUEST, HTTPStatus.GATEWAY_TIMEOUT)
NO_DATA_HERE = "This is no answer of the Export API: check SG_AMPLITUDE_URL."
EXPORT = "/api/2/export"
US, EU = "https://amplitude.com", "https://analytics.eu.amplitude.com"


@dataclass(frozen=True, slots=True)
class Project:
    """One of our projects at Amplitude: the variables of its two keys."""

    name: str
    api_key: str
    secret_key: str


PROJECTS = (
    Project("Managed instances", "SG_AMPLITUDE_MANAGED_API_KEY", "SG_AMPLITUDE_MANAGED_SECRET_KEY"),
    Project("Dotcom", "SG_AMPLITUDE_DOTCOM_API_KEY", "SG_AMPLITUDE_DOTCOM_SECRET_KEY"),
)
REGION = Variable("SG_AMPLITUDE_REGION", "Where the projects are kept: `us` or `eu`.", default="us")
KEYS = {
    project.name: (
        Variable(project.api_key, f"API key of the project {project.name}.", is_secret=True),
        Variable(project.secret_key, f"Secret key of the project {project.name}, for its export.", is_secret=True),
    )
    for project in PROJECTS
}


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The client whose address and patience those of the projects have; it sends nothing itself."""
    is_elsewhere = base_url == US and settings.get(REGION.name) == "eu"
    return Client(EU if is_elsewhere else base_url, name="amplitude", rate=RATE)


@contextmanager
def _project(http: Client, settings: Mapping[str, str], project: Project) -> Generator[Client]:
    """A client with the keys of one project; its calls are counted with the other's."""
    api_key, secret = settings[project.api_key], settings[project.secret_key]
    basic = b64encode(f"{api_key}:{secret}".encode()).decode()
    with Client(
        http.base_url,
        name=http.name,
        headers={"Authorization": f"Basic {basic}"},
        rate=RATE,
        secrets=[api_key, secret, basic],
        timeout=(10.0, 300.0),  # it is put together before the first byte comes
        rule=rule,
        patience=http.patience,
        sleep=http.sleep,
    ) as one:
        try:
            yield one
        finally:
            http.calls += one.calls


def rule(reply: Reply, _now: datetime) -> Ruling | None:
    """What Amplitude means: too much at once is no outage, and 404 is no error unless somebody else says it."""
    if reply.status in TOO_MUCH:
        return Fail("If one hour is over 4 GB or takes too long to export, use Amplitude's export to S3 for it.")
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Fail("The keys were refused: check the project's API key and secret key.")
    if reply.status == HTTPStatus.NOT_FOUND and "html" in reply.headers.get("Content-Type", ""):
        return Fail(NO_DATA_HERE)
    return None


amplitude = Source(
    name="amplitude",
    description="Product analytics: the events that Amplitude has, to compare them with what was sent.",
    owner="team:analytics",
    promise=Promise("40 * * * *", warn=6 * HOUR, fail=12 * HOUR),
    connect=connect,
    base_url=US,
    variables=(*(variable for both in KEYS.values() for variable in both), REGION),
    known_delay=LATENCY,
    needs=(Right("API key and secret key", "each project", "export events"),),
    excess="Not asked: the keys of a project have no scopes.",
)


@amplitude.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The export of each project, of one hour of long ago that has nothing in it."""
    for project in PROJECTS:
        with _project(http, settings, project) as client, tempfile.TemporaryFile() as file:

            def ask(client: Client = client, file: BinaryIO = file) -> None:
                _download(client, datetime(2015, 1, 1), datetime(2015, 1, 1), file)  # noqa: DTZ001 (only its digits)

            yield look(f"export of {project.name}", ask)


FIELDS = {
    "uuid": Column("uuid", "STRING", "Amplitude's own id of the event."),
    "$insert_id": Column("insert_id", "STRING", "The id that the sender gave it; null where the sender gave none."),
    "event_type": Column("event_type", "STRING", "What happened, as it was sent."),
    "event_time": Column(
        "event_at", "TIMESTAMP", "When it happened, put right by Amplitude for clocks that are wrong."
    ),
    "client_event_time": Column("client_event_at", "TIMESTAMP", "When it happened, as it was sent."),
    "server_received_time": Column("received_at", "TIMESTAMP", "When Amplitude received it."),
    "server_upload_time": Column("uploaded_at", "TIMESTAMP", "When Amplitude took it: the hour of the export."),
    "processed_time": Column("processed_at", "TIMESTAMP", "When Amplitude had worked it in."),
    "user_id": Column("user_id", "STRING", "The signed-in user, as sent.", PSEUDONYMOUS),
    "device_id": Column("device_id", "STRING", "The browser, as sent; else made from the user.", PSEUDONYMOUS),
    "amplitude_id": Column("amplitude_id", "INT64", "Amplitude's own id of the user.", PSEUDONYMOUS),
    "event_id": Column("event_number", "INT64", "Number of the event among those of its user."),
    "session_id": Column("session_number", "INT64", "The session as Amplitude counts it; -1 for none."),
    "app": Column("app_number", "INT64", "Number of the project at Amplitude."),
    "platform": Column("platform", "STRING", "Platform, where one was sent."),
    "version_name": Column("app_version", "STRING", "Version of the product that logged it."),
    "library": Column("library", "STRING", "What uploaded it, such as http/2.0."),
    "event_properties": Column("event_properties", "JSON", "Properties of the event."),
    "user_properties": Column("user_properties", "JSON", "Properties of the user at that time.", PSEUDONYMOUS),
    "groups": Column("groups", "JSON", "Groups that the user was in."),
    "group_properties": Column("group_properties", "JSON", "Properties of these groups."),
}
"""The fields of the export that are kept, each with its column."""
LEFT_OUT = frozenset({
    "$schema", "adid", "amplitude_attribution_ids", "amplitude_event_type", "city", "client_upload_time", "country",
    "data", "data_type", "device_brand", "device_carrier", "device_family", "device_manufacturer", "device_model",
    "device_type", "dma", "global_user_properties", "idfa", "ip_address", "is_attribution_event", "language",
    "location_lat", "location_lng", "os_name", "os_version", "partner_id", "paying", "plan", "raw_event_type",
    "region", "sample_rate", "server_processed_time", "source_id", "start_version", "user_creation_time",
})  # fmt: skip
"""Fields that are known and not wanted: where our own server is, and what it has not got."""
TIMES = [name for name, column in FIELDS.items() if column.type == "TIMESTAMP"]
COLUMNS = (Column("project", "STRING", "Project: `Dotcom` or `Managed instances`."), *FIELDS.values())


@amplitude.pull(columns=COLUMNS, key=("project", "uuid"), mode=Mode.WINDOW)
def export_event(pull: Pull) -> Iterator[Page]:
    """One row per event that Amplitude has, by the hour in which it took it.

    Begins thirty days before the first pull. Whole hours are read, once they are complete, three hours after they
    began; an event that Amplitude took twice with the same `insert_id` is there once.
    """
    newest = pull.now.replace(minute=0, second=0, microsecond=0) - LATENCY
    known = (pull.cursor or {}).get("next_hour")
    first = datetime.fromisoformat(str(known)) if known else newest - AT_FIRST
    size = MOST_HOURS
    while first <= newest:
        hours = min(size, (newest - first) // HOUR + 1)
        last = first + (hours - 1) * HOUR
        with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as other:
            files = dict(zip(PROJECTS, (one, other), strict=True))
            try:
                found = [project for project, file in files.items() if _has_data(pull, project, first, last, file)]
            except SourceError as error:
                if error.status not in TOO_MUCH or hours == 1:
                    raise
                size = hours // 2  # too much at once
                continue
            for project in found:
                yield from (Page(rows) for rows in _rows(pull.http.name, project.name, files[project]))
        covers = Window("uploaded_at", first, last + HOUR)
        first = last + HOUR
        yield Page((), {"next_hour": first.isoformat()}, covers=covers)


def _has_data(pull: Pull, project: Project, first: datetime, last: datetime, file: BinaryIO) -> bool:
    with _project(pull.http, pull.settings, project) as client:
        return _download(client, first, last, file)


def _download(client: Client, first: datetime, last: datetime, file: BinaryIO) -> bool:
    """Ask for hours, both included, into a file; False where nothing was uploaded in them."""
    hours = {"start": f"{first:%Y%m%dT%H}", "end": f"{last:%Y%m%dT%H}"}
    try:
        client.download(EXPORT, hours, file)
    except SourceError as error:
        if error.status == HTTPStatus.NOT_FOUND and NO_DATA_HERE not in str(error):
            return False
        raise
    return True


def _rows(source: str, project: str, file: BinaryIO) -> Iterator[list[Row]]:
    """The rows of an export, some thousands at a time.

    Raises:
        SourceError: the file is not whole, or does not hold what an export holds.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
            for member in [] if broken else archive.infolist():
                with archive.open(member) as packed, gzip.open(packed) as lines:
                    while rows := [_row(project, orjson.loads(line)) for line in islice(lines, ROWS) if line.strip()]:
                        yield rows
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, ValueError) as error:
        came = f"the export of {project} is damaged ({type(error).__name__})"
        raise _damaged(source, came) from error
    if broken:
        raise _damaged(source, f"the export of {project} is damaged in {broken}")


def _damaged(source: str, came: str) -> SourceError:
    return SourceError(source, f"GET {EXPORT}", came, "Refresh the table again; nothing was changed.")


def _row(project: str, event: Mapping[str, Any]) -> Row:
    """An event under our names. Times are texts without a zone, and in UTC."""
    row: dict[str, object] = {"project": project}
    for name, value in event.items():
        if name not in LEFT_OUT:
            is_time = name in TIMES and isinstance(value, str)
            row[FIELDS[name].name if name in FIELDS else name] = f"{value}+00:00" if is_time else value
    return row
