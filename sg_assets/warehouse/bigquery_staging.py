"""Rows about to be published in BigQuery: brought in from Parquet or made by a query, shown to the judge, dropped.

Staged rows are in a dataset of their own, whose tables end by themselves after a day. What was delivered is brought
into shape here, by the same code as on DuckDB (types, repeated keys), and then loaded by one job.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from google.cloud.bigquery import LoadJob, LoadJobConfig, ParquetOptions, SchemaField

from sg_assets.columns import Column, arrow_schema
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_jobs import WHAT, step_name, what
from sg_assets.warehouse.bigquery_tables import ONE_DAY_MS, STAGING
from sg_assets.warehouse.contract import Judge, Soundness, UnsoundError
from sg_assets.warehouse.declared import refuse_other_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sg_assets.table import Table
    from sg_assets.warehouse.bigquery_jobs import Jobs, Parameter
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_tables import Tables

_MEMORY = "600MB"
_AT_MOST_IN_A_SCRIPT = 4 << 20
"""Bytes of rows that go along with a script; a request takes 10 MB. https://cloud.google.com/bigquery/quotas"""


@dataclass(frozen=True, slots=True)
class BigQueryStaged:
    """What the judge is given: a relation, and queries over it."""

    jobs: Jobs
    table: str
    relation: str
    parameters: Sequence[Parameter] = ()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self.jobs.run(query, self.parameters, table=self.table)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Staged rows: the relation that they are, with a table's declared columns, how many, and a mark of them."""

    relation: str
    rows: int
    mark: str
    rows_of_objects: Mapping[str, int]


class Staging:
    """What one verb stages for the state row `seq` of one table."""

    def __init__(self, jobs: Jobs, tables: Tables, warehouse_id: str, table: Table, seq: int) -> None:
        """Nothing is staged yet."""
        self.jobs = jobs
        self._tables = tables
        self._scope = (warehouse_id, table.name)
        self.table = table
        self.seq = seq
        self._made: list[str] = []

    def step(self, *parts: object) -> str:
        """The name of a step of this verb."""
        return step_name(*self._scope, self.seq, *parts)

    def drop(self) -> None:
        """Drop what was staged."""
        for name in self._made:
            self._tables.drop(name)
        self._made.clear()

    def deliver(self, parquet: Sequence[Path]) -> Delivered:
        """Stage delivered rows, the last one of each key.

        Raises:
            WarehouseError: they hold a column that is not declared, or values that are not of its type.
        """
        from sg_assets.warehouse import duckdb_staging  # noqa: PLC0415 (brings DuckDB)

        columns = self.table.columns
        with _in_memory() as connection, TemporaryDirectory() as folder:
            duckdb_staging.bring_in(connection, self.table, parquet)
            rows, hashes = duckdb_staging.content(connection, self.table, duckdb_staging.DELIVERED)
            of_objects: dict[str, int] = {}
            if any(column.name == "_object" for column in columns):
                counted = f"select _object, count(*) from {duckdb_staging.DELIVERED} group by _object"
                of_objects = dict(connection.execute(counted).fetchall())
            if not rows:
                return Delivered(nothing(columns), 0, "", of_objects)
            file = Path(folder) / "rows.parquet"
            duckdb_staging.write_out(connection, self.table, file)
            mark = what(rows, hashes, [(column.name, column.type) for column in columns])
            name = self._upload(file, "delivered", mark, columns)
        values = ", ".join(f"{_typed(column)} as {sql.quoted(column.name)}" for column in columns)
        return Delivered(f"(select {values} from {self._quoted(name)})", rows, mark, of_objects)

    def build(self, text: str, *inputs: object) -> tuple[str, str]:
        """Run a table's SQL into a staged table; gives its quoted name and a mark of what was run.

        Raises:
            WarehouseError: it cannot be run, or gives other columns or types than the file's header declares.
        """
        table, settings = self.table, self.jobs.settings
        there = sql.where_they_are(settings, text)
        found = self.jobs.dry_run(there, table=table.name).columns
        refuse_other_columns(table, found, lambda column: sql.accepts(column, found[column.name]))
        values = ", ".join(
            f"{_stored(column, found[column.name])} as {sql.quoted(column.name)}" for column in table.columns
        )
        mark = what(there, values, table.code_version, *inputs)
        query = f"select {values} from (\n{there}\n)"
        return self.select("built", mark, query, maximum_bytes=table.max_bytes), mark

    def select(
        self,
        kind: str,
        mark: str,
        query: str,
        parameters: Sequence[Parameter] = (),
        *,
        maximum_bytes: int | None = None,
    ) -> str:
        """Put what a query gives into a staged table; gives its quoted name."""
        name = self._name(kind, mark)
        self.jobs.step(
            self.step(kind, mark),
            f"create or replace table {self._quoted(name)} as {query}",
            parameters,
            table=self.table.name,
            maximum_bytes=maximum_bytes,
            is_done=lambda: self._tables.stored(name) is not None,
        )
        return self._quoted(name)

    def rows(self, script: Script, columns: Sequence[Column], rows: Sequence[Mapping[str, object]]) -> str:
        """A relation of a few rows, for a script: they go along with it, or are staged where they are many."""
        listed = json.dumps([[sql.plain(row[column.name]) for column in columns] for row in rows])
        if len(listed) <= _AT_MOST_IN_A_SCRIPT:
            return script.rows(columns, listed)
        import pyarrow as pa  # noqa: PLC0415 (slow to import)
        import pyarrow.parquet as pq  # noqa: PLC0415

        with TemporaryDirectory() as folder:
            file = Path(folder) / "rows.parquet"
            pq.write_table(pa.Table.from_pylist(list(rows), arrow_schema(tuple(columns))), file)
            return self._quoted(self._upload(file, "rows", what(listed), columns))

    def _upload(self, file: Path, kind: str, mark: str, columns: Sequence[Column]) -> str:
        name = self._name(kind, mark)
        config = LoadJobConfig(
            schema=[_as_loaded(column) for column in columns],
            source_format="PARQUET",
            write_disposition="WRITE_TRUNCATE",
            labels={WHAT: mark},
        )
        config.parquet_options = ParquetOptions()  # type: ignore[no-untyped-call]
        config.parquet_options.enable_list_inference = True

        def submit(job_id: str) -> LoadJob:
            with file.open("rb") as opened:
                return self.jobs.client.load_table_from_file(
                    opened,
                    sql.table_id(self.jobs.settings, name),
                    size=file.stat().st_size,
                    job_id=job_id,
                    job_config=config,
                )

        self.jobs.once(
            self.step(kind, mark), submit, table=self.table.name, is_done=lambda: self._tables.stored(name) is not None
        )
        return name

    def _name(self, kind: str, mark: str) -> str:
        self._tables.dataset(STAGING, expires_after_ms=ONE_DAY_MS)
        name = f"{STAGING}.{self.table.name.replace('.', '__')}__{kind}_{self.seq}_{mark}"
        self._made.append(name)
        return name

    def _quoted(self, name: str) -> str:
        return sql.quoted_table(self.jobs.settings, name)


@contextmanager
def _in_memory() -> Iterator[DuckDBPyConnection]:
    """A DuckDB of nothing, in which rows are brought into shape."""
    import duckdb  # noqa: PLC0415 (slow to import)

    with TemporaryDirectory() as folder, closing(duckdb.connect()) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute(f"set temp_directory = '{folder}'")
        yield connection


def judged(jobs: Jobs, table: Table, relation: str, judge: Judge, parameters: Sequence[Parameter] = ()) -> Soundness:
    """Let the judge see the rows of a relation, which may name parameters.

    Raises:
        UnsoundError: they may not be published.
    """
    soundness = judge(table, BigQueryStaged(jobs, table.name, relation, parameters))
    if soundness.problems:
        raise UnsoundError(table.name, soundness)
    return soundness


def nothing(columns: Iterable[Column]) -> str:
    """A relation without rows that has these columns."""
    values = ", ".join(f"{sql.missing(column)} as {sql.quoted(column.name)}" for column in columns)
    return f"(select {values} limit 0)"


def _as_loaded(column: Column) -> SchemaField:
    """A column of a staged table: JSON travels as text, which a load job takes for what it is."""
    kind = "STRING" if column.element_type == "JSON" else column.element_type
    return SchemaField(column.name, kind, mode="REPEATED" if column.is_array else "NULLABLE")


def _typed(column: Column) -> str:
    """A column of a staged table as it is declared."""
    name = sql.quoted(column.name)
    if column.element_type != "JSON":
        return name
    if column.is_array:
        return f"array(select {_parsed('x')} from unnest({name}) as x with offset o order by o)"
    return _parsed(name)


def _parsed(value: str) -> str:
    return f"parse_json({value}, wide_number_mode => 'round')"


def _stored(column: Column, found: str) -> str:
    """A selected value as its column stores it: an empty list where there is none, as BigQuery keeps no NULL arrays."""
    value = sql.converted(column, found, sql.quoted(column.name))
    return f"ifnull({value}, [])" if column.is_array else value
