"""Holding what a table is against what its file declares, on every kind of warehouse; and where rejected rows go.

Types are BigQuery's, in which they are declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sg_assets.columns import Column
from sg_assets.table import Table
from sg_assets.warehouse.contract import EvolutionError, WarehouseError

REJECTED_COLUMNS = (
    Column("reason", "STRING", "Why the row does not fit its declared shape."),
    Column("original", "STRING", "The row as it came, as JSON without secrets; null where it did not parse."),
    Column("sha256", "STRING", "SHA-256 of the original bytes, in hexadecimal."),
    Column("object_name", "STRING", "Object that the row came in; null for rows that were pulled."),
    Column("generation", "STRING", "Generation of that object."),
    Column("byte_from", "INT64", "Where in the unpacked object the row begins, in bytes from 0."),
    Column("byte_length", "INT64", "How long the row is, in bytes."),
)
REJECTED_KEY = ("sha256", "object_name", "byte_from")


def two_parts(name: str) -> tuple[str, str]:
    """The dataset and the table of a name.

    Raises:
        WarehouseError: the name has not exactly two parts.
    """
    dataset, dot, table = name.partition(".")
    if not dot or "." in table:
        msg = f"{name!r} is not the name of a table: dataset.table is"
        raise WarehouseError(msg)
    return dataset, table


def rejected_name(table: str) -> str:
    """The name of the table that keeps a raw table's rejected rows."""
    return f"{table}__rejected"


# From a stored type to the wider ones that hold all its values.
_WIDER = {
    "INT64": ("NUMERIC", "FLOAT64", "STRING"),
    "FLOAT64": ("STRING",),
    "NUMERIC": ("STRING",),
    "BOOL": ("STRING",),
    "DATE": ("DATETIME", "TIMESTAMP", "STRING"),
    "JSON": ("STRING",),
}


def can_hold(declared: str | None, was: str) -> bool:
    """Whether a column of the declared type (None: it is not declared) holds all values of the type that it was."""
    return declared is not None and (declared == was or declared in _WIDER.get(was, ()))


def refuse_loss(table: Table, stored: Mapping[str, str]) -> None:
    """Refuse to bring a table with these columns to its declaration where values would be lost.

    Raises:
        EvolutionError: says which, and what to do.
    """
    declared = {column.name: column.type for column in table.columns}
    wrong = [
        f"{name} vanished" if name not in declared else f"{name} was {kind}, is now {declared[name]}"
        for name, kind in stored.items()
        if not can_hold(declared.get(name), kind)
    ]
    if wrong:
        cure = (
            "its old days are written once: keep the column, null from now on, and add another"
            if table.is_day_snapshot
            else f"without loading it anew: sg-assets refresh {table.name} --full"
        )
        msg = f"{table.file}: {table.name} cannot take its new columns ({'; '.join(wrong)}) {cure}"
        raise EvolutionError(msg)


def growth(table: Table, stored: Mapping[str, str]) -> tuple[str, ...]:
    """What changed between a table with these columns and its declaration, for people."""
    added = [f"column {column.name} added" for column in table.columns if column.name not in stored]
    changed = [
        f"column {column.name} was {stored[column.name]}, is now {column.type}"
        for column in table.columns
        if stored.get(column.name, column.type) != column.type
    ]
    dropped = [f"column {name} dropped" for name in stored if name not in {c.name for c in table.columns}]
    return (*added, *changed, *dropped)


def refuse_other_columns(table: Table, selected: Mapping[str, str], accepts: Callable[[Column], bool]) -> None:
    """Refuse what a table's SQL selects, by name and type, where its header declares something else.

    Raises:
        WarehouseError: says what, by column.
    """
    wrong = [f"column {name} is not declared" for name in selected if name not in {c.name for c in table.columns}]
    for column in table.columns:
        if column.name not in selected:
            wrong.append(f"column {column.name} is declared as {column.type} and not selected")
        elif not accepts(column):
            wrong.append(f"column {column.name} is declared as {column.type}, selected as {selected[column.name]}")
    if wrong:
        msg = f"{table.file}: the SQL of {table.name} does not give what its header declares: {'; '.join(wrong)}"
        raise WarehouseError(msg)


def refuse_other_table(table: Table, stored: Mapping[str, str]) -> None:
    """Refuse a watched table whose columns are not those that were declared.

    Raises:
        WarehouseError: says which, by column.
    """
    wrong = [
        f"{c.name} is not there" if c.name not in stored else f"{c.name} is {stored[c.name]}, declared as {c.type}"
        for c in table.columns
        if stored.get(c.name) != c.type
    ]
    if wrong:
        msg = f"{table.file}: {table.name}, which another system writes, is not as declared: {'; '.join(wrong)}"
        raise WarehouseError(msg)
