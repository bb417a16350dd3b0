"""Pings: the aggregated usage that each instance reports with its update check, as the receiving end published it.

Counts and booleans of the top level are texts in a published row, lists are joined by commas, and nested parts stay
JSON under Go's names; they land so, and giving them meaning is for `tables/pings/`. *Critical* and *other* in the
description of a column are about the administrator's switch `disableNonCriticalTelemetry`, which leaves the former.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from sg_assets import google
from sg_assets.columns import Classification, Column
from sg_assets.examination import Finding
from sg_assets.filling import Filler, Filling
from sg_assets.http import Client
from sg_assets.license_key import claims_columns, license_columns, license_expressions, unnested
from sg_assets.lines import lines, rows_of
from sg_assets.promise import HOURLY
from sg_assets.source import Arrival, Files, Page, Pull, Row, Source, Variable
from sg_assets.table import Part, Reach
from sg_assets.warehouse.contract import Rejected

ARCHIVE = "archive/pings-2022.ndjson.gz"
PAGE = 500
"""Lines of the archive that are handed on at a time."""


def connect(base_url: str, settings: Mapping[str, str]) -> Client:
    """The session with Google Cloud Storage."""
    return google.connect("pings", base_url, settings)


pings = Source(
    name="pings",
    description="Update checks of all instances, with aggregated usage: an object an hour and shard.",
    owner="team:analytics",
    promise=HOURLY,
    connect=connect,
    base_url="https://storage.googleapis.com",
    variables=(
        Variable("SG_PINGS_BUCKET", "Cloud Storage bucket with the hourly objects of pings and their archive."),
        Variable("SG_GOOGLE_CREDENTIALS", "Path or JSON text of a Google service account's key.", is_secret=True),
    ),
    needs=google.BUCKET_NEEDS,
    excess=google.BUCKET_EXCESS,
)


@pings.examine
def examine(http: Client, settings: Mapping[str, str]) -> Iterator[Finding]:
    """The hourly objects and the archive: are they there, may they be listed and read."""
    return google.examine_bucket(http, settings, "SG_PINGS_BUCKET", ("pings", "archive"))


def _by_server(name: str, type_: str, text: str, classification: Classification = Classification.NONE) -> Column:
    return Column(name, type_, f"{text} Added by the server that received the ping.", classification)


def _critical(name: str, type_: str, text: str, classification: Classification = Classification.NONE) -> Column:
    return Column(name, type_, f"{text} Critical: always sent.", classification)


def _other(name: str, type_: str, text: str) -> Column:
    unknown = {"JSON": "{}", "STRING": "empty, 0 or 'false'"}[type_]
    return Column(name, type_, f"{text} Other: {unknown} means unknown where non-critical telemetry is off.")


def _app(name: str, text: str) -> Column:
    return Column(name, "STRING", f"{text} Only Sourcegraph App sends it (2023).")


PING_COLUMNS = (
    _by_server("remote_ip", "STRING", "Network address that the ping came from.", Classification.PERSONAL),
    _critical("remote_site_version", "STRING", "Version of the instance, such as 3.34.1, or NNNNN_YYYY-MM-DD_hash."),
    _critical("remote_site_id", "STRING", "Identifier of the instance, made at random when it was set up."),
    *claims_columns,
    _by_server("has_update", "STRING", "'true' when a newer release existed, or a developer build was old."),
    _other("unique_users_today", "STRING", "Daily active users, an older count."),
    Column(
        "site_activity",
        "JSON",
        "Active users: lists DAUs, WAUs, MAUs and (2023) RMAUs of one period each. MAUs are critical: always sent; the "
        "other lists are empty where non-critical telemetry is off, which means unknown.",
    ),
    _other("batch_changes_usage", "JSON", "Use of Batch Changes."),
    _other("code_intel_usage", "JSON", "Use of code navigation in an old shape; empty since the server converts it."),
    _other("new_code_intel_usage", "JSON", "Use of code navigation in the current week, keys in snake_case."),
    _other("search_usage", "JSON", "Searches, users and latencies by day, week and month: the first period of each."),
    _other("growth_statistics", "JSON", "Users created, deleted, back, lost and kept in the current month."),
    _other("saved_searches", "JSON", "Use of saved searches."),
    _other("homepage_panels", "JSON", "Use of the home page's panels."),
    _other("retention_statistics", "JSON", "Retention of weekly cohorts over twelve weeks."),
    _critical("repositories", "JSON", "Aggregated sizes of all repositories: bytes and lines."),
    Column("repository_size_histogram", "JSON", "Histogram of repository sizes (2022 on)."),
    _other("search_onboarding", "JSON", "Steps taken in the search tour."),
    _critical("dependency_versions", "JSON", "Versions of Postgres and Redis."),
    _other("extensions_usage", "JSON", "Use of Sourcegraph extensions in the current week."),
    _other("code_insights_usage", "JSON", "Use of Code Insights in the current week."),
    _critical("code_insights_critical_telemetry", "JSON", "Number of code insights (2022 on)."),
    _other("code_monitoring_usage", "JSON", "Use of code monitors (October 2021 on)."),
    _other("notebooks_usage", "JSON", "Use of notebooks (2022 on)."),
    _other("code_host_versions", "JSON", "Kinds and versions of the connected code hosts, a list."),
    _other("code_host_integration_usage", "JSON", "Use of the browser extension and native integrations (2022 on)."),
    _other("ide_extensions_usage", "JSON", "Use of editor extensions (2022 on)."),
    _other("migrated_extensions_usage", "JSON", "Use of git blame, open in editor and search export (2022 on)."),
    _other("own_usage", "JSON", "Use of code ownership (2023 on), keys in snake_case."),
    _critical(
        "installer_email",
        "STRING",
        "E-mail address of who installed the instance, else of its first active site admin.",
        Classification.PERSONAL,
    ),
    _other("auth_providers", "STRING", "Kinds of sign-in, joined by commas."),
    _other("ext_services", "STRING", "Kinds of connected code hosts, joined by commas."),
    _other("builtin_signup_allowed", "STRING", "'true' when anybody may sign up."),
    _other("access_request_enabled", "STRING", "'true' when people may ask for access (2023 on)."),
    _critical("deploy_type", "STRING", "How it is deployed: kubernetes, helm, docker-compose, …"),
    _critical("total_user_accounts", "STRING", "Accounts that exist, a whole number as text."),
    _app("total_repos", "Number of repositories, a whole number as text."),
    _other("has_external_url", "STRING", "'true' when the instance is not on localhost."),
    _other("has_repos", "STRING", "'true' when a repository was ever added."),
    _other("ever_searched", "STRING", "'true' when a search was ever run."),
    _other("ever_find_refs", "STRING", "'true' when references were ever looked for."),
    _app("os", "Operating system."),
    _app("active_today", "'true' when it was used today."),
    _by_server("timestamp", "TIMESTAMP", "When the ping was received."),
    _other("has_cody_enabled", "STRING", "'true' when Cody was on (2023 on)."),
    _other("cody_usage", "JSON", "Use of Cody by day, week and month (2023 on): the first period of each."),
)

LINE = Column("_line", "INT64", "Number of the line within the archive, from 1.")


@pings.files(Files("SG_PINGS_BUCKET", "pings", ("shard-0", "shard-1")), columns=PING_COLUMNS, event_column="timestamp")
def ping(line: Row, _arrival: Arrival) -> Iterator[Row]:
    """One row per ping: what one instance reported when it asked for updates, every 30 to 40 minutes.

    Cumulative, not a delta: each ping repeats the state of the instance. Where non-critical telemetry is off, usage is
    {}, booleans fall to 'false' and site_activity holds monthly users only, which means unknown, not no.
    """
    yield _stored(line)


AT = "safe_cast(t.timestamp as timestamp)"
pings.fillings["ping"] = Filling(
    Filler.DATAFLOW,
    "SG_PINGS_TABLE",
    parts=(
        Part(
            "",
            fields={column.name: column.name for column in PING_COLUMNS if column not in claims_columns},
            computed={
                "_object_on": f"date({AT})",
                "_object": f"concat('update_checks/', format_timestamp('%Y-%m-%d/%H', {AT}), '/', "
                "coalesce(t.remote_site_id, ''))",
                "_line": f"unix_micros({AT})",
                "_item": "0",
                **license_expressions("t.license_key"),
            },
            tail=f"{unnested('t.license_key')} where {AT} is not null qualify row_number() over ("
            "partition by t.timestamp, coalesce(t.remote_site_id, '') order by t.remote_ip, t.remote_site_version) = 1",
            may_lack=True,
        ),
    ),
    reach=Reach.COLUMN,
)
"""The published table `update_checks`, in which a row is a ping. It has no name for one: that is made of instance and
time, and what was published twice is there once. A column that the table lacks was never published, and is null."""


@pings.frozen(
    "pings of instances that stopped long ago, archived once", columns=(LINE, *PING_COLUMNS), key=(LINE.name,)
)
def ping_archive(pull: Pull) -> Iterator[Page]:
    """One row per archived ping of an instance that stopped years ago, in the shape of `ping`."""
    rows: list[Row] = []
    rejected: list[Rejected] = []
    with cast("BinaryIO", tempfile.SpooledTemporaryFile(google.IN_MEMORY)) as file:
        google.Bucket(pull.http, pull.settings["SG_PINGS_BUCKET"]).download(ARCHIVE, file)
        for number, line in enumerate(lines(file, ARCHIVE), 1):
            found = line if isinstance(line, Rejected) else rows_of(line, lambda ping: [_stored(ping)])
            if isinstance(found, Rejected):
                rejected.append(found)
            else:
                rows += [{**row, LINE.name: number} for row in found]
            if len(rows) >= PAGE:
                yield Page(rows, rejected=rejected)
                rows, rejected = [], []
    yield Page(rows, rejected=rejected)


def _stored(line: Row) -> dict[str, object]:
    """The published row with the licence key's hash and claims in its place."""
    row = dict(line)
    return row | license_columns(row.pop("license_key", None))
