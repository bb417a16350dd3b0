"""How fast a REST source is read and landed: rows over HTTP, fitted, spooled to Parquet, merged into DuckDB.

A vendor of our own serves Salesforce's pages of 2,000 small rows on loopback, from another process and made before the
clock starts; the real source reads them with the real client. Prints rows per second of the wall clock and of processor
time, of everything and of its two halves, and the peak of memory of this process. The figure claimed (200,000 small
rows at 60,000 rows a second or more) comes from here; nothing is asserted, as machines are busy.

    python benchmarks/extraction_rest.py [ROWS]
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pandas as pd  # noqa: F401 (which pyarrow loads with its first array)
import pyarrow.compute
import pyarrow.parquet  # noqa: F401 (all three are loaded before the clock starts)

from sg_assets import checks
from sg_assets.source import Pull
from sg_assets.sources.salesforce import connect, salesforce
from sg_assets.spool import Spool
from sg_assets.warehouse.contract import Landing
from sg_assets.warehouse.duckdb import DuckDBWarehouse

ROWS, PAGE = 200_000, 2_000
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SETTINGS = {"SG_SALESFORCE_CLIENT_ID": "benchmark", "SG_SALESFORCE_CLIENT_SECRET": "benchmark"}
QUERY = "/services/data/v59.0/query"


def main() -> None:
    """Read everything, land it, and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    print(f"{platform.platform()}, Python {platform.python_version()}; load {os.getloadavg()[0]:.1f}")
    raw = salesforce.tables["raw_salesforce.contact"]
    if raw.fetch is None:
        raise AssertionError(raw.table.name)
    with vendor(rows) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(DuckDBWarehouse(folder / "w.duckdb", "sandbox", read_copy=folder / "r.duckdb")) as warehouse:
            warehouse.ensure([raw.table], NOW)
            began, spool, cursor = clocks(), Spool(raw.table, folder), None
            with connect(url, SETTINGS) as client:
                for page in raw.fetch(Pull(client, SETTINGS, NOW)):
                    spool.add(page.rows)
                    cursor = page.cursor or cursor
                calls = client.calls
            taken = spool.take()
            read = clocks()
            landing = Landing(NOW, warehouse.states()[raw.table.name].seq, NOW, cursor, rejected=taken.rejected)
            outcome = warehouse.land(raw.table, taken.parquet, landing, checks.judge)
            landed = clocks()
        if outcome.changed_rows != rows:
            raise AssertionError(outcome)
    told(f"extraction of {calls} answers", rows, began, read)
    told("landing", rows, read, landed)
    told("both", rows, began, landed)
    print(f"peak of memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


@contextmanager
def vendor(rows: int) -> Generator[str]:
    """A vendor with so many contacts, in a process of its own; gives its address."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(rows, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


def serve(rows: int, parent: Connection) -> None:
    """Answer for ever; tells the port once all pages are made."""
    pages = [page(start, min(start + PAGE, rows), rows) for start in range(0, rows, PAGE)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(b'{"access_token":"00D!benchmark"}')

        def do_GET(self) -> None:
            start = urlsplit(self.path).path.partition("-")[2]
            self.answer(pages[int(start or 0) // PAGE])

        def answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    parent.send(server.server_address[1])
    server.serve_forever()


def page(start: int, end: int, rows: int) -> bytes:
    """Contacts as Salesforce gives them."""
    more = {"nextRecordsUrl": f"{QUERY}/01g-{end}"} if end < rows else {}
    records = [record(number) for number in range(start, end)]
    return orjson.dumps({"totalSize": rows, "done": not more, "records": records} | more)


def record(number: int) -> dict[str, object]:
    """One contact."""
    id_, at = f"003{number:015}", "2022-03-01T10:11:12.000+0000"
    return {
        "attributes": {"type": "Contact", "url": f"/services/data/v59.0/sobjects/Contact/{id_}"},
        "Id": id_,
        "AccountId": f"001{number // 7:015}",
        "FirstName": "Ada",
        "LastName": f"Lovelace {number}",
        "Email": f"ada.{number}@acme.example",
        "Title": None if number % 5 else "CTO",
        "LeadSource": "Inbound",
        "OwnerId": f"005{number % 12:015}",
        "CreatedDate": at,
        "LastModifiedDate": at,
        "SystemModstamp": at,
        "IsDeleted": number % 50 == 0,
        "MasterRecordId": None,
    }


def clocks() -> tuple[float, float]:
    """Seconds of the wall clock, and of the processor in this process."""
    return time.perf_counter(), time.process_time()


def told(what: str, rows: int, began: tuple[float, float], ended: tuple[float, float]) -> None:
    """One line of the result."""
    wall, processor = (end - begin for begin, end in zip(began, ended, strict=True))
    rates = f"{rows / wall:,.0f} rows/s; {rows / processor:,.0f} a second of the processor"
    print(f"{what}: {rows:,} rows in {wall:.2f} s, {rates}")


if __name__ == "__main__":
    main()
