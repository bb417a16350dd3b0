"""What a run reads of the tables in BigQuery: rows of one, the answer to a question, what was not sent yet.

Everything is given as Arrow; JSON as text, as DuckDB gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sg_assets.columns import Column
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_jobs import refusals
from sg_assets.warehouse.bigquery_lent import located
from sg_assets.warehouse.contract import Unsent, WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud.bigquery.table import RowIterator

    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.bigquery_tables import Stored, Tables


def rows(jobs: Jobs, tables: Tables, table: str, columns: Sequence[str], limit: int | None = None) -> pa.Table:
    """Rows of a table, in no order: these columns of it, or all where none are named. Only of a view it costs.

    Raises:
        WarehouseError: there is no such table, or no such column.
    """
    stored = _stored(tables, table)
    if missing := [name for name in columns if name not in stored.types]:
        msg = f"{table} has no column {', '.join(missing)}"
        raise WarehouseError(msg)
    if stored.is_view:  # of which BigQuery lists no rows
        text = f"select {sql.names(columns or stored.types)} from {sql.quoted_table(jobs.settings, table)}"
        answer = jobs.result(text, table=table, limit=limit)
        with refusals(table):
            return _arrow(answer)
    with refusals(table):
        found = jobs.client.get_table(sql.table_id(jobs.settings, table))
        wanted = [field for field in found.schema if not columns or field.name in columns]
        listed = jobs.client.list_rows(found, selected_fields=wanted, max_results=limit)
        arrow = _arrow(listed)
    return arrow.select(list(columns)) if columns else arrow


def ask(jobs: Jobs, query: str, limit: int) -> pa.Table:
    """The first rows of what a query gives.

    Raises:
        WarehouseError: it cannot be run.
    """
    found = jobs.result(located(jobs, query), limit=limit)
    with refusals("a query"):
        return _arrow(found)


def unsent(jobs: Jobs, tables: Tables, wanted: Unsent) -> pa.Table:
    """The rows that the ledger does not have as they are now, in the order of their keys.

    Raises:
        WarehouseError: there is no such table.
    """
    stored = _stored(tables, wanted.table)
    columns = [Column(name, kind, "") for name, kind in stored.types.items()]
    script = sql.Script()
    conditions = [f"t.{sql.quoted(name)} is not null" for name in wanted.key]
    if wanted.since is not None and wanted.day is not None:
        conditions.append(f"t.{sql.quoted(wanted.day)} >= {script.value('DATE', wanted.since)}")
    keys, source = sql.names(wanted.key), "newest"
    if not wanted.is_full:
        sent = [column for column in columns if column.name in wanted.sent]
        other = f" and not ({sql.differ(sent, 't', 'l')})" if sent else ""
        conditions.append(f"not exists (select 1 from {source} as l where {sql.same_key(wanted.key, 't', 'l')}{other})")
    query = (
        f"with newest as (select * from {sql.quoted_table(jobs.settings, wanted.ledger)} where true "
        f"qualify row_number() over (partition by {keys} order by {sql.quoted(wanted.sent_at)} desc) = 1) "
        f"select {sql.names((*wanted.key, *wanted.sent, *wanted.kept), 't.')} "
        f"from {sql.quoted_table(jobs.settings, wanted.table)} as t "
        f"where {' and '.join(conditions)} order by {keys}"
    )
    found = jobs.result(query, script.parameters, table=wanted.table)
    with refusals(wanted.table):
        return _arrow(found)


def _stored(tables: Tables, table: str) -> Stored:
    stored = tables.stored(table)
    if stored is None:
        msg = f"there is no table {table} in the warehouse"
        raise WarehouseError(msg)
    return stored


def _arrow(found: RowIterator) -> pa.Table:
    """Rows as Arrow, without the metadata that BigQuery's client adds."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    table = found.to_arrow(create_bqstorage_client=False)
    fields = [pa.field(field.name, field.type) for field in table.schema]
    return table.cast(pa.schema(fields))
