"""What a name means: BigQuery and DuckDB look in another order, and count the offsets of UNNEST from another number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from sg_assets.warehouse.dialect.refusals import DialectError


@dataclass(frozen=True)
class _Projection:
    """A named expression of a SELECT list, and its place there, from 1."""

    place: int
    value: exp.Expr


def mend_aliases(select: exp.Select) -> None:
    """Make the names of the SELECT list win in GROUP BY, HAVING, QUALIFY and ORDER BY, as they do in BigQuery.

    DuckDB prefers a column of FROM: `select date_trunc(day, month) as day … group by day` would group by the day.

    Raises:
        DialectError: a name cannot be replaced by what it stands for.
    """
    named = {
        projection.alias.lower(): _Projection(place, projection.this)
        for place, projection in enumerate(select.expressions, 1)
        if isinstance(projection, exp.Alias) and not _is_column(projection.this, projection.alias)
    }
    for clause in ("group", "having", "qualify", "order"):
        within = select.args.get(clause)
        for column in _names(within, named, select):
            if column.parent is within and clause == "group":
                column.replace(exp.Literal.number(_place(column, named, select)))
            elif not isinstance(column.parent, exp.Ordered) or clause != "order":
                column.replace(exp.paren(named[column.name.lower()].value, copy=True))
    for window in select.args.get("windows") or []:
        for column in _names(window, named, select):
            msg = f"WINDOW … {column.name}: write out what this name of the SELECT list stands for"
            raise DialectError(msg)


def _names(within: exp.Expr | None, named: Mapping[str, _Projection], select: exp.Select) -> list[exp.Column]:
    """The unqualified columns in a clause of this SELECT that are names of its list."""
    return [
        column
        for column in (within.find_all(exp.Column) if within is not None else ())
        if not column.table and column.name.lower() in named and column.find_ancestor(exp.Select) is select
    ]


def _is_column(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() == name.lower()


def _place(column: exp.Column, named: Mapping[str, _Projection], select: exp.Select) -> int:
    place = named[column.name.lower()].place
    if any(projection.is_star for projection in select.expressions[:place]):
        msg = f"GROUP BY {column.name}: name the columns instead of * before it"
        raise DialectError(msg)
    return place


def mend_offsets(tree: exp.Query) -> None:
    """Count the offsets of UNNEST … WITH OFFSET from 0: DuckDB's ORDINALITY counts from 1."""
    for number, unnest in enumerate(list(tree.find_all(exp.Unnest))):
        offset = unnest.args.get("offset")
        if not isinstance(offset, exp.Identifier):
            continue
        alias = unnest.args.get("alias")
        item = alias.columns[0] if alias is not None and alias.columns else exp.to_identifier(f"bq_item{number}")
        ordinal = exp.to_identifier(f"bq_ordinal{number}")
        listed = exp.Unnest(
            expressions=unnest.expressions,
            alias=exp.TableAlias(this=exp.to_identifier(f"bq_unnest{number}"), columns=[item.copy()]),
            offset=ordinal,
        )
        from_zero = exp.Sub(this=exp.column(ordinal.copy()), expression=exp.Literal.number(1))
        numbered = exp.select(exp.column(item.copy()), exp.alias_(from_zero, offset.copy())).from_(listed)
        join = unnest.parent
        unnest.replace(numbered.subquery(f"bq_offsets{number}", copy=False))
        if isinstance(join, exp.Join) and join.side and not join.args.get("on"):
            join.set("on", exp.true())
