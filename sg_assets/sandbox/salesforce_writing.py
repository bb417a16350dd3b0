"""Writing to Salesforce's records: up to 200 in one request, each taken or refused by itself (sObject Collections)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sg_assets.sandbox.company.crm_accounts import WRITABLE

if TYPE_CHECKING:
    from sg_assets.sandbox.salesforce import SalesforceApi

MOST_RECORDS = 200


class WritingApi:
    """What may be written to one Salesforce: the fields of `WRITABLE`, of accounts that are there."""

    def __init__(self, api: SalesforceApi) -> None:
        """Write to the records of `api`."""
        self._api = api

    def routes(self) -> list[Route]:
        """Where it is reached."""
        return [Route("/services/data/v{version}/composite/sobjects", self.update, methods=["PATCH"])]

    async def update(self, request: Request) -> Response:
        """Update records; the answer has one result for each, in their order. All or none where that is asked for."""
        if problem := self._api.problem(request):
            return problem
        asked = json.loads(await request.body())
        records = asked.get("records", [])
        if len(records) > MOST_RECORDS:
            message = f"record limit reached. cannot submit more than {MOST_RECORDS} records in this call"
            return self._api.error(400, "INVALID_BATCH_SIZE", message)
        now = self._api.sandbox.now()
        there = self._api.records(now)
        results = [_result(record, there) for record in records]
        if asked.get("allOrNone") and not all(result["success"] for result in results):
            rolled_back = _error("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all were valid")
            results = [rolled_back if result["success"] else result for result in results]
        for record, result in zip(records, results, strict=True):
            if result["success"]:
                fields = {name: value for name, value in record.items() if name not in {"attributes", "id", "Id"}}
                self._api.memory.write(now, record["attributes"]["type"], str(result["id"]), fields)
        return JSONResponse(results)


def _result(record: dict[str, Any], there: dict[str, dict[str, dict[str, object]]]) -> dict[str, object]:
    name, id_ = record.get("attributes", {}).get("type", ""), record.get("Id") or record.get("id")
    found = there.get(name, {}).get(str(id_))
    if found is None:
        return _error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if found.get("IsDeleted"):
        return _error("ENTITY_IS_DELETED", "entity is deleted")
    if unknown := sorted(record.keys() - {"attributes", "id", "Id"} - set(WRITABLE)):
        message = f"No such column '{unknown[0]}' on sobject of type {name}"
        return _error("INVALID_FIELD_FOR_INSERT_UPDATE", message, unknown)
    return {"id": id_, "success": True, "errors": []}


def _error(code: str, message: str, fields: list[str] | None = None) -> dict[str, object]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields or []}]}
