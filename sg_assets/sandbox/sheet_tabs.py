"""What a spreadsheet of the made-up company holds: tabs, their cells, what a reader is shown of one, and its faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sg_assets.sandbox.faults import Faults, Kind

EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
CELLS = re.compile(r"(?P<left>[A-Z]*)(?P<top>\d*)(?::(?P<right>[A-Z]*)(?P<bottom>\d*))?")
"""A range without its tab, such as A1:C7, A:C, 1:1 or C7."""
UNFORMATTED = "UNFORMATTED_VALUE"

Cell = str | int | float | bool | Decimal | date | datetime | None
"""What is in a cell: a Decimal is money, a datetime an instant, which the cell shows on the spreadsheet's own clock."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name, its headings, and its rows now. `table` is what faults call it."""

    title: str
    table: str
    headings: Sequence[str]
    rows: Callable[[], Sequence[Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Book:
    """One spreadsheet, shared with whoever has the sandbox's token."""

    id: str
    title: str
    zone: str
    tabs: tuple[Tab, ...]


def grid_of(tab: Tab, source: str, faults: Faults) -> list[list[Cell]]:
    """The tab with its header, as the faults that are on make it.

    A fault's `field` is a heading, for the first row below it, or the name of a cell, such as C1.
    """
    rows: list[list[Cell]] = [list(tab.headings), *map(list, tab.rows())]
    if faults.take(Kind.EMPTY_LIST, source, tab.table):
        return rows[:1]
    if rows[1:] and faults.take(Kind.REPEATED_ROW, source, tab.table):
        rows.append(rows[-1])
    if faults.take(Kind.UNKNOWN_FIELD, source, tab.table):
        width = len(rows[0])
        rows = [[*rows[0], "surprise"], *([*row, *[None] * (width - len(row)), 1] for row in rows[1:])]
    for kind in (Kind.NULL_VALUE, Kind.WRONG_VALUE):
        if fault := faults.take(kind, source, tab.table):
            field, value = str(fault.options["field"]), fault.options.get("value")
            row, place = (1, list(tab.headings).index(field)) if field in tab.headings else _place(field)
            rows[row] += [None] * (place + 1 - len(rows[row]))
            rows[row][place] = value if isinstance(value, str | int | float | bool) else None
    return rows


def shown(cell: Cell, render: str, zone: str) -> object:
    """A cell as it is asked for: its value, or the text that people see in an American spreadsheet."""
    if isinstance(cell, datetime):
        cell = cell.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    return _value(cell) if render == UNFORMATTED else _look(cell)


def _value(cell: Cell) -> object:
    """Dates as serial numbers, in floating point where they have a time."""
    match cell:
        case None:
            return ""
        case datetime():
            return (cell - EPOCH).total_seconds() / 86_400
        case date():
            return (cell - EPOCH.date()).days
        case Decimal():
            return float(cell)
        case _:
            return cell


def _look(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case datetime():
            return f"{cell.month}/{cell.day}/{cell:%Y} {cell.hour}:{cell:%M:%S}"
        case date():
            return f"{cell.month}/{cell.day}/{cell:%Y}"
        case Decimal():
            return f"${cell:,.2f}"
        case _:
            return str(cell)


def _place(cell: str) -> tuple[int, int]:
    """Row and column of a cell such as C1, counted from 0."""
    found = CELLS.fullmatch(cell)
    return (0, 0) if found is None else (int(found["top"] or 1) - 1, column(found["left"]) or 0)


def column(text: str) -> int | None:
    """The place of a column by its letters, counted from 0; None without any."""
    place = 0
    for letter in text:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1 if text else None


def letters(place: int) -> str:
    """The letters of the column at a place."""
    return chr(ord("A") + place) if place < 26 else letters(place // 26 - 1) + letters(place % 26)
