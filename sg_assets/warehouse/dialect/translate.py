"""From a BigQuery text to a DuckDB text, and the rules that a text must keep to be built from."""

from __future__ import annotations

from sqlglot import ErrorLevel
from sqlglot.errors import SqlglotError

from sg_assets.warehouse.dialect.mends import mend
from sg_assets.warehouse.dialect.parser import CARRIED
from sg_assets.warehouse.dialect.refusals import DialectError, refuse_undetermined, refuse_unfaithful
from sg_assets.warehouse.dialect.text import complaint, parse, tokens_of


def to_duckdb(sql: str, *, is_pretty: bool = False) -> str:
    """The same query in DuckDB's dialect, for a connection that was given to `prepare`; pretty for people, in lines.

    Raises:
        DialectError: the query cannot be carried over faithfully; the message says what to write instead.
    """
    tree = parse(sql)
    refuse_unfaithful(tree, tokens_of(sql), CARRIED)
    try:
        return mend(tree).sql("duckdb", unsupported_level=ErrorLevel.RAISE, comments=False, pretty=is_pretty)
    except SqlglotError as error:
        raise DialectError(complaint(error)) from error


def refuse(sql: str) -> None:
    """Refuse what makes a result depend on more than its inputs: for tables that are built, on either warehouse.

    Raises:
        DialectError: says what, where, and what to write instead.
    """
    refuse_undetermined(parse(sql), tokens_of(sql))
