"""CAST and SAFE_CAST: from which type is decided when the query is planned (`conversions.sql`), to which one here."""

from __future__ import annotations

import re

from sqlglot import exp

from sg_assets.warehouse.dialect.nodes import call, is_exact
from sg_assets.warehouse.dialect.refusals import DialectError

_MACROS = {
    exp.DType.BIGINT: "int64",
    exp.DType.BINARY: "bytes",
    exp.DType.BOOLEAN: "bool",
    exp.DType.DATE: "date",
    exp.DType.DECIMAL: "numeric",
    exp.DType.DOUBLE: "float64",
    exp.DType.TEXT: "string",
    exp.DType.TIMESTAMP: "datetime",
    exp.DType.TIMESTAMPTZ: "timestamp",
}
# A literal of these forms is the same date, time or number to DuckDB; of the others the macros know.
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_SAME_LITERAL = {
    exp.DType.DATE: re.compile(r"\d{4}-\d\d-\d\d"),
    exp.DType.DECIMAL: re.compile(r"-?\d{1,29}(\.\d{1,9})?"),
    exp.DType.TIMESTAMP: re.compile(rf"\d{{4}}-\d\d-\d\d( {_CLOCK})?"),
    exp.DType.TIMESTAMPTZ: re.compile(rf"\d{{4}}-\d\d-\d\d([ T]{_CLOCK}(Z|[+-]\d\d(:\d\d)?)?)?"),
}


def mend_cast(node: exp.Cast) -> exp.Expr:
    """What stands for a CAST, a SAFE_CAST or a typed literal such as DATE '2026-01-10'.

    Raises:
        DialectError: it is to a type, or in a way, that is not carried over.
    """
    to, value = node.to, node.this
    if is_exact(node):
        return node
    if node.args.get("format") or node.args.get("action"):
        msg = "CAST … FORMAT is not carried over: use FORMAT_DATE, PARSE_DATE and their like"
        raise DialectError(msg)
    if to.is_type(exp.DType.ARRAY):
        is_empty = isinstance(value, exp.Null) or (isinstance(value, exp.Array) and not value.expressions)
        if not is_empty:
            msg = f"CAST of values to {to.sql('bigquery')} is not carried over: cast the elements"
            raise DialectError(msg)
        return _with_nine_digits(node)
    if to.is_type(exp.DType.JSON) and isinstance(value, exp.Null):
        return node
    if to.this not in _MACROS or to.expressions:
        msg = f"CAST to {to.sql('bigquery')} is not carried over"
        raise DialectError(msg)
    if isinstance(value, exp.Null) or _is_same_literal(value, to):
        return _with_nine_digits(node)
    verb = "safe" if isinstance(node, exp.TryCast) else "to"
    return call(f"{verb}_{_MACROS[to.this]}", value)


def _is_same_literal(value: exp.Expr, to: exp.DataType) -> bool:
    form = _SAME_LITERAL.get(to.this)
    return bool(form and isinstance(value, exp.Literal) and value.is_string and form.fullmatch(value.name))


def _with_nine_digits(node: exp.Cast) -> exp.Cast:
    """The cast with NUMERIC as it is in BigQuery; DuckDB's bare DECIMAL has three digits behind the point."""
    for kind in node.find_all(exp.DataType):
        if kind.this is exp.DType.DECIMAL and not kind.expressions:
            kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (38, 9)])
    return node
