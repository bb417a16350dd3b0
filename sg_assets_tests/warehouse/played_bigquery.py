"""A little BigQuery on loopback that keeps datasets, tables and jobs, runs no SQL, and answers queries as a test says.

It is there for what is asked of BigQuery: which job under which id, with which text, parameters and limits; which
table with which columns, partition and labels. What SQL does is tested on the emulator.
https://cloud.google.com/bigquery/docs/reference/rest
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes
from typing import Any

from google.cloud.bigquery import Client

from sg_assets.table import Table
from sg_assets.warehouse.bigquery_client import Settings, client_of
from sg_assets.warehouse.bigquery_jobs import Jobs
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering
from sg_assets_tests.warehouse.examples import NOW

PROJECT = "some-project"
SOUND = "sum(case when"  # in the question of `sound`
Resource = dict[str, Any]
Row = Sequence[object]
_TYPES: dict[type, str] = {bool: "BOOLEAN", int: "INTEGER", str: "STRING", date: "DATE", datetime: "TIMESTAMP"}


@dataclass
class Played:
    """What there is, and what was asked for; `answers` are the rows of queries by a text that is in them."""

    client: Client
    jobs: Jobs
    vendor: Vendor  # its address, and every request as it came
    answers: dict[str, list[Row]] = field(default_factory=dict)
    fails: dict[str, str] = field(default_factory=dict)  # a text in a query: what is complained of
    datasets: dict[str, Resource] = field(default_factory=dict)
    tables: dict[str, Resource] = field(default_factory=dict)
    submitted: dict[str, Resource] = field(default_factory=dict)  # by the job's id, in their order
    tries: list[str] = field(default_factory=list)  # every id that was asked for, taken or not

    def queries(self, text: str = "") -> list[Resource]:
        """The configurations of the query jobs that have this in their text."""
        found = [job["configuration"] for job in self.submitted.values() if "query" in job["configuration"]]
        return [one for one in found if text in one["query"]["query"]]

    def script(self) -> str:
        """The text of the one transaction that there was."""
        (one,) = self.queries("begin transaction")
        return str(one["query"]["query"])

    def answer(self, asked: Asked) -> Answer:
        """What a request gets."""
        for (method, path), reply in _ROUTES.items():
            if asked.method == method and (found := re.fullmatch(f".*/v2/projects/[^/]+{path}", asked.path)):
                return reply(self, asked, *found.groups())
        return _error(501, "notImplemented", f"{asked.method} {asked.path}")


@contextmanager
def played(**settings: Any) -> Generator[Played]:  # noqa: ANN401 (fields of `Settings`)
    """A BigQuery with nothing in it."""
    made: list[Played] = []

    def answer(asked: Asked) -> Answer:
        return made[0].answer(asked)

    with answering(answer) as vendor:
        fields: dict[str, Any] = {"project": PROJECT, **settings}
        wanted = Settings(**fields)
        client = client_of(wanted, vendor.url)
        made.append(Played(client, Jobs(client, wanted), vendor))
        yield made[0]
        client.close()


def parameters(config: Resource) -> dict[str, Any]:
    """The values of a query's parameters by name."""
    found = {}
    for one in config["query"]["queryParameters"]:
        value = one["parameterValue"]
        listed = [item["value"] for item in value["arrayValues"]] if "arrayValues" in value else None
        found[one["name"]] = value.get("value") if listed is None else listed
    return found


def state_row(table: Table, seq: int) -> tuple[object, ...]:
    """The newest state of a table as BigQuery answers it."""
    now = str(int(NOW.timestamp() * 1_000_000))
    return (0, None, table.name, seq, now, 2, now, "1", "1", "land", "{}", None, None, None, 1)


def _submit(there: Played, asked: Asked) -> Answer:
    wanted = json.loads(asked.body)
    config = wanted["configuration"]
    if config.get("dryRun"):
        return Answer.json(_job(there, "dry", config))
    if "load" in config:
        return _load(there, wanted)
    job_id = wanted["jobReference"]["jobId"]
    there.tries.append(job_id)
    if job_id in there.submitted:
        return _error(409, "duplicate", f"Already Exists: Job {PROJECT}:{job_id}")
    there.submitted[job_id] = _job(there, job_id, config)
    if made := re.match(r"create or replace (table|view) `[^`]+`\.`([^`]+)`\.`([^`]+)`", config["query"]["query"]):
        there.tables[f"{made[2]}.{made[3]}"] = _table(made[2], made[3]) | {"type": made[1].upper()}
    return Answer.json(there.submitted[job_id])


def _upload(there: Played, asked: Asked) -> Answer:
    """A load job of the multipart protocol: https://cloud.google.com/bigquery/docs/reference/api-uploads."""
    kind = next(value for name, value in asked.headers.items() if name.lower() == "content-type")
    parts = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + asked.body).get_payload()
    wanted = json.loads(parts[0].get_payload())  # pyrefly: ignore[bad-index, missing-attribute]
    return _load(there, wanted)


def _load(there: Played, wanted: Resource) -> Answer:
    job_id, config = wanted["jobReference"]["jobId"], wanted["configuration"]
    there.tries.append(job_id)
    if job_id in there.submitted:
        return _error(409, "duplicate", f"Already Exists: Job {PROJECT}:{job_id}")
    target = config["load"]["destinationTable"]
    there.tables[f"{target['datasetId']}.{target['tableId']}"] = _table(target["datasetId"], target["tableId"])
    there.submitted[job_id] = _job(there, job_id, config)
    return Answer.json(there.submitted[job_id])


def _job(there: Played, job_id: str, config: Resource) -> Resource:
    status: Resource = {"state": "DONE"}
    text = config.get("query", {}).get("query", "")
    if complaint := next((words for part, words in there.fails.items() if part in text), None):
        status |= {"errorResult": {"reason": "invalidQuery", "message": complaint}}
    query = {"totalBytesProcessed": "1000", "totalBytesBilled": "10485760", "totalSlotMs": "7"}
    statistics = {"totalBytesProcessed": "1000", "query": {**query, "schema": _schema(_rows(there, text))}}
    reference = {"projectId": PROJECT, "location": "US", "jobId": job_id}
    return {"jobReference": reference, "configuration": config, "status": status, "statistics": statistics}


def _rows(there: Played, text: str) -> list[Row]:
    return next((rows for part, rows in there.answers.items() if part in text), [])


def _schema(rows: list[Row]) -> Resource:
    first = rows[0] if rows else ()
    kinds = [_TYPES.get(type(value), "STRING") for value in first]
    return {"fields": [{"name": f"c{n}", "type": kind, "mode": "NULLABLE"} for n, kind in enumerate(kinds)]}


def _job_of(there: Played, _asked: Asked, job_id: str) -> Answer:
    return Answer.json(there.submitted[job_id])


def _results(there: Played, _asked: Asked, job_id: str) -> Answer:
    job = there.submitted[job_id]
    if "errorResult" in job["status"]:
        return _error(400, "invalidQuery", job["status"]["errorResult"]["message"])
    rows = _rows(there, job["configuration"]["query"]["query"])
    cells = [{"f": [{"v": _cell(value)} for value in row]} for row in rows]
    reply = {"jobComplete": True, "schema": _schema(rows), "totalRows": str(len(rows)), "rows": cells}
    return Answer.json({"jobReference": job["jobReference"], **reply})


def _cell(value: object) -> str | None:
    """A value as an answer holds it: an instant in microseconds."""
    if isinstance(value, datetime):
        return str(round(value.timestamp() * 1_000_000))
    return None if value is None else str(value)


def _make_dataset(there: Played, asked: Asked) -> Answer:
    wanted = json.loads(asked.body)
    name = wanted["datasetReference"]["datasetId"]
    if name in there.datasets:
        return _error(409, "duplicate", f"Already Exists: Dataset {PROJECT}:{name}")
    there.datasets[name] = wanted
    return Answer.json(wanted)


def _dataset(there: Played, _asked: Asked, name: str) -> Answer:
    return Answer.json(there.datasets[name]) if name in there.datasets else _error(404, "notFound", name)


def _make_table(there: Played, asked: Asked, dataset: str) -> Answer:
    wanted = json.loads(asked.body)
    name = f"{dataset}.{wanted['tableReference']['tableId']}"
    if name in there.tables:
        return _error(409, "duplicate", f"Already Exists: Table {PROJECT}:{name}")
    there.tables[name] = {**wanted, "numRows": "0"}
    return Answer.json(there.tables[name])


def _table(dataset: str, table: str) -> Resource:
    return {"tableReference": {"projectId": PROJECT, "datasetId": dataset, "tableId": table}, "numRows": "0"}


def _table_of(there: Played, _asked: Asked, dataset: str, table: str) -> Answer:
    found = there.tables.get(f"{dataset}.{table}")
    return Answer.json(found) if found else _error(404, "notFound", f"Not found: Table {dataset}.{table}")


def _change_table(there: Played, asked: Asked, dataset: str, table: str) -> Answer:
    there.tables[f"{dataset}.{table}"] |= json.loads(asked.body)
    return Answer.json(there.tables[f"{dataset}.{table}"])


def _drop_table(there: Played, _asked: Asked, dataset: str, table: str) -> Answer:
    there.tables.pop(f"{dataset}.{table}", None)
    return Answer(204, b"")


def _error(status: int, reason: str, words: str) -> Answer:
    error = {"code": status, "message": words, "errors": [{"reason": reason, "message": words}]}
    return Answer.json({"error": error}, status)


_ROUTES: dict[tuple[str, str], Callable[..., Answer]] = {
    ("POST", "/jobs"): lambda there, asked: (
        _upload(there, asked) if asked.path.startswith("/upload") else _submit(there, asked)
    ),
    ("GET", "/jobs/([^/]+)"): _job_of,
    ("GET", "/queries/([^/]+)"): _results,
    ("POST", "/datasets"): _make_dataset,
    ("GET", "/datasets/([^/]+)"): _dataset,
    ("POST", "/datasets/([^/]+)/tables"): _make_table,
    ("GET", "/datasets/([^/]+)/tables/([^/]+)"): _table_of,
    ("PATCH", "/datasets/([^/]+)/tables/([^/]+)"): _change_table,
    ("DELETE", "/datasets/([^/]+)/tables/([^/]+)"): _drop_table,
}
