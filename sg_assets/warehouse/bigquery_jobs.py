"""Jobs in BigQuery: how a query is run, what it cost, and how a job is never run twice.

Nothing here knows what a landing or a build is. It brings Google's packages, slow to import.

A *step* is a job that must happen once. Its id is made of what it is for and says nothing of who tries, so that
whoever tries again finds the job of before (BigQuery refuses an id that it has seen, with 409) and waits for it
instead of running it again. https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, cast

from google.api_core.exceptions import Conflict, GoogleAPIError, RetryError
from google.auth.exceptions import GoogleAuthError
from google.cloud.bigquery import (
    ArrayQueryParameter,
    Client,
    LoadJob,
    QueryJob,
    QueryJobConfig,
    ScalarQueryParameter,
)

from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.contract import WarehouseError

if TYPE_CHECKING:
    from google.cloud.bigquery.table import RowIterator

    from sg_assets.warehouse.bigquery_bucket import StagingBucket

Parameter = ArrayQueryParameter | ScalarQueryParameter
Job = QueryJob | LoadJob

WHAT = "sg_what"
"""The label of a step that says what it does: a hash over its text and values."""
_LONGEST_LABEL = 63  # https://cloud.google.com/bigquery/docs/labels-intro#requirements


@dataclass(frozen=True, slots=True)
class Cost:
    """What jobs took: how many they were, bytes read and billed, and milliseconds of slots."""

    jobs: int = 0
    bytes_processed: int = 0
    bytes_billed: int = 0
    slot_ms: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(
            self.jobs + other.jobs,
            self.bytes_processed + other.bytes_processed,
            self.bytes_billed + other.bytes_billed,
            self.slot_ms + other.slot_ms,
        )


@dataclass(frozen=True, slots=True)
class DryRun:
    """What BigQuery says of a query without running it: bytes that it would read, and its columns' types by name."""

    bytes_processed: int
    columns: Mapping[str, str]


def label(value: str) -> str:
    """A text as the value of a label, which may hold small letters, digits, `-` and `_` only."""
    return re.sub(r"[^a-z0-9_-]", "_", value.lower())[:_LONGEST_LABEL]


def what(*parts: object) -> str:
    """A hash over everything that makes a step what it is."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:40]


def step_name(warehouse_id: str, table: str, *parts: object) -> str:
    """The name of a step: the table, in words that an id may hold, and a hash over all that the name stands for."""
    return f"sg-{label(table)}-{what(warehouse_id, table, *parts)}"


class Jobs:
    """Runs queries with one client and adds up what they cost, by table (`""`: those of no table).

    `bucket` is where files wait for load jobs; None: they go along with the request.
    """

    def __init__(self, client: Client, settings: Settings, bucket: StagingBucket | None = None) -> None:
        """Nothing is run yet."""
        self.client = client
        self.settings = settings
        self.bucket = bucket
        self.costs: dict[str, Cost] = {}

    def run(
        self, sql: str, parameters: Sequence[Parameter] = (), *, table: str = "", maximum_bytes: int | None = None
    ) -> list[tuple[object, ...]]:
        """The rows of a query that only reads; `maximum_bytes` lowers what it may bill.

        Raises:
            WarehouseError: BigQuery refused, and says why.
        """
        found = self.result(sql, parameters, table=table, maximum_bytes=maximum_bytes)
        with refusals(table):
            return [row.values() for row in found]

    def result(
        self,
        sql: str,
        parameters: Sequence[Parameter] = (),
        *,
        table: str = "",
        maximum_bytes: int | None = None,
        limit: int | None = None,
    ) -> RowIterator:
        """The result of a query that only reads, not yet fetched; of `limit` the first rows.

        Raises:
            WarehouseError: BigQuery refused, and says why.
        """
        with refusals(table):
            job = self.client.query(sql, job_config=self._config(parameters, table, maximum_bytes))
            rows = job.result(max_results=limit)
        self._add(table, job)
        return rows

    def dry_run(self, sql: str, parameters: Sequence[Parameter] = (), *, table: str = "") -> DryRun:
        """What a query would read and give; costs nothing.

        Raises:
            WarehouseError: it cannot be run, and BigQuery says why.
        """
        config = self._config(parameters, table, None)
        config.dry_run, config.use_query_cache = True, False
        with refusals(table):
            job = self.client.query(sql, job_config=config)
        columns = {field.name: (field.field_type, field.mode) for field in job.schema or ()}
        return DryRun(job.total_bytes_processed or 0, {name: standard_type(*kind) for name, kind in columns.items()})

    def step(  # noqa: PLR0913 (three to say which step it is, three what it does)
        self,
        name: str,
        sql: str,
        parameters: Sequence[Parameter] = (),
        *,
        table: str,
        maximum_bytes: int | None = None,
        is_done: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Run a query that must happen once; gives whether it is this one that happened under its name.

        One of the same name that is running is waited for; one that failed, or whose work is gone (`is_done`), is run
        again. Where a query of the same name and of another text or other values came first, this one is not run.

        Raises:
            WarehouseError: BigQuery refused, and says why.
        """
        mark = what(sql, [parameter.to_api_repr() for parameter in parameters])
        config = self._config(parameters, table, maximum_bytes)
        config.labels = {**config.labels, WHAT: mark}

        def submit(job_id: str) -> QueryJob:
            return self.client.query(sql, job_config=config, job_id=job_id, job_retry=None)

        return bool(self.once(name, submit, table=table, is_done=is_done).labels.get(WHAT) == mark)

    def once(
        self, name: str, submit: Callable[[str], Job], *, table: str, is_done: Callable[[], bool] = lambda: True
    ) -> Job:
        """The job of a name, whoever began it, at its end; `submit` begins it under an id.

        Raises:
            WarehouseError: it failed.
        """
        with refusals(table):
            for attempt in count(1):
                job_id = f"{name}-{attempt}"
                try:
                    job = submit(job_id)
                except Conflict:
                    job = cast("Job", self.client.get_job(job_id, location=self.settings.location))
                    if not _has_succeeded(job) or not is_done():
                        continue
                else:
                    job.result()
                self._add(table, job)
                return job
        msg = f"{table}: no job"  # pragma: no cover (the numbers do not end)
        raise AssertionError(msg)

    def _config(self, parameters: Sequence[Parameter], table: str, maximum_bytes: int | None) -> QueryJobConfig:
        limits = [limit for limit in (self.settings.maximum_bytes_billed, maximum_bytes) if limit is not None]
        config = QueryJobConfig(query_parameters=list(parameters), labels={"sg_table": label(table)} if table else {})
        if limits:
            config.maximum_bytes_billed = min(limits)
        return config

    def _add(self, table: str, job: Job) -> None:
        cost = Cost(
            1,
            getattr(job, "total_bytes_processed", None) or 0,
            getattr(job, "total_bytes_billed", None) or 0,
            getattr(job, "slot_millis", None) or 0,
        )
        self.costs[table] = self.costs.get(table, Cost()) + cost


def _has_succeeded(job: Job) -> bool:
    """Whether a job of somebody else's came to a good end, which is waited for."""
    try:
        job.result()
    except GoogleAPIError:
        if not job.error_result:  # it is not the job that failed: nobody knows what became of it
            raise
    return not job.error_result


_LEGACY_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}


def standard_type(field_type: str, mode: str) -> str:
    """The type of a field as SQL calls it: the API has other names for some."""
    kind = _LEGACY_TYPES.get(field_type, field_type)
    return f"ARRAY<{kind}>" if mode == "REPEATED" else kind


def words_of(error: GoogleAPIError) -> str:
    """What BigQuery says of an error, without the request that it was."""
    told = [one["message"] for one in getattr(error, "errors", ()) if one.get("message")]
    return "; ".join(told) or str(error)


@contextmanager
def refusals(table: str) -> Generator[None]:
    """Say what BigQuery says as a warehouse does.

    Raises:
        WarehouseError: BigQuery refused, or does not answer.
    """
    try:
        yield
    except GoogleAuthError as error:
        msg = f"Google does not take the credentials for BigQuery, or is out of reach ({type(error).__name__})"
        raise WarehouseError(msg) from None  # its message may have parts of what was sent
    except GoogleAPIError as error:
        said = "does not answer" if isinstance(error, RetryError) else "refused"
        msg = f"{table or 'a query'}: BigQuery {said}: {words_of(error)}"
        raise WarehouseError(msg) from error
