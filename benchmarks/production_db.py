"""How fast a large table of a Postgres database is copied: event_logs to Parquet, and landed in the warehouse.

A real server on this machine is filled with rows that its own SQL makes up, as wide as those of the sandbox; then the
source reads them, as a run does. Prints the machine, sizes, rows a second, their ratio to what plain tools need, and
the memory of this process by and by. The figures claimed (2 million rows in one run at 200,000 rows a second or more on
two cores, memory flat) come from here; nothing is asserted, as machines are busy.

    python benchmarks/production_db.py [ROWS]
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import adbc_driver_manager
import duckdb
import pyarrow as pa

from sg_assets import checks
from sg_assets.sandbox import production_db as stand_in
from sg_assets.sandbox.postgres_server import PostgresServer, start
from sg_assets.source import Pull
from sg_assets.sources.production_db import production_db
from sg_assets.spool import Spool
from sg_assets.warehouse.contract import Landing
from sg_assets.warehouse.duckdb import DuckDBWarehouse

ROWS = 2_000_000
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FILL = """
insert into event_logs (
    name, url, user_id, anonymous_user_id, source, argument, version, timestamp, feature_flags, cohort_id,
    public_argument, first_source_url, last_source_url, referrer, device_id, insert_id, client
)
select
    (array['ViewBlob', 'ViewRepository', 'SearchResultsFetched', 'hover'])[1 + i % 4],
    'https://sourcegraph.com/github.com/owner/repository-' || i % 977,
    i % 1500,
    md5((i % 5000)::text)::uuid,
    'WEB',
    '{{}}',
    '249280_2026-09-21_48a4f7f9116f',
    timestamptz '2026-11-21 00:00Z' - ({rows} - i) * interval '0.2 seconds',
    '{{"search-ownership": true}}',
    date '2026-03-23' - (i % 400) * 7,
    jsonb_build_object('results', i % 500),
    'https://about.sourcegraph.com/',
    'https://sourcegraph.com/search?utm_source=newsletter&utm_medium=email&utm_campaign=autumn',
    'https://www.google.com/',
    md5((i % 5000)::text)::uuid,
    to_hex(i),
    'web'
from generate_series(1, {rows}) i;
analyze event_logs;
"""


def main() -> None:
    """Fill, copy, land, and compare."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {gibibytes:.0f} GiB; load {os.getloadavg()[0]:.1f}")
    print(f"python {platform.python_version()}, duckdb {duckdb.__version__}, pyarrow {pa.__version__}", end=", ")
    print(f"adbc {adbc_driver_manager.__version__}")
    server = start()
    try:
        server.run(f"create database {stand_in.DATABASE};")
        server.run(stand_in.SCHEMA.read_text() + FILL.format(rows=rows), stand_in.DATABASE)
        size = int(server.run("select pg_table_size('event_logs')", stand_in.DATABASE))
        print(server.run("show server_version").strip(), f"with {rows:,} rows, {size / 2**20:.0f} MiB")
        with tempfile.TemporaryDirectory() as folder:
            copied = copy(server, rows, Path(folder))
        told("psql's COPY of all columns to nowhere, for comparison", rows, plain(server))
        print(f"of the copy's time, reading and writing Parquet were {copied[0]:.2f} s, landing {copied[1]:.2f} s")
    finally:
        server.stop()


def copy(server: PostgresServer, rows: int, folder: Path) -> tuple[float, float]:
    """Fetch the table as a run does, and land it; gives the seconds of both."""
    url = server.url(stand_in.ROLE, stand_in.PASSWORD, stand_in.DATABASE)
    raw = production_db.tables["raw_production_db.event_logs"]
    if raw.fetch is None:
        raise AssertionError(raw.table.name)
    warehouse = DuckDBWarehouse(folder / "warehouse.duckdb", "sandbox", read_copy=folder / "read.duckdb")
    warehouse.ensure([raw.table], NOW)
    warehouse.release()
    began, seen, memory = time.perf_counter(), 0, list[int]()
    with production_db.connect(url, {}) as database:
        spool = Spool(raw.table, folder)
        for page in raw.fetch(Pull(database, {}, NOW)):
            if page.arrow is not None:
                spool.add_arrow(page.arrow)
                seen += page.arrow.num_rows
            if seen * 8 // rows > len(memory):
                memory.append(resident())
        taken = spool.take()
    fetched = time.perf_counter() - began
    told("from Postgres to Parquet", taken.rows, fetched)
    print(f"memory of this process at each eighth of the rows: {', '.join(f'{m} MiB' for m in memory)}")
    size = sum(path.stat().st_size for path in taken.parquet) / 2**20
    print(f"{len(taken.parquet)} Parquet files, {size:.0f} MiB")
    began = time.perf_counter()
    landing = Landing(NOW, warehouse.states()[raw.table.name].seq, NOW)
    outcome = warehouse.land(raw.table, taken.parquet, landing, checks.judge)
    landed = time.perf_counter() - began
    told("landed by merge", outcome.changed_rows, landed)
    told("both", taken.rows, fetched + landed)
    warehouse.close()
    print(f"peak of memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
    return fetched, landed


def plain(server: PostgresServer) -> float:
    """The seconds in which psql gets rid of the same columns as text: what the server alone needs, nearly."""
    raw = production_db.tables["raw_production_db.event_logs"].table
    names = ", ".join(column.name for column in raw.columns if not column.name.startswith("_"))
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 (the command is our own)
        [
            str(server.programs / "psql"), "-Xq", "-h", str(server.folder), "-U", "postgres", "-d", stand_in.DATABASE,
            "-c", f"copy (select {names} from event_logs order by id) to stdout",  # noqa: S608 (declared names)
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def resident() -> int:
    """The memory of this process now, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def told(what: str, rows: int, seconds: float) -> None:
    """One line of the result."""
    print(f"{what}: {rows:,} rows in {seconds:.2f} s, {rows / seconds:,.0f} rows/s")


if __name__ == "__main__":
    main()
