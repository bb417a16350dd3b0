"""Who reads which column of which table: derived tables, checks, what is sent, and pulls that ask about rows.

What a query reads is found by sqlglot, which expands every `*` and leaves out what no output needs. A query that it
cannot follow counts as reading every column that it names anywhere; the code of a pull, which names columns as texts,
those that it has as texts.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sg_assets.warehouse import dialect

if TYPE_CHECKING:
    from sqlglot import exp

Schema = Mapping[str, Mapping[str, str]]
"""By table (`dataset.table`), the types of its columns."""


@dataclass(frozen=True, slots=True)
class Reading:
    """That `reader` reads some columns of a table; `how` in words: its SQL, its check so-and-so."""

    reader: str
    how: str
    table: str
    columns: frozenset[str]


def of_query(reader: str, how: str, sql: str, schema: Schema, outputs: Collection[str] | None = None) -> list[Reading]:
    """What a query in BigQuery's dialect reads of the tables of a schema.

    `outputs` are the only columns of its result that count (None: all of them).
    """
    try:
        found = _followed(sql, schema, outputs)
    except dialect.DialectError:
        return []  # it is refused as a table, too
    return [Reading(reader, how, table, frozenset(columns)) for table, columns in found.items()]


def of_code(reader: str, tables: Iterable[str], file: Path, schema: Schema) -> Iterator[Reading]:
    """What the code of a pull may read of the tables that it asks about: the columns that it names as texts."""
    files = sorted(file.parent.glob("*.py")) if (file.parent / "__init__.py").exists() and _is_package(file) else [file]
    texts = {
        node.value
        for one in files
        for node in ast.walk(ast.parse(one.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for table in tables:
        yield Reading(reader, "its pull", table, frozenset(texts & set(schema.get(table, ()))))


def _is_package(file: Path) -> bool:
    """Whether a source is a package of its own, rather than a module among other sources."""
    return file.parent.name != "sources"


def _followed(sql: str, schema: Schema, outputs: Collection[str] | None) -> dict[str, set[str]]:
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.pushdown_projections import pushdown_projections
    from sqlglot.optimizer.qualify import qualify

    parsed = dialect.parse(sql)
    nested: dict[str, object] = {}
    for table in dialect.tables(parsed):
        known = nested.setdefault(table.db, {})
        if isinstance(known, dict) and (columns := schema.get(f"{table.db}.{table.name}")):
            known[table.name] = dict(columns)
    try:
        tree = qualify(
            parsed,
            schema=nested,
            dialect="bigquery",
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
        )
        _keep(tree, outputs)
        return _columns(pushdown_projections(tree))
    except SqlglotError:
        return _named(dialect.parse(sql), schema)


def _keep(tree: exp.Query, outputs: Collection[str] | None) -> None:
    """Leave out what the query gives and nobody keeps: where it says `select *` and the header declares less."""
    from sqlglot import exp

    if outputs is None or not isinstance(tree, exp.Select):
        return
    kept = [one for one in tree.expressions if one.is_star or one.alias_or_name in outputs]
    if kept:
        tree.set("expressions", kept)


def _columns(tree: exp.Query) -> dict[str, set[str]]:
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    found: dict[str, set[str]] = {f"{table.db}.{table.name}": set() for table in dialect.tables(tree)}
    for scope in traverse_scope(tree):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found.setdefault(f"{source.db}.{source.name}", set()).add(column.name)
    return found


def _named(tree: exp.Query, schema: Schema) -> dict[str, set[str]]:
    """For each table that a query reads, the columns that it has and that the query names, or all where it says `*`."""
    from sqlglot import exp

    says_star = any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))
    named = {column.name for column in tree.find_all(exp.Column)}
    read = {f"{table.db}.{table.name}" for table in dialect.tables(tree)}
    return {table: {c for c in schema.get(table, ()) if says_star or c in named} for table in read}


def schema_of(*documents: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The columns of all tables of some documents: those of a first one, and what later ones have besides."""
    found: dict[str, dict[str, str]] = {}
    for tables in documents:
        for name, document in tables.items():
            known = found.setdefault(name, {})
            for column in document["columns"]:
                known.setdefault(column["name"], column["type"])
    return found
