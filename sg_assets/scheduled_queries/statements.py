"""What the SQL of a scheduled query reads and writes, be it one SELECT or a script.

Names are `dataset.table` without the analytics project, and keep any other. Nothing is run, and nothing is judged:
whether a query can be a table is decided in `draft.py`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_NAMED = re.compile(r"\b(?:from|join|into|update|table|using)\s+(`[^`]+`|[\w$-]+(?:\.[\w$*-]+)+)", re.IGNORECASE)
_OBJECT = re.compile(r"""uri\s*=\s*r?['"](gs://[^'"]+)['"]""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statements:
    """What a text does. `is_understood` is false where names were only looked for, as in a script with control flow.

    Written are tables, and objects of Cloud Storage (`gs://…`); what a script makes for itself alone is in neither.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    is_understood: bool = True


def read_statements(sql: str, projects: Iterable[str]) -> Statements:
    """What a text of one or more statements reads and writes.

    Args:
        sql: BigQuery's SQL.
        projects: ids and numbers by which the analytics project is known.
    """
    own = frozenset(projects)
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # else it warns of what is looked for in another way below
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="bigquery") if tree is not None]
    except SqlglotError:
        trees = []
    objects = tuple(_OBJECT.findall(sql))
    if not trees or any(isinstance(tree, exp.Command) for tree in trees):
        found = (name.strip("`") for name in _NAMED.findall(sql))
        names = dict.fromkeys(_without(own, name.split(".")) for name in found)
        return Statements(tuple(names), objects, is_understood=False)
    written = dict.fromkeys(name for tree in trees for name in _written(tree, own))
    made = {name.lower() for tree in trees for name in _made_for_itself(tree)}
    read = dict.fromkeys(
        name for tree in trees for name in _read(tree, own) if name.lower() not in made and name not in written
    )
    return Statements(tuple(read), (*written, *objects))


def _target(tree: exp.Expr) -> exp.Table | None:
    """The table that a statement writes; None of a query."""
    if not isinstance(tree, exp.Insert | exp.Merge | exp.Update | exp.Delete | exp.Create | exp.TruncateTable):
        return None
    target = tree.expressions[0] if isinstance(tree, exp.TruncateTable) else tree.this
    found = target.this if isinstance(target, exp.Schema) else target
    return found if isinstance(found, exp.Table) else None


def _is_temporary(tree: exp.Expr) -> bool:

    return isinstance(tree, exp.Create) and tree.find(exp.TemporaryProperty) is not None


def _written(tree: exp.Expr, own: frozenset[str]) -> Iterator[str]:
    target = _target(tree)
    if target is not None and target.db and not _is_temporary(tree):
        yield _name(target, own)


def _made_for_itself(tree: exp.Expr) -> Iterator[str]:
    target = _target(tree)
    if target is not None and (not target.db or _is_temporary(tree)):
        yield target.name


def _read(tree: exp.Expr, own: frozenset[str]) -> Iterator[str]:

    queries = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    target = _target(tree)
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            arguments = [one.name for one in table.this.expressions if isinstance(one, exp.Literal)]
            yield f"{table.this.name.upper()}({', '.join(arguments[:1])})"
        elif table is not target and (table.db or table.name.lower() not in queries):
            yield _name(table, own)


def _name(table: exp.Table, own: frozenset[str]) -> str:
    return _without(own, [part.name for part in table.parts])


def _without(own: frozenset[str], parts: list[str]) -> str:
    """`dataset.table`, without the analytics project before it."""
    return ".".join(parts[1:] if len(parts) == 3 and parts[0] in own else parts)  # noqa: PLR2004 (project.dataset.table)
