"""The Bulk API 2.0: how the first load of a large object is had in few calls; its changes then come by REST.

A query job runs at Salesforce, and its results are fetched as CSV, page by page. They come in no promised order, so
that only the job itself can be gone on with: it, and where its next page begins, is the cursor of a load in parts.
Protocol: Bulk API 2.0, query jobs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import BinaryIO, cast

from sg_assets.columns import Column
from sg_assets.http import Client, ComeBackLater, SourceError
from sg_assets.http.exchange import Request, segment
from sg_assets.source import Page, Pull
from sg_assets.sources.salesforce.bulk_csv import read_csv
from sg_assets.sources.salesforce.rest import LAG, THROUGH, literal, windows
from sg_assets.sources.salesforce.session import API, JOB_PAUSE

MOST_RECORDS = 50_000
"""Rows of one page of results."""
IN_MEMORY = 16 << 20
"""Bytes of a page that wait in memory; a larger one waits in a file."""
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 29.5)
"""Seconds between two questions how a job is: a minute in all."""


@dataclass(frozen=True, slots=True)
class Job:
    """A query job, as it is kept in a cursor: `through` is where its window ends, `locator` where the next page begins.

    `is_done`: its results are there.
    """

    job_id: str
    through: str
    locator: str | None = None
    is_done: bool = False

    @property
    def path(self) -> str:
        """Where it is asked about."""
        return f"{API}/jobs/query/{segment(self.job_id)}"


def large(pull: Pull, name: str, fields: Mapping[str, Column]) -> Iterator[Page]:
    """All records of a large object: those of the first load by a query job, the changes since by REST.

    A job that Salesforce needs longer for than a fetch may wait is left to it, and the next pull goes on with it.

    Raises:
        SourceError: the job failed, or its results are not what it says; `ComeBackLater`: it is not done yet.
    """
    if THROUGH in (pull.cursor or {}):
        yield from windows(pull, name, fields)
        return
    job = _left(pull) or _started(pull, name, fields)
    if not job.is_done:
        if not _is_done(pull.http, job):
            yield Page((), asdict(job), lands_now=True)
            reason = f"the query job of {name} is still running"
            raise ComeBackLater(pull.http.name, pull.http.clock() + JOB_PAUSE, reason)
        job = replace(job, is_done=True)
    rows, locator = _results(pull.http, job, fields)
    while locator is not None:
        job = replace(job, locator=locator)
        yield Page(rows, asdict(job))
        rows, locator = _results(pull.http, job, fields)
    yield Page(rows, {THROUGH: job.through})
    with suppress(SourceError):  # a job that stays there costs nothing, and ends after seven days
        pull.http.send(Request("DELETE", job.path))


def _started(pull: Pull, name: str, fields: Mapping[str, Column]) -> Job:
    """A new job for everything up to a little before now, deleted records too."""
    through = literal(pull.now - LAG)
    query = f"SELECT {', '.join(fields)} FROM {name} WHERE SystemModstamp < {through}"  # noqa: S608 (declared names)
    wanted = {
        "operation": "queryAll",
        "query": query,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    answer = pull.http.post_json(f"{API}/jobs/query", wanted, idempotent=True)  # one too many is not fetched, and ends
    return Job(str(answer["id"]), through)


def _left(pull: Pull) -> Job | None:
    """The job of an earlier pull, where Salesforce still has it under this version of its API."""
    kept = pull.cursor or {}
    if "job_id" not in kept:
        return None
    job = Job(
        job_id=str(kept["job_id"]),
        through=str(kept["through"]),
        locator=cast("str | None", kept["locator"]),
        is_done=bool(kept["is_done"]),
    )
    try:
        state = pull.http.get_json(job.path)
    except SourceError as error:
        if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            return None
        raise
    is_usable = f"/v{state['apiVersion']}" in job.path and state["state"] not in ("Failed", "Aborted")
    return job if is_usable else None


def _is_done(http: Client, job: Job) -> bool:
    """Whether a job is done, which is waited for a minute.

    Raises:
        SourceError: it failed.
    """
    for wait in (*WAITS, None):
        answer = http.get_json(job.path)
        state = answer["state"]
        if state == "JobComplete":
            return True
        if state in ("Failed", "Aborted"):
            came = http.shown(f"{state}: {answer.get('errorMessage') or 'no reason given'}")
            advice = "Salesforce's page of bulk data load jobs may say more; the next pull starts another job."
            raise SourceError(http.name, http.shown(f"query job {job.job_id} of {answer.get('object')}"), came, advice)
        if wait is not None:
            http.sleep(wait)
    return False


def _results(http: Client, job: Job, fields: Mapping[str, Column]) -> tuple[list[dict[str, object]], str | None]:
    """One page of rows, and where the next one begins (None: this is the last).

    Raises:
        SourceError: there are not as many rows as Salesforce says.
    """
    params = {"maxRecords": str(MOST_RECORDS)} | ({"locator": job.locator} if job.locator else {})
    request = Request("GET", f"{job.path}/results", params=params)
    with cast("BinaryIO", tempfile.SpooledTemporaryFile(IN_MEMORY)) as file:
        reply = http.send(request, into=file)
        file.seek(0)
        rows = list(read_csv(file, fields))
    told = reply.headers.get("Sforce-NumberOfRecords", "")
    if told != str(len(rows)):
        raise SourceError(http.name, str(request), f"{len(rows)} rows, of which Salesforce says {told or 'nothing'}")
    locator = reply.headers.get("Sforce-Locator", "null")
    return rows, None if locator == "null" else locator
