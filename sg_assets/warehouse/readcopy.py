"""What readers open: a copy of the DuckDB file, replaced as a whole at the end of each run that wrote.

A DuckDB file that is open for writing can be opened by nobody else, so readers never touch it: a reader that has the
copy open keeps reading the old one, the next reader finds the new one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb_sql import bigquery_type, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLE_STATE = "sg_ops.table_state"
LENT = "sg_production"
"""The catalog that lends a development copy what was not built in it; a dataset must not have the same name."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's result; `as_of` is the newest write that the copy has (None: none yet), types are BigQuery's."""

    as_of: datetime | None
    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[object, ...]]


def publish(source: Path, target: Path, on_step: Callable[[str], None]) -> None:
    """Put a copy of a closed DuckDB file in place of the one that readers open. The caller holds the writer's lock."""
    new = target.with_name(target.name + ".new")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, new)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    on_step("copied")
    new.replace(target)


def attach(connection: DuckDBPyConnection, lender: Path) -> None:
    """Attach the copy of production's readers as `LENT`, to be read.

    Raises:
        WarehouseError: there is none yet.
    """
    if not lender.exists():
        msg = f"production has nothing to read yet ({lender} does not exist): refresh it once without SG_TARGET"
        raise WarehouseError(msg)
    connection.execute(f"attach {text(str(lender))} as {LENT} (read_only)")


@dataclass(frozen=True, slots=True)
class ReadCopy:
    """The copy at `path`; `lender` is that of production, which has what was not built in a development copy."""

    path: Path
    lender: Path | None = None

    def query(self, sql: str) -> Answer:
        """The result of a query in BigQuery's dialect.

        Raises:
            WarehouseError: there is no copy yet, or the query is wrong; the message says how.
        """
        from sg_assets.warehouse import dialect, duckdb_lent  # noqa: PLC0415 (bring sqlglot, slow to import)

        if self.lender is not None and not self.path.exists():
            return ReadCopy(self.lender).query(sql)
        if not self.path.exists():
            msg = f"{self.path} does not exist yet: run `make up` or `sg-assets refresh --all` first"
            raise WarehouseError(msg)
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set enable_progress_bar = false")
            if self.lender is not None:
                attach(connection, self.lender)
            dialect.prepare(connection)
            connection.execute("set enable_external_access = false")  # a query reads tables, not files
            try:
                placed = sql if self.lender is None else duckdb_lent.placed(connection, sql)
                connection.execute(dialect.to_duckdb(placed))
            except (dialect.DialectError, duckdb.Error) as error:
                raise WarehouseError(str(error)) from error
            columns = tuple((name, bigquery_type(str(kind))) for name, kind, *_ in connection.description or ())
            rows = connection.fetchall()
            books = [TABLE_STATE] if self.lender is None else [TABLE_STATE, f"{LENT}.{TABLE_STATE}"]
            written = [connection.execute(f"select epoch_us(max(built_at)) from {one}").fetchone() for one in books]
        newest = max((row[0] for row in written if row and row[0] is not None), default=None)
        as_of = None if newest is None else EPOCH + timedelta(microseconds=newest)
        return Answer(as_of, columns, rows)
