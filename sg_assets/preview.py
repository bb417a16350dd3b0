"""A few rows of a table as they are shown on its page: Markdown, without what says who somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sg_assets.columns import Classification
from sg_assets.table import Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 5
COLUMNS = 12
MASK = "•••"
SHOWN = 60
"""How many characters of a value are shown."""


def markdown(table: Table, rows: pa.Table) -> str:
    """Rows of a table; of a raw one without the columns that are ours."""
    shown = [c for c in table.columns if not (c.name.startswith("_") and table.is_raw)][:COLUMNS]
    lines = ["| " + " | ".join(c.name for c in shown) + " |", "|" + "---|" * len(shown)]
    cells = [[_cell(value, column.classification) for value in _values(rows[column.name])] for column in shown]
    lines += ["| " + " | ".join(row) + " |" for row in zip(*cells, strict=True)]
    return "\n".join(lines)


def _values(column: pa.ChunkedArray) -> list[object]:
    """The values of a column; instants to the second, as text: for an instant with its zone Arrow imports pandas."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return list(column.to_pylist())


def _cell(value: object, classification: Classification) -> str:
    if value is None:
        return ""
    if classification in {Classification.PERSONAL, Classification.SECRET}:
        return MASK
    text = str(value).replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
