"""Answers to people's queries, from BigQuery itself: no copy is needed there, since a reader is in nobody's way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from google.cloud.bigquery import DEFAULT_RETRY, QueryJobConfig

from sg_assets.warehouse.bigquery_jobs import refusals, standard_type
from sg_assets.warehouse.bigquery_lent import built, holding, located
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.readcopy import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.cloud.bigquery import SchemaField

    from sg_assets.warehouse.bigquery_jobs import Jobs

PATIENCE = 20.0
"""Seconds in which BigQuery must answer at first: a run waits ten minutes for it to come back, a person does not."""
NEWEST = "select max(built_at) from sg_ops.table_state"


class BigQueryReader:
    """Asks one warehouse; `jobs` are those of its client."""

    def __init__(self, jobs: Jobs) -> None:
        """Nothing is asked yet."""
        self._jobs = jobs

    def query(self, sql: str) -> Answer:
        """The result of a query, with types and values as the copy of a DuckDB warehouse gives them.

        Raises:
            WarehouseError: BigQuery refused, and says why; or it is no query.
        """
        there = located(self._jobs, sql)
        self._refuse_writing(there)
        found = self._jobs.result(there)
        rows = [values(row.values(), found.schema) for row in found]
        books = self._jobs if built(self._jobs) else holding(self._jobs, "")
        ((newest,),) = self._jobs.run(located(books, NEWEST))
        columns = tuple((field.name, type_of(field)) for field in found.schema)
        return Answer(newest if isinstance(newest, datetime) else None, columns, rows)

    def _refuse_writing(self, sql: str) -> None:
        """Let pass what only reads, by BigQuery's own judgement: the credentials may do more than a question should."""
        with refusals(""):
            dry, soon = QueryJobConfig(dry_run=True, use_query_cache=False), DEFAULT_RETRY.with_timeout(PATIENCE)
            tried = self._jobs.client.query(sql, job_config=dry, retry=soon, job_retry=None)
        if tried.statement_type != "SELECT":
            msg = f"only queries are answered, and this is {tried.statement_type}"
            raise WarehouseError(msg)


def type_of(field: SchemaField) -> str:
    """The type of a field as SQL writes it, fields of structs included."""
    kind = standard_type(field.field_type, "NULLABLE")
    if kind == "STRUCT":
        kind = f"STRUCT<{', '.join(f'{inner.name} {type_of(inner)}' for inner in field.fields)}>"
    return f"ARRAY<{kind}>" if field.mode == "REPEATED" else kind


def values(row: Sequence[object], schema: Sequence[SchemaField]) -> tuple[object, ...]:
    """A row as Python has it: the client parses JSON, which is a text here."""
    return tuple(_value(value, field) for value, field in zip(row, schema, strict=True))


def _value(value: object, field: SchemaField, *, is_item: bool = False) -> object:
    if field.mode == "REPEATED" and not is_item and isinstance(value, list):
        return [_value(item, field, is_item=True) for item in value]
    if field.field_type == "JSON":
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, Mapping):
        return {inner.name: _value(value[inner.name], inner) for inner in field.fields}
    return value
