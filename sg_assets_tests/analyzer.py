"""Google's own SQL engine, offline: what BigQuery would say of a query, and the rows its definition gives.

The package `zetasql` is a WebAssembly build of Google's analyzer and of its reference implementation, the engine that
defines what GoogleSQL means. It judges here that our SQL is GoogleSQL (names, types), and, given rows, what the right
answer is. Compiling the module takes about half a minute; it is done once and kept under `.sg/cache`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock
from google.protobuf.timestamp_pb2 import Timestamp
from wasmtime import Module, Trap
from zetasql.core import ZetaSqlLocalService, wasm_client
from zetasql.core.exceptions import ServerError
from zetasql.types import LanguageOptions, ProductMode
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service_pb2
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2, type_pb2, value_pb2

from sg_assets.warehouse.dialect import places

if TYPE_CHECKING:
    from wasmtime import Engine

    from sg_assets.table import Table

CACHE = (
    Path(__file__).parent.parent
    / ".sg"
    / "cache"
    / f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}.cwasm"
)
EPOCH = date(1970, 1, 1)
Row = Mapping[str, object]


class AnalysisError(Exception):
    """The query is not GoogleSQL, or fails when it runs; the message is Google's."""


class _CachedModule:
    """Stands where the client asks wasmtime for the compiled module, and keeps what was compiled.

    The kept file is native code: only one that was written here is ever loaded.
    """

    @staticmethod
    def from_file(engine: Engine, path: str) -> Module:
        """The compiled module, compiled at first use only, by one process at a time."""
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{CACHE}.lock"):
            if not CACHE.exists():
                part = CACHE.with_suffix(".part")
                part.write_bytes(Module.from_file(engine, path).serialize())
                part.rename(CACHE)
        return Module.deserialize_file(engine, str(CACHE))


def _write_bytes(client: wasm_client.WasmClient, address: int, data: bytes) -> None:
    """One copy into the module's memory; the client's own way is one Python step per byte."""
    ctypes.memmove(ctypes.addressof(client.memory.data_ptr().contents) + address, bytes(data), len(data))


def _read_bytes(client: wasm_client.WasmClient, address: int, size: int) -> bytes:
    """One copy out of the module's memory."""
    return ctypes.string_at(ctypes.addressof(client.memory.data_ptr().contents) + address, size)


@cache
def _client() -> wasm_client.WasmClient:
    wasm_client.Module = _CachedModule
    wasm_client.WasmClient.write_bytes = _write_bytes
    wasm_client.WasmClient.read_bytes = _read_bytes
    return ZetaSqlLocalService.get_instance().wasm_client


@cache
def _language() -> options_pb2.LanguageOptionsProto:
    _client()
    options = LanguageOptions.maximum_features()
    options.product_mode = ProductMode.PRODUCT_EXTERNAL  # FLOAT64, not DOUBLE
    options.reserved_keywords = ["QUALIFY"]  # else it is taken for an alias where no WHERE or GROUP BY stands before it
    return options.to_proto()


class GoogleSql:
    """A catalog of declared tables, against which queries are analyzed and run."""

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        """Declare these tables by their name and columns."""
        self._tables = {table.name: table for table in tables}
        self._catalog = simple_catalog_pb2.SimpleCatalogProto(name="warehouse")
        self._catalog.builtin_function_options.language_options.CopyFrom(_language())
        datasets: dict[str, simple_catalog_pb2.SimpleCatalogProto] = {}
        for table in self._tables.values():
            if table.dataset not in datasets:
                datasets[table.dataset] = self._catalog.catalog.add(name=table.dataset)
            columns = [simple_table_pb2.SimpleColumnProto(name=c.name, type=_type(c.type)) for c in table.columns]
            _, _, name = table.name.partition(".")
            datasets[table.dataset].table.add(name=table.name, name_in_catalog=name, column=columns)
            self._catalog.table.add(
                name=table.name, column=columns
            )  # rows are found by this name, in the outer catalog

    def columns(self, sql: str) -> list[tuple[str, str]]:
        """Names and types, in BigQuery's words, of what the query gives.

        Raises:
            AnalysisError: it is not valid GoogleSQL against the declared tables.
        """
        state = self._prepare(sql, {})
        self._forget(state)
        return [(column.name, _type_name(column.type)) for column in state.columns]

    def rows(self, sql: str, given: Mapping[str, Sequence[Row]] | None = None) -> list[tuple[object, ...]]:
        """What the query gives of these rows; tables that are not given are empty.

        Raises:
            AnalysisError: it is not valid GoogleSQL, or fails when it runs.
        """
        state = self._prepare(_as_one_name(sql) if self._tables else sql, given or {})
        request = service_pb2.EvaluateQueryRequest(prepared_query_id=state.prepared_query_id)
        answer = _call("EvaluateQuery", request, service_pb2.EvaluateQueryResponse)
        self._forget(state)
        types = [column.type for column in state.columns]
        return [
            tuple(_value(cell, type_) for cell, type_ in zip(row.cell, types, strict=True))
            for row in answer.content.table_data.row
        ]

    def _prepare(self, sql: str, given: Mapping[str, Sequence[Row]]) -> Any:  # noqa: ANN401 (a generated message)
        request = service_pb2.PrepareQueryRequest(sql=sql, simple_catalog=self._catalog)
        request.options.language_options.CopyFrom(_language())
        request.options.default_timezone = "UTC"
        for table in self._tables.values():
            content = request.table_content[table.name].table_data
            content.SetInParent()
            for row in given.get(table.name, ()):
                content.row.add(cell=[_cell(row.get(c.name), c.type) for c in table.columns])
        return _call("PrepareQuery", request, service_pb2.PrepareQueryResponse).prepared

    def _forget(self, state: Any) -> None:  # noqa: ANN401
        _call("UnprepareQuery", service_pb2.UnprepareQueryRequest(prepared_query_id=state.prepared_query_id))


def _as_one_name(sql: str) -> str:
    """Each `dataset.table` of the text as one quoted name, which BigQuery takes for the same."""
    for place in reversed(places(sql)):
        alias = "" if place.has_alias else f" as `{place.table.partition('.')[2]}`"
        sql = f"{sql[: place.start]}`{place.table}`{alias}{sql[place.end :]}"
    return sql


def _call(name: str, request: Any, *response: Any) -> Any:  # noqa: ANN401 (generated messages)
    try:
        return _client().call_grpc_func(f"ZetaSqlLocalService_{name}", request, *response)
    except ServerError as error:
        raise AnalysisError(str(error)) from error
    except Trap as error:
        _client.cache_clear()
        del ZetaSqlLocalService._instance  # noqa: SLF001 (a module that died is of no further use)
        msg = f"Google's engine died of it: {error.message.splitlines()[0]}"
        raise AnalysisError(msg) from error


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


def _type(name: str) -> type_pb2.TypeProto:
    if name.startswith("ARRAY<"):
        element = _type(name.removeprefix("ARRAY<").removesuffix(">"))
        return type_pb2.TypeProto(
            type_kind=type_pb2.TYPE_ARRAY, array_type=type_pb2.ArrayTypeProto(element_type=element)
        )
    return type_pb2.TypeProto(type_kind=_KINDS[name])


def _type_name(type_: type_pb2.TypeProto) -> str:
    if type_.type_kind == type_pb2.TYPE_ARRAY:
        return f"ARRAY<{_type_name(type_.array_type.element_type)}>"
    if type_.type_kind == type_pb2.TYPE_STRUCT:
        fields = (f"{field.field_name} {_type_name(field.field_type)}" for field in type_.struct_type.field)
        return f"STRUCT<{', '.join(fields)}>"
    return _NAMES.get(type_.type_kind) or type_pb2.TypeKind.Name(type_.type_kind)


def _cell(value: Any, type_: str) -> value_pb2.ValueProto:  # noqa: ANN401, PLR0911 (one line per type)
    """A Python value of the declared type, as the engine takes it."""
    proto = value_pb2.ValueProto
    if value is None:
        return proto()
    if type_.startswith("ARRAY<"):
        element = type_.removeprefix("ARRAY<").removesuffix(">")
        return proto(array_value=proto.Array(element=[_cell(item, element) for item in value]))
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


def _value(cell: Any, type_: Any) -> object:  # noqa: ANN401, PLR0911
    """The Python value of what the engine gives."""
    kind = cell.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_value(item, type_.array_type.element_type) for item in cell.array_value.element]
    if kind == "struct_value":
        fields = type_.struct_type.field
        return {f.field_name: _value(v, f.field_type) for v, f in zip(cell.struct_value.field, fields, strict=True)}
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
