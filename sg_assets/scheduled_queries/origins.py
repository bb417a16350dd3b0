"""Tables that another system fills, as scheduled queries read them: which table of ours shows each, and as what.

Where a variable says that Fivetran or Dataflow fills a table, ours is a view of theirs. A query over theirs then reads
ours, as far as its columns mean the same there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sg_assets.comparison.readers import of_query
from sg_assets.scheduled_queries.body import Refused
from sg_assets.table import Part, Table, in_project

WHERE = "docs/filled-tables.md says which column is which"


def shown_by(tables: Iterable[Table], project: str) -> dict[str, Table]:
    """Which of ours shows a table of another system, by its name there, `project.dataset.table`.

    Of those that show several of them, or parts of one, none does. `project` is that of the warehouse.
    """
    found: dict[str, Table] = {}
    for table in tables:
        if table.origin is not None and len(table.origin.parts) == 1:
            found[in_project(table.origin.parts[0].table, project)] = table
    return found


def refuse_other_columns(sql: str, tables: Iterable[Table]) -> None:
    """Refuse a query over tables of ours, written for those that they show, unless its columns are the same in both.

    Raises:
        Refused: some are not there, or mean something else.
    """
    for table in tables:
        part = _part(table)
        schema = {table.name: {column.name: column.type for column in table.columns}}
        read = {name for reading in of_query("", "", sql, schema) for name in reading.columns}
        if wrong := sorted(name for name in read if part.fields.get(name) != name):
            msg = f"reads {', '.join(wrong)} of {part.table}, which {table.name} does not have as it is: {WHERE}"
            raise Refused(msg)


def advice(tables: Iterable[Table]) -> str:
    """What to say of a query that does not fit tables of ours that show others; empty where it reads none."""
    told = [f"{_part(table).table} is read as {table.name}" for table in tables]
    return f" ({', '.join(told)}: {WHERE})" if told else ""


def remarks(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """What was replaced, for whoever reads the file; `tables` by their names there."""
    return tuple(
        f"{theirs} became {table.name}, which shows it ({table.origin.variable})"
        for theirs, table in tables.items()
        if table.origin is not None
    )


def _part(table: Table) -> Part:
    if table.origin is None:
        raise AssertionError(table.name)  # it is one that `shown_by` found
    return table.origin.parts[0]
