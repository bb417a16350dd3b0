from datetime import timedelta
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.promise import DAILY
from sg_assets.table import Delivery, Table

COLUMNS = (Column("day_on", "DATE", "Day."), Column("seats", "INT64", "Seats."))


def table(**said: object) -> Table:
    values: dict[str, object] = {
        "name": "sales.seat_day",
        "description": "Seats.",
        "owner": "team:sales",
        "columns": COLUMNS,
        "key": ("day_on",),
        "promise": DAILY,
        "file": Path("seat_day.sql"),
    }
    return Table(**(values | said))  # pyrefly: ignore[bad-argument-type]


def test_the_dataset_is_what_stands_before_the_dot() -> None:
    assert table().dataset == "sales"


def test_without_a_delivery_a_table_is_derived() -> None:
    assert not table().is_raw
    assert all(table(delivery=delivery).is_raw for delivery in Delivery)


def test_a_table_with_a_partition_is_built_day_by_day() -> None:
    assert table(partition="day_on").is_partitioned
    assert not table().is_partitioned


def test_files_arrive_by_the_hour_and_everything_else_at_once() -> None:
    assert table(delivery=Delivery.FILES).grain == timedelta(hours=1)
    assert table(delivery=Delivery.PULL).grain == timedelta(0)
    assert table().grain == timedelta(0)


def test_a_column_is_found_by_its_name() -> None:
    assert table().column("seats") == COLUMNS[1]
    with pytest.raises(KeyError, match=r"sales.seat_day has no column price"):
        table().column("price")
