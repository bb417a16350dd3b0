"""Google's own SQL engine, offline: what BigQuery would say of a query, and the rows its definition gives.

The package `zetasql` is a WebAssembly build of Google's analyzer and of its reference implementation, the engine that
defines what GoogleSQL means. It judges here that our SQL is GoogleSQL (names, types), and, given rows, what the right
answer is. Compiling the module takes about half a minute; it is done once and kept under `.sg/cache`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock
from wasmtime import Module, Trap
from zetasql.core import ZetaSqlLocalService, wasm_client
from zetasql.core.exceptions import ServerError
from zetasql.types import LanguageOptions, ProductMode
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service_pb2
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2, value_pb2

from sg_assets.warehouse.dialect import places
from sg_assets_tests.google_values import array_of, cell_of, struct_of, type_name, type_of, value_of

if TYPE_CHECKING:
    from wasmtime import Engine

    from sg_assets.table import Table

CACHE = (
    Path(__file__).parent.parent
    / ".sg"
    / "cache"
    / f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}.cwasm"
)
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


@cache
def _builtin() -> int:
    """The number under which the engine knows the catalog of its own functions, told to it once: it takes long."""
    request = service_pb2.RegisterCatalogRequest(simple_catalog=_catalog())
    answer = _call("RegisterCatalog", request, service_pb2.RegisterResponse)
    return int(answer.registered_id)


def _catalog() -> simple_catalog_pb2.SimpleCatalogProto:
    catalog = simple_catalog_pb2.SimpleCatalogProto(name="warehouse")
    catalog.builtin_function_options.language_options.CopyFrom(_language())
    return catalog


class GoogleSql:
    """Declared tables, against which queries are analyzed and run."""

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        """Declare these tables by their name and columns."""
        self._tables = {table.name: table for table in tables}
        self._prepared: dict[str, Any] = {}
        self._prepared_by: wasm_client.WasmClient | None = None

    def columns(self, sql: str) -> list[tuple[str, str]]:
        """Names and types, in BigQuery's words, of what the query gives.

        Raises:
            AnalysisError: it is not valid GoogleSQL against the declared tables.
        """
        request = _request(sql)
        if self._tables:
            request.simple_catalog.CopyFrom(self._declared())
        else:
            request.registered_catalog_id = _builtin()
        state = _prepare(request)
        _forget(state)
        return [(column.name, type_name(column.type)) for column in state.columns]

    def rows(self, sql: str, given: Mapping[str, Sequence[Row]] | None = None) -> list[tuple[object, ...]]:
        """What the query gives of these rows; tables that are not given are empty.

        Raises:
            AnalysisError: it is not valid GoogleSQL, or fails when it runs.
        """
        state = self._over_parameters(sql)
        request = service_pb2.EvaluateQueryRequest(prepared_query_id=state.prepared_query_id)
        for table in self._tables.values():
            rows = (given or {}).get(table.name, ())
            elements = [_struct(cell_of(row.get(c.name), c.type) for c in table.columns) for row in rows]
            value = value_pb2.ValueProto(array_value=value_pb2.ValueProto.Array(element=elements))
            request.params.add(name=_parameter(table.name), value=value)
        answer = _call("EvaluateQuery", request, service_pb2.EvaluateQueryResponse)
        if not self._tables:
            _forget(self._prepared.pop(sql))
        types = [column.type for column in state.columns]
        return [
            tuple(value_of(cell, type_) for cell, type_ in zip(row.cell, types, strict=True))
            for row in answer.content.table_data.row
        ]

    def _declared(self) -> simple_catalog_pb2.SimpleCatalogProto:
        catalog = _catalog()
        datasets: dict[str, simple_catalog_pb2.SimpleCatalogProto] = {}
        for table in self._tables.values():
            if table.dataset not in datasets:
                datasets[table.dataset] = catalog.catalog.add(name=table.dataset)
            columns = [simple_table_pb2.SimpleColumnProto(name=c.name, type=type_of(c.type)) for c in table.columns]
            _, _, name = table.name.partition(".")
            datasets[table.dataset].table.add(name=table.name, name_in_catalog=name, column=columns)
            catalog.table.add(name=table.name, column=columns)  # BigQuery takes `dataset.table` in quotes too
        return catalog

    def _over_parameters(self, sql: str) -> Any:  # noqa: ANN401 (a generated message)
        """The query with its tables as parameters: it is understood once, whatever rows are given."""
        if self._prepared_by is not _client():  # the one before died
            self._prepared_by, self._prepared = _client(), {}
        if sql not in self._prepared:
            request = _request(self._as_parameters(sql) if self._tables else sql)
            request.registered_catalog_id = _builtin()
            for table in self._tables.values():
                row = struct_of((column.name, column.type) for column in table.columns)
                request.options.query_parameters.add(name=_parameter(table.name), type=array_of(row))
            self._prepared[sql] = _prepare(request)
        return self._prepared[sql]

    def _as_parameters(self, sql: str) -> str:
        """Each declared table of the text as a select from the rows that it is given as."""
        for place in reversed(places(sql)):
            if place.table in self._tables:
                alias = "" if place.has_alias else f" as `{place.table.partition('.')[2]}`"
                rows = f"(select * from unnest(@{_parameter(place.table)}))"
                sql = f"{sql[: place.start]}{rows}{alias}{sql[place.end :]}"
        return sql


def _parameter(table: str) -> str:
    return table.replace(".", "__")


def _struct(cells: Iterable[value_pb2.ValueProto]) -> value_pb2.ValueProto:
    return value_pb2.ValueProto(struct_value=value_pb2.ValueProto.Struct(field=cells))


def _request(sql: str) -> Any:  # noqa: ANN401 (a generated message)
    request = service_pb2.PrepareQueryRequest(sql=sql)
    request.options.language_options.CopyFrom(_language())
    request.options.default_timezone = "UTC"
    return request


def _prepare(request: Any) -> Any:  # noqa: ANN401
    return _call("PrepareQuery", request, service_pb2.PrepareQueryResponse).prepared


def _forget(state: Any) -> None:  # noqa: ANN401
    _call("UnprepareQuery", service_pb2.UnprepareQueryRequest(prepared_query_id=state.prepared_query_id))


def _call(name: str, request: Any, *response: Any) -> Any:  # noqa: ANN401 (generated messages)
    try:
        return _client().call_grpc_func(f"ZetaSqlLocalService_{name}", request, *response)
    except ServerError as error:
        raise AnalysisError(str(error)) from error
    except Trap as error:
        _client.cache_clear()
        _builtin.cache_clear()
        del ZetaSqlLocalService._instance  # noqa: SLF001 (a module that died is of no further use)
        msg = f"Google's engine died of it: {error.message.splitlines()[0]}"
        raise AnalysisError(msg) from error
