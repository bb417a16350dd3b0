"""User-level events: the sourcegraph.com stream and the stream of managed instances, as the collectors published them.

Each lands one gzip object an hour. Delivery is at least once, so that the same event can come twice, hours or days
apart; making it one again is for `tables/events/event.sql`, not for here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import orjson

from sg_assets import google
from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding
from sg_assets.filling import Filler, Filling
from sg_assets.http import Client
from sg_assets.license_key import claims_columns, license_columns, license_expressions, unnested
from sg_assets.promise import HOURLY
from sg_assets.source import Arrival, Files, Row, Source, Variable
from sg_assets.table import Part, Reach

PSEUDONYMOUS = Classification.PSEUDONYMOUS


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The session with Google Cloud Storage."""
    return google.connect("events", base_url, settings)


events = Source(
    name="events",
    description="User-level events of sourcegraph.com and of managed instances, an object an hour and stream.",
    owner="team:analytics",
    promise=HOURLY,
    connect=connect,
    base_url="https://storage.googleapis.com",
    variables=(
        Variable("SG_EVENTS_BUCKET", "Cloud Storage bucket with the hourly objects of both event streams."),
        Variable("SG_GOOGLE_CREDENTIALS", "Path or JSON text of a Google service account's key.", is_secret=True),
    ),
    needs=google.BUCKET_NEEDS,
    excess=google.BUCKET_EXCESS,
)


@events.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The objects of both streams: may they be listed and read."""
    return google.examine_bucket(http, settings, "SG_EVENTS_BUCKET", ("dotcom", "managed"))


NAME = Column("name", "STRING", "What happened, such as SearchResultsFetched or ViewBlob.")
ANONYMOUS_USER_ID = Column(
    "anonymous_user_id",
    "STRING",
    "Identifier of the browser, kept for 365 days; `backend` where the server itself logged the event.",
    PSEUDONYMOUS,
)
FIRST_SOURCE_URL = Column("first_source_url", "STRING", "Page on which the visitor first arrived.", PSEUDONYMOUS)
USER_ID = Column("user_id", "INT64", "Number of the signed-in user on this instance; 0 for a visitor.", PSEUDONYMOUS)
SOURCE = Column("source", "STRING", "What sent it: WEB, BACKEND, CODEHOSTINTEGRATION or IDEEXTENSION.")
TIMESTAMP = Column("timestamp", "TIMESTAMP", "When it happened, by the clock of the instance.")
VERSION = Column("version", "STRING", "Version of Sourcegraph that logged it.")
FEATURE_FLAGS = Column("feature_flags", "JSON", "Feature flags that were on for the user, by name.")
COHORT_ID = Column("cohort_id", "DATE", "Monday of the week in which the visitor was first seen; null where unknown.")
REFERRER = Column("referrer", "STRING", "Page that led to the visit; null where there was none.", PSEUDONYMOUS)
PUBLIC_ARGUMENT = Column("public_argument", "JSON", "Details of the event that may leave the instance.")

DOTCOM_COLUMNS = (
    NAME,
    ANONYMOUS_USER_ID,
    FIRST_SOURCE_URL,
    USER_ID,
    SOURCE,
    TIMESTAMP,
    VERSION,
    FEATURE_FLAGS,
    COHORT_ID,
    REFERRER,
    PUBLIC_ARGUMENT,
)

MANAGED_COLUMNS = (
    Column("site_id", "STRING", "Identifier of the instance."),
    *claims_columns,
    Column("initial_admin_email", "STRING", "E-mail address of its first administrator.", Classification.PERSONAL),
    Column("deploy_type", "STRING", "How the instance is deployed."),
    NAME,
    Column("url", "STRING", "Always empty: addresses never leave an instance."),
    ANONYMOUS_USER_ID,
    FIRST_SOURCE_URL,
    Column("last_source_url", "STRING", "Page on which the visitor last arrived.", PSEUDONYMOUS),
    USER_ID,
    SOURCE,
    TIMESTAMP,
    VERSION,
    FEATURE_FLAGS,
    COHORT_ID,
    REFERRER,
    PUBLIC_ARGUMENT,
    Column("device_id", "STRING", "Identifier of the device; null from old instances.", PSEUDONYMOUS),
    Column(
        "insert_id", "STRING", "Identifier of the event, the same each time it is delivered; null from old instances."
    ),
)


@events.files(Files("SG_EVENTS_BUCKET", "dotcom", ("dotcom",)), columns=DOTCOM_COLUMNS, event_column="timestamp")
def dotcom_event(line: Row, _arrival: Arrival) -> Iterator[Row]:
    """One row per delivered event of sourcegraph.com, duplicates included.

    Each line of an object is one event. Flags and public argument come as JSON inside a text and are stored as JSON.
    """
    yield _unwrapped(line)


@events.files(Files("SG_EVENTS_BUCKET", "managed", ("managed",)), columns=MANAGED_COLUMNS, event_column="timestamp")
def managed_event(line: Row, _arrival: Arrival) -> Iterator[Row]:
    """One row per delivered event of a managed instance, duplicates included.

    Each line of an object is one message of up to a thousand events, a JSON array in its field `data`, scraped from the
    instance's own log and sent again until it was taken. Only names on the export's list are sent. On the wire the
    version's key is `Version`, which the company's earlier view read as `version` and therefore lost.
    """
    for event in orjson.loads(cast("str", line["data"])):
        row = _unwrapped(event)
        if "Version" in row and "version" not in row:
            row["version"] = row.pop("Version")
        claims = license_columns(row.pop("license_key", None))
        yield row | claims


def _arrival(stream: str, at: str) -> dict[str, str]:
    """Where an event came in, for one that comes in no object: made of its time and of the `whole` of it.

    Of what was delivered twice, both are there. `at` is its time as it is stored: a condition on that reaches the table
    below, so that no other days are read.
    """
    return {
        "_object_on": "date(happened_at)",
        "_object": f"concat('{stream}/', format_timestamp('%Y-%m-%d/%H', happened_at), '/', to_hex(sha256(whole)))",
        "_line": "unix_micros(happened_at)",
        "_item": f"row_number() over (partition by {at}, whole order by whole) - 1",
    }


DATASET = "SG_EVENTS_DATASET"
_VALUES = ", ' ', ".join(f"to_json_string(t.{column.name})" for column in DOTCOM_COLUMNS)
events.fillings["dotcom_event"] = Filling(
    Filler.DATAFLOW,
    DATASET,
    parts=(
        Part(
            "events",
            fields={column.name: column.name for column in DOTCOM_COLUMNS},
            computed=_arrival("dotcom", "t.timestamp"),
            tail=", unnest([safe_cast(t.timestamp as timestamp)]) as happened_at, "
            f"unnest([concat({_VALUES})]) as whole where happened_at is not null",
        ),
    ),
    reach=Reach.COLUMN,
)


def _managed(column: Column) -> str:
    """A column of an event that is an element `e` of a published message, all whose values are texts."""
    value = f"json_value(e, '$.{column.name}')"
    if column is VERSION:
        value = f"coalesce(json_value(e, '$.Version'), {value})"
    return {
        "JSON": f"safe.parse_json({value})",
        "STRING": value,
    }.get(column.type, f"safe_cast({value} as {column.type.lower()})")


_KEY = "json_value(e, '$.license_key')"
events.fillings["managed_event"] = Filling(
    Filler.DATAFLOW,
    DATASET,
    parts=(
        Part(
            "events_usage_raw",
            fields={},
            computed={
                **{column.name: _managed(column) for column in MANAGED_COLUMNS},
                **license_expressions(_KEY),
                **_arrival("managed", "happened_at"),
            },
            tail=f", unnest(json_query_array(t.data)) as e, unnest([{_managed(TIMESTAMP)}]) as happened_at, "
            f"unnest([to_json_string(e)]) as whole{unnested(_KEY)} where happened_at is not null",
        ),
    ),
    reach=Reach.WRITTEN,
)
"""The messages themselves, not the company's view `events_usage` of them, which loses the version."""


def _unwrapped(event: Row) -> dict[str, object]:
    """The event with an empty text in place of JSON, which does not parse, taken for what it means: none."""
    row = dict(event)
    for name in ("feature_flags", "public_argument"):
        if row.get(name) == "":
            row[name] = None
    return row
