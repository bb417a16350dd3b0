"""Pieces of BigQuery's SQL: quoted names, conditions, statements that make tables, and the hash of contents.

Text only: nothing here speaks to BigQuery. Names come from declarations and are quoted all the same; values are bound
as parameters (`Script`), but for descriptions, which no statement takes as parameters and which are quoted as text.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter

from sg_assets.columns import Column
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.declared import two_parts
from sg_assets.warehouse.lent import place_of, placed

if TYPE_CHECKING:
    from sg_assets.table import Table
    from sg_assets.warehouse.bigquery_client import Settings
    from sg_assets.warehouse.bigquery_jobs import Parameter

Value = str | int | float | bool | date | datetime | None
_NAME_PARTS = 2
# What an output column of a query may be so that it is cast to the declared type; anything beyond is a mistake.
_ACCEPTED = {
    "FLOAT64": ("NUMERIC", "BIGNUMERIC", "INT64"),
    "NUMERIC": ("BIGNUMERIC", "FLOAT64", "INT64"),
    "TIMESTAMP": ("DATETIME",),
}
_COMPARED_AS_TEXT = {"JSON"}  # BigQuery compares neither JSON nor arrays


def quoted(name: str) -> str:
    """An identifier in back quotes.

    https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#quoted_identifiers
    """
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def text(value: str) -> str:
    r"""A string literal; JSON's escapes are among BigQuery's, and `\u` takes four digits in both.

    https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences
    """
    return json.dumps(value, ensure_ascii=False)


def table_id(settings: Settings, name: str) -> str:
    """Where `dataset.table` is: `project.dataset.table`, the prefix before the dataset.

    Raises:
        WarehouseError: the name has not exactly two parts.
    """
    dataset, table = two_parts(name)
    return f"{settings.project}.{settings.dataset_prefix}{dataset}.{table}"


def quoted_table(settings: Settings, name: str) -> str:
    """`dataset.table` where it is, each part quoted."""
    dataset, table = two_parts(name)
    return ".".join(map(quoted, (settings.project, settings.dataset_prefix + dataset, table)))


def where_they_are(settings: Settings, sql: str, built: Container[str] = ()) -> str:
    """A text of people's with each `dataset.table` replaced by where that is; as it is where that says the same.

    `built` are the tables of a development copy: every other one is production's.

    Raises:
        WarehouseError: it cannot be read.
    """
    if not settings.dataset_prefix and settings.job_project in {"", settings.project}:
        return sql
    from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

    own = partial(quoted_table, settings)
    lent = own if settings.lender_prefix is None else partial(quoted_table, settings.production)
    try:
        return placed(sql, lambda table: place_of(table, built, own=own, lent=lent))
    except dialect.DialectError as error:
        msg = f"a query cannot be run: {error}"
        raise WarehouseError(msg) from error


def names(columns: Iterable[str], prefix: str = "") -> str:
    """Quoted names with commas between, each after `prefix`."""
    return ", ".join(prefix + quoted(column) for column in columns)


def same_key(key: Iterable[str], left: str, right: str) -> str:
    """The condition that two rows have the same key, no part of which is null: equality, so that it can be hashed."""
    return " and ".join(f"{left}.{quoted(c)} = {right}.{quoted(c)}" for c in key)


def comparable(column: Column, prefix: str = "") -> str:
    """A value as something that BigQuery compares: the text of JSON and of arrays."""
    value = f"{prefix}{quoted(column.name)}"
    if column.is_array:
        return f"to_json_string({value})"
    return f"if({value} is null, null, to_json_string({value}))" if column.type in _COMPARED_AS_TEXT else value


def differ(columns: Iterable[Column], left: str, right: str) -> str:
    """The condition that two rows disagree in one of these columns, nulls being equal to nulls."""
    pairs = [f"{comparable(c, f'{left}.')} is distinct from {comparable(c, f'{right}.')}" for c in columns]
    return " or ".join(pairs) or "false"


def content_hash(columns: Iterable[Column]) -> str:
    """An expression over rows: the sum of their 64-bit fingerprints; the same in whatever order they are."""
    values = ", ".join(f"{comparable(column)} as c{place}" for place, column in enumerate(columns))
    return f"ifnull(sum(cast(farm_fingerprint(to_json_string(struct({values}))) as numeric)), 0)"


def as_hash(fingerprints: object) -> int:
    """What `content_hash` gave, as a number of 64 bits."""
    return int(str(fingerprints).partition(".")[0]) % 2**64


def accepts(column: Column, found: str) -> bool:
    """Whether a query's output of that type may be stored in the column."""
    if found.startswith("ARRAY<") != column.is_array:
        return False
    element = found.removeprefix("ARRAY<").removesuffix(">") if column.is_array else found
    return element == column.element_type or element in _ACCEPTED.get(column.element_type, ())


def converted(column: Column, was: str, value: str) -> str:
    """A value of the type that it was as one of the column's."""
    if column.type == was:
        return value
    if was == "JSON":
        return f"if({value} is null, null, to_json_string({value}))"
    if column.is_array:
        return f"array(select cast(x as {column.element_type}) from unnest({value}) as x with offset o order by o)"
    return f"cast({value} as {column.type})"


def missing(column: Column) -> str:
    """What a column has where there is nothing."""
    return f"array<{column.element_type}>[]" if column.is_array else f"cast(null as {column.type})"


def column_list(columns: Iterable[Column]) -> str:
    """Columns as a statement declares them, with their descriptions."""
    return ", ".join(f"{quoted(c.name)} {c.type} options(description={text(c.description)})" for c in columns)


def create_table(settings: Settings, table: Table, labels: Mapping[str, str], query: str) -> str:
    """The statement that puts the rows of a query, in a table as declared, in place of a table that may be there."""
    partition = f" partition by {quoted(table.partition)}" if table.partition else ""
    cluster = f" cluster by {names(table.cluster)}" if table.cluster else ""
    pairs = ", ".join(f"({text(key)}, {text(value)})" for key, value in labels.items())
    return (
        f"create or replace table {quoted_table(settings, table.name)} ({column_list(table.columns)})"
        f"{partition}{cluster} options(description={text(table.description)}, labels=[{pairs}]) as {query}"
    )


def create_view(settings: Settings, table: Table, labels: Mapping[str, str], query: str) -> str:
    """The statement that lets a table be a view of a query, described as it is declared."""
    columns = ", ".join(f"{quoted(c.name)} options(description={text(c.description)})" for c in table.columns)
    pairs = ", ".join(f"({text(key)}, {text(value)})" for key, value in labels.items())
    options = f"options(description={text(table.description)}, labels=[{pairs}])"
    return f"create or replace view {quoted_table(settings, table.name)} ({columns}) {options} as\n{query}"


@dataclass
class Script:
    """A text that grows, and the parameters that it names."""

    statements: list[str] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)

    def add(self, statement: str) -> None:
        """One more statement."""
        self.statements.append(statement)

    def value(self, kind: str, value: Value) -> str:
        """A value of a type (BigQuery's name), as the text says it."""
        name = f"p{len(self.parameters)}"
        self.parameters.append(ScalarQueryParameter(name, kind, value))
        return f"@{name}"

    def values(self, kind: str, values: Iterable[Value]) -> str:
        """An array of values of a type, as the text says it."""
        name = f"p{len(self.parameters)}"
        self.parameters.append(ArrayQueryParameter(name, kind, list(values)))
        return f"@{name}"

    def rows(self, columns: Sequence[Column], listed: str) -> str:
        """A relation of rows that are listed as JSON, none of whose columns is an array, as the text says it."""
        cells = ", ".join(
            f"cast(json_value(r, '$[{place}]') as {c.type}) as {quoted(c.name)}" for place, c in enumerate(columns)
        )
        return f"(select {cells} from unnest(json_query_array({self.value('STRING', listed)})) as r)"

    def text(self) -> str:
        """The whole text."""
        return ";\n".join(self.statements) + ";"


def plain(value: object) -> object:
    """A value of a row as JSON has it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
