"""One cell of a spreadsheet -> a value of a declared type: strict, because nobody knows what people type.

Cells come unformatted, as the Sheets API gives them: numbers as numbers, dates as serial numbers, errors as texts.
https://developers.google.com/workspace/sheets/api/reference/rest/v4/ValueRenderOption and …/DateTimeRenderOption.
Which cell belongs to which column is in `sheet.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sg_assets.columns import Column

ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!", "#CALC!"})
"""What a cell whose formula failed says; a text that somebody typed could say the same, and is taken for it."""
CALCULATING = "Loading..."
"""What a cell says whose formula still waits for its data."""
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a wall clock's: the zone is the spreadsheet's own)
"""Serial number 0, in Lotus 1-2-3's counting, which Sheets keeps."""
EARLIEST, LATEST = date(1970, 1, 2), date(2199, 12, 31)
"""Days that anybody can mean; a year typed where a day should be (2026) would be one in 1905."""
EXACT = 2**53
"""Sheets counts in floating point: whole numbers beyond this one have lost digits."""
ANSWERS = {"yes": True, "no": False}
LETTERS = 26
_CUSTOM_ZONE = re.compile(r"GMT(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)")


class Wanted(Enum):
    """What a cell should hold, and what to do where it does not."""

    TEXT = "text", "Format the column as plain text, and type the cell anew"
    NUMBER = "a number", "Type it without unit or apostrophe"
    WHOLE = "a whole number", "Type it without a fraction"
    EXACT = "a number of at most 15 digits", "Sheets lost the others: format the column as plain text"
    ANSWER = "a checkbox, Yes or No", "Choose one of the two"
    DAY = "a date without a time", "Type it as a date, and format the column as one"
    INSTANT = "a date and time", "Type it as both, and format the column so"
    LIKELY = f"a date from {EARLIEST.year} to {LATEST.year}", "Type year, month and day"


class CellError(ValueError):
    """A cell does not hold what its column declares.

    The message says what is expected and what kind of thing came; never the thing, which may be about a person.
    """

    def __init__(self, wanted: Wanted, cell: object) -> None:
        """Put the sentence together."""
        came = "a checkbox" if isinstance(cell, bool) else "text" if isinstance(cell, str) else "a number"
        what, advice = wanted.value
        super().__init__(f"{what} is expected, there is {came} ({advice})")


def value_of(cell: object, column: Column, zone: tzinfo) -> object:
    """What a cell says, as a value of the column's type; None for an empty one, and an empty list for an array.

    Args:
        cell: as the API gives it: a text, a number, a bool or None.
        column: what is declared.
        zone: the spreadsheet's own, in which its dates and times are.

    Raises:
        CellError: it says something else.
    """
    if is_empty(cell):
        return [] if column.is_array else None
    if column.is_array:
        return [part for text in _text(cell, zone).split(",") if (part := text.strip())]
    return _READERS[column.type](cell, zone)


def is_empty(cell: object) -> bool:
    """Whether nothing is in a cell, or nothing that can be seen."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_readable(column: Column) -> bool:
    """Whether a cell can be read as the column's type."""
    return column.type == "ARRAY<STRING>" if column.is_array else column.type in _READERS


def zone_of(name: str) -> tzinfo:
    """The time zone that a spreadsheet names: one of the IANA database, or `GMT-07:00` where it knows no better.

    https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets#SpreadsheetProperties

    Raises:
        ValueError: there is no such zone.
    """
    if found := _CUSTOM_ZONE.fullmatch(name):
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
        return timezone(-offset if found["sign"] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        msg = f"there is no time zone {name}"
        raise ValueError(msg) from None


def letters(column: int) -> str:
    """The letters of a column, counted from 0: A to Z, then AA and so on."""
    text = ""
    while column >= 0:
        text = chr(ord("A") + column % LETTERS) + text
        column = column // LETTERS - 1
    return text


def _text(cell: object, _zone: tzinfo) -> str:
    """A text as it was typed. A number is none: its leading zeros, or the last one of a version 1.20, are lost."""
    if isinstance(cell, str):
        return cell
    raise CellError(Wanted.TEXT, cell)


def _number(cell: object, _zone: tzinfo) -> int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    raise CellError(Wanted.NUMBER, cell)


def _whole(cell: object, zone: tzinfo) -> int:
    number = _number(cell, zone)
    if int(number) != number:
        raise CellError(Wanted.WHOLE, cell)
    if abs(number) > EXACT:
        raise CellError(Wanted.EXACT, cell)
    return int(number)


def _decimal(cell: object, zone: tzinfo) -> Decimal:
    return Decimal(str(_number(cell, zone)))


def _bool(cell: object, _zone: tzinfo) -> bool:
    """A checkbox, or the answer to a question."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and (answer := ANSWERS.get(cell.strip().lower())) is not None:
        return answer
    raise CellError(Wanted.ANSWER, cell)


def _day(cell: object, _zone: tzinfo) -> date:
    """A date, which has no zone."""
    if isinstance(cell, bool) or not isinstance(cell, int | float) or int(cell) != cell:
        raise CellError(Wanted.DAY, cell)
    return _local(cell).date()


def _instant(cell: object, zone: tzinfo) -> datetime:
    """A time on the spreadsheet's wall clock, to the millisecond, in UTC; of an hour that comes twice, the first."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise CellError(Wanted.INSTANT, cell)
    return _local(cell).replace(tzinfo=zone).astimezone(UTC)


def _local(serial: float) -> datetime:
    """What a serial number stands for: whole days since the epoch, and the part of the day that has gone by."""
    first, last = ((day - EPOCH.date()).days for day in (EARLIEST, LATEST))
    if not first <= serial <= last + 1:
        raise CellError(Wanted.LIKELY, serial)
    return EPOCH + timedelta(milliseconds=round(serial * 86_400_000))


_READERS: dict[str, Callable[[object, tzinfo], object]] = {
    "STRING": _text,
    "INT64": _whole,
    "FLOAT64": _number,
    "NUMERIC": _decimal,
    "BOOL": _bool,
    "DATE": _day,
    "TIMESTAMP": _instant,
}
