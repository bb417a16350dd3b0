"""What a BigQuery text says of itself: its tree, the tables that it names, its words, whether it reads the date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from sg_assets.warehouse.dialect.parser import GoogleSql
from sg_assets.warehouse.dialect.refusals import DialectError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table is named in a text: `[start, end)`, and whether an alias follows."""

    table: str
    start: int
    end: int
    has_alias: bool


def parse(sql: str) -> exp.Query:
    """The tree of one query, for the caller to change; functions are read as `parser.py` says.

    Raises:
        DialectError: it cannot be read, is several statements, or is no SELECT.
    """
    return _read(sql).copy()


@lru_cache(maxsize=1)  # a text is read for one reason after the other, and reading takes six times as long as copying
def _read(sql: str) -> exp.Query:
    try:
        trees = GoogleSql().parse(sql)
    except SqlglotError as error:
        raise DialectError(complaint(error)) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        msg = "must be one SELECT, or WITH … SELECT, and nothing else"
        raise DialectError(msg)
    return trees[0]


def tables(tree: exp.Query) -> Iterator[exp.Table]:
    """The tables of a tree that are no common table expressions, as often as they are named."""
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db or table.name.lower() not in own:
            yield table


@lru_cache(maxsize=256)  # the same text is narrowed for day after day
def places(sql: str) -> tuple[Place, ...]:
    """Where the text names a table in FROM or JOIN, in the order of the text.

    Raises:
        DialectError: it cannot be read.
    """
    found: list[Place] = []
    for table in tables(parse(sql)):
        names = [part.meta for part in table.parts]
        start, end = min(meta["start"] for meta in names), max(meta["end"] for meta in names) + 1
        found.append(Place(f"{table.db}.{table.name}", start, end, bool(table.alias)))
    return tuple(sorted(found, key=lambda place: place.start))


def words(sql: str) -> list[str]:
    """The words of a text, without comments and white space: equal for texts that mean the same to a parser."""
    return [f"{token.token_type.name} {token.text}" for token in tokens_of(sql)]


def reads_current_date(sql: str) -> bool:
    """Whether the query reads CURRENT_DATE(), the day of the run.

    Raises:
        DialectError: it asks for the date in a time zone that is not UTC.
    """
    return bool(_clocks(sql, TokenType.CURRENT_DATE))


def pin_current_date(sql: str, day: date) -> str:
    """The text with each CURRENT_DATE() replaced by a day: a build is a function of its inputs, and the day is one."""
    return _pinned(sql, TokenType.CURRENT_DATE, f"date '{day.isoformat()}'")


def pin_clock(sql: str, now: datetime) -> str:
    """The text with CURRENT_DATE() and CURRENT_TIMESTAMP() replaced by this time: for what people ask, not builds."""
    moment = now.astimezone(UTC)
    text = _pinned(sql, TokenType.CURRENT_TIMESTAMP, f"timestamp '{moment.replace(tzinfo=None)}+00'")
    return pin_current_date(text, moment.date())


def _pinned(sql: str, clock: TokenType, literal: str) -> str:
    text = sql
    for start, end in reversed(_clocks(sql, clock)):
        text = f"{text[:start]}{literal}{text[end:]}"
    return text


def _clocks(sql: str, clock: TokenType) -> list[tuple[int, int]]:
    """Where the text says CURRENT_DATE, CURRENT_DATE() or CURRENT_DATE('UTC'), or the like: `[start, end)` of each."""
    found: list[tuple[int, int]] = []
    tokens = tokens_of(sql)
    for i, token in enumerate(tokens):
        if token.token_type is not clock or (i and tokens[i - 1].token_type is TokenType.DOT):
            continue
        end = token.end
        if i + 1 < len(tokens) and tokens[i + 1].token_type is TokenType.L_PAREN:
            close = next(j for j in range(i + 1, len(tokens)) if tokens[j].token_type is TokenType.R_PAREN)
            inside = [inner.text for inner in tokens[i + 2 : close]]
            if inside not in ([], ["UTC"]):
                msg = f"line {token.line}: {token.text.upper()}() is in UTC here, in no other zone"
                raise DialectError(msg)
            end = tokens[close].end
        found.append((token.start, end + 1))
    return found


@lru_cache(maxsize=1)  # a text is read for one reason after the other
def tokens_of(sql: str) -> Sequence[Token]:
    """The text's tokens; nobody may change them.

    Raises:
        DialectError: it cannot even be cut into words.
    """
    try:
        return GoogleSql().tokenize(sql)
    except SqlglotError as error:
        raise DialectError(complaint(error)) from error


def complaint(error: SqlglotError) -> str:
    """The complaint of sqlglot in one line, with the line it is about."""
    errors = getattr(error, "errors", None) or [{}]
    said, line = errors[0].get("description") or str(error).splitlines()[0], errors[0].get("line")
    return f"line {line}: {said}" if line else str(said)
