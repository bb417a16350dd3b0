"""Rows on their way to the warehouse: fitted to their shape and written to Parquet files, so that memory stays small.

A fetch may take minutes; its rows wait here, outside the warehouse, and are landed together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.rows import Shape, rejected
from sg_assets.source import Row
from sg_assets.warehouse.contract import Rejected

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from sg_assets.table import Table

BATCH_ROWS = 4096
"""Rows that are Python objects at a time."""
GROUP_BYTES = 64 << 20
"""Arrow bytes after which a row group is written."""
FILE_ROWS = 1_000_000
PARQUET = {"use_dictionary": False, "write_statistics": False}
"""How files are written that are read once, and whole."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """What was spooled since the last time: files of rows that fit, rows that did not, undeclared fields counted."""

    parquet: Sequence[Path]
    rows: int
    rejected: Sequence[Rejected]
    unknown: Counter[str]


class Spool:
    """The rows of one table. The folder is the caller's, and so is removing it."""

    def __init__(self, table: Table, folder: Path) -> None:
        """Spool rows of `table` into `folder`."""
        self.shape = Shape(table)
        self._stem = folder / table.name
        self._pending: list[Row] = []
        self._fitted: list[pa.Table] = []
        self._fitted_bytes = 0
        self._writer: pq.ParquetWriter | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._writing: Future[None] | None = None
        self._file_rows = self._files = 0
        self._empty()

    def _empty(self) -> None:
        self._paths: list[Path] = []
        self._rows = 0
        self._rejected: list[Rejected] = []
        self._unknown: Counter[str] = Counter()

    def add(self, rows: Iterable[Row]) -> None:
        """Take pulled rows as the source gave them."""
        self._pending.extend(rows)
        while len(self._pending) >= BATCH_ROWS:
            self._fit(BATCH_ROWS)

    def add_arrow(self, rows: pa.RecordBatch) -> None:
        """Take rows that came as columns; those with a null in the key are rejected."""
        fitted = self.shape.fit_arrow(rows)
        wrong = sorted(fitted.misfits)
        found = zip(rows.take(wrong).to_pylist() if wrong else (), wrong, strict=True)
        self.add_rejected(rejected(row, fitted.misfits[i]) for row, i in found)
        self.add_table(fitted.table, fitted.unknown)

    def add_rejected(self, found: Iterable[Rejected]) -> None:
        """Take what could not be made a row."""
        self._rejected.extend(found)

    def add_table(self, table: pa.Table, unknown: Counter[str]) -> None:
        """Take rows that were fitted already."""
        self._rows += table.num_rows
        self._unknown.update(unknown)
        self._fitted.append(table)
        self._fitted_bytes += table.nbytes
        if self._fitted_bytes >= GROUP_BYTES:
            self._write()

    def take(self) -> Spooled:
        """Finish the files and give what was spooled; a next file begins with the next row."""
        if self._pending:
            self._fit(len(self._pending))
        self._write()
        self._wait()
        self._finish()
        spooled = Spooled(self._paths, self._rows, self._rejected, self._unknown)
        self._empty()
        return spooled

    def _fit(self, count: int) -> None:
        rows, self._pending = self._pending[:count], self._pending[count:]
        fitted = self.shape.fit(rows)
        self.add_rejected(rejected(rows[i], reason) for i, reason in sorted(fitted.misfits.items()))
        self.add_table(fitted.table, fitted.unknown)

    def _write(self) -> None:
        """Have a row group written while the next one is fetched; it needs none of Python's time."""
        fitted, self._fitted, self._fitted_bytes = self._fitted, [], 0
        if any(table.num_rows for table in fitted):
            self._wait()
            self._writing = self._thread.submit(self._put, fitted)

    def _wait(self) -> None:
        """Wait for the row group that is being written; what went wrong with it is raised here."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _put(self, fitted: Sequence[pa.Table]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self._files += 1
            self._paths.append(self._stem.with_name(f"{self._stem.name}-{self._files}.parquet"))
            self._writer = pq.ParquetWriter(self._paths[-1], self.shape.schema, **PARQUET)
        self._writer.write_table(pa.concat_tables(fitted))
        self._file_rows += sum(table.num_rows for table in fitted)
        if self._file_rows >= FILE_ROWS:
            self._finish()

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._file_rows = None, 0
