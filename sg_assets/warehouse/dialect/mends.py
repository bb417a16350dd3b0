"""What DuckDB would take in another way, set right in the tree that `parser.py` has read.

One function per kind of node: it gets the node, whose children are mended already, and gives what stands in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from sg_assets.warehouse.dialect.aggregates import (
    mend_count_if,
    mend_float_aggregate,
    mend_ignore_nulls,
    mend_list,
    mend_sum,
    mend_window,
)
from sg_assets.warehouse.dialect.casts import mend_cast
from sg_assets.warehouse.dialect.dates import week_of
from sg_assets.warehouse.dialect.nodes import call, duck, exact_cast
from sg_assets.warehouse.dialect.refusals import DialectError
from sg_assets.warehouse.dialect.scopes import mend_aliases, mend_offsets

# Where a whole number stands for itself, and DuckDB would calculate with it, and what comes of it, in 32 bits.
_HOLDERS = (exp.Alias, exp.Select, exp.If, exp.Case, exp.Coalesce, exp.Array, exp.PropertyEQ, exp.Struct, exp.Sum)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
_MONTHS = ("YEAR", "QUARTER", "MONTH")
_SAME_PARTS = ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "ISOYEAR")
_EXTRACTED: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    **{part: lambda value, part=part: duck("date_part", part.lower(), value) for part in _SAME_PARTS},
    "DATE": lambda value: exact_cast(value, "date"),
    "DATETIME": lambda value: call("to_datetime", value),
    "DAYOFWEEK": lambda value: exp.Paren(this=exp.Add(this=duck("dayofweek", value), expression=exp.Literal.number(1))),
    "DAYOFYEAR": lambda value: duck("dayofyear", value),
    "ISOWEEK": lambda value: duck("weekofyear", value),
    "MICROSECOND": lambda value: call("within", duck("date_part", "microsecond", value), 1_000_000),
    "MILLISECOND": lambda value: call("within", duck("date_part", "millisecond", value), 1000),
}


def mend(tree: exp.Query) -> exp.Query:
    """The tree as DuckDB must read it; the given one is changed.

    Raises:
        DialectError: something in it is not carried over.
    """
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


def _literal(node: exp.Literal) -> exp.Expr:
    """FLOAT64 where there is a point, which DuckDB takes for a DECIMAL; INT64 where DuckDB would take 32 bits."""
    parent = node.parent
    if node.is_string or isinstance(parent, exp.DataTypeParam | exp.Interval):
        return node
    if not node.is_int:
        return exact_cast(node.copy(), "double")
    is_first = isinstance(parent, _ARITHMETIC) and parent.this is node and _is_constant(parent.expression)
    return exact_cast(node.copy(), "bigint") if is_first or isinstance(parent, _HOLDERS) else node


def _is_constant(node: exp.Expr) -> bool:
    """Whether it is made of whole numbers alone."""
    if isinstance(node, exp.Paren | exp.Neg):
        return _is_constant(node.this)
    if isinstance(node, _ARITHMETIC):
        return _is_constant(node.this) and _is_constant(node.expression)
    return _is_whole(node)


def _is_whole(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Literal) and inner.is_int


def _divide(node: exp.Div) -> exp.Expr:
    return call("divide", node.this, node.expression)


def _calculate(node: exp.Add | exp.Sub | exp.Mul) -> exp.Expr:
    """Refuse, when the query is planned, arithmetic that BigQuery does in another type than DuckDB."""
    sides = (node.this, node.expression)
    interval = next((side for side in sides if isinstance(side, exp.Interval)), None)
    if interval is not None:
        if interval.unit is not None and interval.unit.name.upper() in _MONTHS:
            node.set("this", call("no_timestamp", node.this))
        return node
    operands = list(_operands(node))
    if isinstance(_above(node), _ARITHMETIC) or len(operands) < 2:  # noqa: PLR2004 (whole numbers go with everything)
        return node
    types = exp.Array(expressions=[duck("typeof", operand.copy()) for operand in operands])
    return call("same_arithmetic", types, exp.convert(_has_product(node)), node.copy())


def _above(node: exp.Expr) -> exp.Expr | None:
    """What the node is an operand of, whatever signs and parentheses are around it."""
    above = node.parent
    while isinstance(above, exp.Paren | exp.Neg):
        above = above.parent
    return above


def _has_product(node: exp.Expr) -> bool:
    """Whether it multiplies anything but by whole numbers."""
    sides = [(list(_operands(part.this)), list(_operands(part.expression))) for part in node.find_all(exp.Mul)]
    return any(left and right for left, right in sides)


def _operands(node: exp.Expr) -> Iterator[exp.Expr]:
    """What sums, differences and products are made of, without intervals and whole numbers."""
    if isinstance(node, (*_ARITHMETIC, exp.Paren, exp.Neg)):
        for side in node.iter_expressions():
            yield from _operands(side)
    elif not isinstance(node, exp.Interval) and not _is_whole(node):
        yield node


def _subscript(node: exp.Bracket) -> exp.Expr:
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


def _extract(node: exp.Extract) -> exp.Expr:
    part, value = node.this.sql("bigquery").upper(), node.expression
    if part in _EXTRACTED:
        return _EXTRACTED[part](value)
    weekday = week_of(part)
    if weekday is None:
        msg = f"EXTRACT({part} …) is not carried over"
        raise DialectError(msg)
    return call("week_number", value, weekday)


def _like(node: exp.Like) -> exp.Expr:
    r"""In BigQuery `\` takes the meaning from `%` and `_`; DuckDB wants that said."""
    pattern = node.expression
    is_plain = isinstance(pattern, exp.Literal) and "\\" not in pattern.name
    return node if is_plain else call("like", node.this, pattern)


def _safe(node: exp.SafeFunc) -> exp.Expr:
    return duck("try", node.this)


def _net(node: exp.NetFunc) -> exp.Expr:
    inner = node.this
    names = {exp.Host: "net_host", exp.RegDomain: "net_reg_domain"}
    name = names.get(type(inner)) or f"net_{inner.name.lower()}"
    return call(name, inner.expressions[0] if isinstance(inner, exp.Anonymous) else inner.this)


def _current_date(node: exp.CurrentDate) -> exp.Expr:
    del node
    return call("current_date")


_OF_FLOATS = (
    exp.Avg, exp.CovarPop, exp.CovarSamp, exp.PercentileCont, exp.Stddev, exp.StddevPop, exp.StddevSamp,
    exp.Variance, exp.VariancePop,
)  # fmt: skip
_MENDS: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.Add: _calculate,
    exp.ArrayAgg: mend_list,
    exp.Bracket: _subscript,
    exp.Cast: mend_cast,
    exp.CountIf: mend_count_if,
    exp.CurrentDate: _current_date,
    exp.Div: _divide,
    exp.Extract: _extract,
    exp.GroupConcat: mend_list,
    exp.IgnoreNulls: mend_ignore_nulls,
    exp.Like: _like,
    exp.Literal: _literal,
    exp.Mul: _calculate,
    exp.NetFunc: _net,
    exp.SafeFunc: _safe,
    exp.Sub: _calculate,
    exp.Sum: mend_sum,
    exp.TryCast: mend_cast,
    exp.Window: mend_window,
    **dict.fromkeys(_OF_FLOATS, mend_float_aggregate),
}
