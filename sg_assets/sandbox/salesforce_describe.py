"""What Salesforce says of its objects: which there are, their fields, and what the integration user may do to them.

That user reads everything, and may write the fields of accounts that are ours; the fault `further_rights` lets it write
and delete everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sg_assets.sandbox.company.crm import OBJECTS
from sg_assets.sandbox.company.crm_accounts import WRITABLE
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.salesforce_shapes import field_type

if TYPE_CHECKING:
    from sg_assets.sandbox.salesforce import SalesforceApi

SOURCE = "salesforce"


class DescribeApi:
    """What one Salesforce says of itself."""

    def __init__(self, api: SalesforceApi) -> None:
        """Describe the objects of `api`."""
        self._api = api

    def routes(self) -> list[Route]:
        """Where it is reached."""
        path = "/services/data/v{version}/sobjects"
        return [Route(path, self.every), Route(path + "/{name}/describe", self.one)]

    async def every(self, request: Request) -> Response:
        """Every object, and what the user may do to its records."""
        if problem := self._api.problem(request):
            return problem
        objects = [
            {
                "name": name,
                "queryable": True,
                "createable": self._is_wide(name),
                "updateable": self._is_wide(name) or name == "Account",
                "deletable": self._is_wide(name),
            }
            for name in OBJECTS
        ]
        return self._api.answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})

    async def one(self, request: Request) -> Response:
        """The fields of an object."""
        if problem := self._api.problem(request):
            return problem
        name = request.path_params["name"]
        if name not in OBJECTS:
            return self._api.error(404, "NOT_FOUND", "The requested resource does not exist")
        fields = [
            {"name": each, "type": field_type(each), "updateable": each in WRITABLE or self._is_wide(name)}
            for each in sorted(self._api.field_names(name))
        ]
        return self._api.answer({"name": name, "fields": fields})

    def _is_wide(self, name: str) -> bool:
        return bool(self._api.sandbox.faults.on(Kind.FURTHER_RIGHTS, SOURCE, name))
