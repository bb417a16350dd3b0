"""Rows of a source -> an Arrow table of the declared shape, and what did not fit.

Nothing is lost: a row that does not fit is named with its reason, an undeclared field is kept in `_extra` and counted.
What a value must be to fit a type is in `conversion.py`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import orjson

from sg_assets.columns import Column, arrow_schema
from sg_assets.conversion import MISFITS, converted, json_bytes, json_text
from sg_assets.source import DELETED_AT, EXTRA, Row
from sg_assets.warehouse.contract import Rejected

if TYPE_CHECKING:
    import pyarrow as pa

    from sg_assets.table import Table

NESTED = frozenset({dict, list})


@dataclass(frozen=True, slots=True)
class Fitted:
    """Rows that fit, as Arrow; the positions of the others, and why; undeclared fields, counted."""

    table: pa.Table
    misfits: Mapping[int, str]
    unknown: Counter[str]


class Shape:
    """The declared columns of a raw table, less what the warehouse itself fills in.

    A value that is missing or null becomes NULL; one in a column of the key is not allowed to be.
    """

    def __init__(self, table: Table) -> None:
        """Take the columns from the table's declaration."""
        self.columns = tuple(column for column in table.columns if column.name not in (DELETED_AT.name, EXTRA.name))
        self.schema = arrow_schema((*self.columns, EXTRA))
        self._names = frozenset(column.name for column in self.columns)
        self._documents = tuple(column.name for column in self.columns if column.type == "JSON")
        self._key = frozenset(table.key)

    def lighten(self, row: dict[str, object]) -> dict[str, object]:
        """Write the documents in a row as text at once, where many rows wait to be fitted.

        A document is made of hundreds of small objects, which cost memory and keep the garbage collector walking: half
        of the time of reading pings.
        """
        for name in self._documents:
            value = row.get(name)
            if type(value) in NESTED:
                try:
                    row[name] = json_bytes(value)
                except TypeError:
                    continue  # it is none, and fitting will say so
        return row

    def fit(self, rows: Sequence[Row]) -> Fitted:
        """Convert all rows at once, and one by one only in a column where that fails."""
        import pyarrow as pa

        arrays: list[pa.Array] = []
        misfits: dict[int, str] = {}
        for column, values in zip(self.columns, self._by_column(rows), strict=True):
            name = column.name
            try:
                arrays.append(converted(values, column))
            except MISFITS:
                _note(misfits, _misfits(values, column))
            if name in self._key and None in values:
                _note(misfits, {i: f"{name}: null in the key" for i, value in enumerate(values) if value is None})
        if misfits:
            fitted = self.fit([row for i, row in enumerate(rows) if i not in misfits])
            return Fitted(fitted.table, misfits, fitted.unknown)
        extra, unknown = self._extra(rows)
        return Fitted(pa.Table.from_arrays([*arrays, extra], schema=self.schema), {}, unknown)

    def fit_arrow(self, rows: pa.RecordBatch) -> Fitted:
        """Rows that came as columns, of the declared names and types; none has an undeclared field.

        Raises:
            pyarrow.ArrowInvalid, KeyError: a column is of another type, or is missing.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        arrays = [rows.column(column.name).cast(column.arrow_type) for column in self.columns]
        fitted = pa.Table.from_arrays([*arrays, pa.nulls(rows.num_rows, pa.string())], schema=self.schema)
        misfits: dict[int, str] = {}
        for name in sorted(self._key):
            missing = pc.indices_nonzero(fitted[name].is_null()).to_pylist() if fitted[name].null_count else []
            _note(misfits, dict.fromkeys(missing, f"{name}: null in the key"))
        if misfits:
            fitted = fitted.take([i for i in range(rows.num_rows) if i not in misfits])
        return Fitted(fitted, misfits, Counter())

    def _by_column(self, rows: Sequence[Row]) -> Sequence[Sequence[object]]:
        """The values of each column; the quick way works where every row has every field."""
        names = [column.name for column in self.columns]
        if len(names) > 1 and rows:
            try:
                return list(zip(*map(itemgetter(*names), rows), strict=True))
            except KeyError:
                pass
        return [[row.get(name) for row in rows] for name in names]

    def _extra(self, rows: Sequence[Row]) -> tuple[pa.Array, Counter[str]]:
        """The undeclared fields of each row as JSON, and how often each was seen."""
        import pyarrow as pa

        unknown: Counter[str] = Counter()
        if all(map(self._names.issuperset, rows)):
            return pa.nulls(len(rows), pa.string()), unknown
        extras: list[str | None] = []
        for row in rows:
            fields = {name: value for name, value in row.items() if name not in self._names}
            unknown.update(fields.keys())
            extras.append(as_json(fields) if fields else None)
        return pa.array(extras, pa.string()), unknown


@dataclass(frozen=True, slots=True)
class Origin:
    """The line of an object that rows came from; `byte_from` counts in the unpacked text."""

    object_name: str
    generation: str | None
    byte_from: int
    line: bytes

    def rejected(self, reason: str, row: Row | None = None) -> Rejected:
        """One row of the line, or all of it.

        Without a row only place and hash of the line are kept. With one, the hash is that of the row, so that two rows
        of the same line are told apart.
        """
        original = None if row is None else as_json(row)
        return Rejected(
            reason,
            original,
            hashlib.sha256(self.line if original is None else original.encode()).hexdigest(),
            self.object_name,
            self.generation,
            self.byte_from,
            len(self.line),
        )


def rejected(row: Row, reason: str) -> Rejected:
    """A pulled row that does not fit, kept as it came; the source took the secrets out of it before."""
    original = as_json(row)
    return Rejected(reason, original, hashlib.sha256(original.encode()).hexdigest())


def as_json(row: Row) -> str:
    """A row as JSON text, also where a value is none that JSON knows: that one as Python writes it."""
    row = {name: _document(value) if isinstance(value, bytes) else value for name, value in row.items()}
    try:
        return json_text(row)
    except TypeError:
        return json_text({ascii(name): _plain(value) for name, value in row.items()})


def _document(value: bytes) -> object:
    """A document that was written before, as what it says."""
    try:
        return orjson.loads(value)
    except ValueError:
        return value


def _plain(value: object) -> object:
    try:
        json_text(value)
    except TypeError:
        return ascii(value)
    return value


def _note(misfits: dict[int, str], found: Mapping[int, str]) -> None:
    """Add reasons to those that a row has already."""
    for i, reason in found.items():
        misfits[i] = f"{misfits[i]}; {reason}" if i in misfits else reason


def _misfits(values: Sequence[object], column: Column) -> dict[int, str]:
    """The positions of the values that do not fit, each tried by itself, and why; never the value."""
    found: dict[int, str] = {}
    for i, value in enumerate(values):
        try:
            converted([value], column)
        except MISFITS as error:
            got = str(error) if str(error).startswith("got ") else f"got a {type(value).__name__} that is none"
            found[i] = f"{column.name}: {column.type} expected, {got}"
    return found
