"""A server on loopback that answers jobs as BigQuery documents it, with numbers that a test chose.

The emulator's bytes are always 0, so what we ask for and what we read of the answer is seen here.
https://cloud.google.com/bigquery/docs/reference/rest/v2/Job (64-bit numbers are texts there)
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering

ONE = {"fields": [{"name": "one", "type": "INTEGER", "mode": "NULLABLE"}]}


@contextmanager
def bigquery(bytes_of: Mapping[str, int], *, slot_ms: int = 0, refused: str = "") -> Generator[Vendor]:
    """Serve jobs: a query that has some text in it reads so many bytes, and gives the one row 1.

    A query is billed what it reads, rounded up to 10 MiB. One with `refused` in it has an error.
    """

    def answer(asked: Asked) -> Answer:
        if asked.method == "GET":
            return Answer.json(
                {
                    "jobReference": {"projectId": "some-project", "jobId": asked.path.rpartition("/")[2]},
                    "jobComplete": True,
                    "schema": ONE,
                    "totalRows": "1",
                    "rows": [{"f": [{"v": "1"}]}],
                }
            )
        wanted = json.loads(asked.body)
        sql = wanted["configuration"]["query"]["query"]
        if refused and refused in sql:
            words = "Not found: Table some-project:m.gone was not found in location US"
            error = {"code": 404, "message": words, "errors": [{"reason": "notFound", "message": words}]}
            return Answer.json({"error": error}, status=404)
        return Answer.json(_job(wanted, next((n for text, n in bytes_of.items() if text in sql), 0), slot_ms))

    with answering(answer) as vendor:
        yield vendor


def configurations(vendor: Vendor) -> list[dict[str, Any]]:
    """What the jobs were asked to be, in order."""
    return [json.loads(asked.body)["configuration"] for asked in vendor.asked if asked.method == "POST"]


def _job(wanted: Mapping[str, Any], size: int, slot_ms: int) -> dict[str, Any]:
    is_dry = wanted["configuration"].get("dryRun", False)
    unit = 10 * 2**20
    billed = 0 if is_dry else -(-size // unit) * unit
    words = wanted["configuration"]["query"]["query"].upper().split()
    query = {
        "totalBytesProcessed": str(size),
        "totalBytesBilled": str(billed),
        "statementType": "SELECT" if words[0] == "SELECT" else "_".join(words[:2]),
        "schema": ONE,
    }
    statistics = {"totalBytesProcessed": str(size), "query": query}
    if not is_dry:
        statistics |= {"totalSlotMs": str(slot_ms)}
        query |= {"totalSlotMs": str(slot_ms)}
    return {
        "kind": "bigquery#job",
        "jobReference": {"projectId": "some-project", "location": "US", "jobId": "a-job", **wanted["jobReference"]},
        "configuration": wanted["configuration"],
        "status": {"state": "DONE"},
        "statistics": statistics,
    }
