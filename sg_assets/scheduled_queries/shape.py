"""What a SELECT gives, told by its text and the tables that it reads: columns with type, meaning and class, and a key.

Types are told by BigQuery's rules as sqlglot knows them; DuckDB is asked about what it leaves open. What neither tells
is left open here, too. A class is never weaker than that of what a column is made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from sg_assets.columns import DUCKDB_TYPES, Classification, Column
from sg_assets.scheduled_queries.key import key_of
from sg_assets.table import Table
from sg_assets.warehouse import dialect
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.describe import describe

_STRENGTH = tuple(Classification)  # from none to secret
_SPELLED = {"BIGNUMERIC": "NUMERIC", "DECIMAL": "NUMERIC", "INTEGER": "INT64", "INT": "INT64", "BOOLEAN": "BOOL"}


@dataclass(frozen=True, slots=True)
class Given:
    """One column that a query gives; `type` is None where it could not be told."""

    name: str
    type: str | None
    description: str
    classification: Classification


@dataclass(frozen=True, slots=True)
class Shape:
    """What a query gives. `key` is empty where its text does not tell one; `remark` says why DuckDB cannot run it."""

    columns: tuple[Given, ...]
    key: tuple[str, ...]
    tree: exp.Query
    remark: str = ""


class ShapeError(ValueError):
    """What a query gives cannot be told at all; the message says why."""


def shape_of(sql: str, inputs: Sequence[Table]) -> Shape:
    """What a query gives.

    Args:
        sql: one SELECT in BigQuery's dialect.
        inputs: all the tables that it reads.

    Raises:
        ShapeError: it does not fit those tables.
    """
    schema: dict[str, object] = {}
    for table in inputs:
        same = {t.name.partition(".")[2]: t.columns for t in inputs if t.dataset == table.dataset}
        schema[table.dataset] = {name: {c.name: c.type for c in columns} for name, columns in same.items()}
    try:
        parsed = sqlglot.parse_one(sql, dialect="bigquery")
        tree = qualify(parsed, schema=schema, dialect="bigquery", validate_qualify_columns=False, identify=False)
        annotate_types(tree, schema=schema, dialect="bigquery")
    except SqlglotError as error:
        raise ShapeError(str(error).splitlines()[0]) from error
    scope = build_scope(tree)
    if not isinstance(tree, exp.Query) or scope is None:
        msg = "it is no SELECT"
        raise ShapeError(msg)
    try:
        described, remark = describe(sql, inputs), ""
    except dialect.DialectError as error:
        described, remark = {}, str(error)
    except WarehouseError as error:
        raise ShapeError(str(error).splitlines()[0]) from error
    selected = {one.alias_or_name: one for one in tree.selects}
    names = list(described or selected)
    if not names:
        msg = "it selects nothing"
        raise ShapeError(msg)
    known = {table.name: table for table in inputs}
    mentioned = _strongest(
        column.classification
        for table in inputs
        for column in table.columns
        if any(column.name == one.name for one in tree.find_all(exp.Column))
    )
    given = tuple(
        _given(name, selected.get(name), described.get(name), _origins(name, tree, scope, known), mentioned)
        for name in names
    )
    return Shape(given, key_of(tree, names, known), tree, remark)


def _given(
    name: str, selected: exp.Expr | None, described: str | None, origins: list[Column] | None, mentioned: Classification
) -> Given:
    """One column; where its origins are not known it may hold anything that the query mentions."""
    type_ = _told(selected) or described
    made = selected.unalias() if selected is not None else None
    class_ = mentioned if origins is None else _strongest(column.classification for column in origins)
    if isinstance(made, exp.Column) and origins is not None and len(origins) == 1:
        return Given(name, type_, origins[0].description, class_)
    text = "as the query has it" if made is None else f"`{_shortened(made.sql('bigquery'))}`, as the query has it."
    return Given(name, type_, text, class_)


def _shortened(text: str, most: int = 160) -> str:
    plain = " ".join(text.split()).replace("`", "").replace("*/", "* /")
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _told(selected: exp.Expr | None) -> str | None:
    """The type that sqlglot tells of a column, where it is one that we store."""
    if selected is None or selected.type is None:
        return None
    type_ = selected.type.sql("bigquery")
    element = type_.removeprefix("ARRAY<").removesuffix(">")
    spelled = type_.replace(element, _SPELLED.get(element, element))
    return spelled if spelled.removeprefix("ARRAY<").removesuffix(">") in DUCKDB_TYPES else None


def _strongest(found: Iterable[Classification]) -> Classification:
    return max(found, key=_STRENGTH.index, default=Classification.NONE)


def _origins(name: str, tree: exp.Query, scope: Scope, known: Mapping[str, Table]) -> list[Column] | None:
    """The declared columns that a column is made from; None where that cannot be followed."""
    try:
        leaves = [
            node for node in lineage(name, tree, {}, scope=scope, dialect="bigquery").walk() if not node.downstream
        ]
    except (SqlglotError, ValueError):
        return None
    found: list[Column] = []
    for leaf in leaves:
        if not isinstance(leaf.source, exp.Table):
            if leaf.expression.find(exp.Column):  # it reads something, and we do not know what
                return None
            continue
        table = known.get(f"{leaf.source.db}.{leaf.source.name}")
        column_name = leaf.name.rpartition(".")[2].strip('`"')
        columns = [column for column in table.columns if column.name == column_name] if table else []
        if not columns and column_name != "*":
            return None
        found += columns
    return found
