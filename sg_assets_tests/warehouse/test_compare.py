"""What counts as a difference between two warehouses, and that none is overlooked."""

from __future__ import annotations

import pytest

from sg_assets_tests.warehouse.compare import Row, differences, same
from sg_assets_tests.warehouse.examples import raw, row

TABLE = raw()


@pytest.mark.parametrize(
    ("one", "other", "is_json", "expected"),
    [
        (1.0, 1.0 + 1e-12, False, True),
        (1.0, 1.001, False, False),
        (float("nan"), float("nan"), False, True),
        (1, "1", False, False),
        (None, "", False, False),
        ('{"a":1,"b":[0.5]}', '{"b": [0.5], "a": 1}', True, True),
        ('{"a":1}', '{"a":2}', True, False),
        ('{"a":1}', '{"a": 1}', False, False),
        (['{"a":1}'], ['{"a": 1}'], True, True),
        (["a", "b"], ["b", "a"], False, False),
        (["a"], ["a", "b"], False, False),
    ],
)
def test_values_are_the_same_or_not(one: object, other: object, *, is_json: bool, expected: bool) -> None:
    assert same(one, other, is_json=is_json) is expected


def test_the_order_of_rows_does_not_matter() -> None:
    rows: list[Row] = [row("a"), row("b", None)]
    assert differences(TABLE, rows, rows[::-1]) == []


def test_a_row_that_is_missing_and_a_value_that_differs_are_named() -> None:
    assert differences(TABLE, [row("a"), row("b")], [row("a", "Bob"), row("c"), row("d")]) == [
        "2 rows and 3 rows",
        "only in DuckDB: b",
        *sorted(f"only in BigQuery: {key}" for key in "cd"),
        "name in 1 rows, such as a: 'Ada' and 'Bob'",
    ]
