"""Reading a Postgres database through a BigQuery connection: each query is handed on by EXTERNAL_QUERY.

For a database that only Google may reach (Cloud SQL): https://cloud.google.com/bigquery/docs/cloud-sql-federated-queries
BigQuery's REST API runs the query, as a job of the service account, and gives the rows as JSON in pages
(https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query and …/jobs/getQueryResults). Each query sees the
database as of its own instant: unlike `database.py`, the tables of one run do not share a snapshot, so that a row may
name one of another table that was written between the two. Order is BigQuery's: it does not keep Postgres's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote
from uuid import uuid4

from sg_assets.columns import Column, arrow_schema
from sg_assets.http import Client, SourceError
from sg_assets.postgres.database import expression, quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from sg_assets.http.quota import Quota

BASE_URL = "https://bigquery.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/bigquery"
CONNECTION = re.compile(r"(?P<project>[a-z0-9.:-]+)\.(?P<location>[A-Za-z0-9-]+)\.(?P<name>[A-Za-z0-9_-]+)")
PAGE_ROWS = 50_000
"""Rows of a page at most; BigQuery sends fewer where they would be more than some 10 MB."""
WAIT_MS = 10_000
"""How long one request waits for a job to end."""
LONGEST = timedelta(minutes=15)
"""How long a query may take."""


class Federated:
    """The database behind a connection, during one run; what it can be asked is what `Database` can.

    Args:
        http: a client of BigQuery's API, signed in as somebody who may run jobs and use the connection.
        connection: `project.location.name`.

    Raises:
        SourceError: the connection is not named so.
    """

    def __init__(self, http: Client, connection: str) -> None:
        """Nothing is asked yet."""
        found = CONNECTION.fullmatch(connection)
        if found is None:
            advice = "Name it project.location.connection, as `bq ls --connection` shows it."
            raise SourceError(http.name, "use a BigQuery connection", f"{connection!r} is none", advice)
        self.name = http.name
        self._http = http
        self._connection, self._location = connection, found["location"]
        self._path = f"/bigquery/v2/projects/{quote(found['project'], safe=':')}/queries"

    @property
    def calls(self) -> int:
        """Requests that were sent."""
        return self._http.calls

    @property
    def patience(self) -> float:
        """Seconds that one request may wait for BigQuery to recover."""
        return self._http.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._http.patience = seconds

    @property
    def quota(self) -> Quota | None:
        """BigQuery says nothing of its quotas."""
        return self._http.quota

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def read(
        self, table: str, columns: Sequence[Column], *, where: str = "", order_by: str = "", limit: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a table, in batches of the declared columns and types: see `Database.read`.

        Raises:
            SourceError: it could not be read.
        """
        condition = f" where {where}" if where else ""
        few = "" if limit is None else f" limit {int(limit)}"
        yield from self._answer(f"select {selected(columns)} from {table}{condition}{few}", columns, order_by)

    def ask(
        self, table: str, query: str, columns: Sequence[Column], *, limit: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The answer to a query of Postgres, in batches; its columns have these types.

        Raises:
            SourceError: see `read`.
        """
        few = "" if limit is None else f" limit {int(limit)}"
        inner = f"select {selected(columns)} from ({query}) as {quoted(table)}{few}"
        yield from self._answer(inner, columns, "")

    def _answer(self, query: str, columns: Sequence[Column], order_by: str) -> Iterator[pa.RecordBatch]:
        """The pages of the answer to a query, each a batch."""
        answer = self._begun(wrapped(self._connection, query, order_by))
        job = answer["jobReference"]["jobId"]
        path = f"{self._path}/{quote(job, safe='')}"
        params = {
            "location": answer["jobReference"].get("location", self._location),
            "maxResults": str(PAGE_ROWS),
            "timeoutMs": str(WAIT_MS),
            "formatOptions.useInt64Timestamp": "true",
        }
        deadline = self._http.clock() + LONGEST
        while not answer.get("jobComplete"):
            if self._http.clock() > deadline:
                came = f"job {job} did not end within {LONGEST}"
                raise SourceError(
                    self.name, "wait for BigQuery", came, "A later try may do.", HTTPStatus.GATEWAY_TIMEOUT
                )
            answer = self._http.get_json(path, params)
        while True:
            yield batch_of(answer, columns)
            if not (token := answer.get("pageToken")):
                return
            answer = self._http.get_json(path, {**params, "pageToken": token})

    def _begun(self, query: str) -> Mapping[str, Any]:
        """Have BigQuery begin a query; sent twice, it is the same one."""
        body = {
            "query": query,
            "useLegacySql": False,
            "location": self._location,
            "timeoutMs": WAIT_MS,
            "jobTimeoutMs": str(int(LONGEST.total_seconds() * 1000)),
            "maxResults": PAGE_ROWS,
            "formatOptions": {"useInt64Timestamp": True},
            "labels": {"sg_assets": self.name},
            "requestId": str(uuid4()),
        }
        answer: Mapping[str, Any] = self._http.post_json(self._path, body, idempotent=True)
        return answer


def wrapped(connection: str, query: str, order_by: str = "") -> str:
    """The BigQuery SQL that hands a query on to the database of a connection."""
    text = query.replace("\\", "\\\\").replace("'", "\\'")
    order = f" order by {order_by}" if order_by else ""
    return f"select * from external_query('{connection}', '''{text}'''){order}"


def selected(columns: Sequence[Column]) -> str:
    """The select list that gives columns as EXTERNAL_QUERY can hand them on.

    It knows no arrays, which are JSON here, and no times without a zone, which are texts:
    https://cloud.google.com/bigquery/docs/cloud-sql-federated-queries#data_type_mappings
    """
    return ", ".join(f"{_expression(column)} as {quoted(column.name)}" for column in columns)


def _expression(column: Column) -> str:
    value = expression(column)
    if column.is_array:
        return f"array_to_json({value})::text"
    return f"({value})::text" if column.type == "DATETIME" else value


def batch_of(answer: Mapping[str, Any], columns: Sequence[Column]) -> pa.RecordBatch:
    """The rows of one page, `{"rows": [{"f": [{"v": …}]}]}`, as declared columns; BigQuery writes values as texts."""
    import pyarrow as pa

    schema = arrow_schema(tuple(columns))
    rows = answer.get("rows", ())
    arrays = [
        _array([row["f"][place]["v"] for row in rows], column, schema.field(place).type)
        for place, column in enumerate(columns)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: Sequence[str | None], column: Column, type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if column.is_array:
        return pa.array([None if value is None else json.loads(value) for value in values], type_)
    if column.type == "DATETIME":
        return pa.array([None if value is None else datetime.fromisoformat(value) for value in values], type_)
    if column.type == "TIMESTAMP":
        return pa.array([None if value is None else int(value) for value in values], pa.int64()).cast(type_)
    if column.type == "DATE":
        return pa.array([None if value is None else date.fromisoformat(value) for value in values], type_)
    if column.type == "BOOL":
        return pa.array([None if value is None else value == "true" for value in values], type_)
    return pa.array(values, pa.string()).cast(type_)
