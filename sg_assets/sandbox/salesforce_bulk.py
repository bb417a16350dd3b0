"""Salesforce's Bulk API 2.0 for queries: a job, how it is, its results as CSV page by page, and its end.

A job is done the third time that somebody asks how it is. Its results are the records of the instant at which it was
made, in no promised order.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import date, datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sg_assets.sandbox.soql import SoqlError, read

if TYPE_CHECKING:
    from sg_assets.sandbox.salesforce import SalesforceApi
    from sg_assets.sandbox.salesforce_memory import Job

NO_BULK = frozenset({"OpportunityFieldHistory", "CaseStatus", "ContractStatus", "TaskPriority"})
"""Objects that have no bulk queries; there are more."""
DONE_WHEN_ASKED = 2
MOST_RECORDS = 50_000


class BulkApi:
    """The query jobs of one Salesforce."""

    def __init__(self, api: SalesforceApi) -> None:
        """Answer with the records of `api`."""
        self._api = api

    def routes(self) -> list[Route]:
        """Where it is reached."""
        path = "/services/data/v{version}/jobs/query"
        return [
            Route(path, self.create, methods=["POST"]),
            Route(path + "/{id}", self.look, methods=["GET"]),
            Route(path + "/{id}", self.abort, methods=["PATCH"]),
            Route(path + "/{id}", self.delete, methods=["DELETE"]),
            Route(path + "/{id}/results", self.results),
        ]

    async def create(self, request: Request) -> Response:
        """Take a job; a query that cannot be run is refused at once."""
        if problem := self._api.problem(request):
            return problem
        asked = json.loads(await request.body())
        if asked.get("operation") not in {"query", "queryAll"} or asked.get("contentType", "CSV") != "CSV":
            return self._api.error(400, "INVALIDJOB", "Invalid operation or content type")
        try:
            query = read(asked.get("query", ""))
            if query.object in NO_BULK or not query.fields:
                message = f"Entity '{query.object}' is not supported by the Bulk API."
                return self._api.error(400, "INVALIDENTITY", message)
            self._api.check(query)
        except SoqlError as refusal:
            return self._api.error(400, refusal.code, str(refusal))
        is_all = asked["operation"] == "queryAll"
        version = request.path_params["version"]
        job = self._api.memory.start_job(self._api.sandbox.now(), asked["query"], version, is_all=is_all)
        return self._api.answer(_described(job))

    async def look(self, request: Request) -> Response:
        """How a job is."""
        job = self._job(request, is_asked=True)
        return job if isinstance(job, Response) else self._api.answer(_described(job))

    async def abort(self, request: Request) -> Response:
        """Stop a job."""
        job = self._job(request)
        if isinstance(job, Response):
            return job
        self._api.memory.abort_job(job.number)
        return self._api.answer(_described(job) | {"state": "Aborted"})

    async def delete(self, request: Request) -> Response:
        """Forget a job that is over."""
        job = self._job(request)
        if isinstance(job, Response):
            return job
        if _state(job) not in {"JobComplete", "Aborted", "Failed"}:
            return self._api.error(400, "INVALIDJOBSTATE", "Job must be complete, failed or aborted to be deleted")
        self._api.memory.delete_job(job.number)
        return Response(status_code=204)

    async def results(self, request: Request) -> Response:
        """One page of the rows, with where the next one begins; the literal text `null` where there is none."""
        job = self._job(request)
        if isinstance(job, Response):
            return job
        if job.version != request.path_params["version"]:
            return self._api.error(409, "VERSION_MISMATCH", "The job was made with another version of the API")
        if _state(job) != "JobComplete":
            return self._api.error(400, "INVALIDJOBSTATE", "Job is not complete")
        asked = request.query_params
        try:
            start = int(base64.b64decode(asked.get("locator", "MA=="), validate=True))
            most = min(int(asked.get("maxRecords", MOST_RECORDS)), self._api.sandbox.page_size)
        except ValueError:
            return self._api.error(400, "INVALIDLOCATOR", "invalid locator")
        query = read(job.query)
        rows = self._api.rows(query, job.at, is_all=job.is_all)
        shown = rows[start : start + most]
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(query.fields)
        writer.writerows([[_text(row.get(name)) for name in query.fields] for row in shown])
        rest = start + most < len(rows)
        headers = {
            "Sforce-Locator": base64.b64encode(str(start + most).encode()).decode() if rest else "null",
            "Sforce-NumberOfRecords": str(len(shown)),
        }
        return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=UTF-8")

    def _job(self, request: Request, *, is_asked: bool = False) -> Job | Response:
        """The job that is asked for, or why there is none."""
        if problem := self._api.problem(request):
            return problem
        text = request.path_params["id"][3:15]
        found = self._api.memory.job(int(text), is_asked=is_asked) if text.isdigit() else None
        return found or self._api.error(404, "NOT_FOUND", "The requested resource does not exist")


def _state(job: Job) -> str:
    if job.state:
        return job.state
    if job.asked >= DONE_WHEN_ASKED:
        return "JobComplete"
    return "InProgress" if job.asked else "UploadComplete"


def _described(job: Job) -> dict[str, object]:
    at = job.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {
        "id": f"750{job.number:012}AAA",
        "operation": "queryAll" if job.is_all else "query",
        "object": read(job.query).object,
        "createdById": "005sandbox00000AAA",
        "createdDate": at,
        "systemModstamp": at,
        "state": _state(job),
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }


def _text(value: object) -> str:
    """A value as it stands in CSV: nothing for null, times in UTC with a Z, as nowhere else in Salesforce."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
