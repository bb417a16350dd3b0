"""A client of the stand-in of Salesforce, for tests of the stand-in itself."""

from __future__ import annotations

from dataclasses import dataclass

import requests

from sg_assets.sandbox.salesforce import TOKEN

DATA = "/services/data/v59.0"


@dataclass(frozen=True)
class SalesforceClient:
    """Asks with a session that is good."""

    url: str

    def ask(self, method: str, path: str, body: object = None, **params: str) -> requests.Response:
        """One answer; the path is below the version's."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        address = f"{self.url}/salesforce{DATA}{path}"
        return requests.request(method, address, params=params, json=body, headers=headers, timeout=20)
