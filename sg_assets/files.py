"""Objects that land in a bucket -> Parquet files: which of them to read, and their rows with where they came from.

How a line becomes rows is in `lines.py`, how rows are gathered by object in `object_spool.py`, how far the feeds then
reach in `feeds.py`. What was loaded before is given; nothing here knows the warehouse.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from sg_assets.google import IN_MEMORY, Bucket, StoredObject
from sg_assets.http import SourceError
from sg_assets.object_spool import ObjectSpool, Reading
from sg_assets.source import Arrival, Files, Parse
from sg_assets.warehouse.state import LoadedObject

if TYPE_CHECKING:
    from sg_assets.table import Table

PART_SECONDS = 300.0
"""Seconds after which a long reading gives what it has, so that it can be landed."""
DOWNLOADS = 4


def changed(  # noqa: PLR0913 (what decides it, all named by the caller)
    bucket: Bucket,
    files: Files,
    loaded: Mapping[str, LoadedObject],
    *,
    now: datetime,
    open_days: int,
    full_listing: bool,
) -> list[tuple[StoredObject, Arrival]]:
    """The objects that are new or have another generation than the loaded one, oldest hour first.

    Args:
        bucket: where they are.
        files: how their names begin.
        loaded: what was loaded, by name.
        now: the run's instant.
        open_days: without a full listing, how many days back to look.
        full_listing: look at every object ever; so does whoever has loaded nothing.

    Raises:
        SourceError: the bucket could not be listed.
    """
    today = now.astimezone(UTC).date()
    days = (f"{today - timedelta(days=back)}/" for back in range(open_days, -1, -1))
    prefixes = [f"{files.prefix}/{day}" for day in ([""] if full_listing or not loaded else days)]
    listed = (item for prefix in prefixes for item in bucket.list(prefix))
    found = [(item, arrival) for item in listed if (arrival := _arrival(item, files.prefix))]
    found = [(i, a) for i, a in found if i.name not in loaded or loaded[i.name].generation != i.generation]
    return sorted(found, key=lambda pair: (pair[1].day, pair[1].hour, pair[1].feed))


def read(  # noqa: PLR0913 (what it needs, all named by the caller)
    bucket: Bucket,
    table: Table,
    parse: Parse,
    wanted: Sequence[tuple[StoredObject, Arrival]],
    folder: Path,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Reading]:
    """Read objects in order, a few downloads ahead of the parsing; nothing where nothing is wanted.

    An object that was replaced since it was listed is left out: the next listing has its new generation.

    Args:
        bucket: where they are.
        table: what they are rows of.
        parse: a line's JSON -> rows.
        wanted: what `changed` gave.
        folder: where to write; the caller removes it when the rows are landed.
        clock: seconds that never go back.

    Raises:
        SourceError: an object could not be had; what was given before is whole.
    """
    spool = ObjectSpool(table, folder)
    began = clock()
    for (_, arrival), file in _downloaded(bucket, wanted):
        if file is not None:
            with file:
                spool.read(file, arrival, parse)
        if clock() - began >= PART_SECONDS:
            yield spool.take()
            began = clock()
    if wanted and (last := spool.take()).objects:
        yield last


def _arrival(item: StoredObject, prefix: str) -> Arrival | None:
    """What an object's name says, or None where it is not of the form that holds rows."""
    match = re.fullmatch(re.escape(prefix) + r"/(\d{4}-\d\d-\d\d)/([01]\d|2[0-3])/([^/]+)\.ndjson\.gz", item.name)
    if not match:
        return None
    return Arrival(item.name, item.generation, match[3], date.fromisoformat(match[1]), int(match[2]))


Wanted = tuple[StoredObject, Arrival]


def _downloaded(bucket: Bucket, wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, BinaryIO | None]]:
    """Each object with its bytes, in order; None for one whose generation is no more."""

    def fetch(item: StoredObject) -> BinaryIO | None:
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 (closed by who reads it)
        try:
            bucket.download(item.name, file, item.generation)
        except SourceError as error:
            file.close()
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        return file

    todo = iter(wanted)
    ahead: deque[tuple[Wanted, Future[BinaryIO | None]]] = deque()
    with ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="download") as pool:
        try:
            while True:
                ahead.extend((pair, pool.submit(fetch, pair[0])) for pair in islice(todo, 2 * DOWNLOADS - len(ahead)))
                if not ahead:
                    return
                pair, future = ahead.popleft()
                yield pair, future.result()
        finally:
            for _, future in ahead:
                if not future.cancel() and future.exception() is None and (file := future.result()):
                    file.close()
