"""What is refused of BigQuery's SQL, and what to write instead.

Two questions: is the result a function of the inputs (`refuse_undetermined`, for tables that are built, on either
warehouse), and does DuckDB mean the same by it (`refuse_unfaithful`). To the second the answer is no for everything
that is not listed in `known.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import NoReturn

import yaml
from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType


class DialectError(ValueError):
    """SQL that cannot be carried over faithfully, or whose result is no function of its inputs; says what to do."""


# What answers anew each time it is asked, or takes any of several rows.
_UNDETERMINED: Mapping[str, str] = {
    "ANY_VALUE": "take MIN or MAX, or ARRAY_AGG(… ORDER BY … LIMIT 1)[OFFSET(0)]",
    "APPROX_COUNT_DISTINCT": "write COUNT(DISTINCT …)",
    "APPROX_QUANTILES": "write PERCENTILE_CONT(…) OVER (…)",
    "APPROX_TOP_COUNT": "count, and order by the count",
    "APPROX_TOP_SUM": "sum, and order by the sum",
    "CURRENT_DATETIME": "only CURRENT_DATE(), the UTC day of the run, can be read",
    "CURRENT_TIME": "only CURRENT_DATE(), the UTC day of the run, can be read",
    "CURRENT_TIMESTAMP": "only CURRENT_DATE(), the UTC day of the run, can be read",
    "GENERATE_UUID": "make the key from the row, with TO_HEX(MD5(…)) for instance",
    "MAX_BY": "among equals it takes any: write ARRAY_AGG(… ORDER BY … DESC, <key> LIMIT 1)[OFFSET(0)]",
    "MIN_BY": "among equals it takes any: write ARRAY_AGG(… ORDER BY …, <key> LIMIT 1)[OFFSET(0)]",
    "RAND": "order by a hash of the key, FARM_FINGERPRINT for instance",
    "SESSION_USER": "leave it out",
}
_CLOCKS = (TokenType.CURRENT_DATETIME, TokenType.CURRENT_TIME, TokenType.CURRENT_TIMESTAMP)
_NEED_ORDER = (exp.RowNumber, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.Ntile)
# What else may be said of a table and of a subquery than what it is and how it is called.
_ONLY: Mapping[type[exp.Expr], AbstractSet[str]] = {
    exp.Table: {"this", "db", "alias", "catalog"},
    exp.Subquery: {"this", "alias", "with_"},
}


@cache
def _known() -> Mapping[str, frozenset[str]]:
    lists = yaml.load(Path(__file__).with_name("known.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: frozenset(words) for name, words in lists.items()}


def refuse_undetermined(tree: exp.Query, tokens: Sequence[Token]) -> None:
    """Refuse what makes a result depend on more than its inputs.

    Raises:
        DialectError: says what, where, and what to write instead.
    """
    for name, line in _functions(tokens):
        if name in _UNDETERMINED:
            _refuse(f"line {line}: {name} gives no certain answer: {_UNDETERMINED[name]}")
    for token in tokens:
        if token.token_type in _CLOCKS:  # also without parentheses
            _refuse(
                f"line {token.line}: {token.text.upper()} gives no certain answer: {_UNDETERMINED[token.text.upper()]}"
            )
    for node in tree.walk():
        why = _unordered(node)
        if why:
            _refuse(f"{why}: {node.sql('bigquery')}")


def _unordered(node: exp.Expr) -> str | None:
    """Why this depends on an order that rows do not have by themselves; None when it does not."""
    if isinstance(node, exp.ArrayAgg | exp.GroupConcat):
        inside = node.this.this if isinstance(node.this, exp.Limit) else node.this
        return None if isinstance(inside, exp.Order) else "without ORDER BY inside, this is in no certain order"
    if isinstance(node, exp.Array):
        query = node.expressions[0] if node.expressions else None
        is_unordered = isinstance(query, exp.Query) and not query.args.get("order")
        return "ARRAY(SELECT …) without ORDER BY is in no certain order" if is_unordered else None
    if isinstance(node, exp.Window):
        function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
        is_unordered = isinstance(function, _NEED_ORDER) and not node.args.get("order") and not node.args.get("alias")
        return "without ORDER BY in its window, this takes any row" if is_unordered else None
    if isinstance(node, exp.Query) and node.args.get("limit") and not node.args.get("order"):
        return "LIMIT without ORDER BY takes any rows"
    if isinstance(node, exp.Table) and node.args.get("version"):
        return "a build reads its inputs as they are, not as of another time"
    return None


def refuse_unfaithful(tree: exp.Query, tokens: Sequence[Token], carried: AbstractSet[str]) -> None:
    """Refuse what would mean something else on DuckDB, or of which nobody knows what it would mean.

    `carried` are the functions that are read into macros.

    Raises:
        DialectError: says what, where, and what to write instead.
    """
    for name, line in _functions(tokens):
        if name.startswith("SAFE."):
            is_known = name.removeprefix("SAFE.") in _known()["safe"]
        else:
            is_known = name in carried or name in _known()["functions"]
        if not is_known:
            _refuse(f"line {line}: {name} is not carried over to DuckDB; add it to known.yaml with a test")
    for node in tree.walk():
        if type(node).__name__ not in _known()["syntax"]:
            _refuse(f"{type(node).__name__} is not carried over to DuckDB: {node.sql('bigquery')}")
        if isinstance(node, exp.Table | exp.Subquery):
            for name in {name for name, value in node.args.items() if value} - _ONLY[type(node)]:
                _refuse(f"{name.upper()} of a table is not carried over to DuckDB: {node.sql('bigquery')}")
        if isinstance(node, exp.Select) and node.args.get("kind") == "VALUE":
            _refuse("SELECT AS VALUE is not carried over to DuckDB: name the columns")


def _refuse(message: str) -> NoReturn:
    raise DialectError(message)


def _functions(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """The functions that a text calls, `NET.HOST` and `SAFE.…` with their prefix, and the line of each."""
    for i, token in enumerate(tokens[:-1]):
        if tokens[i + 1].token_type is not TokenType.L_PAREN or token.token_type is TokenType.STRING:
            continue
        name = token.text.upper()
        if i > 1 and tokens[i - 1].token_type is TokenType.DOT:
            yield f"{tokens[i - 2].text.upper()}.{name}", token.line
        elif name[:1].isalpha() and name not in _known()["words"]:
            yield name, token.line
