"""The few kinds of nodes that we write into trees ourselves."""

from __future__ import annotations

from sqlglot import exp

from sg_assets.warehouse.dialect.refusals import DialectError


def call(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """A call of the macro `bq_<name>`; texts and numbers become literals."""
    return duck(f"bq_{name}", *arguments)


def duck(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """A call of a function of DuckDB's own."""
    return exp.Anonymous(this=name, expressions=[exp.convert(argument) for argument in arguments])


def exact_cast(node: exp.Expr, type_: str) -> exp.Cast:
    """A cast of ours, between types where DuckDB does as BigQuery does; casts that were written are mended."""
    cast = exp.Cast(this=node, to=exp.DataType.build(type_, dialect="duckdb"))
    cast.meta["is_exact"] = True
    return cast


def is_exact(node: exp.Expr) -> bool:
    """Whether this is a cast of ours."""
    return bool(node.meta.get("is_exact"))


def text_of(node: exp.Expr, what: str) -> str:
    """The text of a literal, which `what` must be because it decides how the query is carried over.

    Raises:
        DialectError: it is no literal.
    """
    if not (isinstance(node, exp.Literal) and node.is_string) and not isinstance(node, exp.RawString):
        msg = f"{what} must be written as a literal, it is {node.sql('bigquery')}"
        raise DialectError(msg)
    return node.name
