"""One query on both engines: on DuckDB by way of `to_duckdb`, and on Google's own, which says what is right.

`VALUES` in the tests beside this file map an expression to the value that BigQuery documents for it; `QUERIES` map a
query to its rows. Both engines have to give it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from datetime import UTC, datetime

import duckdb
import pytest

from sg_assets.warehouse.dialect import DialectError, prepare, to_duckdb
from sg_assets_tests.analyzer import GoogleSql

Rows = list[tuple[object, ...]]


class Both:
    """The two engines, opened once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take a connection, and prepare it."""
        prepare(connection)
        self.connection = connection
        self.engine = GoogleSql()

    def duck(self, sql: str) -> Rows:
        """The rows on DuckDB; times are in Python's own UTC."""
        found = self.connection.sql(to_duckdb(sql)).to_arrow_table()
        return list(zip(*([_plain(value) for value in column.to_pylist()] for column in found.columns), strict=True))

    def google(self, sql: str) -> Rows:
        """The rows on Google's engine."""
        return self.engine.rows(sql)


def opened() -> Generator[Both]:
    """Both engines, until the end of the tests."""
    with closing(duckdb.connect()) as connection:
        yield Both(connection)


def same(a: object, b: object) -> bool:
    """Whether two values are the same value of the same type; floats may differ in the last digits."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


def check_value(run: Callable[[str], Rows], expression: str, expected: object) -> None:
    """One engine gives this value."""
    ((found,),) = run(f"select {expression}")
    assert same(found, expected), f"{expression} gave {found!r}, expected {expected!r}"


def check_rows(run: Callable[[str], Rows], query: str, expected: Rows) -> None:
    """One engine gives these rows, in this order."""
    assert same(run(query), expected), f"{query} gave {run(query)!r}, expected {expected!r}"


def check_refused(sql: str, complaint: str) -> None:
    """The query is refused when it is translated, with this in the message."""
    with pytest.raises(DialectError) as caught:
        to_duckdb(sql)
    assert complaint in str(caught.value)


def check_stopped(both: Both, expression: str, complaint: str) -> None:
    """The expression is refused when it is planned or run, with this in the message."""
    with pytest.raises(duckdb.Error) as caught:
        both.duck(f"select {expression}")
    assert complaint in str(caught.value)


def each(values: Mapping[str, object]) -> list[object]:
    """The parameters of a test that takes them one by one."""
    return [pytest.param(key, value, id=" ".join(key.split())) for key, value in values.items()]


def _plain(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC)
    return [_plain(item) for item in value] if isinstance(value, list) else value
