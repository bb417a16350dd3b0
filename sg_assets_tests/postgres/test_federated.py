"""A database read through a BigQuery connection: what BigQuery is asked for, and what its answers mean.

The stand-in answers in the shapes of jobs.query and jobs.getQueryResults as they are documented; the query inside
EXTERNAL_QUERY is answered by a real Postgres, so that it is one that Postgres takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sg_assets.columns import Column, arrow_schema
from sg_assets.http import Client, SourceError
from sg_assets.postgres import Database, Federated
from sg_assets.postgres.federated import batch_of, wrapped
from sg_assets.sandbox.postgres_server import PostgresServer
from sg_assets_tests.postgres.test_database import COLUMNS
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering, scripted

CONNECTION = "acme-prod.europe-west1.dotcom"
QUERIES = "/bigquery/v2/projects/acme-prod/queries"
HANDED_ON = re.compile(r"select \* from external_query\('([^']*)', '''(.*)'''\)( order by .*)?", re.DOTALL)
ID = Column("id", "INT64", "Id.")
JOB = {"projectId": "acme-prod", "jobId": "job_1", "location": "europe-west1"}


def handed_on(sql: str) -> str:
    """The query that the database of the connection is given."""
    found = HANDED_ON.fullmatch(sql)
    assert found, sql
    assert found[1] == CONNECTION
    return re.sub(r"\\(.)", r"\1", found[2])


def page(*rows: tuple[str | None, ...], **more: object) -> dict[str, object]:
    """An answer that has rows, as BigQuery writes them."""
    return {
        "kind": "bigquery#queryResponse",
        "jobReference": JOB,
        "jobComplete": True,
        "totalRows": str(len(rows)),
        "rows": [{"f": [{"v": value} for value in row]} for row in rows],
        **more,
    }


@contextmanager
def federated(vendor: Vendor, **more: object) -> Generator[Federated]:
    http = Client(vendor.url, name="shop", sleep=lambda _seconds: None, **more)  # pyrefly: ignore[bad-argument-type]
    with Federated(http, CONNECTION) as database:
        yield database


@dataclass
class BigQuery:
    """Answers with what the Postgres of the connection says."""

    server: PostgresServer
    columns: tuple[Column, ...]
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        body = json.loads(asked.body)
        self.asked.append(body)
        values = ", ".join(map(self.value, self.columns))
        query = f"select coalesce(json_agg(json_build_array({values})), '[]') from ({handed_on(body['query'])}) as q"
        rows = json.loads(self.server.run(query))
        return Answer.json(page(*(tuple(row) for row in rows)))

    @staticmethod
    def value(column: Column) -> str:
        """As BigQuery's JSON has it: everything is a text, an instant its microseconds."""
        name = f'"{column.name}"'
        if column.type == "TIMESTAMP":
            return f"(extract(epoch from {name}) * 1000000)::bigint::text"
        return f"{name}::text"


def test_it_reads_what_the_database_itself_gives(server: PostgresServer, url: str) -> None:
    bigquery = BigQuery(server, COLUMNS)
    with answering(bigquery) as vendor, federated(vendor) as there, Database(url, name="shop") as here:
        (batch,) = there.read("thing", COLUMNS, where="name is not distinct from 'Ada' or \"name\" is null")
        (expected,) = here.read("thing", COLUMNS, order_by="id")
        assert batch.schema == arrow_schema(COLUMNS)
        assert sorted(batch.to_pylist(), key=lambda row: int(row["id"])) == expected.to_pylist()
        query = "select count(*) as id, 'it''s \\a' as name from thing"
        (batch,) = BigQueryAsked(there, bigquery, (ID, COLUMNS[1])).ask(query)
        assert batch.to_pylist() == [{"id": 2, "name": "it's \\a"}]


@dataclass
class BigQueryAsked:
    """Asks one further query, of other columns."""

    database: Federated
    bigquery: BigQuery
    columns: tuple[Column, ...]

    def ask(self, query: str) -> list[Any]:
        self.bigquery.columns = self.columns
        return list(self.database.ask("thing", query, self.columns))


def test_what_bigquery_is_asked_for() -> None:
    with scripted(Answer.json(page(("1",)))) as vendor, federated(vendor) as database:
        list(database.read("users", (ID,), where="id > 7", order_by="id", limit=3))
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("POST", QUERIES)
    body = json.loads(asked.body)
    assert len(body.pop("requestId")) == 36
    assert body == {
        "query": "select * from external_query('acme-prod.europe-west1.dotcom', "
        "'''select \"id\"::bigint as \"id\" from users where id > 7 limit 3''') order by id",
        "useLegacySql": False,
        "location": "europe-west1",
        "timeoutMs": 10_000,
        "jobTimeoutMs": "900000",
        "maxResults": 50_000,
        "formatOptions": {"useInt64Timestamp": True},
        "labels": {"sg_assets": "shop"},
    }


def test_a_query_cannot_leave_its_quotes() -> None:
    sql = wrapped(CONNECTION, "select '''', E'\\'' -- '''), drop")
    assert handed_on(sql) == "select '''', E'\\'' -- '''), drop"
    assert sql.count("'''") == 2


def test_a_job_that_takes_long_is_waited_for_and_comes_page_by_page() -> None:
    answers = (
        {"jobReference": JOB, "jobComplete": False},
        {"jobReference": JOB, "jobComplete": False},
        page(("1",), ("2",), pageToken="next"),
        page(("3",)),
    )
    with scripted(*map(Answer.json, answers)) as vendor, federated(vendor) as database:
        batches = list(database.read("users", (ID,)))
        assert [batch["id"].to_pylist() for batch in batches] == [[1, 2], [3]]
        assert database.calls == 4
    _, first, _, last = vendor.asked
    assert (first.method, first.path) == ("GET", f"{QUERIES}/job_1")
    assert first.query == {
        "location": "europe-west1",
        "maxResults": "50000",
        "timeoutMs": "10000",
        "formatOptions.useInt64Timestamp": "true",
    }
    assert last.query["pageToken"] == "next"


def test_a_job_that_does_not_end_is_given_up() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]

    def later() -> datetime:
        now[0] += timedelta(minutes=4)
        return now[0]

    with (
        scripted(Answer.json({"jobReference": JOB, "jobComplete": False})) as vendor,
        federated(vendor, clock=later) as database,
        pytest.raises(SourceError, match=r"job job_1 did not end within 0:15:00") as raised,
    ):
        list(database.read("users", (ID,)))
    assert raised.value.status == 504


def refusal(status: int, reason: str, message: str) -> Answer:
    """An error as Google's APIs write it."""
    return Answer.json({"error": {"code": status, "message": message, "errors": [{"reason": reason}]}}, status)


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        (
            refusal(400, "invalidQuery", "Failed to fetch: ERROR: permission denied for table users"),
            400,
            "permission denied for table users",
        ),
        (refusal(403, "accessDenied", "User does not have bigquery.connections.use"), 403, "bigquery.connections.use"),
        (refusal(404, "notFound", "Not found: Connection acme-prod.europe-west1.dotcom"), 404, "Not found: Connection"),
    ],
)
def test_a_refusal_is_told_with_what_it_says(answer: Answer, status: int, told: str) -> None:
    with scripted(answer) as vendor, federated(vendor) as database, pytest.raises(SourceError, match=told) as raised:
        list(database.read("users", (ID,)))
    assert raised.value.status == status


def test_an_outage_is_tried_again_as_the_same_query() -> None:
    with scripted(refusal(503, "backendError", "try again"), Answer.json(page(("1",)))) as vendor:
        with federated(vendor) as database:
            assert [batch.num_rows for batch in database.read("users", (ID,))] == [1]
        first, second = (json.loads(asked.body)["requestId"] for asked in vendor.asked)
        assert first == second


def test_no_rows_are_a_batch_of_the_declared_columns() -> None:
    batch = batch_of({"jobComplete": True, "totalRows": "0"}, COLUMNS)
    assert (batch.num_rows, batch.schema) == (0, arrow_schema(COLUMNS))


@pytest.mark.parametrize("name", ["dotcom", "acme.dotcom", "a.b.c.d'", "acme-prod.us.dot com", ""])
def test_what_is_no_connection_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=r"Name it project\.location\.connection"):
        Federated(Client("http://127.0.0.1:1", name="shop"), name)
