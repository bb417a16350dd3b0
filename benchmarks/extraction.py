"""How fast extraction is: rows to Arrow, and the objects of a bucket to Parquet files, without network or warehouse.

Prints rows per second of processor time, and the peak of memory of this process. The objects are those of the sandbox's
company, made before the clock starts. The figures claimed for extraction (150,000 small rows a second or more; 60,000
full pings and 150,000 events in under 25 s on one core) come from here; nothing is asserted, as machines are busy.

    python benchmarks/extraction.py [HOURS]
"""

from __future__ import annotations

import io
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.compute
import pyarrow.parquet  # noqa: F401 (both are loaded before the clock starts)

from sg_assets.object_spool import ObjectSpool
from sg_assets.sandbox import events as event_stand_in
from sg_assets.sandbox.hourly_objects import Bucket, Stored
from sg_assets.sandbox.pings import PingBucket
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.source import Arrival, RawTable
from sg_assets.sources.events import events
from sg_assets.sources.pings import pings
from sg_assets.sources.salesforce import salesforce
from sg_assets.spool import Spool

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOURS = 60
SMALL_ROWS = 200_000
RECORD = {
    "id": "003000000000001AAA",
    "account_id": "001000000000001AAA",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@acme.example",
    "title": "CTO",
    "created_at": "2022-03-01T10:11:12.000+0000",
    "last_modified_at": "2022-03-01T10:11:12.000+0000",
    "system_modstamp": "2022-03-01T10:11:12.000+0000",
    "is_deleted": False,
}


def main() -> None:
    """Measure small rows first, then objects."""
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    print(f"{platform.platform()}, Python {platform.python_version()}")
    small_rows()
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(1, NOW, 1.0, lambda: NOW, Path(folder))
        ping_bucket, event_bucket = PingBucket.of(sandbox).bucket(), event_stand_in.bucket_of(sandbox)
        objects("pings", pings.tables["raw_pings.ping"], ping_bucket, hours)
        objects("dotcom events", events.tables["raw_events.dotcom_event"], event_bucket, hours)
        objects("managed events", events.tables["raw_events.managed_event"], event_bucket, hours)
    print(f"peak of memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def small_rows() -> None:
    """Pages of a pull, as Salesforce gives them."""
    pages = [[RECORD | {"id": f"{page:06}{i:012}"} for i in range(2000)] for page in range(SMALL_ROWS // 2000)]
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(salesforce.tables["raw_salesforce.contact"].table, Path(folder))
        began = time.process_time()
        for page in pages:
            spool.add(page)
        rows = spool.take().rows
    told("small rows", rows, time.process_time() - began)


def objects(what: str, raw: RawTable, bucket: Bucket, hours: int) -> None:
    """The last objects of a table, from their bytes to Parquet."""
    made = [(arrival, bucket.content(stored)) for arrival, stored in _newest(raw, bucket, hours)]
    if raw.parse is None:
        raise AssertionError(what)
    with tempfile.TemporaryDirectory() as folder:
        spool = ObjectSpool(raw.table, Path(folder))
        began = time.process_time()
        for arrival, content in made:
            spool.read(io.BytesIO(content), arrival, raw.parse)
        rows = spool.take().spooled.rows
    told(what, rows, time.process_time() - began)


def _newest(raw: RawTable, bucket: Bucket, hours: int) -> Sequence[tuple[Arrival, Stored]]:
    if raw.files is None:
        raise AssertionError(raw.table.name)
    found = []
    for back in range(hours, 0, -1):
        hour = NOW - timedelta(hours=back)
        for stored in bucket.objects(f"{raw.files.prefix}/{hour:%Y-%m-%d}/{hour:%H}/"):
            feed = stored.name.rpartition("/")[2].removesuffix(".ndjson.gz")
            found.append((Arrival(stored.name, "1", feed, hour.date(), hour.hour), stored))
    return found


def told(what: str, rows: int, seconds: float) -> None:
    """One line of the result."""
    print(f"{what}: {rows:,} rows in {seconds:.2f} s, {rows / seconds:,.0f} rows/s")


if __name__ == "__main__":
    main()
