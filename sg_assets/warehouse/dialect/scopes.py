"""What a name means: BigQuery and DuckDB look in another order, and count the offsets of UNNEST from another number."""

from __future__ import annotations

from sqlglot import exp

from sg_assets.warehouse.dialect.refusals import DialectError


def mend_aliases(select: exp.Select) -> None:
    """Make the names of the SELECT list win in GROUP BY, HAVING and QUALIFY, as they do in BigQuery.

    DuckDB prefers a column of FROM: `select date_trunc(day, month) as day … group by day` would group by the day.
    """
    aliases = {
        projection.alias.lower(): (position, projection.this)
        for position, projection in enumerate(select.expressions, 1)
        if isinstance(projection, exp.Alias) and not _is_named(projection.this, projection.alias)
    }
    group = select.args.get("group")
    if group is not None:
        for node in [*group.find_all(exp.Column)]:
            if _alias(node, aliases) and node.parent is group:
                node.replace(exp.Literal.number(_position(node, aliases, select)))
            elif _alias(node, aliases):
                node.replace(aliases[node.name.lower()][1].copy())
    for clause in ("having", "qualify"):
        if select.args.get(clause) is not None:
            for node in [*select.args[clause].find_all(exp.Column)]:
                if _alias(node, aliases) and node.find_ancestor(exp.Select) is select:
                    node.replace(exp.paren(aliases[node.name.lower()][1], copy=True))
    windows = select.args.get("windows") or []
    for node in [column for window in windows for column in window.find_all(exp.Column) if _alias(column, aliases)]:
        msg = f"WINDOW … {node.name}: a name of the SELECT list in a named window is not carried over: write it out"
        raise DialectError(msg)


def _is_named(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() == name.lower()


def _alias(node: exp.Column, aliases: dict[str, tuple[int, exp.Expr]]) -> bool:
    return not node.table and node.name.lower() in aliases


def _position(node: exp.Column, aliases: dict[str, tuple[int, exp.Expr]], select: exp.Select) -> int:
    position = aliases[node.name.lower()][0]
    if any(projection.is_star for projection in select.expressions[:position]):
        msg = f"GROUP BY {node.name}: name the columns instead of * before it"
        raise DialectError(msg)
    return position


def mend_offsets(tree: exp.Query) -> None:
    """Count the offsets of UNNEST … WITH OFFSET from 0: DuckDB's ORDINALITY counts from 1."""
    for number, unnest in enumerate(list(tree.find_all(exp.Unnest))):
        offset = unnest.args.get("offset")
        if not isinstance(offset, exp.Identifier):
            continue
        alias = unnest.args.get("alias")
        items = alias.columns if alias is not None else []
        item = items[0].copy() if items else exp.to_identifier(f"bq_item{number}")
        numbered = exp.to_identifier(f"bq_ordinal{number}")
        counted = exp.Unnest(
            expressions=unnest.expressions,
            alias=exp.TableAlias(this=exp.to_identifier(f"bq_unnest{number}"), columns=[item.copy()]),
            offset=numbered,
        )
        less_one = exp.Sub(this=exp.column(numbered.copy()), expression=exp.Literal.number(1))
        inner = exp.select(exp.column(item), exp.alias_(less_one, offset.copy())).from_(counted)
        subquery = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(f"bq_offsets{number}")))
        is_joined = isinstance(unnest.parent, exp.Join)
        unnest.replace(
            exp.Lateral(this=subquery.this.subquery(copy=False), alias=subquery.args["alias"])
            if is_joined
            else subquery
        )
