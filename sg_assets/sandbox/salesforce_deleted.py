"""Salesforce's getDeleted: which records of an object were deleted, or erased, within the last thirty days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sg_assets.sandbox.company.crm import OBJECTS
from sg_assets.sandbox.salesforce_shapes import wire

if TYPE_CHECKING:
    from sg_assets.sandbox.salesforce import SalesforceApi

KEPT = timedelta(days=30)
LEAST = timedelta(minutes=1)
BEHIND = timedelta(minutes=5)
"""How far from now what it knows ends, for the sake of transactions that are still under way."""


class DeletedApi:
    """The deletions of one Salesforce."""

    def __init__(self, api: SalesforceApi) -> None:
        """Answer with the records of `api`."""
        self._api = api

    def routes(self) -> list[Route]:
        """Where it is reached."""
        return [Route("/services/data/v{version}/sobjects/{name}/deleted/", self.deleted)]

    async def deleted(self, request: Request) -> Response:
        """The deletions between two instants, and up to when they are known."""
        if problem := self._api.problem(request):
            return problem
        name, now = request.path_params["name"], self._api.sandbox.now()
        if name not in OBJECTS:
            return self._api.error(404, "NOT_FOUND", "The requested resource does not exist")
        try:
            start, end = (_minute(request.query_params.get(which, "")) for which in ("start", "end"))
        except ValueError:
            return self._api.error(400, "INVALID_FIELD", "start and end must be date-times")
        if start < now - KEPT or end - start < LEAST:
            message = f"startDate before org replication enabled date or more than 30 days ago: {start.isoformat()}"
            return self._api.error(400, "INVALID_REPLICATION_DATE", message)
        found = dict(self._api.crm.erased(now))
        for id_, record in self._api.records(now)[name].items():
            stamp = record["SystemModstamp"]
            if record.get("IsDeleted") and isinstance(stamp, datetime):
                found[name, id_] = stamp
        rows = [
            {"id": id_, "deletedDate": wire(at)}
            for (kind, id_), at in sorted(found.items(), key=lambda item: (item[1], item[0]))
            if kind == name and start <= at < end
        ]
        return self._api.answer(
            {
                "deletedRecords": rows,
                "earliestDateAvailable": wire(now - KEPT),
                "latestDateCovered": wire(_minute((min(end, now - BEHIND)).isoformat())),
            }
        )


def _minute(text: str) -> datetime:
    """The instant that a text names; seconds are ignored.

    Raises:
        ValueError: it is none.
    """
    return datetime.fromisoformat(text).astimezone(UTC).replace(second=0, microsecond=0)
