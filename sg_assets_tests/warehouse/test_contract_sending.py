"""What of a table was not sent yet, by its ledger: rows that are new, or have other values than were sent last."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets import checks
from sg_assets.columns import Column
from sg_assets.promise import HOURLY
from sg_assets.table import Delivery, Mode, Table
from sg_assets.warehouse.contract import Landing, Unsent, Warehouse
from sg_assets_tests.warehouse.examples import HOUR, NOW, land, parquet

ID, SEATS = Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")
TAGS, DAY_ON = Column("tags", "ARRAY<STRING>", "Tags."), Column("day_on", "DATE", "Day.")
SENT_AT = Column("sent_at", "TIMESTAMP", "When.")
FILE = Path(__file__)
CUSTOMER = Table(
    "raw_shop.customer", "Customers.", "team:x", (ID, SEATS, TAGS, DAY_ON, Column("_extra", "JSON", "More.")), ("id",),
    HOURLY, FILE, delivery=Delivery.PULL, mode=Mode.MERGE,
)  # fmt: skip
LEDGER = Table(
    "sent_shop.customer", "Sent.", "team:x", (ID, SEATS, TAGS, DAY_ON, SENT_AT), ("id", "sent_at"), HOURLY, FILE,
    mode=Mode.MERGE, is_ledger=True,
)  # fmt: skip
WANTED = Unsent(CUSTOMER.name, LEDGER.name, ("id",), ("seats", "tags"), ("day_on",), SENT_AT.name)
TODAY = date(2026, 1, 5)


def customer(
    id_: str | None, seats: int | None = 1, day: date = TODAY, tags: tuple[str, ...] = ()
) -> dict[str, object]:
    return {"id": id_, "seats": seats, "tags": list(tags), "day_on": day, "_extra": None}


def sent(id_: str, seats: int | None, at: datetime, tags: tuple[str, ...] = ()) -> dict[str, object]:
    return {"id": id_, "seats": seats, "tags": list(tags), "day_on": None, "sent_at": at}


@pytest.fixture
def shop(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    warehouse.ensure([CUSTOMER, LEDGER], NOW)
    land(warehouse, tmp_path, CUSTOMER, [customer("b", 2), customer("a", 1), customer("c", None, tags=("x",))])
    return warehouse


def ids(warehouse: Warehouse, wanted: Unsent = WANTED) -> list[str]:
    return [str(name) for name in warehouse.unsent(wanted)["id"].to_pylist()]


def test_of_an_empty_ledger_every_row_is_given_in_the_order_of_its_key(shop: Warehouse) -> None:
    found = shop.unsent(WANTED)
    assert found.column_names == ["id", "seats", "tags", "day_on"]
    assert found.to_pylist()[2] == {"id": "c", "seats": None, "tags": ["x"], "day_on": TODAY}
    assert ids(shop) == ["a", "b", "c"]


def test_rows_that_were_sent_as_they_are_are_left_out_nulls_and_lists_too(shop: Warehouse, tmp_path: Path) -> None:
    land(shop, tmp_path, LEDGER, [sent("a", 1, NOW), sent("b", 7, NOW), sent("c", None, NOW, ("x",))])
    assert ids(shop) == ["b"]


def test_only_what_was_sent_last_counts(shop: Warehouse, tmp_path: Path) -> None:
    later = NOW + HOUR
    land(shop, tmp_path, LEDGER, [sent("a", 1, NOW), sent("a", 9, later), sent("b", 9, NOW), sent("b", 2, later)])
    assert ids(shop) == ["a", "c"]


def test_a_kept_column_is_given_and_not_compared(shop: Warehouse, tmp_path: Path) -> None:
    land(shop, tmp_path, LEDGER, [sent("a", 1, NOW)])
    land(shop, tmp_path, CUSTOMER, [customer("a", 1, TODAY + timedelta(days=1))])
    assert ids(shop) == ["b", "c"]


def test_without_values_to_compare_a_row_is_sent_once(shop: Warehouse, tmp_path: Path) -> None:
    land(shop, tmp_path, LEDGER, [sent("a", 77, NOW)])
    assert ids(shop, Unsent(CUSTOMER.name, LEDGER.name, ("id",), (), (), SENT_AT.name)) == ["b", "c"]


def test_only_some_days_are_compared_where_that_is_asked(shop: Warehouse, tmp_path: Path) -> None:
    land(shop, tmp_path, CUSTOMER, [customer("old", day=TODAY - timedelta(days=3))])
    since = TODAY - timedelta(days=1)
    wanted = Unsent(CUSTOMER.name, LEDGER.name, ("id",), ("seats",), (), SENT_AT.name, day="day_on", since=since)
    assert ids(shop, wanted) == ["a", "b", "c"]


def test_in_full_everything_is_given(shop: Warehouse, tmp_path: Path) -> None:
    land(shop, tmp_path, LEDGER, [sent("a", 1, NOW)])
    wanted = Unsent(CUSTOMER.name, LEDGER.name, ("id",), ("seats",), (), SENT_AT.name, is_full=True)
    assert ids(shop, wanted) == ["a", "b", "c"]


def test_a_landing_in_a_ledger_keeps_the_marks_of_what_it_was_sent_from(shop: Warehouse, tmp_path: Path) -> None:
    marks = {CUSTOMER.name: "3"}
    landing = Landing(NOW, shop.states()[LEDGER.name].seq, NOW, inputs=marks)
    shop.land(LEDGER, [parquet(tmp_path, LEDGER, [sent("a", 1, NOW)])], landing, checks.judge)
    state = shop.states()[LEDGER.name]
    assert (state.inputs, state.rows, state.data_through) == (marks, 1, NOW)
