"""The database of sourcegraph.com: accounts, organisations, events, survey answers, subscriptions and licences.

Read over Postgres, by a role that may only read; all tables of a run as of one instant. Where only Google may reach it,
through a BigQuery connection instead: the same tables, but each as of its own instant, so that a row of one may name a
row of another that was not there yet. How it is read is in `postgres/`, which columns in `columns.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from sg_assets import google
from sg_assets.columns import Column
from sg_assets.examination import Finding, beyond, look
from sg_assets.license_key import license_columns
from sg_assets.postgres import BASE_URL as BIGQUERY
from sg_assets.postgres import SCHEMES, SCOPE, Database, Federated
from sg_assets.promise import HOURLY
from sg_assets.source import Page, Pull, Right, Source, Variable
from sg_assets.sources.production_db import columns as read
from sg_assets.sources.production_db import rights
from sg_assets.table import Mode

if TYPE_CHECKING:
    import pyarrow as pa

CONNECTION = "SG_PRODUCTION_DB_CONNECTION"
LOOK_BACK = timedelta(hours=6)
"""How long after its time an event may be seen first: its transaction may end long after those of higher numbers."""
READ: Mapping[str, tuple[Column, ...]] = {
    "users": read.USERS,
    "user_emails": read.USER_EMAILS,
    "orgs": read.ORGS,
    "org_members": read.ORG_MEMBERS,
    "event_logs": read.EVENT_LOGS,
    "survey_responses": read.SURVEY_RESPONSES,
    "product_subscriptions": read.PRODUCT_SUBSCRIPTIONS,
    "product_licenses": read.PRODUCT_LICENSES_READ,
}
REPO_READ = ("external_service_type", "private", "fork", "archived", "blocked", "stars", "deleted_at")
REPO_COUNTS = """
select
    coalesce(external_service_type, '') as external_service_type,
    private as is_private,
    coalesce(fork, false) as is_fork,
    archived as is_archived,
    count(*) as repositories,
    count(blocked) as blocked_repositories,
    sum(stars)::bigint as stars
from repo
where deleted_at is null
group by 1, 2, 3, 4
"""


def connect(base_url: str, settings: Mapping[str, str]) -> Database | Federated:
    """The database behind a BigQuery connection, where one is set, else at an address that holds role and password.

    Raises:
        SourceError: the connection is not named as one, or the credentials are not a service account's key.
    """
    connection = settings.get(CONNECTION)
    if connection and settings.get(google.CREDENTIALS):
        return Federated(google.connect("production_db", BIGQUERY, settings, (SCOPE,)), connection)
    return Database(base_url, name="production_db")


production_db = Source(
    name="production_db",
    description="Tables of the production database of sourcegraph.com.",
    owner="team:analytics",
    promise=HOURLY,
    connect=connect,
    variables=(
        Variable(
            CONNECTION,
            "project.location.name of a BigQuery connection to the database, read with SG_GOOGLE_CREDENTIALS "
            "instead of over SG_PRODUCTION_DB_URL; tables are then each as of their own instant",
            default="",
        ),
        Variable(
            google.CREDENTIALS, "Path or JSON text of a Google service account's key.", is_secret=True, default=""
        ),
    ),
    instead_of_url=(CONNECTION, google.CREDENTIALS),
    schemes=SCHEMES,
    is_url_secret=True,
    needs=tuple(
        Right(f"SELECT ({', '.join(columns)})", f"table {table}", f"raw_production_db.{table}")
        for table, columns in rights.declared(READ, repo=REPO_READ).items()
    ),
    excess="Asks which tables the role may change, and which columns it may read besides (pg_roles, has_…_privilege).",
)


@production_db.examine
def examine(database: Database | Federated, _settings: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the role may read the columns of each table, and whether they are there: no row of any is asked for."""
    for table, columns in READ.items():
        yield look(table, partial(_nothing, database.read(table, columns, limit=0)))
    yield look("repo", partial(_nothing, database.ask("repo", REPO_COUNTS, read.REPO_COUNTS, limit=0)))
    if isinstance(database, Database):  # what the role of a BigQuery connection may do besides is asked of nobody
        declared = rights.declared(READ, repo=REPO_READ)
        hint = "Grant the role the rights of docs/permissions.md."
        yield from beyond(partial(rights.further, database, declared), hint)


@production_db.pull(columns=read.USERS, key=("id",), mode=Mode.SNAPSHOT, may_be_empty=False)
def users(pull: Pull) -> Iterator[Page]:
    """One row per account of sourcegraph.com, those marked as deleted included; one that was erased is kept, too."""
    return _whole(pull, "users")


@production_db.pull(columns=read.USER_EMAILS, key=("user_id", "email"), mode=Mode.SNAPSHOT)
def user_emails(pull: Pull) -> Iterator[Page]:
    """One row per e-mail address of an account, verified or not."""
    return _whole(pull, "user_emails")


@production_db.pull(columns=read.ORGS, key=("id",), mode=Mode.SNAPSHOT)
def orgs(pull: Pull) -> Iterator[Page]:
    """One row per organisation, those marked as deleted included."""
    return _whole(pull, "orgs")


@production_db.pull(columns=read.ORG_MEMBERS, key=("id",), mode=Mode.SNAPSHOT)
def org_members(pull: Pull) -> Iterator[Page]:
    """One row per membership of an account in an organisation; one that ended is marked."""
    return _whole(pull, "org_members")


@production_db.pull(columns=read.EVENT_LOGS, key=("id",))
def event_logs(pull: Pull) -> Iterator[Page]:
    """One row per event on sourcegraph.com, as its own database keeps it: each one once, unlike the stream.

    The address and the private argument of an event are not read. New rows come by their number; those of the last six
    hours are read again, because a row is seen only when its transaction ends, perhaps after those of higher numbers.
    Rows that the database forgets stay.
    """
    since = cast("int | None", (pull.cursor or {}).get("id"))
    where = "" if since is None else f"id > {int(since)}"
    first_open: int | None = None
    for batch in _database(pull).read("event_logs", read.EVENT_LOGS, where=where, order_by="id"):
        if batch.num_rows:
            first_open = first_open or _first_id(batch, pull.now - LOOK_BACK, pull.now)
            last = batch["id"][-1].as_py()
            yield Page(arrow=batch, cursor={"id": last if first_open is None else first_open - 1})


@production_db.pull(columns=read.SURVEY_RESPONSES, key=("id",), mode=Mode.SNAPSHOT)
def survey_responses(pull: Pull) -> Iterator[Page]:
    """One row per answer to the NPS survey on sourcegraph.com; HubSpot has the same ones as submissions of its form."""
    return _whole(pull, "survey_responses")


@production_db.pull(columns=read.PRODUCT_SUBSCRIPTIONS, key=("id",), mode=Mode.SNAPSHOT)
def product_subscriptions(pull: Pull) -> Iterator[Page]:
    """One row per product subscription, archived ones included, unlike the site admin's list."""
    return _whole(pull, "product_subscriptions")


@production_db.pull(columns=read.PRODUCT_LICENSES, key=("id",), mode=Mode.SNAPSHOT)
def product_licenses(pull: Pull) -> Iterator[Page]:
    """One row per licence ever generated; in place of its key stand the key's hash and what the key says."""
    for batch in _database(pull).read("product_licenses", read.PRODUCT_LICENSES_READ):
        rows = batch.to_pylist()
        yield Page([row | license_columns(row.pop(read.LICENSE_KEY.name)) for row in rows])


@production_db.pull(
    columns=read.REPO_COUNTS,
    key=("external_service_type", "is_private", "is_fork", "is_archived"),
    mode=Mode.REPLACE,
)
def repo_counts(pull: Pull) -> Iterator[Page]:
    """How many repositories sourcegraph.com has, one row per kind of them; their names are not read."""
    for batch in _database(pull).ask("repo", REPO_COUNTS, read.REPO_COUNTS):
        yield Page(arrow=batch)


def _whole(pull: Pull, table: str) -> Iterator[Page]:
    """Every row of a table: what is gone is known by its absence only."""
    for batch in _database(pull).read(table, READ[table]):
        yield Page(arrow=batch)


def _first_id(batch: pa.RecordBatch, since: datetime, now: datetime) -> int | None:
    """The lowest number of an event from a span of time; one from the future says nothing of what may still come."""
    import pyarrow.compute as pc

    at = batch["timestamp"]
    recent = batch.filter(pc.and_(pc.greater_equal(at, since), pc.less_equal(at, now)))
    return cast("int | None", pc.min(recent["id"]).as_py())


def _nothing(batches: Iterator[pa.RecordBatch]) -> Sequence[pa.RecordBatch]:
    """Ask, which an iterator does only when it is read."""
    return list(batches)


def _database(pull: Pull) -> Database | Federated:
    return cast("Database | Federated", pull.client)
