"""What DuckDB would take in another way, set right in the tree that `dialect_parser.py` has read.

One function per kind of node: it gets the node, whose children are mended already, and gives what stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from sg_assets.warehouse.dialect_error import DialectError
from sg_assets.warehouse.dialect_parser import call, exact_cast, week_of
from sg_assets.warehouse.dialect_scopes import mend_aliases, mend_offsets

_CASTS = {
    exp.DType.BIGINT: "int64",
    exp.DType.BOOLEAN: "bool",
    exp.DType.DATE: "date",
    exp.DType.DECIMAL: "numeric",
    exp.DType.DOUBLE: "float64",
    exp.DType.TEXT: "string",
    exp.DType.TIMESTAMP: "datetime",
    exp.DType.TIMESTAMPTZ: "timestamp",
    exp.DType.BINARY: "bytes",
}
# A literal of these forms is the same date or time to DuckDB; of others the macros know.
_SAME_LITERAL = {
    exp.DType.DATE: re.compile(r"\d{4}-\d\d-\d\d"),
    exp.DType.TIMESTAMP: re.compile(r"\d{4}-\d\d-\d\d( ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?)?"),
    exp.DType.TIMESTAMPTZ: re.compile(
        r"\d{4}-\d\d-\d\d([ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]\d\d(:\d\d)?)?)?"
    ),
    exp.DType.DECIMAL: re.compile(r"-?\d+(\.\d{1,9})?"),
}
_SAME_PARTS = ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "ISOYEAR")
# Where a whole number stands for itself, and DuckDB would calculate with it, and what comes of it, in 32 bits.
_HOLDERS = (exp.Alias, exp.Select, exp.If, exp.Case, exp.Coalesce, exp.Array, exp.PropertyEQ, exp.Struct, exp.Sum)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
# DuckDB gives DOUBLE where BigQuery gives NUMERIC.
_OF_FLOATS = (
    exp.Avg, exp.PercentileCont, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop,
)  # fmt: skip


def mend(tree: exp.Query) -> exp.Query:
    """The tree as DuckDB must read it; the given one is changed."""
    for select in list(tree.find_all(exp.Select)):
        mend_aliases(select)
    for node in reversed(list(tree.walk(bfs=False))):  # children first
        mended = _MENDS.get(type(node), _keep)(node)
        if mended is not node:
            node.replace(mended)
    mend_offsets(tree)
    return tree


def _keep(node: exp.Expr) -> exp.Expr:
    return node


def _literal(node: exp.Expr) -> exp.Expr:
    """FLOAT64 where there is a point, which DuckDB takes for a DECIMAL; INT64 where DuckDB would take 32 bits."""
    parent = node.parent
    if node.is_string or isinstance(parent, exp.DataTypeParam | exp.Interval):
        return node
    if not node.is_int:
        return exact_cast(node.copy(), "double")
    first = isinstance(parent, _ARITHMETIC) and parent.this is node and _is_constant(parent.expression)
    if first or isinstance(parent, _HOLDERS) and node.arg_key != "kind":
        return exact_cast(node.copy(), "bigint")
    return node


def _is_constant(node: exp.Expr) -> bool:
    """Whether it is made of whole numbers alone."""
    if isinstance(node, exp.Paren | exp.Neg):
        return _is_constant(node.this)
    if isinstance(node, _ARITHMETIC):
        return _is_constant(node.this) and _is_constant(node.expression)
    return _is_whole(node)


def _cast(node: exp.Expr) -> exp.Expr:
    to, value = node.to, node.this
    if node.meta.get("is_exact"):
        return node
    verb = "safe" if isinstance(node, exp.TryCast) else "to"
    if node.args.get("format") or node.args.get("action"):
        msg = "CAST … FORMAT is not carried over: use FORMAT_DATE, PARSE_DATE and their like"
        raise DialectError(msg)
    if to.is_type(exp.DType.ARRAY, exp.DType.STRUCT):
        return _cast_empty(node)
    if to.this not in _CASTS or to.expressions:
        msg = f"CAST to {to.sql('bigquery')} is not carried over"
        raise DialectError(msg)
    if isinstance(value, exp.Null) or _is_same_literal(value, to):
        return _exact(node)
    return call(f"{verb}_{_CASTS[to.this]}", value)


def _is_same_literal(value: exp.Expr, to: exp.DataType) -> bool:
    form = _SAME_LITERAL.get(to.this)
    return bool(form and isinstance(value, exp.Literal) and value.is_string and form.fullmatch(value.name))


def _cast_empty(node: exp.Expr) -> exp.Expr:
    """An array or a struct is only cast where it has nothing in it whose cast could differ."""
    if isinstance(node.this, exp.Null) or isinstance(node.this, exp.Array) and not node.this.expressions:
        return _exact(node)
    msg = f"CAST of values to {node.to.sql('bigquery')} is not carried over: cast the elements"
    raise DialectError(msg)


def _exact(node: exp.Expr) -> exp.Expr:
    """The cast with NUMERIC as what it is; DuckDB's bare DECIMAL has three digits behind the point."""
    for kind in node.find_all(exp.DataType):
        if kind.this is exp.DType.DECIMAL and not kind.expressions:
            kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (38, 9)])
    return node


def _divide(node: exp.Expr) -> exp.Expr:
    return call("divide", node.this, node.expression)


def _calculate(node: exp.Expr) -> exp.Expr:
    """Refuse, when the query is planned, arithmetic that BigQuery does in NUMERIC and DuckDB otherwise."""
    sides = (node.this, node.expression)
    interval = next((side for side in sides if isinstance(side, exp.Interval)), None)
    if interval is not None:
        if interval.unit is not None and interval.unit.name.upper() in ("YEAR", "QUARTER", "MONTH"):
            node.set("this", call("no_timestamp", node.this))
        return node
    if any(_is_whole(side) for side in sides):
        return node
    if isinstance(node, exp.Mul | exp.Sub) or any(isinstance(side, exp.Cast) for side in sides):
        return call("same_arithmetic", *(side.copy() for side in sides), node.copy())
    return node


def _is_whole(node: exp.Expr) -> bool:
    return isinstance(node.unnest(), exp.Literal) and node.unnest().is_int


def _of_floats(node: exp.Expr) -> exp.Expr:
    node.set("this", call("not_numeric", node.this))
    return node


def _sum(node: exp.Expr) -> exp.Expr:
    """INT64, where DuckDB gives a HUGEINT; the planner leaves no MAX of it."""
    if isinstance(node.parent, exp.Window):
        return node
    return _typed_as(node.copy(), exp.Max(this=_summand(node)))


def _window(node: exp.Expr) -> exp.Expr:
    return _typed_as(node.copy(), _summand(node.this)) if isinstance(node.this, exp.Sum) else node


def _summand(node: exp.Expr) -> exp.Expr:
    value = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    return value.copy()


def _typed_as(node: exp.Expr, example: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="cast_to_type", expressions=[node, example])


def _count_if(node: exp.Expr) -> exp.Expr:
    """DuckDB's gives NULL for no rows."""
    return exp.Count(this=exp.Case(ifs=[exp.If(this=node.this, true=exp.Literal.number(1))]), big_int=True)


def _aggregate(node: exp.Expr) -> exp.Expr:
    """ARRAY_AGG and STRING_AGG with LIMIT, which DuckDB has not: the first n of the whole list."""
    limit = node.this
    if not isinstance(limit, exp.Limit):
        return node
    node.set("this", limit.this)
    whole = exp.ArrayAgg(this=node.this) if isinstance(node, exp.GroupConcat) else node.copy()
    if isinstance(node, exp.GroupConcat):
        listed = exp.Filter(this=whole, expression=exp.Where(this=_not_null(node.this)))
        separator = node.args.get("separator") or exp.Literal.string(",")
        return exp.Anonymous(this="array_to_string", expressions=[_first(listed, limit), separator])
    return _first(whole, limit)


def _ignore_nulls(node: exp.Expr) -> exp.Expr:
    """`ARRAY_AGG(x IGNORE NULLS …)`; the LIMIT, if any, was taken out of it before."""
    inner = node.this
    sliced = isinstance(inner, exp.Anonymous) and inner.name == "list_slice"
    aggregate = inner.expressions[0] if sliced else inner
    if not isinstance(aggregate, exp.ArrayAgg):
        return node
    filtered = exp.Filter(this=aggregate.copy(), expression=exp.Where(this=_not_null(aggregate.this)))
    if not sliced:
        return filtered
    aggregate.replace(filtered)
    return inner.copy()


def _not_null(ordered: exp.Expr) -> exp.Expr:
    value = ordered
    while isinstance(value, exp.Order | exp.Distinct):
        value = value.this if isinstance(value, exp.Order) else value.expressions[0]
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))


def _first(listed: exp.Expr, limit: exp.Limit) -> exp.Expr:
    return exp.Anonymous(this="list_slice", expressions=[listed, exp.Literal.number(1), limit.expression.copy()])


def _subscript(node: exp.Expr) -> exp.Expr:
    base = node.args.get("offset")
    if base is None or len(node.expressions) != 1:
        msg = (
            f"{node.sql('bigquery')}: use JSON_VALUE or JSON_QUERY for JSON, [OFFSET(n)] or [SAFE_OFFSET(n)] for arrays"
        )
        raise DialectError(msg)
    index = node.expressions[0]
    if base == 1:
        index = exp.Paren(this=exp.Sub(this=index, expression=exp.Literal.number(1)))
    return call("safe_offset" if node.args.get("safe") else "offset", node.this, index)


def _extract(node: exp.Expr) -> exp.Expr:
    part, value = node.this.sql("bigquery").upper(), node.expression
    weekday = week_of(part)
    if part in _SAME_PARTS:
        return exp.Anonymous(this="date_part", expressions=[exp.Literal.string(part.lower()), value])
    if part == "ISOWEEK":
        return exp.Anonymous(this="weekofyear", expressions=[value])
    if weekday is not None:
        return call("week_number", value, weekday)
    if part == "DAYOFWEEK":
        return exp.Paren(this=exp.Add(this=exp.func("dayofweek", value), expression=exp.Literal.number(1)))
    if part == "DAYOFYEAR":
        return exp.Anonymous(this="dayofyear", expressions=[value])
    if part in ("MILLISECOND", "MICROSECOND"):
        within = exp.Literal.number(1000 if part == "MILLISECOND" else 1000000)
        whole = exp.Anonymous(this="date_part", expressions=[exp.Literal.string(part.lower()), value])
        return exp.Paren(this=exp.Mod(this=whole, expression=within))
    if part == "DATE":
        return exact_cast(value, "date")
    if part == "DATETIME":
        return call("to_datetime", value)
    msg = f"EXTRACT({part} …) is not carried over"
    raise DialectError(msg)


def _like(node: exp.Expr) -> exp.Expr:
    r"""In BigQuery `\` takes the meaning from `%` and `_`; DuckDB wants that said."""
    pattern = node.expression
    if isinstance(pattern, exp.Any | exp.All):
        msg = "LIKE ANY and LIKE ALL are not carried over: write LIKE … OR LIKE …"
        raise DialectError(msg)
    is_plain = isinstance(pattern, exp.Literal) and "\\" not in pattern.name
    return node if is_plain else call("like", node.this, pattern)


def _safe(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="try", expressions=[node.this])


def _net(node: exp.Expr) -> exp.Expr:
    inner = node.this
    names = {exp.Host: "net_host", exp.RegDomain: "net_reg_domain"}
    name = names.get(type(inner)) or f"net_{inner.name.lower()}"
    return call(name, inner.expressions[0] if isinstance(inner, exp.Anonymous) else inner.this)


def _current_date(node: exp.Expr) -> exp.Expr:
    del node
    return call("current_date")


_MENDS: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.Add: _calculate,
    exp.ArrayAgg: _aggregate,
    exp.Bracket: _subscript,
    exp.Cast: _cast,
    exp.CountIf: _count_if,
    exp.CurrentDate: _current_date,
    exp.Div: _divide,
    exp.Extract: _extract,
    exp.GroupConcat: _aggregate,
    exp.IgnoreNulls: _ignore_nulls,
    exp.Like: _like,
    exp.Literal: _literal,
    exp.Mul: _calculate,
    exp.NetFunc: _net,
    exp.SafeFunc: _safe,
    exp.Sub: _calculate,
    exp.Sum: _sum,
    exp.TryCast: _cast,
    exp.Window: _window,
    **dict.fromkeys(_OF_FLOATS, _of_floats),
}
