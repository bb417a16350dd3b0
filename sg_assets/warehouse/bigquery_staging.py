"""Rows about to be published in BigQuery: brought in from Parquet or made by a query, shown to the judge, dropped.

Staged rows are in a dataset of their own, whose tables end by themselves after a day. What was delivered is brought
into shape here, by the same code as on DuckDB (types, repeated keys), and then loaded by one job.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sg_assets.columns import Column, arrow_schema
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_jobs import step_name, what
from sg_assets.warehouse.bigquery_lent import located
from sg_assets.warehouse.bigquery_tables import ONE_DAY_MS, STAGING
from sg_assets.warehouse.bigquery_upload import in_memory, loading, typed
from sg_assets.warehouse.contract import Judge, Soundness, UnsoundError, WarehouseError
from sg_assets.warehouse.declared import refuse_other_columns

if TYPE_CHECKING:
    from sg_assets.table import Table
    from sg_assets.warehouse.bigquery_jobs import Jobs, Parameter
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_tables import Tables

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
        with in_memory() as connection, TemporaryDirectory() as folder:
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
        values = ", ".join(f"{typed(column)} as {sql.quoted(column.name)}" for column in columns)
        return Delivered(f"(select {values} from {self._quoted(name)})", rows, mark, of_objects)

    def build(self, text: str, *inputs: object) -> tuple[str, str]:
        """Run a table's SQL into a staged table; gives its quoted name and a mark of what was run.

        Raises:
            WarehouseError: it cannot be run, or gives other columns or types than the file's header declares.
        """
        table = self.table
        with _told_by_its_file(table):
            there = located(self.jobs, text)
            found = self.jobs.dry_run(there, table=table.name).columns
        refuse_other_columns(table, found, lambda column: sql.accepts(column, found[column.name]))
        values = ", ".join(
            f"{_stored(column, found[column.name])} as {sql.quoted(column.name)}" for column in table.columns
        )
        mark = what(there, values, table.code_version, *inputs)
        query = f"select {values} from (\n{there}\n)"
        with _told_by_its_file(table):
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
        step, table = self.step(kind, mark), self.table.name
        with loading(self.jobs, table, name, file, columns, mark) as submit:
            self.jobs.once(step, submit, table=table, is_done=lambda: self._tables.stored(name) is not None)
        return name

    def _name(self, kind: str, mark: str) -> str:
        self._tables.dataset(STAGING, expires_after_ms=ONE_DAY_MS)
        name = f"{STAGING}.{self.table.name.replace('.', '__')}__{kind}_{self.seq}_{mark}"
        self._made.append(name)
        return name

    def _quoted(self, name: str) -> str:
        return sql.quoted_table(self.jobs.settings, name)


def judged(jobs: Jobs, table: Table, relation: str, judge: Judge, parameters: Sequence[Parameter] = ()) -> Soundness:
    """Let the judge see the rows of a relation, which may name parameters.

    Raises:
        UnsoundError: they may not be published.
    """
    soundness = judge(table, BigQueryStaged(jobs, table.name, relation, parameters))
    if soundness.problems:
        raise UnsoundError(table.name, soundness)
    return soundness


@contextmanager
def _told_by_its_file(table: Table) -> Generator[None]:
    try:
        yield
    except WarehouseError as error:
        msg = f"{table.file}: {table.name} cannot be built: {error}"
        raise WarehouseError(msg) from error


def nothing(columns: Iterable[Column]) -> str:
    """A relation without rows that has these columns."""
    values = ", ".join(f"{sql.missing(column)} as {sql.quoted(column.name)}" for column in columns)
    return f"(select {values} limit 0)"


def _stored(column: Column, found: str) -> str:
    """A selected value as its column stores it: an empty list where there is none, as BigQuery keeps no NULL arrays."""
    value = sql.converted(column, found, sql.quoted(column.name))
    return f"ifnull({value}, [])" if column.is_array else value
