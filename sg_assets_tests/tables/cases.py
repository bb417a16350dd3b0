"""The given and expected rows of a derived table: `<dataset>/<table>.yaml` beside this file, read and typed.

A file is a list of cases. `given` maps input tables to rows (columns not given are null, a table not given is empty);
`expected` is the whole result in key order; each row lists the columns that matter in it. `now` is the time of the run:
its UTC day is CURRENT_DATE(), and the last day of a partitioned table. Of a `snapshot: day` table the cases are about
what its SQL gives, without the columns that are added. Dates and times are ISO 8601; JSON is written as YAML or as its
text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import yaml

from sg_assets.conversion import json_text
from sg_assets.day_snapshot import ADDED
from sg_assets.table import Table

Row = dict[str, object]


class CaseError(ValueError):
    """A case cannot be run as it is written; the message says where and why."""


@dataclass(frozen=True)
class Case:
    """One case of one table, its values of the declared types."""

    file: Path
    name: str
    day: date | None
    given: Mapping[str, Sequence[Row]]
    expected: Sequence[Row]


def read_cases(file: Path, table: Table, graph: Mapping[str, Table]) -> list[Case]:
    """The cases of one table.

    Raises:
        CaseError: a table or a column is unknown, a value is not of its column's type, or the file is not in shape.
    """
    cases = [_case(file, table, graph, said) for said in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)]
    names = [case.name for case in cases]
    if len(set(names)) < len(names):
        msg = f"{file}: two cases have the same name"
        raise CaseError(msg)
    return cases


def _case(file: Path, table: Table, graph: Mapping[str, Table], said: Mapping[str, object]) -> Case:
    where = f"{file}: {said.get('name')}"
    if unknown := set(said) - {"name", "now", "given", "expected"}:
        msg = f"{where}: unknown field {', '.join(sorted(unknown))}; the fields are name, now, given, expected"
        raise CaseError(msg)
    if "expected" not in said:
        msg = f"{where}: expected is missing; no rows are []"
        raise CaseError(msg)
    given, expected = said.get("given") or {}, said["expected"]
    assert isinstance(given, Mapping)
    assert isinstance(expected, list)
    for name in given:
        if name not in {wanted.table for wanted in table.inputs}:
            msg = f"{where}: gives {name}, which {table.name} does not read"
            raise CaseError(msg)
    now = said.get("now")
    if (now is None) and table.reads_current_date:
        msg = f"{where}: {table.name} reads CURRENT_DATE(); say now"
        raise CaseError(msg)
    return Case(
        file=file,
        name=str(said["name"]),
        day=None if now is None else _time(now).date(),
        given={name: [_typed_row(row, graph[name], where) for row in rows] for name, rows in given.items()},
        expected=[_typed_row(row, table, where) for row in expected],
    )


def _typed_row(row: Mapping[str, object], table: Table, where: str) -> Row:
    typed: Row = {}
    for name, value in row.items():
        if name not in {column.name for column in table.columns}:
            msg = f"{where}: {table.name} has no column {name}"
            raise CaseError(msg)
        try:
            typed[name] = typed_value(value, table.column(name).type)
        except (TypeError, ValueError, ArithmeticError) as error:
            msg = f"{where}: {table.name}.{name}: {error}"
            raise CaseError(msg) from error
    return typed


def typed_value(value: object, type_: str) -> object:
    """A value as YAML gives it, as the Python value of a BigQuery type; None stays None.

    Raises:
        TypeError, ValueError: it is not of that type.
    """
    if value is None:
        return None
    if type_.startswith("ARRAY<"):
        if not isinstance(value, list):
            msg = f"must be a list, is {value!r}"
            raise TypeError(msg)
        return [typed_value(item, type_.removeprefix("ARRAY<").removesuffix(">")) for item in value]
    return _SCALARS[type_](value) if type_ in _SCALARS else _of_kind(value, type_)


def _of_kind(value: object, type_: str) -> object:
    kinds = {"STRING": str, "INT64": int, "BOOL": bool}
    if not isinstance(value, kinds[type_]) or isinstance(value, bool) != (type_ == "BOOL"):
        msg = f"must be a {type_}, is {value!r} (put quotes around a text that looks like something else)"
        raise TypeError(msg)
    return value


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        msg = f"must be a number, is {value!r}"
        raise TypeError(msg)
    return Decimal(str(value))


def _date(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        msg = f"must be a date such as 2026-01-10, is {value!r}"
        raise TypeError(msg)
    return value


def _time(value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        msg = f"must be a time such as 2026-01-10T12:00:00Z, is {value!r}"
        raise TypeError(msg)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_SCALARS: Mapping[str, Callable[[object], object]] = {
    "DATE": _date,
    "DATETIME": lambda value: _time(value).replace(tzinfo=None),
    "FLOAT64": lambda value: float(_number(value)),
    "JSON": lambda value: json_text(json.loads(value) if isinstance(value, str) else value),
    "NUMERIC": _number,
    "TIMESTAMP": _time,
}


def as_selected(table: Table) -> Table:
    """The table as its SQL gives it: of a `snapshot: day`, what is true now, without its day and how it was known."""
    if not table.is_day_snapshot:
        return table
    return replace(
        table,
        columns=tuple(column for column in table.columns if column not in ADDED),
        key=tuple(name for name in table.key if name not in {column.name for column in ADDED}),
        partition=None,
        event_column=None,
        is_day_snapshot=False,
    )


def event_days(case: Case, graph: Mapping[str, Table]) -> set[date]:
    """The days of the events in the given rows, of the inputs that have an event column."""
    days: set[date] = set()
    for name, rows in case.given.items():
        column = graph[name].event_column
        values: Iterable[object] = [row.get(column) for row in rows] if column else []
        for value in values:
            if isinstance(value, datetime):
                days.add(value.date())
            elif isinstance(value, date):
                days.add(value)
    return days
