"""The query that shows tables of another system as a watched table declares itself, for every kind of warehouse.

Text only, in BigQuery's dialect. Their columns are named by us and their types found, so that a value is brought to the
declared type by what it is; what no conversion of BigQuery's keeps is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sg_assets.columns import Column
from sg_assets.table import Part, Table
from sg_assets.warehouse.contract import WarehouseError

Types = Mapping[str, str]
_CONVERSIONS: dict[tuple[str, str], str] = {
    ("JSON", "STRING"): "safe.parse_json({})",
    ("TIMESTAMP", "STRING"): "safe_cast({} as timestamp)",
    ("DATE", "STRING"): "safe_cast({} as date)",
    ("BOOL", "STRING"): "safe_cast({} as bool)",
    ("INT64", "STRING"): "safe_cast({} as int64)",
    ("NUMERIC", "STRING"): "safe_cast({} as numeric)",
    ("TIMESTAMP", "DATETIME"): "cast({} as timestamp)",
    ("DATE", "TIMESTAMP"): "date({})",
    **{("STRING", found): "cast({} as string)" for found in ("BOOL", "INT64", "FLOAT64", "NUMERIC", "DATE")},
    **{("INT64", found): "cast({} as int64)" for found in ("FLOAT64", "NUMERIC", "BIGNUMERIC")},
    **{("NUMERIC", found): "cast({} as numeric)" for found in ("INT64", "FLOAT64", "BIGNUMERIC")},
}
"""From the declared type and the one that was found.

https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules
"""


def query(table: Table, types: Mapping[str, Types], quoted: Callable[[str], str]) -> str:
    """The query that gives the rows of a watched table, its columns in their order.

    Args:
        table: the watched table.
        types: of each table of its origin, the types of its columns.
        quoted: the name of such a table as SQL takes it.

    Raises:
        WarehouseError: columns are missing there, or are of types that do not become ours.
    """
    if table.origin is None:
        raise AssertionError(table.name)  # who asks has seen that it has one
    wrong: list[str] = []
    parts = [
        _part(table, _placed(part, quoted), types[part.table], quoted(part.table), wrong) for part in table.origin.parts
    ]
    if wrong:
        msg = f"{table.name} cannot be shown from {table.origin.variable}: {'; '.join(wrong)}"
        raise WarehouseError(msg)
    return "\nunion all\n".join(parts)


def _placed(part: Part, quoted: Callable[[str], str]) -> Part:
    """A part whose texts name the tables beside it as SQL does."""
    names = {f"{{{name.rpartition('.')[2]}}}": quoted(name) for name in part.beside}

    def named(text: str) -> str:
        for ours, theirs in names.items():
            text = text.replace(ours, theirs)
        return text

    return replace(part, tail=named(part.tail), computed={name: named(text) for name, text in part.computed.items()})


def _part(table: Table, part: Part, types: Types, place: str, wrong: list[str]) -> str:
    found = dict.fromkeys(part.lacking, "") | dict(types)
    values = [f"{_value(column, part, found, wrong)} as `{column.name}`" for column in table.columns]
    added = [f"{value} as `{name}`" for name, value in part.lacking.items() if name not in types]
    source = f"(select *, {', '.join(added)} from {place})" if added else place
    return f"select {', '.join(values)} from {source} as t {part.tail}".rstrip()


def _value(column: Column, part: Part, types: Types, wrong: list[str]) -> str:
    """What a column shows; what is wrong with it is added to the list."""
    if column.name in part.computed:
        return part.computed[column.name]
    theirs = part.fields.get(column.name)
    if theirs is None or (part.may_lack and theirs not in types):
        return f"array<{column.element_type}>[]" if column.is_array else f"cast(null as {column.type})"
    value, was = f"t.`{theirs}`", types.get(theirs)
    if was is None:
        wrong.append(f"{part.table} has no column {theirs}")
    elif was not in {column.type, ""}:  # of what we put there ourselves the type is not asked
        if conversion := _CONVERSIONS.get((column.type, was)):
            return conversion.format(value)
        wrong.append(f"{part.table}.{theirs} is {was}, and {column.name} {column.type}")
    return value


def refuse_rows(table: Table, rows: int) -> None:
    """Refuse to show another system's rows where rows of our own are.

    Raises:
        WarehouseError: there are some; says how they are put aside.
    """
    if rows and table.origin is not None:
        name = table.name.partition(".")[2]
        msg = (
            f"{table.name} holds {rows} rows that were loaded before {table.origin.variable} was set: put them aside "
            f"(alter table {table.name} rename to {name}_before), and its rows are shown from there"
        )
        raise WarehouseError(msg)
