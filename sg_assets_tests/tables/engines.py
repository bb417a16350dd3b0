"""The two engines on which the cases of the tables run: DuckDB as the warehouse uses it, and Google's own.

Both take BigQuery SQL and typed rows and give typed rows, so that one expectation holds for both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb

from sg_assets.conversion import json_text
from sg_assets.table import Table
from sg_assets.warehouse import dialect
from sg_assets_tests.analyzer import GoogleSql
from sg_assets_tests.tables.cases import Row


class Duck:
    """An in-memory DuckDB with empty tables for what it is given; each run leaves nothing behind."""

    def __init__(self) -> None:
        """Open it, ready for translated SQL."""
        self.connection = duckdb.connect()
        dialect.prepare(self.connection)

    @contextmanager
    def holding(self, tables: Sequence[Table], given: Mapping[str, Sequence[Row]]) -> Iterator[Duck]:
        """These tables with these rows, until the end of the block."""
        self.connection.execute("begin")
        try:
            for table in tables:
                self.connection.execute(f'create schema if not exists "{table.dataset}"')
                columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in table.columns)
                self.connection.execute(f"create table {table.name} ({columns})")
                rows = [[row.get(column.name) for column in table.columns] for row in given.get(table.name, ())]
                if rows:
                    marks = ", ".join("?" for _ in table.columns)
                    self.connection.executemany(f"insert into {table.name} values ({marks})", rows)
            yield self
        finally:
            self.connection.execute("rollback")

    def rows(self, table: Table, sql: str) -> list[Row]:
        """What the query gives, which must be the table's columns in the declared types, in key order."""
        translated = dialect.to_duckdb(sql)
        found = {str(name): str(type_) for name, type_, *_ in self.connection.execute(f"describe {translated}").fetchall()}
        assert found == {column.name: column.duckdb_type for column in table.columns}, f"{table.name} on DuckDB"
        rows = self.connection.sql(translated).to_arrow_table().to_pylist()
        return ordered([{name: _plain(value) for name, value in row.items()} for row in rows], table)


class Google:
    """Google's reference implementation of the language."""

    def __init__(self, tables: Sequence[Table]) -> None:
        """Declare these tables."""
        self.engine = GoogleSql(tables)

    def rows(self, table: Table, sql: str, given: Mapping[str, Sequence[Row]]) -> list[Row]:
        """What the query gives of these rows, in key order."""
        names = [name for name, _ in self.engine.columns(sql)]
        rows = [dict(zip(names, row, strict=True)) for row in self.engine.rows(sql, given)]
        for row in rows:
            for column in table.columns:
                if column.type == "JSON" and row[column.name] is not None:
                    row[column.name] = json_text(json.loads(str(row[column.name])))
        return ordered(rows, table)


def ordered(rows: Sequence[Row], table: Table) -> list[Row]:
    """In key order, null first."""
    return sorted(rows, key=lambda row: [(row[name] is not None, row[name]) for name in table.key])


def _plain(value: object) -> object:
    """Arrow's value as the cases have it: times in Python's own UTC."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
