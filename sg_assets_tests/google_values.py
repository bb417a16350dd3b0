"""Types and values as Google's engine takes and gives them, and as Python has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2

EPOCH = date(1970, 1, 1)
_KINDS = {
    "INT64": type_pb2.TYPE_INT64,
    "FLOAT64": type_pb2.TYPE_DOUBLE,
    "NUMERIC": type_pb2.TYPE_NUMERIC,
    "STRING": type_pb2.TYPE_STRING,
    "BYTES": type_pb2.TYPE_BYTES,
    "BOOL": type_pb2.TYPE_BOOL,
    "DATE": type_pb2.TYPE_DATE,
    "DATETIME": type_pb2.TYPE_DATETIME,
    "TIME": type_pb2.TYPE_TIME,
    "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
    "JSON": type_pb2.TYPE_JSON,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def type_of(name: str) -> type_pb2.TypeProto:
    if name.startswith("ARRAY<"):
        return array_of(type_of(name.removeprefix("ARRAY<").removesuffix(">")))
    return type_pb2.TypeProto(type_kind=_KINDS[name])


def array_of(element: type_pb2.TypeProto) -> type_pb2.TypeProto:
    return type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY, array_type=type_pb2.ArrayTypeProto(element_type=element))


def struct_of(columns: Iterable[tuple[str, str]]) -> type_pb2.TypeProto:
    fields = [type_pb2.StructFieldProto(field_name=name, field_type=type_of(type_)) for name, type_ in columns]
    return type_pb2.TypeProto(type_kind=type_pb2.TYPE_STRUCT, struct_type=type_pb2.StructTypeProto(field=fields))


def type_name(type_: type_pb2.TypeProto) -> str:
    if type_.type_kind == type_pb2.TYPE_ARRAY:
        return f"ARRAY<{type_name(type_.array_type.element_type)}>"
    if type_.type_kind == type_pb2.TYPE_STRUCT:
        fields = (f"{field.field_name} {type_name(field.field_type)}" for field in type_.struct_type.field)
        return f"STRUCT<{', '.join(fields)}>"
    return _NAMES.get(type_.type_kind) or type_pb2.TypeKind.Name(type_.type_kind)


def cell_of(value: Any, type_: str) -> value_pb2.ValueProto:  # noqa: ANN401, PLR0911 (one line per type)
    """A Python value of the declared type, as the engine takes it."""
    proto = value_pb2.ValueProto
    if value is None:
        return proto()
    if type_.startswith("ARRAY<"):
        element = type_.removeprefix("ARRAY<").removesuffix(">")
        return proto(array_value=proto.Array(element=[cell_of(item, element) for item in value]))
    if type_ == "DATE":
        return proto(date_value=(value - EPOCH).days)
    if type_ == "TIMESTAMP":
        stamp = Timestamp()
        stamp.FromDatetime(value)
        return proto(timestamp_value=stamp)
    if type_ == "DATETIME":
        bits = 0
        for part, width in zip(value.timetuple()[:6], (14, 4, 5, 5, 6, 6), strict=True):
            bits = bits << width | part
        return proto(datetime_value=proto.Datetime(bit_field_datetime_seconds=bits, nanos=value.microsecond * 1000))
    if type_ == "NUMERIC":
        scaled = int(Decimal(value) * 10**9)
        return proto(numeric_value=scaled.to_bytes(16, "little", signed=True))
    field = {"INT64": "int64", "FLOAT64": "double", "STRING": "string", "BOOL": "bool", "JSON": "json"}[type_]
    return proto(**{f"{field}_value": value})


def value_of(cell: Any, type_: Any) -> object:  # noqa: ANN401, PLR0911
    """The Python value of what the engine gives."""
    kind = cell.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [value_of(item, type_.array_type.element_type) for item in cell.array_value.element]
    if kind == "struct_value":
        fields = type_.struct_type.field
        return {f.field_name: value_of(v, f.field_type) for v, f in zip(cell.struct_value.field, fields, strict=True)}
    if kind == "date_value":
        return EPOCH + timedelta(days=cell.date_value)
    if kind == "timestamp_value":
        return cell.timestamp_value.ToDatetime(tzinfo=UTC)
    if kind == "datetime_value":
        bits, parts = cell.datetime_value.bit_field_datetime_seconds, []
        for width in (6, 6, 5, 5, 4, 14):
            parts.append(bits & ((1 << width) - 1))
            bits >>= width
        second, minute, hour, day, month, year = parts
        micros = cell.datetime_value.nanos // 1000
        return datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001 (a DATETIME has no zone)
    if kind == "time_value":
        seconds, nanos = cell.time_value >> 30, cell.time_value & ((1 << 30) - 1)
        return time(seconds >> 12, seconds >> 6 & 63, seconds & 63, nanos // 1000)
    if kind == "numeric_value":
        return Decimal(int.from_bytes(cell.numeric_value, "little", signed=True)).scaleb(-9)
    return getattr(cell, kind)
