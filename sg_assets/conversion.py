"""From a vendor's JSON values to a declared type: strict, and the same for a million values as for one.

Each type takes what the vendor documents for it and nothing near it: a text is no number, a number no text, a time
without a zone is no time. What a whole column allows is decided by the set of its values' Python types, which is what
makes it fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import orjson

from sg_assets.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

MISFITS = (TypeError, ValueError, OverflowError, ArithmeticError)
"""What `converted` raises when a value does not fit."""

NOTHING = type(None)
_NINE_DIGITS = Decimal("1e-9")
_BEYOND_MICROSECONDS = re.compile(r"(\.\d{6})\d+")
_EXACT = 2**53  # a float holds every whole number up to here


def converted(values: Sequence[object], column: Column) -> pa.Array:
    """The values as the column's Arrow type; None stays null.

    Raises:
        TypeError, ValueError, OverflowError, ArithmeticError: a value does not fit; the message does not repeat it.
    """
    convert = _CONVERTERS[column.element_type]
    return _lists(values, column, convert) if column.is_array else convert(values, column.arrow_type)


def json_bytes(value: object) -> bytes:
    """Any JSON value as compact text in UTF-8, keys in order, so that equal values are equal texts.

    Bytes in a row are such text: no vendor's JSON has any.

    Raises:
        TypeError: it is not JSON.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def json_text(value: object) -> str:
    """The same as text.

    Raises:
        TypeError: it is not JSON.
    """
    return json_bytes(value).decode()


Convert = Callable[[Sequence[object], "pa.DataType"], "pa.Array"]


def _kinds(values: Sequence[object], *allowed: type) -> set[type]:
    """The types among the values, none of which may be another than these (a bool is not an int here)."""
    kinds = set(map(type, values)) - {NOTHING}
    if not kinds.issubset(allowed):
        wrong = ", ".join(sorted(kind.__name__ for kind in kinds.difference(allowed)))
        msg = f"got {wrong}"
        raise TypeError(msg)
    return kinds


def _strings(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    import pyarrow as pa

    _kinds(values, str)
    return pa.array(values, arrow)


def _integers(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    """Whole numbers; JSON does not tell 2 from 2.0, so neither does this."""
    import pyarrow as pa

    if float in _kinds(values, int, float):
        values = [int(v) if isinstance(v, float) and v.is_integer() and abs(v) <= _EXACT else v for v in values]
        _kinds(values, int)
    return pa.array(values, arrow)


def _floats(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if int in _kinds(values, int, float):
        values = [float(v) if isinstance(v, int) else v for v in values]
    return pa.array(values, arrow)


def _decimals(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    """Numbers, rounded half away from zero to nine digits, as BigQuery's NUMERIC does when it loads."""
    import pyarrow as pa

    _kinds(values, int, float, Decimal)
    exact = [None if v is None else Decimal(str(v)).quantize(_NINE_DIGITS, ROUND_HALF_UP) for v in values]
    return pa.array(exact, arrow)


def _booleans(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    import pyarrow as pa

    _kinds(values, bool)
    return pa.array(values, arrow)


def _dates(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if date in _kinds(values, str, date):
        values = [v.isoformat() if isinstance(v, date) else v for v in values]
    return pa.array(values, pa.string()).cast(arrow)


def _times(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    """Instants: RFC 3339 texts with a zone, also Salesforce's `+0000`, or aware datetimes; cut to microseconds."""
    import pyarrow as pa

    kinds = _kinds(values, str, datetime)
    if datetime in kinds:
        if any(isinstance(v, datetime) and v.tzinfo is None for v in values):
            msg = "got a time without a zone"
            raise ValueError(msg)
        if str not in kinds:
            return pa.array(values, arrow)
        values = [v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in values]
    texts = pa.array(values, pa.string())
    try:
        return texts.cast(arrow)
    except pa.ArrowInvalid:
        cut = [_BEYOND_MICROSECONDS.sub(r"\1", v) if isinstance(v, str) else None for v in values]
    return pa.array(cut, pa.string()).cast(arrow)


def _clock_times(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    """Times on a wall's clock, without a zone."""
    import pyarrow as pa

    if datetime in _kinds(values, str, datetime):
        values = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return pa.array(values, pa.string()).cast(arrow)


def _documents(values: Sequence[object], arrow: pa.DataType) -> pa.Array:
    """JSON: values as compact text; a text is taken for JSON itself, and must be, unless we wrote it."""
    import pyarrow as pa

    is_written = set(map(type, values)) <= {bytes, NOTHING}
    return pa.array(values if is_written else [_document(v) for v in values], arrow)


def _document(value: object) -> str | bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return None if orjson.loads(value) is None else value
    return json_bytes(value)


def _lists(values: Sequence[object], column: Column, convert: Convert) -> pa.Array:
    """Lists, none of whose elements may be null: BigQuery has no such arrays."""
    import pyarrow as pa

    _kinds(values, list, tuple)
    offsets: list[int | None] = []
    flat: list[object] = []
    for value in values:
        offsets.append(len(flat) if isinstance(value, (list, tuple)) else None)
        flat.extend(value if isinstance(value, (list, tuple)) else ())
    if None in flat:
        msg = "got a null inside a list"
        raise ValueError(msg)
    arrow = column.arrow_type
    return pa.ListArray.from_arrays(pa.array([*offsets, len(flat)], pa.int32()), convert(flat, arrow.value_type))


_CONVERTERS: dict[str, Convert] = {
    "STRING": _strings,
    "INT64": _integers,
    "FLOAT64": _floats,
    "NUMERIC": _decimals,
    "BOOL": _booleans,
    "DATE": _dates,
    "DATETIME": _clock_times,
    "TIMESTAMP": _times,
    "JSON": _documents,
}
