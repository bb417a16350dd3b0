"""Rows of a source become an Arrow table, and nothing of what does not fit is lost."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sg_assets.columns import Column
from sg_assets.promise import HOURLY
from sg_assets.rows import Origin, Shape, as_json, rejected
from sg_assets.source import DELETED_AT, EXTRA
from sg_assets.table import Delivery, Mode, Table

COLUMNS = (Column("id", "STRING", "Key."), Column("n", "INT64", "A number."), Column("at", "TIMESTAMP", "A time."))
TABLE = Table(
    "raw_acme.thing",
    "Things.",
    "team:acme",
    (*COLUMNS, DELETED_AT, EXTRA),
    ("id",),
    HOURLY,
    Path("acme.py"),
    delivery=Delivery.PULL,
    mode=Mode.SNAPSHOT,
)
SHAPE = Shape(TABLE)


def test_the_shape_is_what_is_declared_less_what_the_warehouse_fills_in() -> None:
    assert SHAPE.schema.names == ["id", "n", "at", "_extra"]


def test_rows_that_fit() -> None:
    fitted = SHAPE.fit([{"id": "a", "n": 1, "at": "2022-03-01T12:00:00Z"}, {"at": None, "id": "b"}])
    assert fitted.table.schema == SHAPE.schema
    assert fitted.table.to_pylist() == [
        {"id": "a", "n": 1, "at": datetime(2022, 3, 1, 12, tzinfo=UTC), "_extra": None},
        {"id": "b", "n": None, "at": None, "_extra": None},
    ]
    assert fitted.misfits == {}
    assert fitted.unknown == {}


def test_no_rows() -> None:
    fitted = SHAPE.fit([])
    assert fitted.table.num_rows == 0
    assert fitted.table.schema == SHAPE.schema


def test_rows_that_do_not_fit_are_named_with_every_reason() -> None:
    rows: list[dict[str, object]] = [
        {"id": "a"},
        {"id": 5, "n": "five"},
        {"n": 1},
        {"id": None, "at": "soon"},
        {"id": "b", "n": 2},
    ]
    fitted = SHAPE.fit(rows)
    assert fitted.misfits == {
        1: "id: STRING expected, got int; n: INT64 expected, got str",
        2: "id: null in the key",
        3: "id: null in the key; at: TIMESTAMP expected, got a str that is none",
    }
    assert fitted.table["id"].to_pylist() == ["a", "b"]
    assert fitted.table["n"].to_pylist() == [None, 2]


def test_undeclared_fields_are_kept_and_counted() -> None:
    fitted = SHAPE.fit([{"id": "a", "new": {"z": 1, "y": 2}, "x": None}, {"id": "b"}, {"id": "c", "new": 5}])
    assert fitted.table["_extra"].to_pylist() == ['{"new":{"y":2,"z":1},"x":null}', None, '{"new":5}']
    assert fitted.unknown == {"new": 2, "x": 1}


def test_a_field_with_the_name_of_one_of_our_own_columns_is_undeclared() -> None:
    fitted = SHAPE.fit([{"id": "a", "_extra": "theirs", "_deleted_at": "now"}])
    assert fitted.table["_extra"].to_pylist() == ['{"_deleted_at":"now","_extra":"theirs"}']


def test_undeclared_fields_of_rows_that_do_not_fit_are_not_counted() -> None:
    assert SHAPE.fit([{"id": 1, "new": 5}]).unknown == {}


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("2022-03-01T12:00:00Z")
ROWS = st.lists(st.dictionaries(st.sampled_from(["id", "n", "at", "new", "_extra"]), VALUES), max_size=8)


@given(ROWS)
def test_every_row_is_in_the_table_or_named(rows: list[dict[str, object]]) -> None:
    fitted = SHAPE.fit(rows)
    kept = [row for i, row in enumerate(rows) if i not in fitted.misfits]
    assert fitted.table.num_rows == len(kept)
    assert fitted.table["id"].to_pylist() == [row["id"] for row in kept]
    alone = [SHAPE.fit([row]) for row in rows]
    assert {i: one.misfits[0] for i, one in enumerate(alone) if one.misfits} == fitted.misfits


def test_a_pulled_row_that_does_not_fit_is_kept_as_it_came() -> None:
    found = rejected({"n": "five", "id": "a"}, "n: INT64 expected, got str")
    assert found.original == '{"id":"a","n":"five"}'
    assert found.sha256 == hashlib.sha256(b'{"id":"a","n":"five"}').hexdigest()
    assert found.object_name is None


def test_a_row_of_a_file_is_kept_with_its_place() -> None:
    origin = Origin("pings/x.ndjson.gz", "7", 120, b'{"key": "secret", "n": "five"}\n')
    found = origin.rejected("n: INT64 expected, got str", {"key_sha256": "…", "n": "five"})
    assert found.original == '{"key_sha256":"…","n":"five"}'
    assert found.sha256 == hashlib.sha256('{"key_sha256":"…","n":"five"}'.encode()).hexdigest()
    assert (found.object_name, found.generation) == ("pings/x.ndjson.gz", "7")
    assert (found.byte_from, found.byte_length) == (120, 31)


@given(st.dictionaries(st.text(max_size=3), VALUES | st.binary() | st.just({5: 6}) | st.just("\ud800")))
def test_any_row_can_be_written_down(row: dict[str, object]) -> None:
    assert len(json.loads(as_json(row))) == len(row)


DOCUMENTS = Table(
    "raw_acme.document",
    "Documents.",
    "team:acme",
    (Column("id", "STRING", "Key."), Column("doc", "JSON", "A document."), EXTRA),
    ("id",),
    HOURLY,
    Path("acme.py"),
    delivery=Delivery.PULL,
)


@given(st.none() | st.booleans() | st.text() | st.lists(st.integers()) | st.dictionaries(st.text(max_size=2), VALUES))
def test_a_row_that_was_lightened_means_the_same(document: object) -> None:
    shape, row = Shape(DOCUMENTS), {"id": "a", "doc": document, "new": document}
    as_it_was = shape.fit([row])
    light = shape.lighten(dict(row))
    fitted = shape.fit([light])
    assert fitted.table == as_it_was.table
    assert fitted.misfits == as_it_was.misfits
    assert as_json(light) == as_json(row)


def batch(**columns: list[object]) -> pa.RecordBatch:
    types = {"id": pa.string(), "n": pa.int32(), "at": pa.timestamp("us", tz="UTC")}
    return pa.record_batch({name: pa.array(values, types[name]) for name, values in columns.items()})


def test_rows_that_came_as_columns_get_the_declared_types_and_their_order() -> None:
    at = datetime(2022, 3, 1, tzinfo=UTC)
    fitted = SHAPE.fit_arrow(batch(n=[1, None], at=[None, at], id=["a", "b"]))
    assert fitted.table.schema == SHAPE.schema
    assert fitted.table.to_pylist() == [
        {"id": "a", "n": 1, "at": None, "_extra": None},
        {"id": "b", "n": None, "at": at, "_extra": None},
    ]
    assert (fitted.misfits, fitted.unknown) == ({}, {})


def test_a_row_that_came_as_columns_without_its_key_does_not_fit() -> None:
    fitted = SHAPE.fit_arrow(batch(id=["a", None, "c"], n=[1, 2, 3], at=[None] * 3))
    assert fitted.table["id"].to_pylist() == ["a", "c"]
    assert fitted.misfits == {1: "id: null in the key"}


def test_columns_of_another_type_or_that_are_missing_are_a_mistake() -> None:
    with pytest.raises(KeyError, match="at"):
        SHAPE.fit_arrow(batch(id=["a"], n=[1]))
    wrong = pa.record_batch({"id": ["a"], "n": ["five"], "at": pa.array([None], pa.timestamp("us", tz="UTC"))})
    with pytest.raises(pa.ArrowInvalid, match="five"):
        SHAPE.fit_arrow(wrong)
