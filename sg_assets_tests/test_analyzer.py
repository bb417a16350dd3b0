"""The gate: what we call BigQuery SQL is GoogleSQL, and gives what the headers declare. And a gate that bites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.day_snapshot import dated
from sg_assets.discovery import derived_tables, graph
from sg_assets.promise import DAILY
from sg_assets.sql_file import narrow
from sg_assets.table import Input, Table
from sg_assets_tests.analyzer import AnalysisError, GoogleSql
from sg_assets_tests.tables.cases import as_selected

DERIVED = derived_tables()
GRAPH: Mapping[str, Table] = graph().tables
ORDERS = Table(
    name="shop.order",
    description="One row per order.",
    owner="team:analytics",
    columns=(
        Column("id", "INT64", "Key."),
        Column("note", "STRING", "Text."),
        Column("placed_at", "TIMESTAMP", "When."),
        Column("tags", "ARRAY<STRING>", "List."),
    ),
    key=("id",),
    promise=DAILY,
    file=Path("order.sql"),
)


def catalog(table: Table) -> GoogleSql:
    return GoogleSql([GRAPH[wanted.table] for wanted in table.inputs])


@pytest.mark.parametrize("table", DERIVED, ids=lambda table: table.name)
def test_the_sql_gives_the_columns_and_types_of_its_header(table: Table) -> None:
    selected = as_selected(table)
    assert catalog(table).columns(table.sql) == [(column.name, column.type) for column in selected.columns]


@pytest.mark.parametrize("table", [table for table in DERIVED if table.is_partitioned], ids=lambda table: table.name)
def test_the_sql_narrowed_to_some_days_is_valid_and_gives_the_same_columns(table: Table) -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 9)]
    known_at = datetime(2026, 1, 10, 3, tzinfo=UTC)
    narrowed = dated(table.sql, days, known_at) if table.is_day_snapshot else narrow(table, GRAPH, days)
    assert catalog(table).columns(narrowed) == [(column.name, column.type) for column in table.columns]


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("select identifier from shop.order", "Unrecognized name: identifier"),
        ("select id from shop.invoice", "Table not found"),
        ("select id + note as sum from shop.order", "No matching signature for operator +"),
        ("select date_truncate(placed_at, day) from shop.order", "Function not found: date_truncate"),
        ("select note, count(*) as n from shop.order", "neither grouped nor aggregated"),
        ("select id from shop.order union all select note from shop.order", "Column 1 in UNION ALL"),
        ("select id::string from shop.order", "Syntax error"),
        ("select timestamp_diff(placed_at, placed_at, month) from shop.order", "does not support the MONTH date part"),
        ("select id, from shop.order where", "Syntax error"),
    ],
)
def test_wrong_sql_is_refused(sql: str, complaint: str) -> None:
    with pytest.raises(AnalysisError, match=complaint.replace("+", r"\+")):
        GoogleSql([ORDERS]).columns(sql)


@pytest.mark.parametrize(
    "columns",
    [
        [("id", "STRING"), ("n", "INT64")],
        [("id", "INT64")],
        [("n", "INT64"), ("id", "INT64")],
        [("id", "INT64"), ("number", "INT64")],
    ],
    ids=["another type", "one less", "another order", "another name"],
)
def test_other_columns_than_the_declared_ones_are_seen(columns: list[tuple[str, str]]) -> None:
    assert GoogleSql([ORDERS]).columns("select id, count(*) as n from shop.order group by id") != columns


def test_gives_the_rows_of_a_query_over_given_rows() -> None:
    given = {"shop.order": [{"id": 2, "tags": ["a", "b"]}, {"id": 1, "note": "x"}]}
    rows = GoogleSql([ORDERS]).rows("select id, note, array_length(tags) from shop.order order by id", given)
    assert rows == [(1, "x", None), (2, None, 2)]


def test_a_table_that_is_not_given_is_empty_and_one_may_be_named_in_quotes() -> None:
    assert GoogleSql([ORDERS]).rows("select count(*) from `shop.order` as o where o.id > 0") == [(0,)]


def test_a_query_that_fails_when_it_runs_says_why() -> None:
    with pytest.raises(AnalysisError, match="division by zero"):
        GoogleSql().rows("select 1 / 0")


def test_a_catalog_holds_only_what_it_was_given() -> None:
    other = replace(ORDERS, name="shop.parcel", inputs=(Input("shop.order"),))
    with pytest.raises(AnalysisError, match="Table not found"):
        GoogleSql([other]).columns("select id from shop.order")
