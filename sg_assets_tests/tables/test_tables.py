"""Every derived table on its given and expected rows: in any order, day by day, on DuckDB and on Google's engine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from sg_assets.discovery import TABLES, derived_tables, own_checks, project, sources
from sg_assets.freshness import published_tables
from sg_assets.sql_file import narrow
from sg_assets.table import Table
from sg_assets.table_check import SQL
from sg_assets.warehouse import dialect, duckdb_ask
from sg_assets_tests.analyzer import GoogleSql
from sg_assets_tests.tables.cases import Case, CaseError, Row, as_selected, event_days, read_cases
from sg_assets_tests.tables.engines import STATES, Duck, Google

DECLARED = derived_tables()
DERIVED = [as_selected(table) for table in DECLARED]
LEDGERS = [table for table in project().graph if table.is_ledger]
LANDED = [*(raw.table for source in sources() for raw in source.tables.values()), *published_tables.TABLES, *LEDGERS]
GRAPH = {table.name: table for table in [*LANDED, *DECLARED]}
DAY = timedelta(days=1)
LONG_AGO = date(2020, 1, 1)


def cases_of(table: Table) -> list[Case]:
    return read_cases(Path(__file__).parent / table.file.relative_to(TABLES).with_suffix(".yaml"), table, GRAPH)


def readable(table: Table) -> list[Case]:
    """No cases where they cannot be read, so that one wrong file does not stop the others; its own test says so."""
    try:
        return cases_of(table)
    except (CaseError, OSError):
        return []


CASES = [pytest.param(table, case, id=f"{table.name}: {case.name}") for table in DERIVED for case in readable(table)]
PARTITIONED = [parameters for parameters in CASES if parameters.values[0].is_partitioned]  # pyrefly: ignore[missing-attribute]


@pytest.fixture(scope="module")
def duck() -> Iterator[Duck]:
    opened = Duck()
    yield opened
    opened.connection.close()


@pytest.fixture(scope="module")
def google() -> Google:
    return Google()


def inputs_of(table: Table) -> list[Table]:
    return [GRAPH[wanted.table] for wanted in table.inputs]


@cache
def pinned(sql: str, day: date | None) -> str:
    return sql if day is None else dialect.pin_current_date(sql, day)


def close(expected: object, found: object) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(close, expected, found))
    return type(expected) is type(found) and expected == found


def wanted(case: Case, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Of a partitioned table, the days up to that of the run: later ones are built when they have come."""
    if case.day is None or table.partition is None:
        return list(rows)
    return [row for row in rows if _day(table, row) <= case.day]


def _day(table: Table, row: Row) -> date:
    day = row[str(table.partition)]
    assert isinstance(day, date)
    return day


def check(case: Case, table: Table, found: Sequence[Row]) -> None:
    """Compare with what is expected, value by value where they are not equal anyway."""
    keys = Counter(tuple(str(row[name]) for name in table.key) for row in found)
    assert [key for key, count in keys.items() if count > 1] == [], f"{table.name}: the key is not unique"
    if len(found) != len(case.expected):
        assert list(found) == list(case.expected)
    for expected, row in zip(case.expected, found, strict=True):
        wrong = {name: (value, row[name]) for name, value in expected.items() if not close(value, row[name])}
        assert wrong == {}, f"{table.name}: expected and found, in {[row[name] for name in table.key]}"


def reversed_rows(given: Mapping[str, Sequence[Row]]) -> dict[str, Sequence[Row]]:
    return {name: rows[::-1] for name, rows in given.items()}


@pytest.mark.parametrize(("table", "case"), CASES)
def test_gives_the_expected_rows(duck: Duck, table: Table, case: Case) -> None:
    with duck.holding(inputs_of(table), case.given):
        check(case, table, wanted(case, table, duck.rows(table, pinned(table.sql, case.day))))


@pytest.mark.parametrize(("table", "case"), CASES)
def test_gives_the_same_of_rows_in_another_order(duck: Duck, table: Table, case: Case) -> None:
    with duck.holding(inputs_of(table), reversed_rows(case.given)):
        check(case, table, wanted(case, table, duck.rows(table, pinned(table.sql, case.day))))


@pytest.mark.parametrize(("table", "case"), CASES)
def test_gives_the_same_on_googles_engine(google: Google, table: Table, case: Case) -> None:
    found = google.rows(table, inputs_of(table), pinned(table.sql, case.day), case.given)
    check(case, table, wanted(case, table, found))


@pytest.mark.parametrize(("table", "case"), PARTITIONED)
def test_gives_the_same_built_day_by_day(duck: Duck, table: Table, case: Case) -> None:
    with duck.holding(inputs_of(table), case.given):
        whole = wanted(case, table, duck.rows(table, table.sql))
        days = event_days(case, GRAPH) | {_day(table, row) for row in whole}
        around = days | {min(days, default=LONG_AGO) - DAY, max(days, default=LONG_AGO) + DAY}
        around = {day for day in around if case.day is None or day <= case.day}
        by_day = [row for day in sorted(around) for row in duck.rows(table, narrow(table, GRAPH, [day]))]
        at_once = duck.rows(table, narrow(table, GRAPH, sorted(around)))
    assert sorted(by_day, key=repr) == sorted(whole, key=repr)
    assert at_once == whole


@pytest.mark.parametrize("table", DERIVED, ids=lambda table: table.name)
def test_one_case_lists_every_column(table: Table) -> None:
    columns = {column.name for column in table.columns}
    assert any(set(row) == columns for case in cases_of(table) for row in case.expected), sorted(columns)


@pytest.mark.parametrize("sql", [str(spec.metadata[SQL]) for one in own_checks(TABLES) for spec in one.check_specs])
def test_a_check_is_understood_by_google_and_finds_nothing_where_nothing_is(duck: Duck, sql: str) -> None:
    read = {f"{table.db}.{table.name}" for table in dialect.tables(dialect.parse(sql))}
    tables = [STATES if name == STATES.name else GRAPH[name] for name in sorted(read)]
    assert GoogleSql(tables).rows(sql) == []
    with duck.holding(tables, {}):
        assert duckdb_ask.ask(duck.connection, sql, 1).num_rows == 0
