"""One object of a bucket -> its lines, and one line -> rows: where bad bytes are told from good ones.

Objects hold one JSON object per line, packed with gzip or, where the server unpacked them on the way, plain.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import orjson

from sg_assets.rows import Origin
from sg_assets.source import Row
from sg_assets.warehouse.contract import Rejected

GZIP_MAGIC = b"\x1f\x8b"
DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)


def lines(file: BinaryIO, object_name: str, generation: str | None = None) -> Iterator[Origin | Rejected]:
    """The lines of an object, blank ones too; where its packing is damaged, a last item that says so."""
    file.seek(0)
    is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    file.seek(0)
    at = 0
    try:
        for line in gzip.GzipFile(fileobj=file, mode="rb") if is_packed else file:
            yield Origin(object_name, generation, at, line)
            at += len(line)
    except DAMAGE:
        file.seek(0)
        sha256 = hashlib.sha256(file.read()).hexdigest()
        yield Rejected("the packed object is damaged from here on", None, sha256, object_name, generation, at)


def rows_of(origin: Origin, parse: Callable[[Row], Iterable[Row]]) -> list[Row] | Rejected:
    """The rows of a line, or why there are none.

    A line that is no JSON object, or that `parse` cannot take apart, is kept by its place and hash alone: it may hold a
    licence key, and nobody can tell where.
    """
    try:
        line = orjson.loads(origin.line)
        if not isinstance(line, dict):
            return origin.rejected("the line is no JSON object")
        return list(parse(line))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return origin.rejected(f"the line cannot be read: {type(error).__name__}")
