"""The SQL of a scheduled query as the body of a table: the same text, but for what is said otherwise in a table.

Three things are replaced, place by place: the analytics project before a table's name is left out, a table that
another system fills becomes ours that shows it, and `@run_date` of a query that replaces its table becomes
CURRENT_DATE(), which is the same day. Everything else stays as it was written, or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    """The text, the tables that it reads, and what was replaced in it; `others` are those that ours show, by theirs."""

    sql: str
    reads: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


def body_of(sql: str, projects: Sequence[str], *, takes_run_date: bool, shown: Mapping[str, str] | None = None) -> Body:
    """The body that a scheduled query becomes.

    Args:
        sql: its text.
        projects: id and number by which the analytics project is known.
        takes_run_date: whether `@run_date` may become CURRENT_DATE(): the query gives its whole table each time.
        shown: for tables of other systems (`project.dataset.table`) that of ours which shows it.

    Raises:
        Refused: it is no single SELECT, its rows depend on more than what it reads, or it reads another project.
    """
    text = sql.strip().removesuffix(";").rstrip()
    try:
        dialect.parse(text)
        text, replaced = _run_date(text, takes_run_date=takes_run_date)
        text, left_out, others = _named_as_ours(text, projects, shown or {})
        _refuse_without_dataset(dialect.parse(text))
        dialect.refuse(text)
        dialect.reads_current_date(text)
    except dialect.DialectError as error:
        raise Refused(_advice(text, str(error))) from error
    reads = dict.fromkeys(place.table for place in dialect.places(text))
    return Body(text, tuple(reads), (*replaced, *left_out), tuple(dict.fromkeys(others)))


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


def _named_as_ours(
    sql: str, projects: Sequence[str], shown: Mapping[str, str]
) -> tuple[str, tuple[str, ...], list[tuple[str, str]]]:
    """The text with tables named as they are here; what was left out, in words; and what became which of ours.

    Raises:
        Refused: it reads another project, or a function that reads another database.
    """
    ours: list[tuple[str, str] | None] = []
    qualified: list[exp.Table] = []
    left_out: dict[str, None] = {}
    for table in sorted(dialect.tables(dialect.parse(sql)), key=_start):
        if isinstance(table.this, exp.Func):
            msg = (
                f"reads {table.this.sql('bigquery')[:60]}…: what comes from another system is a source of its own "
                "(`sg-assets tables list` names what of the production database there is)"
            )
            raise Refused(msg)
        project = projects[0] if not table.catalog or table.catalog in projects else table.catalog
        theirs = f"{project}.{table.db}.{table.name}"
        ours.append((theirs, shown[theirs]) if theirs in shown else None)
        if table.catalog and table.catalog not in projects and theirs not in shown:
            msg = f"reads {table.sql('bigquery')}: a table of another project has to be a source (`watched`) first"
            raise Refused(msg)
        if table.catalog:
            qualified.append(table)
            left_out |= {} if theirs in shown else {f"{table.db}.{table.name}": None}
    text = sql
    for table in reversed(qualified):
        text = _left_out(text, table)
    for place, found in reversed(list(zip(dialect.places(text), ours, strict=True))):
        if found is not None:  # the name of theirs stays that of its rows, as other places of the text may say it
            alias = "" if place.has_alias else f" as `{place.table.rpartition('.')[2]}`"
            text = f"{text[: place.start]}{found[1]}{alias}{text[place.end :]}"
    told = (f"the project was left out before {', '.join(left_out)}",) if left_out else ()
    return text, told, [one for one in ours if one is not None]


def _start(table: exp.Table) -> int:
    return int(table.args["this"].meta["start"])


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
