"""The SQL of a scheduled query as the body of a table: the same text, but for what is said otherwise in a table.

Two things are replaced, place by place: the analytics project before a table's name is left out, and `@run_date` of a
query that replaces its table becomes CURRENT_DATE(), which is the same day. Everything else stays as it was written,
or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from sg_assets.warehouse import dialect
from sg_assets.warehouse.dialect.text import tokens_of

RUN_DATE = "run_date"
ONE_DAY = (
    "each run writes one day; leave the condition on it out, have the day among the columns as a DATE, and declare "
    "that as `partition`: each day is then built from the same day of its inputs"
)


class Refused(ValueError):  # noqa: N818 (it is an answer, not an error)
    """A scheduled query that cannot be a table as it is; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Body:
    """The text, the tables that it reads, and what was replaced in it."""

    sql: str
    reads: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def body_of(sql: str, projects: Collection[str], *, takes_run_date: bool) -> Body:
    """The body that a scheduled query becomes.

    Args:
        sql: its text.
        projects: ids and numbers by which the analytics project is known.
        takes_run_date: whether `@run_date` may become CURRENT_DATE(): the query gives its whole table each time.

    Raises:
        Refused: it is no single SELECT, its rows depend on more than what it reads, or it reads another project.
    """
    text = sql.strip().removesuffix(";").rstrip()
    try:
        dialect.parse(text)
        text, replaced = _run_date(text, takes_run_date=takes_run_date)
        text, left_out = _projects(text, projects)
        _refuse_without_dataset(dialect.parse(text))
        dialect.refuse(text)
        dialect.reads_current_date(text)
    except dialect.DialectError as error:
        raise Refused(_advice(text, str(error))) from error
    return Body(text, tuple(dict.fromkeys(place.table for place in dialect.places(text))), (*replaced, *left_out))


def _advice(sql: str, complaint: str) -> str:
    """What to do about a text that cannot be the SELECT of a table."""
    if re.search(r"\bexport\s+data\b", sql, re.IGNORECASE):
        return f"it exports data to Cloud Storage, which no table does: see sg_assets/destinations ({complaint})"
    if re.search(
        r"^\s*(insert|merge|update|delete|create|truncate|declare|begin)\b", sql, re.IGNORECASE | re.MULTILINE
    ):
        return f"it writes by itself: write it as one SELECT that gives all rows of its table ({complaint})"
    return complaint


def _run_date(sql: str, *, takes_run_date: bool) -> tuple[str, tuple[str, ...]]:
    """The text with `@run_date` replaced.

    Raises:
        Refused: it has another parameter, or must not have this one.
    """
    tokens = tokens_of(sql)
    text, count = sql, 0
    for at, token in reversed(list(pairwise(tokens))):
        if at.token_type is not TokenType.PARAMETER:
            continue
        name = token.text.lower()
        if name != RUN_DATE:
            msg = f"line {token.line}: reads @{name}; of a run a table may know its day alone, CURRENT_DATE()"
            raise Refused(msg)
        if not takes_run_date:
            msg = f"line {token.line}: reads @{RUN_DATE}: {ONE_DAY}"
            raise Refused(msg)
        text = f"{text[: at.start]}current_date(){text[token.end + 1 :]}"
        count += 1
    return text, (f"@{RUN_DATE} became current_date(), the UTC day of the run",) if count else ()


def _projects(sql: str, projects: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The text without the analytics project before the names of tables.

    Raises:
        Refused: it reads another project, or a function that reads another database.
    """
    text = sql
    found = []
    for table in dialect.tables(dialect.parse(sql)):
        if isinstance(table.this, exp.Func):
            msg = (
                f"reads {table.this.sql('bigquery')[:60]}…: what comes from another system is a source of its own "
                "(`sg-assets tables list` names what of the production database there is)"
            )
            raise Refused(msg)
        if table.catalog:
            found.append(table)
    for table in sorted(found, key=lambda one: -int(one.args["this"].meta["start"])):
        if table.catalog not in projects:
            msg = f"reads {table.sql('bigquery')}: a table of another project has to be a source (`watched`) first"
            raise Refused(msg)
        text = _left_out(text, table)
    names = ", ".join(dict.fromkeys(f"{table.db}.{table.name}" for table in found))
    return text, (f"the project was left out before {names}",) if found else ()


def _left_out(sql: str, table: exp.Table) -> str:
    """The text with one name in it shortened; `dataset.table` in one pair of backticks stays in one."""
    start, catalog = int(table.args["db"].meta["start"]), table.catalog
    if sql.startswith(f"`{catalog}.", start):
        return f"{sql[:start]}`{sql[start + len(catalog) + 2 :]}"
    for before in (f"`{catalog}`.", f"{catalog}."):
        if sql[:start].endswith(before):
            return sql[: start - len(before)] + sql[start:]
    msg = f"write {table.db}.{table.name} instead of {table.sql('bigquery')}"
    raise Refused(msg)


def _refuse_without_dataset(tree: exp.Query) -> None:
    for table in dialect.tables(tree):
        if not table.db:
            msg = f"reads {table.name}, without its dataset: write dataset.table"
            raise Refused(msg)
