"""How fast rows are landed: 1,000,000 keyed rows of 10 columns by merge, then again with a tenth of them changed.

Prints the machine, sizes, rows per second and the peak of memory of this process. The figures claimed for the warehouse
(250,000 rows a second or more, under 1 GiB, on two cores) come from here; nothing is asserted, as machines are busy.

    python benchmarks/landing.py [ROWS]
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sg_assets import checks
from sg_assets.columns import Column, arrow_schema
from sg_assets.promise import DAILY
from sg_assets.source import EXTRA
from sg_assets.table import Delivery, Mode, Table
from sg_assets.warehouse.contract import Landing
from sg_assets.warehouse.duckdb import DuckDBWarehouse

ROWS = 1_000_000
BATCH = 50_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = Table(
    name="raw_bench.contact",
    description="Contacts.",
    owner="data",
    columns=(
        Column("id", "STRING", "Id."),
        Column("account_id", "STRING", "Account."),
        Column("email", "STRING", "Address."),
        Column("title", "STRING", "Title."),
        Column("score", "INT64", "Score."),
        Column("amount_usd", "NUMERIC", "Amount."),
        Column("is_deleted", "BOOL", "Whether deleted."),
        Column("created_at", "TIMESTAMP", "Created."),
        Column("tags", "ARRAY<STRING>", "Tags."),
        EXTRA,
    ),
    key=("id",),
    promise=DAILY,
    file=Path(__file__),
    delivery=Delivery.PULL,
    mode=Mode.MERGE,
)


def batch(first: int, size: int, version: int) -> pa.RecordBatch:
    """Rows `first`…; of every ten, one differs from version to version."""
    numbers = range(first, first + size)
    changed = [version if n % 10 == 0 else 0 for n in numbers]
    columns = [
        [f"003{n:015d}" for n in numbers],
        [f"001{n // 7:015d}" for n in numbers],
        [f"person{n}@customer{n // 7}.example.com" for n in numbers],
        [("Engineer", "Manager", "Director", None)[n % 4] for n in numbers],
        [n % 100 + c for n, c in zip(numbers, changed, strict=True)],
        [Decimal(n % 10_000) / 100 for n in numbers],
        [n % 50 == 0 for n in numbers],
        [NOW - timedelta(seconds=n) for n in numbers],
        [["trial", "emea"] if n % 3 else [] for n in numbers],
        ['{"Custom__c": "x"}' if n % 100 == 0 else None for n in numbers],
    ]
    schema = arrow_schema(TABLE.columns)
    return pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def spool(folder: Path, rows: int, version: int) -> Path:
    """A delivery as a fetch leaves it: Parquet."""
    path = folder / f"{version}.parquet"
    with pq.ParquetWriter(path, arrow_schema(TABLE.columns)) as writer:
        for first in range(0, rows, BATCH):
            writer.write_batch(batch(first, min(BATCH, rows - first), version))
    return path


def main() -> None:
    """Land twice and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; load {os.getloadavg()[0]:.1f}")
    print(f"python {platform.python_version()}, duckdb {duckdb.__version__}, pyarrow {pa.__version__}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warehouse = DuckDBWarehouse(folder / "warehouse.duckdb", "sandbox", read_copy=folder / "read.duckdb")
        warehouse.ensure([TABLE], NOW)
        for version, what in enumerate(("into an empty table", "again, a tenth changed")):
            delivery = spool(folder, rows, version)
            before = warehouse.states()[TABLE.name]
            began = time.perf_counter()
            outcome = warehouse.land(TABLE, [delivery], Landing(NOW, before.seq, NOW), checks.judge)
            seconds = time.perf_counter() - began
            print(
                f"{what}: {rows:,} rows ({delivery.stat().st_size / 2**20:.0f} MiB of Parquet), "
                f"{outcome.changed_rows:,} changed, {seconds:.2f} s, {rows / seconds:,.0f} rows/s"
            )
        began = time.perf_counter()
        warehouse.close()
        size = (folder / "read.duckdb").stat().st_size / 2**20
        print(f"checkpoint and read copy of {size:.0f} MiB: {time.perf_counter() - began:.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB")


if __name__ == "__main__":
    main()
