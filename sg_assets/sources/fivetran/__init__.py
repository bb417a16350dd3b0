"""Fivetran: the connections that copy other systems into the warehouse, when they last synced, and what they fill.

Fivetran lists no syncs: that one has ended is seen only by `succeeded_at` or `failed_at` of its connection moving.
How a sync is asked for and followed to its end is in `trigger.py`; nothing here or there changes a connection.
API: https://fivetran.com/docs/rest-api/api-reference
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import segment
from sg_assets.promise import DAILY, HOUR, Promise
from sg_assets.source import Page, Pull, RateLimit, Right, Row, Source, Variable
from sg_assets.table import Mode

PAGE = 1000
"""The most connections that the API gives at once."""
RATE = RateLimit(calls=20_000, seconds=3600)
"""What an account may ask in an hour."""
SECRETS = frozenset({"config", "connect_card", "connect_card_config", "auth"})
"""Parts of a connection that may hold credentials of the other system: never kept."""

Item = dict[str, Any]


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client that signs in with an API key and its secret, and asks for the second version of each answer."""
    key, secret = settings["SG_FIVETRAN_API_KEY"], settings["SG_FIVETRAN_API_SECRET"]
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Accept": "application/json;version=2"}
    return Client(base_url, name="fivetran", headers=headers, rate=RATE, secrets=[secret, basic])


fivetran = Source(
    name="fivetran",
    description="The connections by which Fivetran fills tables, and how their syncs went.",
    owner="team:analytics",
    promise=Promise("*/15 * * * *", warn=HOUR, fail=2 * HOUR),
    connect=connect,
    base_url="https://api.fivetran.com",
    variables=(
        Variable("SG_FIVETRAN_API_KEY", "API key of a Fivetran user or system key."),
        Variable("SG_FIVETRAN_API_SECRET", "Its secret.", is_secret=True),
    ),
    needs=(
        Right("Account Reviewer", "the user of the API key", "list connections, their syncs and tables"),
        Right("sync", "connections that are synced on demand", "only for `sg-assets fivetran sync`", writes=True),
    ),
    excess="Not asked: Fivetran does not tell a key its role.",
)

# The API's name of a field -> our column.
FIELDS = {
    "id": Column("id", "STRING", "Fivetran's id of the connection: two words."),
    "group_id": Column("group_id", "STRING", "Group, and with it destination, that it belongs to."),
    "service": Column("service", "STRING", "What it reads: salesforce, hubspot, github, …"),
    "schema": Column("schema_name", "STRING", "Schema, or prefix of schemas, that it fills in the destination."),
    "paused": Column("is_paused", "BOOL", "Whether it was paused: it then syncs only when asked to."),
    "sync_frequency": Column("sync_frequency_minutes", "INT64", "Minutes from one scheduled sync to the next."),
    "schedule_type": Column("schedule_type", "STRING", "auto: synced by Fivetran's schedule; manual: only on demand."),
    "daily_sync_time": Column(
        "daily_sync_time", "STRING", "Time of day (HH:MM, UTC) of a connection that syncs once a day; else null."
    ),
    "succeeded_at": Column("succeeded_at", "TIMESTAMP", "When a sync last ended well; null before the first."),
    "failed_at": Column("failed_at", "TIMESTAMP", "When a sync last failed; null when none did."),
    "created_at": Column("created_at", "TIMESTAMP", "When the connection was made."),
    "connected_by": Column(
        "connected_by_user_id", "STRING", "Fivetran's id of who made it.", Classification.PSEUDONYMOUS
    ),
    "service_version": Column("service_version", "INT64", "Version of Fivetran's connector for the service."),
    "networking_method": Column(
        "networking_method", "STRING", "How Fivetran reaches its source: Directly, SshTunnel, …"
    ),
    "private_link_id": Column("private_link_id", "STRING", "Private link that it goes through, if any."),
}
STATUS_FIELDS = {
    "setup_state": Column("setup_state", "STRING", "incomplete, connected or broken: whether it can read its source."),
    "sync_state": Column("sync_state", "STRING", "scheduled, syncing, paused or rescheduled."),
    "update_state": Column("update_state", "STRING", "on_schedule or delayed."),
    "schema_status": Column("schema_status", "STRING", "Whether the schema of its source was read: ready, blocked, …"),
    "is_historical_sync": Column("is_historical_sync", "BOOL", "Whether it reads everything, not just what is new."),
    "rescheduled_for": Column("rescheduled_for_at", "TIMESTAMP", "When a sync that was put off is to begin."),
    "tasks": Column("tasks", "JSON", "What somebody has to do before it can go on, as Fivetran words it."),
    "warnings": Column("warnings", "JSON", "What Fivetran warns of."),
}


@fivetran.pull(columns=(*FIELDS.values(), *STATUS_FIELDS.values()), key=("id",), mode=Mode.SNAPSHOT)
def connection(pull: Pull) -> Iterator[Page]:
    """One row per connection, as it is now; those that were deleted keep their last state."""
    yield Page([_connection(item) for item in _connections(pull)])


SYNC_COLUMNS = (
    Column("connection_id", "STRING", "Connection that was synced."),
    Column("ended_at", "TIMESTAMP", "When the sync ended."),
    Column("has_succeeded", "BOOL", "Whether it ended well; a failed one is tried again by Fivetran's schedule."),
)


@fivetran.pull(columns=SYNC_COLUMNS, key=("connection_id", "ended_at", "has_succeeded"))
def sync(pull: Pull) -> Iterator[Page]:
    """One row per ended sync that was seen: Fivetran shows each connection's newest success and newest failure only.

    Syncs that follow each other faster than this table is brought up to date are therefore not all here.
    """
    outcomes = (("succeeded_at", True), ("failed_at", False))
    rows = [
        {"connection_id": item["id"], "ended_at": item[field], "has_succeeded": has_succeeded}
        for item in _connections(pull)
        for field, has_succeeded in outcomes
        if item.get(field) is not None
    ]
    yield Page(rows)


FILLED_COLUMNS = (
    Column("connection_id", "STRING", "Connection that fills the table."),
    Column("schema_name", "STRING", "Schema of the table in the destination."),
    Column("table_name", "STRING", "Table in the destination."),
    Column("is_enabled", "BOOL", "Whether the table, and its schema, are synced."),
    Column("sync_mode", "STRING", "SOFT_DELETE, HISTORY or LIVE: what becomes of rows deleted at the source."),
)


@fivetran.pull(
    columns=FILLED_COLUMNS,
    key=("connection_id", "schema_name", "table_name"),
    mode=Mode.SNAPSHOT,
    promise=DAILY,
)
def filled_table(pull: Pull) -> Iterator[Page]:
    """One row per table that a connection fills, or could: which of our tables depend on it."""
    for item in _connections(pull):
        schemas = _schemas(pull.http, item["id"])
        yield Page([row for schema in schemas.values() for row in _filled(item["id"], schema)])


def _connections(pull: Pull) -> list[Item]:
    """Every connection that the key may see; asked for once, whichever tables are read."""
    return pull.once("connections", lambda: list(listed(pull.http)))


def listed(http: Client) -> Iterator[Item]:
    """Every connection that the key may see, as the API tells of it.

    Raises:
        SourceError: they could not be listed.
    """
    params = {"limit": str(PAGE)}
    while True:
        data = http.get_json("/v1/connections", params)["data"]
        yield from data["items"]
        if not (cursor := data.get("next_cursor")):
            return
        params = {**params, "cursor": cursor}


def _connection(item: Item) -> Row:
    """A connection under our names; fields of the API that nobody declared keep their own."""
    status = item.get("status") or {}
    known = {column.name: item.get(name) for name, column in FIELDS.items()}
    known |= {column.name: status.get(name) for name, column in STATUS_FIELDS.items()}
    others = {name: value for name, value in item.items() if name not in {*FIELDS, "status", *SECRETS}}
    return {**known, **others, **{name: value for name, value in status.items() if name not in STATUS_FIELDS}}


def _schemas(http: Client, connection_id: str) -> Mapping[str, Item]:
    """The schemas of a connection, by their names at its source; none where they were not read yet."""
    try:
        answer = http.get_json(f"/v1/connections/{segment(connection_id)}/schemas")
    except SourceError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return {}
        raise
    return dict(answer["data"].get("schemas") or {})


def _filled(connection_id: str, schema: Item) -> Iterator[Row]:
    for table in (schema.get("tables") or {}).values():
        yield {
            "connection_id": connection_id,
            "schema_name": schema["name_in_destination"],
            "table_name": table["name_in_destination"],
            "is_enabled": bool(schema["enabled"] and table["enabled"]),
            "sync_mode": table.get("sync_mode"),
        }


@fivetran.examine
def examine(http: Client, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the key may list connections; and each of them that Fivetran itself cannot connect."""
    found: list[Item] = []
    yield look(
        "connections", lambda: found.extend(http.get_json("/v1/connections", {"limit": str(PAGE)})["data"]["items"])
    )
    for item in found:
        state = (item.get("status") or {}).get("setup_state")
        if state == "broken":
            yield Finding(
                f"connection {item['schema']}", is_permitted=False, detail="broken: reconnect it at Fivetran."
            )
