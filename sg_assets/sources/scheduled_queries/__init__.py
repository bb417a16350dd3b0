"""BigQuery's scheduled queries: what runs by itself in the warehouse's project, on whose account, and how it went.

They are transfer configurations of BigQuery's Data Transfer Service. They live in locations, which are listed one by
one, because the form without a location means the US alone; and who owns one is told by `get` only, never by `list`.
How they are asked for, and handed to another account, is in `transfers.py`.
API: https://cloud.google.com/bigquery/docs/reference/datatransfer/rest
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sg_assets import google
from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding, look
from sg_assets.http import Client
from sg_assets.promise import DAILY
from sg_assets.source import Page, Pull, Right, Row, Source, Variable
from sg_assets.sources.scheduled_queries.transfers import Item, details, listed, pages
from sg_assets.table import Mode

READ = "https://www.googleapis.com/auth/cloud-platform.read-only"
"""The least scope of the service's methods that read; `bigquery` can write, too."""
CHANGE = "https://www.googleapis.com/auth/bigquery"
"""The least scope of the method that changes a configuration."""
PROJECT = "SG_SCHEDULED_QUERIES_PROJECT"
SERVICE_ACCOUNT = "SG_SCHEDULED_QUERIES_SERVICE_ACCOUNT"


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client signed in as the service account of the settings; its token can only read."""
    return google.connect("scheduled_queries", base_url, settings, (READ,))


def connect_to_change(base_url: str, settings: Mapping[str, str]) -> Client:
    """A client whose token can change configurations: for handing them over, and for nothing else."""
    return google.connect("scheduled_queries", base_url, settings, (CHANGE,))


scheduled_queries = Source(
    name="scheduled_queries",
    description="Queries that BigQuery runs by a schedule in the analytics project.",
    owner="team:analytics",
    promise=DAILY,
    connect=connect,
    base_url="https://bigquerydatatransfer.googleapis.com",
    variables=(
        Variable(PROJECT, "Google Cloud project whose scheduled queries are listed."),
        Variable(SERVICE_ACCOUNT, "Service account that they should run as; by default any will do.", default=""),
        Variable(google.CREDENTIALS, "Path or JSON text of a Google service account's key.", is_secret=True),
    ),
    needs=(
        Right(READ, "the access token", "asked for by us: the token itself cannot write"),
        Right("bigquery.transfers.get", "the project, by a custom role", "list configurations and their runs"),
        Right(CHANGE, "a token of its own", "only for `sg-assets scheduled-queries audit --fix`", writes=True),
        Right("bigquery.transfers.update", "the project", "only for `audit --fix`", writes=True),
        Right("iam.serviceAccounts.actAs", "the service account", "only for `audit --fix`", writes=True),
    ),
    excess=google.READ_ONLY_SCOPE,
)

CONFIG_COLUMNS = (
    Column("name", "STRING", "Resource name: projects/…/locations/…/transferConfigs/…"),
    Column("config_id", "STRING", "Last part of the name."),
    Column("location", "STRING", "Location that it runs in, such as us or europe-west1."),
    Column("display_name", "STRING", "What people call it."),
    Column("destination_dataset_id", "STRING", "Dataset that it writes to; null where the query itself says it."),
    Column("destination_table", "STRING", "Table that it writes, perhaps with a pattern such as {run_date}."),
    Column("write_disposition", "STRING", "WRITE_TRUNCATE replaces the table, WRITE_APPEND adds to it."),
    Column("query", "STRING", "Its SQL."),
    Column("params", "JSON", "Its other parameters."),
    Column("schedule", "STRING", "When it runs, in the service's words and in UTC: every 24 hours."),
    Column("schedule_options", "JSON", "From when to when the schedule holds, and whether it is off."),
    Column("is_disabled", "BOOL", "Whether it is switched off."),
    Column("state", "STRING", "How its newest run stands: SUCCEEDED, FAILED, RUNNING, PENDING, CANCELLED."),
    Column("next_run_at", "TIMESTAMP", "When it runs next."),
    Column("updated_at", "TIMESTAMP", "When it was last changed."),
    Column("user_id", "STRING", "Number of the account on whose behalf it runs.", Classification.PSEUDONYMOUS),
    Column(
        "owner_email",
        "STRING",
        "Account that it runs as, a person's or a service account's; null where Google does not tell.",
        Classification.PERSONAL,
    ),
    Column("data_source_id", "STRING", "What kind of transfer it is: scheduled_query."),
    Column("notification_topic", "STRING", "Pub/Sub topic that hears of its runs; null where none does."),
    Column("email_preferences", "JSON", "Whether its owner is written to when a run fails."),
    Column("dataset_region", "STRING", "Region of the destination dataset."),
    Column("error_code", "INT64", "Why it cannot run: a code of google.rpc.Code; null when nothing is wrong."),
    Column("error_message", "STRING", "The same in words.", Classification.PERSONAL),
)
CONFIG_FIELDS = {
    "name": "name",
    "displayName": "display_name",
    "dataSourceId": "data_source_id",
    "destinationDatasetId": "destination_dataset_id",
    "schedule": "schedule",
    "scheduleOptions": "schedule_options",
    "state": "state",
    "nextRunTime": "next_run_at",
    "updateTime": "updated_at",
    "userId": "user_id",
    "datasetRegion": "dataset_region",
    "notificationPubsubTopic": "notification_topic",
    "emailPreferences": "email_preferences",
}
PARAMS = {"query", "destination_table_name_template", "write_disposition"}
"""Parameters that have a column of their own."""


@scheduled_queries.pull(columns=CONFIG_COLUMNS, key=("name",), mode=Mode.SNAPSHOT)
def config(pull: Pull) -> Iterator[Page]:
    """One row per scheduled query; deleted ones keep their last state.

    Each is asked for its owner each time, so that no address of a person has to be remembered between two pulls.
    """
    for item in _configs(pull):
        told = details(pull.http, item["name"])
        if told is not None:
            yield Page([_config(told)])


RUN_COLUMNS = (
    Column("name", "STRING", "Resource name: that of the configuration, then /runs/…"),
    Column("config_name", "STRING", "Configuration that it is a run of."),
    Column("run_id", "STRING", "Last part of the name."),
    Column("state", "STRING", "PENDING, RUNNING, SUCCEEDED, FAILED or CANCELLED."),
    Column("run_at", "TIMESTAMP", "Instant that the run stands for: @run_time in its SQL."),
    Column("scheduled_at", "TIMESTAMP", "Earliest instant at which it could begin."),
    Column("started_at", "TIMESTAMP", "When it began."),
    Column("ended_at", "TIMESTAMP", "When it ended."),
    Column("updated_at", "TIMESTAMP", "When its state last changed."),
    Column("destination_dataset_id", "STRING", "Dataset that it wrote to."),
    Column("schedule", "STRING", "Schedule that began it; null where a person did."),
    Column("user_id", "STRING", "Number of the account on whose behalf it ran.", Classification.PSEUDONYMOUS),
    Column("error_code", "INT64", "Why it failed: a code of google.rpc.Code; null when it did not."),
    Column("error_message", "STRING", "The same in words.", Classification.PERSONAL),
)
RUN_FIELDS = {
    "name": "name",
    "state": "state",
    "runTime": "run_at",
    "scheduleTime": "scheduled_at",
    "startTime": "started_at",
    "endTime": "ended_at",
    "updateTime": "updated_at",
    "destinationDatasetId": "destination_dataset_id",
    "schedule": "schedule",
    "userId": "user_id",
}


@scheduled_queries.pull(columns=RUN_COLUMNS, key=("name",))
def run(pull: Pull) -> Iterator[Page]:
    """One row per run that BigQuery still shows, or showed once; each try of a run that was tried again is one."""
    for item in _configs(pull):
        for page in pages(pull.http, f"{item['name']}/runs", "transferRuns"):
            yield Page([_run(item["name"], one) for one in page])


def _configs(pull: Pull) -> list[Item]:
    """The scheduled queries of every location; asked for once, whichever tables are read."""
    return pull.once("configs", lambda: list(listed(pull.http, pull.settings[PROJECT])))


def _config(item: Item) -> Row:
    params = item.get("params") or {}
    return {
        **_named(item, CONFIG_FIELDS, {"params", "ownerInfo", "error", "disabled"}),
        "config_id": item["name"].rpartition("/")[2],
        "location": item["name"].split("/")[3],
        "destination_table": params.get("destination_table_name_template") or None,
        "write_disposition": params.get("write_disposition") or None,
        "query": params.get("query"),
        "params": {name: value for name, value in params.items() if name not in PARAMS},
        "is_disabled": item.get("disabled", False),  # left out when it is not
        "owner_email": (item.get("ownerInfo") or {}).get("email"),
        **_error(item.get("error")),
    }


def _run(config_name: str, item: Item) -> Row:
    return {
        **_named(item, RUN_FIELDS, {"params", "errorStatus", "dataSourceId", "emailPreferences"}),
        "config_name": config_name,
        "run_id": item["name"].rpartition("/")[2],
        **_error(item.get("errorStatus")),
    }


def _named(item: Item, fields: Mapping[str, str], others: Collection[str]) -> Row:
    """What the API says under our names; a text that it leaves empty is null, what nobody declared keeps its name."""
    known = {ours: item.get(api) if item.get(api) != "" else None for api, ours in fields.items()}
    return {**known, **{name: value for name, value in item.items() if name not in {*fields, *others}}}


def _error(status: Item | None) -> Row:
    """A google.rpc.Status, which is an empty object where nothing is wrong."""
    code = (status or {}).get("code")
    return {"error_code": code, "error_message": (status or {}).get("message") if code else None}


@scheduled_queries.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether locations may be listed, and scheduled queries in the one that every project has."""
    place = f"/v1/projects/{settings[PROJECT]}/locations"
    yield look("bigquery.transfers.get: locations", lambda: http.get_json(place, {"pageSize": "1"}))
    asked = {"dataSourceIds": "scheduled_query", "pageSize": "1"}
    yield look("bigquery.transfers.get: us", lambda: http.get_json(f"{place}/us/transferConfigs", asked))
