"""What columns a query would give."""

from __future__ import annotations

from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.promise import DAILY
from sg_assets.table import Table
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.describe import describe
from sg_assets.warehouse.dialect import DialectError

GIVEN = Table(
    name="a.b",
    description="Given.",
    owner="team:a",
    columns=(
        Column("id", "INT64", "Id."),
        Column("names", "ARRAY<STRING>", "Names."),
        Column("paid", "NUMERIC", "Paid."),
    ),
    key=("id",),
    promise=DAILY,
    file=Path("b.sql"),
)


def test_names_and_types_are_bigquerys() -> None:
    sql = """select id, names, sum(paid) as paid, count(*) as n, 1 / 2 as half,
        current_date() as day_on, null as nothing,
        timestamp '2026-01-01 00:00:00+00' as at, true as is_it from a.b group by id, names"""
    assert describe(sql, [GIVEN]) == {
        "id": "INT64", "names": "ARRAY<STRING>", "paid": "NUMERIC", "n": "INT64", "half": "FLOAT64", "day_on": "DATE",
        "nothing": None, "at": "TIMESTAMP", "is_it": "BOOL",
    }  # fmt: skip


def test_what_does_not_fit_says_why() -> None:
    with pytest.raises(WarehouseError, match="none"):
        describe("select none from a.b", [GIVEN])


@pytest.mark.parametrize(
    ("sql", "why"), [("select net.ip_from_string('x') as x", "IP_FROM_STRING"), ("select (", "line 1")]
)
def test_what_duckdb_does_not_have_is_told(sql: str, why: str) -> None:
    with pytest.raises(DialectError, match=why):
        describe(sql, [GIVEN])
