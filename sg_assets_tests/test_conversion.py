"""What fits a declared type, exactly, and that a column of values means the same as each value by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.columns import Column
from sg_assets.conversion import MISFITS, converted, json_text

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)


def of(type_: str, *values: object) -> list[object]:
    array = converted(values, Column("c", type_, "a column"))
    array.validate(full=True)
    assert array.type == Column("c", type_, "a column").arrow_type
    return array.to_pylist()


@pytest.mark.parametrize(
    ("type_", "value", "stored"),
    [
        ("STRING", "", ""),
        ("STRING", "ünïcode \x00 \N{PILE OF POO}", "ünïcode \x00 \N{PILE OF POO}"),
        ("INT64", 2**63 - 1, 2**63 - 1),
        ("INT64", -(2**63), -(2**63)),
        ("INT64", 2.0, 2),
        ("FLOAT64", 2, 2.0),
        ("FLOAT64", 2**53 + 1, float(2**53)),
        ("NUMERIC", 12000.5, Decimal("12000.5")),
        ("NUMERIC", 0.1 + 0.2, Decimal("0.3")),
        ("NUMERIC", 3, Decimal(3)),
        ("NUMERIC", Decimal("0.0000000005"), Decimal("0.000000001")),
        ("NUMERIC", Decimal("-0.0000000005"), Decimal("-0.000000001")),
        ("BOOL", False, False),
        ("DATE", "2022-03-01", date(2022, 3, 1)),
        ("DATE", date(2022, 3, 1), date(2022, 3, 1)),
        ("DATETIME", "2022-03-01T12:00:00", NOON.replace(tzinfo=None)),
        ("DATETIME", NOON.replace(tzinfo=None), NOON.replace(tzinfo=None)),
        ("TIMESTAMP", "2022-03-01T12:00:00Z", NOON),
        ("TIMESTAMP", "2022-03-01T13:00:00+01:00", NOON),
        ("TIMESTAMP", "2022-03-01T12:00:00.000+0000", NOON),
        ("TIMESTAMP", "2022-03-01 12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("TIMESTAMP", "2022-03-01T12:00:00.123456789Z", NOON.replace(microsecond=123_456)),
        ("TIMESTAMP", NOON.astimezone(timezone(timedelta(hours=-8))), NOON),
        ("JSON", {"b": [1, None], "a": "ü"}, '{"a":"ü","b":[1,null]}'),
        ("JSON", [], "[]"),
        ("JSON", False, "false"),
        ("JSON", 1.5, "1.5"),
        ("JSON", '{"b": 1,  "a": 2}', '{"b": 1,  "a": 2}'),
        ("JSON", "null", None),
        ("ARRAY<STRING>", [], []),
        ("ARRAY<STRING>", ["a", "b"], ["a", "b"]),
        ("ARRAY<TIMESTAMP>", ("2022-03-01T12:00:00Z",), [NOON]),
        ("ARRAY<INT64>", [1, 2.0], [1, 2]),
    ],
)
def test_what_fits(type_: str, value: object, stored: object) -> None:
    assert of(type_, value) == [stored]
    assert of(type_, None, value, None) == [None, stored, None]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("STRING", 5),
        ("STRING", True),
        ("STRING", {}),
        ("STRING", b"bytes"),
        ("STRING", "\ud800"),
        ("INT64", "5"),
        ("INT64", True),
        ("INT64", 2.5),
        ("INT64", float("nan")),
        ("INT64", 2**63),
        ("INT64", 1e300),
        ("FLOAT64", "1.5"),
        ("FLOAT64", True),
        ("FLOAT64", 10**400),
        ("NUMERIC", "12.5"),
        ("NUMERIC", True),
        ("NUMERIC", float("inf")),
        ("NUMERIC", float("nan")),
        ("NUMERIC", 10**30),
        ("BOOL", 1),
        ("BOOL", "true"),
        ("DATE", "2022-02-30"),
        ("DATE", "20220301"),
        ("DATE", "2022-03-01T00:00:00Z"),
        ("DATE", ""),
        ("DATE", datetime(2022, 3, 1)),  # noqa: DTZ001 (the point)
        ("DATE", 5),
        ("DATETIME", "2022-03-01T12:00:00Z"),
        ("TIMESTAMP", "2022-03-01T12:00:00"),
        ("TIMESTAMP", "2022-03-01"),
        ("TIMESTAMP", "yesterday"),
        ("TIMESTAMP", ""),
        ("TIMESTAMP", 1_646_136_000),
        ("TIMESTAMP", datetime(2022, 3, 1)),  # noqa: DTZ001 (the point)
        ("JSON", "not JSON"),
        ("JSON", ""),
        ("JSON", {"a": 2**70}),
        ("JSON", {1: 2}),
        ("ARRAY<STRING>", "abc"),
        ("ARRAY<STRING>", ["a", None]),
        ("ARRAY<STRING>", [1]),
        ("ARRAY<STRING>", {"a": 1}),
    ],
)
def test_what_does_not_fit(type_: str, value: object) -> None:
    with pytest.raises(MISFITS):
        of(type_, value)
    with pytest.raises(MISFITS):
        of(type_, None, value)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.sampled_from(["2022-03-01", "2022-03-01T12:00:00Z", "2022-03-01T12:00:00.123456789+01:00", "{}", "5"])
    | st.datetimes(timezones=st.just(UTC))
    | st.datetimes()
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
TYPES = ["STRING", "INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "JSON", "ARRAY<STRING>"]


@given(type_=st.sampled_from(TYPES), values=st.lists(JSON_VALUES, max_size=5))
def test_a_column_means_the_same_as_each_value_by_itself(type_: str, values: list[object]) -> None:
    column = Column("c", type_, "a column")
    each: list[object] | None = []
    for value in values:
        try:
            each = each if each is None else [*each, *converted([value], column).to_pylist()]
        except MISFITS:
            each = None
    try:
        together = converted(values, column)
    except MISFITS:
        together = None
    # (repr, because a NaN is not equal to itself)
    assert repr(together.to_pylist() if isinstance(together, pa.Array) else None) == repr(each)


def test_equal_documents_are_equal_texts() -> None:
    assert json_text({"a": 1, "b": {"d": [1.0], "c": None}}) == json_text({"b": {"c": None, "d": [1.0]}, "a": 1})


def test_a_message_does_not_repeat_the_value() -> None:
    with pytest.raises(TypeError) as caught:
        of("INT64", "somebody@example.com")
    assert str(caught.value) == "got str"
