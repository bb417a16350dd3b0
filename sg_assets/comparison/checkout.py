"""This checkout's side of a comparison: its tables as documents, and what reads what in them.

The definitions need not fit together: a table that somebody still reads may be gone, which is what is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sg_assets.comparison import readers
from sg_assets.comparison.readers import Reading

if TYPE_CHECKING:
    from sg_assets.comparison.revision import Documents
    from sg_assets.discovery import Declared
    from sg_assets.table import Table

SQL = "sql"
"""Under which name a check has its query, as `table_check.py` notes it."""


def documents(
    declared: Declared, base: Documents, tell: Callable[[Table], Mapping[str, Any]], root: Path
) -> dict[str, Mapping[str, Any]]:
    """By table, what `tell` says of it, its file as the repository calls it.

    The ledger of a sending that does not fit its table is as the other revision has it.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for table in declared.tables:
        inside = str(table.file.relative_to(root)) if table.file.is_relative_to(root) else str(table.file)
        found[table.name] = {**tell(table), "file": inside}
    for sending in declared.sendings:
        if sending.name not in found and sending.name in base:
            found[sending.name] = base[sending.name]
    return found


def readings(declared: Declared, schema: readers.Schema) -> Iterator[Reading]:
    """Who reads which column, where the tables have the columns of `schema`."""
    for table in declared.tables:
        if table.sql:
            outputs = {column.name for column in table.columns}
            yield from readers.of_query(table.name, "its SQL", table.sql, schema, outputs)
        elif table.is_raw and table.inputs:
            yield from readers.of_code(table.name, (i.table for i in table.inputs), table.file, schema)
    for sending in declared.sendings:
        columns = frozenset((*sending.columns, *sending.told))
        yield Reading(sending.name, "what it sends", sending.reads, columns)
    for check in (one for checks in declared.checks for one in checks.check_specs):
        query = check.metadata.get(SQL)
        if query is not None:
            table_name = ".".join(check.asset_key.path)
            sql = str(getattr(query, "value", query))
            yield from readers.of_query(table_name, f"its check {check.name}", sql, schema)
