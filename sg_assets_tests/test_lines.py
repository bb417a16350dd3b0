"""The lines of an object, good and bad ones."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator

import pytest

from sg_assets.lines import lines, rows_of
from sg_assets.rows import Origin
from sg_assets.source import Row
from sg_assets.warehouse.contract import Rejected

TEXT = b'{"n": 1}\n{"n": 2}\n\n{"n": 3}'
PLACES = [(0, b'{"n": 1}\n'), (9, b'{"n": 2}\n'), (18, b"\n"), (19, b'{"n": 3}')]


def numbers(line: Row) -> Iterator[Row]:
    yield {"number": line["n"]}


def origin(line: bytes) -> Origin:
    return Origin("x.ndjson.gz", "7", 100, line)


@pytest.mark.parametrize(
    "content", [gzip.compress(TEXT, mtime=0), TEXT, gzip.compress(TEXT[:9], mtime=0) + gzip.compress(TEXT[9:], mtime=0)]
)
def test_lines_with_their_places_packed_plain_or_packed_in_pieces(content: bytes) -> None:
    found = list(lines(io.BytesIO(content), "x.ndjson.gz", "7"))
    assert found == [Origin("x.ndjson.gz", "7", at, line) for at, line in PLACES]


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_object_with_nothing_in_it(content: bytes) -> None:
    assert list(lines(io.BytesIO(content), "x.ndjson.gz")) == []


def test_the_lines_before_a_damage_are_read_and_the_damage_is_told() -> None:
    text = b"".join(
        b'{"n": %d, "noise": "%s"}\n' % (i, hashlib.sha256(b"%d" % i).hexdigest().encode()) for i in range(5000)
    )
    content = gzip.compress(text, mtime=0)[:-60_000]
    *good, damage = lines(io.BytesIO(content), "x.ndjson.gz", "7")
    assert isinstance(damage, Rejected)
    assert damage.reason == "the packed object is damaged from here on"
    assert damage.sha256 == hashlib.sha256(content).hexdigest()
    assert (damage.object_name, damage.generation, damage.original) == ("x.ndjson.gz", "7", None)
    kept = b"".join(item.line for item in good if isinstance(item, Origin))
    assert text.startswith(kept)
    assert damage.byte_from == len(kept) > 1000


@pytest.mark.parametrize(
    "content", [gzip.compress(TEXT, mtime=0)[:5], b"\x1f\x8b" + b"junk" * 10, gzip.compress(TEXT, mtime=0) + b"junk"]
)
def test_any_damage_is_told_and_not_an_accident(content: bytes) -> None:
    *_, damage = lines(io.BytesIO(content), "x.ndjson.gz")
    assert isinstance(damage, Rejected)


def test_the_rows_of_a_line() -> None:
    assert rows_of(origin(b'{"n": 1}\n'), numbers) == [{"number": 1}]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"n": 1', "the line cannot be read: JSONDecodeError"),
        (b'{"n": NaN}', "the line cannot be read: JSONDecodeError"),
        (b'{"n": "\xff"}', "the line cannot be read: JSONDecodeError"),
        (b"[" * 100_000, "the line cannot be read: JSONDecodeError"),
        (b'{"m": 1}', "the line cannot be read: KeyError"),
        (b"[1]", "the line is no JSON object"),
        (b"null", "the line is no JSON object"),
    ],
)
def test_of_a_line_that_cannot_be_read_only_its_place_and_hash_are_kept(line: bytes, reason: str) -> None:
    found = rows_of(origin(line), numbers)
    assert found == Rejected(reason, None, hashlib.sha256(line).hexdigest(), "x.ndjson.gz", "7", 100, len(line))


def test_a_line_that_fails_halfway_gives_no_rows_at_all() -> None:
    def halfway(line: Row) -> Iterator[Row]:
        yield {"number": 1}
        yield {"number": line["missing"]}

    assert isinstance(rows_of(origin(b"{}"), halfway), Rejected)
