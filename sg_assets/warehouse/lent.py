"""Where a table is read from in a development copy: the one rule, for every kind of warehouse.

A development copy (`SG_TARGET=dev_…`) holds what was built in it and the books of that (`sg_ops`); every other table is
lent to it by production, which it only ever reads. How the two are told apart in SQL is up to the kind of warehouse:
another catalog in DuckDB, another dataset in BigQuery. Text only: nothing here touches a warehouse.
"""

from __future__ import annotations

from collections.abc import Callable, Container

BOOKS = ("sg_ops.table_state", "sg_ops.table_state_current", "sg_ops.partition_state", "sg_ops.loaded_object",
         "sg_ops.event_day", "sg_ops.warehouse")  # fmt: skip
"""Tables that every warehouse has of its own: what its tables are."""

_PARTS = 2


def is_own(table: str, built: Container[str]) -> bool:
    """Whether a copy in which these tables were `built` reads a table (`dataset.table`) from itself."""
    return table in built or table in BOOKS


def place_of(table: str, built: Container[str], own: Callable[[str], str], lent: Callable[[str], str]) -> str:
    """Where a table is read from: `own` and `lent` give its name in the copy, and in production."""
    return own(table) if is_own(table, built) else lent(table)


def placed(sql: str, place: Callable[[str], str]) -> str:
    """A text in BigQuery's dialect, with each `dataset.table` replaced by the place where it is read from.

    What names a project, and what names no dataset, is left as it is.

    Raises:
        DialectError: it cannot be read.
    """
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

    text = sql
    for found in reversed(dialect.places(sql)):
        named = sql[found.start : found.end].replace("`", "")
        if len(named.split(".")) == _PARTS:
            text = f"{text[: found.start]}{place(found.table)}{text[found.end :]}"
    return text
