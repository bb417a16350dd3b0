"""The runner of the cases bites: wrong files are refused, and wrong rows are seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sg_assets import day_snapshot
from sg_assets.columns import Column
from sg_assets.promise import DAILY
from sg_assets.table import Input, Table
from sg_assets_tests.tables.cases import Case, CaseError, Row, as_selected, event_days, read_cases, typed_value
from sg_assets_tests.tables.test_tables import check, close, wanted

ORDERS = Table(
    name="shop.order",
    description="One row per order.",
    owner="team:analytics",
    columns=(
        Column("id", "STRING", "Key."),
        Column("amount", "FLOAT64", "Dollars."),
        Column("at", "TIMESTAMP", "When."),
    ),
    key=("id",),
    promise=DAILY,
    file=Path("order.sql"),
    event_column="at",
)
TOTALS = replace(
    ORDERS,
    name="shop.total",
    columns=(Column("day_on", "DATE", "Day."), Column("total", "FLOAT64", "Sum.")),
    key=("day_on",),
    inputs=(Input("shop.order"),),
    partition="day_on",
    event_column="day_on",
)
GRAPH = {table.name: table for table in (ORDERS, TOTALS)}
CASE = """
- name: one order
  now: 2026-01-10T12:00:00+02:00
  given:
    shop.order:
      - {id: a, amount: 1, at: 2026-01-10T09:00:00Z}
      - {id: b, at: "2026-01-09"}
  expected:
    - {day_on: 2026-01-10, total: 1.0}
"""


def cases(text: str, tmp_path: Path) -> list[Case]:
    file = tmp_path / "total.yaml"
    file.write_text(text)
    return read_cases(file, TOTALS, GRAPH)


def test_values_are_of_the_declared_types(tmp_path: Path) -> None:
    (case,) = cases(CASE, tmp_path)
    assert case.day == date(2026, 1, 10)
    assert case.given["shop.order"] == [
        {"id": "a", "amount": 1.0, "at": datetime(2026, 1, 10, 9, tzinfo=UTC)},
        {"id": "b", "at": datetime(2026, 1, 9, tzinfo=UTC)},
    ]
    assert case.expected == [{"day_on": date(2026, 1, 10), "total": 1.0}]
    assert event_days(case, GRAPH) == {date(2026, 1, 9), date(2026, 1, 10)}


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        (None, "INT64", None),
        ("1.10", "NUMERIC", Decimal("1.10")),
        (["a"], "ARRAY<STRING>", ["a"]),
        ({"b": 1, "a": [True]}, "JSON", '{"a":[true],"b":1}'),
        ('{"b": 1}', "JSON", '{"b":1}'),
        ("2026-01-10", "DATE", date(2026, 1, 10)),
        (True, "BOOL", True),
    ],
)
def test_a_value_as_yaml_gives_it(value: object, type_: str, expected: object) -> None:
    assert typed_value(value, type_) == expected


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("id: a", "id: 7", "shop.order.id: must be a STRING, is 7 (put quotes around"),
        ("amount: 1,", "amount: much,", "shop.order.amount:"),
        ("amount: 1,", "price: 1,", "shop.order has no column price"),
        ("shop.order:", "shop.parcel:", "gives shop.parcel, which shop.total does not read"),
        ("total: 1.0", "sum: 1.0", "shop.total has no column sum"),
        ("day_on: 2026-01-10", "day_on: soon", "shop.total.day_on:"),
        ("  now:", "  today:", "unknown field today"),
        ("  given:", "  given: {}\n- name: one order\n  given:", "expected is missing"),
    ],
)
def test_a_case_that_is_not_as_it_must_be_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(CaseError) as caught:
        cases(CASE.replace(old, new), tmp_path)
    assert complaint in str(caught.value)


def test_of_a_snapshot_the_cases_are_about_what_its_sql_gives() -> None:
    selected = replace(ORDERS, event_column=None)
    stored = replace(
        selected,
        columns=day_snapshot.columns(selected.columns),
        key=("day_on", "id"),
        partition="day_on",
        event_column="day_on",
        is_day_snapshot=True,
    )
    assert as_selected(stored) == selected
    assert as_selected(TOTALS) is TOTALS


def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="two cases have the same name"):
        cases(CASE + CASE, tmp_path)


def test_a_table_that_reads_the_date_needs_one(tmp_path: Path) -> None:
    file = tmp_path / "total.yaml"
    file.write_text(CASE.replace("  now: 2026-01-10T12:00:00+02:00\n", ""))
    with pytest.raises(CaseError, match="say now"):
        read_cases(file, replace(TOTALS, reads_current_date=True), GRAPH)


@pytest.mark.parametrize(
    "found",
    [
        [],
        [{"day_on": date(2026, 1, 10), "total": 1.5}],
        [{"day_on": date(2026, 1, 10), "total": 1}],
        [{"day_on": date(2026, 1, 10), "total": None}],
        [{"day_on": date(2026, 1, 9), "total": 1.0}, {"day_on": date(2026, 1, 10), "total": 1.0}],
        [{"day_on": date(2026, 1, 10), "total": 1.0}, {"day_on": date(2026, 1, 10), "total": 1.0}],
    ],
    ids=["none", "another value", "another type", "null", "one more", "twice"],
)
def test_other_rows_than_the_expected_ones_are_seen(tmp_path: Path, found: list[Row]) -> None:
    (case,) = cases(CASE, tmp_path)
    with pytest.raises(AssertionError):
        check(case, TOTALS, found)


def test_the_expected_rows_are_right(tmp_path: Path) -> None:
    (case,) = cases(CASE, tmp_path)
    check(case, TOTALS, [{"day_on": date(2026, 1, 10), "total": 1.0 + 1e-12}])


def test_days_after_that_of_the_run_do_not_count(tmp_path: Path) -> None:
    (case,) = cases(CASE, tmp_path)
    rows: list[Row] = [{"day_on": date(2026, 1, day), "total": 1.0} for day in (10, 11)]
    assert wanted(case, TOTALS, rows) == rows[:1]
    assert wanted(replace(case, day=None), TOTALS, rows) == rows


def test_a_difference_in_the_last_digits_of_a_float_is_none_and_of_a_numeric_is_one() -> None:
    assert close(0.1 + 0.2, 0.3)
    assert not close(Decimal("0.300000001"), Decimal("0.3"))
    assert close([0.1 + 0.2], [0.3])
