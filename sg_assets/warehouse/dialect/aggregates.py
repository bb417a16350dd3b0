"""Aggregates: what they give of no rows, of which type, and the first n of a list."""

from __future__ import annotations

from sqlglot import exp

from sg_assets.warehouse.dialect.nodes import call, duck


def mend_sum(node: exp.Sum) -> exp.Expr:
    """INT64, where DuckDB gives a HUGEINT; the planner leaves nothing of the MAX, which only says the type."""
    if isinstance(node.parent, exp.Window):
        return node
    return duck("cast_to_type", node.copy(), exp.Max(this=_summand(node)))


def mend_window(node: exp.Window) -> exp.Expr:
    """The same for SUM … OVER."""
    return duck("cast_to_type", node.copy(), _summand(node.this)) if isinstance(node.this, exp.Sum) else node


def _summand(node: exp.Expr) -> exp.Expr:
    value: exp.Expr = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    return value.copy()


def mend_float_aggregate(node: exp.Expr) -> exp.Expr:
    """AVG and the like, which DuckDB calculates in DOUBLE, and BigQuery in NUMERIC where it is given NUMERIC."""
    value = node.this
    if isinstance(value, exp.Distinct):
        value.set("expressions", [call("not_numeric", *value.expressions)])
    else:
        node.set("this", call("not_numeric", value))
    return node


def mend_count_if(node: exp.CountIf) -> exp.Expr:
    """0 of no rows, where DuckDB's gives NULL."""
    return exp.Count(this=exp.Case(ifs=[exp.If(this=node.this, true=exp.Literal.number(1))]), big_int=True)


def mend_list(node: exp.ArrayAgg | exp.GroupConcat) -> exp.Expr:
    """ARRAY_AGG and STRING_AGG with LIMIT, which DuckDB has not: the first n of the whole list."""
    limit = node.this
    if not isinstance(limit, exp.Limit):
        return node
    node.set("this", limit.this)
    if isinstance(node, exp.ArrayAgg):
        return _first(node.copy(), limit)
    listed = exp.Filter(this=exp.ArrayAgg(this=node.this), expression=exp.Where(this=_is_not_null(node.this)))
    return duck("array_to_string", _first(listed, limit), node.args.get("separator") or exp.Literal.string(","))


def mend_ignore_nulls(node: exp.IgnoreNulls) -> exp.Expr:
    """`ARRAY_AGG(x IGNORE NULLS …)`, of which the LIMIT, if any, was taken out before."""
    inner: exp.Expr = node.this
    is_cut = isinstance(inner, exp.Anonymous) and inner.name == "list_slice"
    aggregate = inner.expressions[0] if is_cut else inner
    if not isinstance(aggregate, exp.ArrayAgg):
        return node
    filtered = exp.Filter(this=aggregate.copy(), expression=exp.Where(this=_is_not_null(aggregate.this)))
    if not is_cut:
        return filtered
    aggregate.replace(filtered)
    return inner.copy()


def _is_not_null(ordered: exp.Expr) -> exp.Expr:
    value = ordered
    while isinstance(value, exp.Order | exp.Distinct):
        value = value.this if isinstance(value, exp.Order) else value.expressions[0]
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))


def _first(listed: exp.Expr, limit: exp.Limit) -> exp.Expr:
    return duck("list_slice", listed, 1, limit.expression.copy())
