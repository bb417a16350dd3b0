"""Rows about to be published in DuckDB: brought in from Parquet, shown to the judge.

Staged rows are in temporary tables, which no reader sees. Publishing them is `duckdb_land.py`, `duckdb_load.py` and
`duckdb_build.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sg_assets.source import DELETED_AT
from sg_assets.table import Table
from sg_assets.warehouse.contract import Judge, Soundness, UnsoundError, WarehouseError
from sg_assets.warehouse.duckdb_sql import as_stored, content_hash, names, quoted, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DELIVERED = "sg_delivered"
BUILT = "sg_built"
STAGED = "sg_staged"


@dataclass(frozen=True, slots=True)
class DuckDBStaged:
    """What the judge is given: the temporary view `sg_staged`, and queries in BigQuery's dialect."""

    connection: DuckDBPyConnection
    relation: str = STAGED

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query in BigQuery's dialect."""
        from sg_assets.warehouse import dialect  # noqa: PLC0415 (brings sqlglot, slow to import)

        return self.connection.execute(dialect.translated(sql)).fetchall()


@contextmanager
def temporary(connection: DuckDBPyConnection) -> Generator[None]:
    """Drop what was staged, however the verb ends."""
    try:
        yield
    finally:
        tables = "; ".join(f"drop table if exists temp.{name}" for name in (DELIVERED, BUILT))
        connection.execute(f"drop view if exists temp.{STAGED}; {tables}")


@contextmanager
def temporarily_built(connection: DuckDBPyConnection) -> Generator[None]:
    """Drop what a build staged, which is one table and no view, however it ends."""
    try:
        yield
    finally:
        connection.execute(f"drop table if exists temp.{BUILT}")


def judged(connection: DuckDBPyConnection, table: Table, rows: str, judge: Judge) -> Soundness:
    """Let the judge see the rows of a DuckDB query.

    Raises:
        UnsoundError: they may not be published.
    """
    connection.execute(f"create or replace temp view {STAGED} as {rows}")
    return judged_as(connection, table, STAGED, judge)


def judged_as(connection: DuckDBPyConnection, table: Table, relation: str, judge: Judge) -> Soundness:
    """Let the judge see a relation.

    Raises:
        UnsoundError: its rows may not be published.
    """
    soundness = judge(table, DuckDBStaged(connection, relation))
    if soundness.problems:
        raise UnsoundError(table.name, soundness)
    return soundness


def bring_in(connection: DuckDBPyConnection, table: Table, parquet: Sequence[Path]) -> int:
    """Stage delivered rows, with the declared columns, in the order of their delivery; gives their number.

    Of rows with the same key the last one stays: vendors repeat a row across pages when it changes meanwhile.

    Raises:
        WarehouseError: the files hold a column that is not declared, or values that are not of its type.
    """
    values = []
    delivered = _columns_of(connection, parquet)
    if undeclared := sorted(set(delivered) - {column.name for column in table.columns}):
        msg = f"{table.file}: rows of {table.name} came with columns that it does not declare: {', '.join(undeclared)}"
        raise WarehouseError(msg)
    for column in table.columns:
        is_ours = table.marks_deleted and column.name == DELETED_AT.name
        value = quoted(column.name) if column.name in delivered and not is_ours else "null"
        values.append(f"{as_stored(column, value)} as {quoted(column.name)}")
    source = f"from {_reading(parquet)}" if parquet else "limit 0"
    try:
        connection.execute(f"create or replace temp table {DELIVERED} as select {', '.join(values)} {source}")
    except duckdb.Error as error:
        msg = f"{table.file}: rows of {table.name} came with values that do not fit: {error}"
        raise WarehouseError(msg) from error
    if table.key:
        _keep_last(connection, table.key)
    return count(connection, DELIVERED)


def write_out(connection: DuckDBPyConnection, table: Table, file: Path) -> None:
    """Write the staged rows as Parquet that any reader takes: JSON as text."""
    values = ", ".join(
        f"cast({quoted(c.name)} as {c.duckdb_type.replace('JSON', 'VARCHAR')}) as {quoted(c.name)}"
        for c in table.columns
    )
    connection.execute(f"copy (select {values} from {DELIVERED}) to {text(str(file))} (format parquet)")


def _columns_of(connection: DuckDBPyConnection, parquet: Sequence[Path]) -> list[str]:
    if not parquet:
        return []
    described = connection.execute(f"describe select * from {_reading(parquet)}").fetchall()
    return [str(row[0]) for row in described]


def _reading(parquet: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(text(str(path)) for path in parquet)}], union_by_name = true)"


def _keep_last(connection: DuckDBPyConnection, key: Sequence[str]) -> None:
    repeated = f"select 1 from {DELIVERED} group by {names(key)} having count(*) > 1"
    if connection.execute(f"select exists ({repeated})").fetchone() == (True,):
        last = f"select max(rowid) from {DELIVERED} group by {names(key)}"
        connection.execute(f"delete from {DELIVERED} where rowid not in ({last})")


def count(connection: DuckDBPyConnection, relation: str, where: str = "true", values: Sequence[object] = ()) -> int:
    """How many rows of a relation meet a condition; the relation's name is quoted where it must be."""
    return scalar(connection, f"select count(*) from {relation} where {where}", values)


def scalar(connection: DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> int:
    """The one number that a query gives."""
    row = connection.execute(sql, list(values)).fetchone()
    return 0 if row is None else int(row[0])


def content(connection: DuckDBPyConnection, table: Table, relation: str) -> tuple[int, int]:
    """Row count and hash of a relation that has a table's columns."""
    row = connection.execute(f"select count(*), {content_hash(table.columns)} from {relation}").fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))
