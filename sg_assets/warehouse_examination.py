"""What `sg-assets doctor` asks of a warehouse in BigQuery: may we run jobs, write our tables, use our bucket?

Nothing is changed and nothing is billed: a query is only tried, and BigQuery is asked which rights we have. Who asks,
and what people see of it, is in `doctor.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sg_assets.examination import Finding
from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud.bigquery import Client

    from sg_assets.warehouse.choice import BigQueryPlace

RIGHTS = ("bigquery.tables.getData", "bigquery.tables.updateData")
"""What we need on each of our tables: https://cloud.google.com/bigquery/docs/access-control#bq-permissions."""
EDITOR = "roles/bigquery.dataEditor"
ON_STAGING = ("storage.buckets.get", "storage.objects.create", "storage.objects.get", "storage.objects.delete")
"""What files that wait for a load job need: https://cloud.google.com/bigquery/docs/batch-loading-data."""
STAGING_ROLES = "roles/storage.objectUser and roles/storage.legacyBucketReader"
TOO_MUCH = (
    "storage.objects.setIamPolicy", "storage.buckets.setIamPolicy", "storage.buckets.update", "storage.buckets.delete",
)  # fmt: skip
PATIENCE = 10.0
"""Seconds for an answer; a first token takes one or two of them."""


def findings(place: BigQueryPlace) -> Iterator[Finding]:
    """What its credential may do, in the order in which a first run would need it.

    Raises:
        WarehouseError: there are no credentials, or BigQuery cannot be reached, so that nothing is known of the rights.
    """
    client = place.client()
    try:
        yield from _asked(client, place)
    finally:
        client.close()
    if place.settings.staging:
        yield from _of_staging(place)


def _asked(client: Client, place: BigQueryPlace) -> Iterator[Finding]:
    from google.api_core.retry import Retry
    from google.cloud.bigquery import QueryJobConfig

    from sg_assets.warehouse.bigquery_sql import table_id  # noqa: PLC0415
    from sg_assets.warehouse.bigquery_state import TABLE_STATE  # noqa: PLC0415

    retry = Retry(timeout=PATIENCE)
    tried = QueryJobConfig(dry_run=True, use_query_cache=False)
    yield _look(
        f"jobs in {client.project} ({place.settings.location})",
        lambda: client.query("select 1", job_config=tried, retry=retry, job_retry=None, timeout=PATIENCE),
        "roles/bigquery.jobUser",
    )
    table, held = table_id(place.settings, TABLE_STATE), list[frozenset[str] | None]()
    found = _look(table, lambda: held.append(_held(client, table, retry)), f"{EDITOR} on the dataset")
    for rights in held:
        if rights is None:
            found = Finding(table, detail="is not there yet; the first run makes it")
        elif missing := [name for name in RIGHTS if name not in rights]:
            found = Finding(table, is_permitted=False, detail=f"{', '.join(missing)} missing: give {EDITOR}")
    yield found


def _of_staging(place: BigQueryPlace) -> Iterator[Finding]:
    """Whether files may wait in Cloud Storage for their load jobs, and whether more may be done to the bucket."""
    from google.api_core.retry import Retry

    where, name = place.settings.staging, place.settings.staging.removeprefix("gs://").partition("/")[0]
    held = list[list[str]]()
    client = place.storage_client()
    try:
        bucket, wanted = client.bucket(name), [*ON_STAGING, *TOO_MUCH]
        retry = Retry(timeout=PATIENCE)
        found = _look(
            where,
            lambda: held.append(bucket.test_iam_permissions(wanted, timeout=PATIENCE, retry=retry)),
            STAGING_ROLES,
            "Cloud Storage",
        )
    finally:
        client.close()
    for rights in held:
        if missing := [right for right in ON_STAGING if right not in rights]:
            found = Finding(where, is_permitted=False, detail=f"{', '.join(missing)} missing: give {STAGING_ROLES}")
        for right in (right for right in TOO_MUCH if right in rights):
            use = f"use {right} on gs://{name}"
            advice = f"may also {use}, which nobody needs. Give {STAGING_ROLES} only."
            yield Finding(use, detail=advice, is_too_much=True)
    yield found


def _held(client: Client, table: str, retry: Retry) -> frozenset[str] | None:
    """Which of the rights on a table we have; None where there is no such table."""
    from google.api_core.exceptions import NotFound

    try:
        answer = client.test_iam_permissions(table, RIGHTS, retry=retry, timeout=PATIENCE)
    except NotFound:
        return None
    return frozenset(answer.get("permissions", ()))


def _look(subject: str, ask: Callable[[], object], role: str, who: str = "BigQuery") -> Finding:
    """Ask for something; a refusal is a finding.

    Raises:
        WarehouseError: no answer came, or an outage.
    """
    from google.api_core.exceptions import ClientError, GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    from sg_assets.warehouse.bigquery_jobs import words_of  # noqa: PLC0415

    try:
        ask()
    except ClientError as error:
        return Finding(subject, is_permitted=False, detail=f"{words_of(error)}: give {role}")
    except (GoogleAPIError, GoogleAuthError, OSError) as error:  # a connection that fails is an OSError, too
        msg = f"{who} does not answer: {type(error).__name__}"
        raise WarehouseError(msg) from error
    return Finding(subject)
