"""By which columns the rows of a SELECT are unique, where its text says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from sg_assets.table import Table

_MANY_GROUPS = ("cube", "grouping_sets", "rollup", "all")


def key_of(tree: exp.Query, names: Sequence[str], known: Mapping[str, Table]) -> tuple[str, ...]:
    """The key of a query; empty where its text does not tell one.

    What it groups by, one row for each partition of a window, all columns of a DISTINCT, or the key of the one table
    that it selects from. A query that is one row has none, since nothing tells it from others.

    Args:
        tree: the query, each column with the name of its table.
        names: its columns in their order.
        known: the tables that it reads.
    """
    if not isinstance(tree, exp.Select):
        return ()
    selected = {one.unalias().sql("bigquery"): one.alias_or_name for one in tree.selects}
    return _as_columns(_unique(tree, names, known), selected, names)


def _unique(tree: exp.Select, names: Sequence[str], known: Mapping[str, Table]) -> Sequence[exp.Expr]:
    """The expressions of which each combination is in one row."""
    group, first = tree.args.get("group"), tree.args.get("qualify")
    if group:
        return [] if any(group.args.get(one) for one in _MANY_GROUPS) else list(group.expressions)
    if any(one.find(exp.AggFunc) and not one.find(exp.Window) for one in tree.selects):
        return []
    if first:
        return _first_of(first.this)
    if tree.args.get("distinct"):
        return [exp.column(name) for name in names]
    tables = list(tree.find_all(exp.Table))
    if len(tables) == 1 and not tree.args.get("joins"):
        table = known.get(f"{tables[0].db}.{tables[0].name}")
        return [exp.column(one, table=tables[0].alias_or_name) for one in table.key] if table else []
    return []


def _first_of(condition: exp.Expr) -> Sequence[exp.Expr]:
    """The partition of `row_number() over (partition by … order by …) = 1`; nothing of another condition."""
    if isinstance(condition, exp.EQ) and isinstance(condition.this, exp.Window):
        is_one = isinstance(condition.expression, exp.Literal) and condition.expression.this == "1"
        if is_one and isinstance(condition.this.this, exp.RowNumber):
            return condition.this.args.get("partition_by") or []
    return []


def _as_columns(parts: Sequence[exp.Expr], selected: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """The output columns that parts of a key are; empty unless all of them are."""
    found = [_as_column(part, selected, names) for part in parts]
    return tuple(dict.fromkeys(filter(None, found))) if found and all(found) else ()


def _as_column(part: exp.Expr, selected: Mapping[str, str], names: Sequence[str]) -> str | None:
    if isinstance(part, exp.Literal) and part.is_int and 0 < int(part.this) <= len(names):
        return names[int(part.this) - 1]
    if isinstance(part, exp.Column) and not part.table and part.name in names:
        return part.name
    return selected.get(part.sql("bigquery"))
