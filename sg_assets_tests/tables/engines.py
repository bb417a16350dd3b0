"""The two engines on which the cases of the tables run: DuckDB as the warehouse uses it, and Google's own.

Both take BigQuery SQL and typed rows and give typed rows, so that one expectation holds for both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path

import duckdb

from sg_assets.columns import Column
from sg_assets.conversion import json_text
from sg_assets.promise import DAILY
from sg_assets.table import Table
from sg_assets.warehouse import dialect, duckdb_ask
from sg_assets_tests.analyzer import GoogleSql
from sg_assets_tests.tables.cases import Row

MOST_ROWS = 9
_DAYS = re.compile(r"(?<=')\d{4}-\d\d-\d\d(?=[' ])")
STATES = Table(
    name="sg_ops.table_state",
    description="The states of all tables, as the warehouse keeps them.",
    owner="team:analytics",
    columns=(
        Column("table_name", "STRING", "Table."),
        Column("seq", "INT64", "Number of the state."),
        Column("built_at", "TIMESTAMP", "When."),
        Column("data_through", "TIMESTAMP", "How far."),
    ),
    key=("table_name", "seq"),
    promise=DAILY,
    file=Path("duckdb_state.py"),
)
"""What an own check may read beside tables that are declared."""


def translated(sql: str) -> tuple[str, list[str]]:
    """The query in DuckDB's dialect, the same text for all days: the days in it became parameters, given beside it."""
    days = _DAYS.findall(sql)
    marks = [f"{9999 - number}-12-31" for number in range(len(days))]  # in no text, as long as a day
    placed = iter(marks)
    found = _translated(_DAYS.sub(lambda _day: next(placed), sql))
    assert all(mark in found and mark not in sql for mark in marks)
    for number, mark in enumerate(marks, 1):
        found = found.replace(mark, f"' || ${number} || '")
    return found, days


_translated = cache(dialect.to_duckdb)


class Duck:
    """An in-memory DuckDB with empty tables for what it is given; no run leaves rows behind.

    To plan a query takes it longer than to run it on a few rows, so it is planned once for all cases.
    """

    def __init__(self) -> None:
        """Open it, ready for translated SQL."""
        self.connection = duckdb.connect()
        dialect.prepare(self.connection)
        self._tables: set[str] = set()
        self._planned: dict[str, str] = {}

    @contextmanager
    def holding(self, tables: Sequence[Table], given: Mapping[str, Sequence[Row]]) -> Generator[Duck]:
        """These tables with these rows, until the end of the block."""
        for table in tables:
            if table.name not in self._tables:
                self.connection.execute(f'create schema if not exists "{table.dataset}"')
                columns = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in table.columns)
                self.connection.execute(f"create table {table.name} ({columns})")
                self._tables.add(table.name)
        self.connection.execute("begin")
        try:
            for table in tables:
                rows = [[stored(row, column) for column in table.columns] for row in given.get(table.name, ())]
                if rows:
                    marks = ", ".join([f"({', '.join('?' for _ in table.columns)})"] * len(rows))
                    self.connection.execute(f"insert into {table.name} values {marks}", list(chain(*rows)))
            yield self
        finally:
            self.connection.execute("rollback")

    def rows(self, table: Table, sql: str) -> list[Row]:
        """What the query gives, which must be the table's columns in the declared types, in key order."""
        planned, days = translated(sql)
        if planned not in self._planned:
            name = self._planned[planned] = f"query_{len(self._planned)}"
            self.connection.execute(f"prepare {name} as {planned}")
        given = ", ".join(f"'{day}'" for day in days)
        found = self.connection.execute(f"execute {self._planned[planned]}{f'({given})' if days else ''}")
        types = {name: str(kind) for name, kind, *_ in found.description or ()}
        assert types == {column.name: column.duckdb_type for column in table.columns}, f"{table.name} on DuckDB"
        return ordered([dict(zip(types, row, strict=True)) for row in found.fetchall()], table)


def asked(sql: str, tables: Sequence[Table], given: Mapping[str, Sequence[Row]]) -> list[Row]:
    """What a question finds in tables with these rows, as the warehouse answers it: that of a check, for instance."""
    duck = Duck()
    with duck.holding(tables, given):
        rows: list[Row] = duckdb_ask.ask(duck.connection, sql, MOST_ROWS).to_pylist()
    duck.connection.close()
    return rows


class Google:
    """Google's engine, which has understood a query once when it runs again, on other rows."""

    def __init__(self) -> None:
        """Nothing is understood yet."""
        self._engines: dict[str, GoogleSql] = {}

    def rows(self, table: Table, inputs: Sequence[Table], sql: str, given: Mapping[str, Sequence[Row]]) -> list[Row]:
        """What it gives of these rows, in key order."""
        filled = {
            source.name: [{c.name: stored(row, c) for c in source.columns} for row in given.get(source.name, ())]
            for source in inputs
        }
        names = [column.name for column in table.columns]
        found = self._engines.setdefault(table.name, GoogleSql(inputs)).rows(sql, filled)
        return ordered([dict(zip(names, row, strict=True)) for row in found], table)


def stored(row: Row, column: Column) -> object:
    """The value that a table holds: BigQuery stores an empty array for a null one."""
    value = row.get(column.name)
    return [] if value is None and column.is_array else value


def ordered(rows: Sequence[Row], table: Table) -> list[Row]:
    """The rows in key order, null first, their values as the cases have them."""
    plain = [{column.name: _plain(row[column.name], column.type) for column in table.columns} for row in rows]
    for name in [column.name for column in table.columns if column.is_array]:
        nulls = [row for row in plain if not isinstance(values := row[name], list) or None in values]
        assert nulls == [], f"{table.name}.{name}: BigQuery stores neither null arrays nor nulls in arrays"
    return sorted(plain, key=lambda row: [(row[name] is not None, row[name]) for name in table.key])


def _plain(value: object, type_: str) -> object:
    """JSON as one text for equal values, times in Python's own UTC."""
    if type_ == "JSON" and value is not None:
        return json_text(json.loads(str(value)))
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
