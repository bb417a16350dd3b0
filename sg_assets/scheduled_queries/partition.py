"""Whether a table can be built day by day from the same days of what it reads, as its text stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from sg_assets.scheduled_queries.shape import Shape
from sg_assets.table import Table


def obstacle(shape: Shape, field: str, inputs: Mapping[str, Table], *, reads_current_date: bool) -> str:
    """Why a table cannot be cut by a column; empty where it can.

    A partitioned table is built day by day, each from the same day of its inputs (by their event column). That gives
    the same rows only where each row comes from that day alone; here it is granted to one SELECT, without windows and
    limits, over one input that has days, whose day is the column: what it groups by is then of one day, too.

    Args:
        shape: what the query gives.
        field: the column.
        inputs: the tables that it reads, by name.
        reads_current_date: whether the text asks for the day of the run.
    """
    return next(_obstacles(shape, field, inputs, reads_current_date=reads_current_date), "")


def _obstacles(shape: Shape, field: str, inputs: Mapping[str, Table], *, reads_current_date: bool) -> Iterator[str]:
    """The obstacles; each is looked for only where none was found before."""
    type_ = next((column.type for column in shape.columns if column.name == field), None)
    if type_ != "DATE":
        yield f"{field} is {f'a {type_}' if type_ else 'no column of it'}, and tables are cut by a DATE"
    if reads_current_date:
        yield "a table of days cannot read CURRENT_DATE()"
    tree = shape.tree
    if not isinstance(tree, exp.Select) or len(list(tree.find_all(exp.Select))) != 1:
        yield "it is more than one SELECT, so a day's rows may come from other days"
        return
    if tree.find(exp.Window) or tree.args.get("limit"):
        yield "it has a window or a limit, so a day's rows may come from other days"
    dated = [table for table in tree.find_all(exp.Table) if inputs[f"{table.db}.{table.name}"].event_column]
    if len(dated) != 1:
        yield f"{'several' if dated else 'none'} of the tables that it reads have days, where one has to"
        return
    column = inputs[f"{dated[0].db}.{dated[0].name}"].event_column
    day = next(one for one in tree.selects if one.alias_or_name == field)
    name = f"{dated[0].alias_or_name}.{column}".lower()
    if day.unalias().sql("bigquery").replace("`", "").lower() not in {name, f"date({name})"}:
        yield f"{field} is not the day of {dated[0].db}.{dated[0].name}.{column}"
