"""What must hold of sales, asked of rows where it does and of rows where it does not."""

from datetime import date
from decimal import Decimal

from sg_assets.discovery import graph
from sg_assets.tables.sales import checks
from sg_assets_tests.tables.cases import Row
from sg_assets_tests.tables.engines import asked

ARR = "sales.arr_customer_month"
DECEMBER, JANUARY, FEBRUARY = date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)


def found(sql: str, *rows: Row) -> list[Row]:
    return asked(sql, [graph()[ARR]], {ARR: rows})


def month(month_on: date, account: str, opening: str, closing: str, **moved: str) -> Row:
    balances = {"opening_arr_usd": Decimal(opening), "closing_arr_usd": Decimal(closing)}
    movements = {f"{name}_arr_usd": Decimal(moved.get(name, "0")) for name in ("new", "expansion", "churned")}
    return {"month_on": month_on, "account_id": account, **balances, **movements}


def test_movements_are_the_difference_of_the_balances() -> None:
    sql = checks.MOVEMENTS_ADD_UP
    assert found(sql, month(JANUARY, "a", "10", "12.5", expansion="5", churned="2.5")) == []
    assert found(sql, month(JANUARY, "a", "0", "9", new="9"), month(JANUARY, "b", "9", "0", churned="9")) == []
    assert found(sql, month(JANUARY, "a", "10", "12.5", expansion="2.49")) == [
        {
            "month_on": JANUARY,
            "account_id": "a",
            "difference_usd": Decimal("2.5"),
            "moved_usd": Decimal("2.49"),
        }
    ]


def test_a_month_begins_as_the_one_before_it_ended() -> None:
    sql = checks.BALANCES_JOIN
    first, second = month(DECEMBER, "a", "5", "9"), month(JANUARY, "a", "9", "9")
    assert found(sql, first, second) == [], "what was before the first month is not known"
    assert found(sql, first, month(JANUARY, "a", "8", "8")) == [
        {"month_on": JANUARY, "account_id": "a", "ended_with_usd": Decimal(9), "begins_with_usd": Decimal(8)}
    ]


def test_without_a_row_a_customer_has_nothing() -> None:
    sql = checks.BALANCES_JOIN
    other = [month(each, "other", "1", "1") for each in (DECEMBER, JANUARY, FEBRUARY)]
    gone = month(DECEMBER, "a", "5", "0")
    assert found(sql, *other, gone, month(FEBRUARY, "a", "0", "7")) == []
    assert [row["month_on"] for row in found(sql, *other, month(DECEMBER, "a", "5", "5"))] == [JANUARY]
    assert [row["month_on"] for row in found(sql, *other, gone, month(FEBRUARY, "a", "7", "7"))] == [FEBRUARY]
    assert [row["month_on"] for row in found(sql, *other[::2], gone)] == [JANUARY, FEBRUARY], "a month is missing"
