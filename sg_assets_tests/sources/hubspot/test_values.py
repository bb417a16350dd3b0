from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sg_assets.columns import Column
from sg_assets.sources.hubspot.values import instant, milliseconds, read


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("STRING", "true", "true"),
        ("INT64", "7", 7),
        ("INT64", "7.0", 7),
        ("INT64", "7.5", "7.5"),
        ("INT64", "many", "many"),
        ("NUMERIC", "45600.10", Decimal("45600.10")),
        ("NUMERIC", "$45", "$45"),
        ("FLOAT64", "0.200000000000000011102230246251565404236316680908203125", 0.2),
        ("BOOL", "true", True),
        ("BOOL", "false", False),
        ("BOOL", "yes", "yes"),
        ("DATE", "2022-03-01", "2022-03-01"),
        ("DATE", "1646092800000", date(2022, 3, 1)),
        ("TIMESTAMP", "2022-03-01T10:11:12.345Z", "2022-03-01T10:11:12.345Z"),
        ("TIMESTAMP", "1646129472345", datetime(2022, 3, 1, 10, 11, 12, 345_000, UTC)),
        ("ARRAY<STRING>", "9;10", ["9", "10"]),
        ("STRING", "", None),
        ("INT64", None, None),
        ("INT64", 8, 8),
    ],
)
def test_a_text_is_read_as_its_columns_type_or_stays_a_text(type_: str, text: object, value: object) -> None:
    assert read({"p": text}, {"p": Column("c", type_, "Some.")}) == {"c": value}


def test_what_nobody_declared_keeps_its_name_and_its_text() -> None:
    assert read({"p": "7", "q": ""}, {}) == {"p": "7", "q": ""}


def test_milliseconds_there_and_back() -> None:
    at = datetime(2022, 3, 1, 10, 11, 12, 345_000, UTC)
    assert milliseconds(at) == 1_646_129_472_345
    assert instant(milliseconds(at)) == at
