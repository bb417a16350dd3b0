"""BigQuery SQL, which all SQL here is written in, turned into DuckDB's: mended where they differ, or refused.

This is the door: what there is to know of a BigQuery text (its tables, its words, whether it reads the date), and
`to_duckdb`. What differs is mended in `dialect_mends.py` with the functions of `dialect_functions.sql`; what cannot be
carried over faithfully is refused in `dialect_refusals.py`: a loud error, never a silently different number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from sg_assets.warehouse.dialect_error import DialectError
from sg_assets.warehouse.dialect_functions import prepare
from sg_assets.warehouse.dialect_mends import mend
from sg_assets.warehouse.dialect_parser import GoogleSql
from sg_assets.warehouse.dialect_refusals import refuse_undetermined, refuse_unfaithful

__all__ = [
    "DialectError",
    "Place",
    "parse",
    "pin_current_date",
    "places",
    "prepare",
    "reads_current_date",
    "refuse",
    "tables",
    "to_duckdb",
    "words",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table is named in a text: `[start, end)`, and whether an alias follows."""

    table: str
    start: int
    end: int
    has_alias: bool


def parse(sql: str) -> exp.Query:
    """The tree of one query in BigQuery's dialect.

    Raises:
        DialectError: it cannot be read, is several statements, or is no SELECT.
    """
    try:
        trees = GoogleSql().parse(sql)
    except SqlglotError as error:
        raise DialectError(_where(error)) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        msg = "must be one SELECT, or WITH … SELECT, and nothing else"
        raise DialectError(msg)
    return trees[0]


def to_duckdb(sql: str) -> str:
    """The same query in DuckDB's dialect, for a connection that was given to `prepare`.

    Raises:
        DialectError: the query cannot be carried over faithfully; the message says what to write instead.
    """
    tree = parse(sql)
    refuse_unfaithful(tree, _tokens(sql))
    try:
        return mend(tree).sql("duckdb", unsupported_level=ErrorLevel.RAISE, comments=False)
    except SqlglotError as error:
        raise DialectError(_where(error)) from error


def refuse(sql: str) -> None:
    """Refuse what makes a result depend on more than its inputs: for tables that are built, on either warehouse.

    Raises:
        DialectError: says what, where, and what to write instead.
    """
    refuse_undetermined(parse(sql), _tokens(sql))


def tables(tree: exp.Query) -> Iterator[exp.Table]:
    """The tables of a tree that are no common table expressions, as often as they are named."""
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db or table.name.lower() not in own:
            yield table


def places(sql: str) -> list[Place]:
    """Where the text names a table in FROM or JOIN, in the order of the text."""
    found: list[Place] = []
    for table in tables(parse(sql)):
        names = [part.meta for part in table.parts]
        start, end = min(meta["start"] for meta in names), max(meta["end"] for meta in names) + 1
        found.append(Place(f"{table.db}.{table.name}", start, end, bool(table.alias)))
    return sorted(found, key=lambda place: place.start)


def words(sql: str) -> list[str]:
    """The words of a text, without comments and white space: equal for texts that mean the same to a parser."""
    return [f"{token.token_type.name} {token.text}" for token in _tokens(sql)]


def reads_current_date(sql: str) -> bool:
    """Whether the query reads CURRENT_DATE(), the day of the run."""
    return bool(_current_dates(sql))


def pin_current_date(sql: str, day: date) -> str:
    """The text with each CURRENT_DATE() replaced by a day: a build is a function of its inputs, and the day is one."""
    text = sql
    for start, end in reversed(_current_dates(sql)):
        text = f"{text[:start]}date '{day.isoformat()}'{text[end:]}"
    return text


def _current_dates(sql: str) -> list[tuple[int, int]]:
    """Where the text says CURRENT_DATE, CURRENT_DATE() or CURRENT_DATE('UTC'): `[start, end)` of each.

    Raises:
        DialectError: it asks for the date in another time zone.
    """
    found: list[tuple[int, int]] = []
    tokens = _tokens(sql)
    for i, token in enumerate(tokens):
        if token.token_type is not TokenType.CURRENT_DATE or (i and tokens[i - 1].token_type is TokenType.DOT):
            continue
        end = token.end
        if i + 1 < len(tokens) and tokens[i + 1].token_type is TokenType.L_PAREN:
            close = next(j for j in range(i + 1, len(tokens)) if tokens[j].token_type is TokenType.R_PAREN)
            inside = [t.text for t in tokens[i + 2 : close]]
            if inside not in ([], ["UTC"]):
                msg = f"line {token.line}: CURRENT_DATE() is the UTC day of the run, in no other zone"
                raise DialectError(msg)
            end = tokens[close].end
        found.append((token.start, end + 1))
    return found


def _tokens(sql: str) -> list[Token]:
    try:
        return GoogleSql().tokenize(sql)
    except SqlglotError as error:
        raise DialectError(_where(error)) from error


def _where(error: SqlglotError) -> str:
    """The parser's complaint in one line, with the line it is about."""
    errors = getattr(error, "errors", None) or [{}]
    said, line = errors[0].get("description") or str(error).splitlines()[0], errors[0].get("line")
    return f"line {line}: {said}" if line else str(said)
