"""What HubSpot's texts mean: every value of a property or a form's field is a text or null, whatever its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sg_assets.columns import Column

MISFITS = (ValueError, ArithmeticError, KeyError)


def read(texts: Mapping[str, Any], fields: Mapping[str, Column]) -> dict[str, object]:
    """Texts by the names of HubSpot -> values by those of our columns; what nobody declared keeps its own.

    A text that is not of its column's type stays one, so that the row is kept aside with the reason. An empty text is
    what HubSpot leaves where somebody cleared a value: none.
    """
    row: dict[str, object] = {}
    for name, text in texts.items():
        column = fields.get(name)
        if column is None:
            row[name] = text
        elif text is None or not text:
            row[column.name] = None
        else:
            row[column.name] = _value(text, column.type)
    return row


def _value(text: object, type_: str) -> object:
    reader = _READERS.get(type_)
    if reader is None or not isinstance(text, str):
        return text
    try:
        return reader(text)
    except MISFITS:
        return text


def _whole(text: str) -> int:
    """A number without a fraction, which HubSpot may write with one: `5`, `5.0`.

    Raises:
        ValueError: it has a fraction, or is no number.
    """
    number = Decimal(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _day(text: str) -> str | date:
    """A day: `2022-03-01`, or the milliseconds of its midnight in UTC where the property is kept as a number."""
    return instant(int(text)).date() if text.isdigit() else text


def _time(text: str) -> str | datetime:
    """An instant: RFC 3339, or milliseconds where the property is kept as a number."""
    return instant(int(text)) if text.isdigit() else text


def instant(milliseconds: int) -> datetime:
    """The instant so many milliseconds after 1970, in UTC."""
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def milliseconds(at: datetime) -> int:
    """The same the other way round."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


_READERS: Mapping[str, Callable[[str], object]] = {
    "INT64": _whole,
    "FLOAT64": float,
    "NUMERIC": Decimal,
    "BOOL": {"true": True, "false": False}.__getitem__,
    "DATE": _day,
    "TIMESTAMP": _time,
    "ARRAY<STRING>": lambda text: text.split(";"),
}
