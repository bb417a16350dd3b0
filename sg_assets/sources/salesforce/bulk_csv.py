"""The CSV of the Bulk API: rows under our names, each value in the type of its column.

What is peculiar of it is what public connectors had to find out.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from sg_assets.columns import Column


def read_csv(file: BinaryIO, fields: Mapping[str, Column]) -> Iterator[dict[str, object]]:
    """The rows of a page of results under our names, each value in its column's type; nothing is null.

    Lines may end inside of quotes, long texts are longer than Python's limit, and NUL bytes occur. `N/A` and `null` are
    texts as any other.
    """
    csv.field_size_limit(sys.maxsize)
    lines = io.TextIOWrapper(file, encoding="utf-8", newline="")
    reader = csv.reader(line.replace("\0", "") for line in lines)
    names = next(reader, [])
    columns = [fields.get(name) for name in names]
    keys = [column.name if column else name for column, name in zip(columns, names, strict=True)]
    casts = [_CASTS.get(column.type, str) if column else str for column in columns]
    for record in reader:
        row = zip(keys, casts, record, strict=True)
        yield {key: convert(text) if text else None for key, convert, text in row}
    lines.detach()


def _number(text: str) -> object:
    """The number that a text is; the text itself where it is none, so that the row is rejected with a reason."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _whole(text: str) -> object:
    number = _number(text)
    return int(number) if isinstance(number, Decimal) and number == number.to_integral_value() else number


_CASTS: Mapping[str, Callable[[str], object]] = {
    "BOOL": lambda text: {"true": True, "false": False}.get(text, text),
    "INT64": _whole,
    "NUMERIC": _number,
}
