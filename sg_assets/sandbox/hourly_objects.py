"""Objects of a bucket that are written hour by hour: their names, when each exists, and what is in it.

An object of an hour exists some minutes after the hour's end, also when nothing happened, and never changes; a fault
can stop a feed, hold up, spoil or rewrite an object, and the generation then tells that it is another one.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.faults import ANY, Fault, Kind
from sg_assets.sandbox.sandbox import Sandbox

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAST_DELAY, DELAYS = 120, 421
"""Seconds after the end of an hour at which its object is there: 120 to 540."""
SINGLE_AGE = timedelta(days=400)
"""How long before the anchor an object by itself was written."""
MADE_ANEW = (
    Kind.CORRUPT_LINE,
    Kind.CHANGED_OBJECT,
    Kind.UNKNOWN_FIELD,
    Kind.NULL_VALUE,
    Kind.WRONG_VALUE,
    Kind.REPEATED_ROW,
)
"""Faults of an object's content: the object counts as written anew, so its generation is another one."""
SUFFIX = ".ndjson.gz"
_DAY_AND_HOUR = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)(?:/(?P<hour>\d\d)?|$)")


@dataclass(frozen=True, slots=True)
class Feed:
    """One object an hour: `<prefix>/<day>/<hour>/<name>.ndjson.gz` with the lines of that hour."""

    prefix: str
    name: str
    lines: Callable[[datetime], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Single:
    """One object by itself, there since before everything."""

    name: str
    lines: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Stored:
    """One object that exists now."""

    name: str
    created_at: datetime
    generation: int
    lines: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Named:
    """An object by its name, made by a feed for an hour; one without an hour stands by itself."""

    name: str
    lines: Callable[[], Sequence[str]]
    feed: str = ""
    hour: datetime | None = None


@dataclass(frozen=True)
class Bucket:
    """What a bucket holds, as of the sandbox's clock and faults."""

    name: str
    source: str
    sandbox: Sandbox
    feeds: tuple[Feed, ...]
    singles: tuple[Single, ...] = ()

    def objects(self, prefix: str = "", after: str = "") -> Iterator[Stored]:
        """The objects whose name begins with a prefix and comes after another, in the order of their names."""
        faults = [fault for fault in self.sandbox.faults.list() if fault.source in {ANY, self.source}]
        named = [*(_Named(single.name, single.lines) for single in self.singles), *self._hourly(prefix)]
        for one in sorted(named, key=lambda one: one.name):
            if one.name.startswith(prefix) and one.name > after and (stored := self._stored(one, faults)):
                yield stored

    def find(self, name: str) -> Stored | None:
        """The object of a name, if it exists now."""
        return next((stored for stored in self.objects(name) if stored.name == name), None)

    def content(self, stored: Stored) -> bytes:
        """The bytes of an object, the same ones each time."""
        lines = list(stored.lines())
        for fault in self.sandbox.faults.list():
            if lines and fault.kind in MADE_ANEW and fault.concerns(self.source, stored.name):
                lines = spoiled(lines, fault)
        text = "".join(f"{line}\n" for line in lines).encode()
        return gzip.compress(text, compresslevel=1, mtime=0) if stored.name.endswith(".gz") else text

    def _hourly(self, prefix: str) -> Iterator[_Named]:
        """Every hour that is over, of the feeds and days that the prefix does not rule out."""
        begin, end = self.sandbox.anchor - self.sandbox.history, hour_of(self.sandbox.now())
        for feed in self.feeds:
            stem = f"{feed.prefix}/"
            if not (stem.startswith(prefix) or prefix.startswith(stem)):
                continue
            first, last = _span_of(prefix[len(stem) :], begin, end)
            for place in range(max(0, (last - first) // HOUR)):
                hour = first + place * HOUR
                name = f"{stem}{hour:%Y-%m-%d}/{hour:%H}/{feed.name}{SUFFIX}"
                yield _Named(name, partial(feed.lines, hour), feed.name, hour)

    def _stored(self, one: _Named, faults: Sequence[Fault]) -> Stored | None:
        """The object as it is now, None while it is not there."""
        delay = timedelta(seconds=LEAST_DELAY + number(self.sandbox.seed, "delay", one.name) % DELAYS)
        created = one.hour + HOUR + delay if one.hour else self.sandbox.anchor - SINGLE_AGE
        marks = 0
        for fault in faults:
            if fault.kind is Kind.STOPPED_FEED:
                if one.hour and fault.concerns(self.source, one.feed) and is_between(one.hour, fault):
                    return None
            elif fault.concerns(self.source, one.name):
                if fault.kind is Kind.LATE_OBJECT:
                    created = max(created, _instant(fault.options["until"]))
                elif fault.kind in MADE_ANEW:
                    marks += fault.id
        if created > self.sandbox.now():
            return None
        micros = number(self.sandbox.seed, "generation", one.name) % 900_000
        return Stored(one.name, created, int(created.timestamp()) * 1_000_000 + micros + marks, one.lines)


def spoiled(lines: list[str], fault: Fault) -> list[str]:
    """The lines of an object with a fault: of the first one, or of the object as a whole."""
    first, others = lines[0], lines[1:]
    match fault.kind:
        case Kind.CORRUPT_LINE:
            return [first[: len(first) // 2], *others]
        case Kind.CHANGED_OBJECT:
            return others
        case Kind.REPEATED_ROW:
            return [*lines, first]
        case Kind.UNKNOWN_FIELD:
            return [_with(line, str(fault.options.get("field", "surprise")), "surprise") for line in lines]
        case Kind.NULL_VALUE:
            return [_with(first, str(fault.options["field"]), None), *others]
        case _:
            return [_with(first, str(fault.options["field"]), fault.options["value"]), *others]


def _with(line: str, name: str, value: object) -> str:
    """The line with another value in a field; a message's line, with it in every event that it holds."""
    row = json.loads(line)
    if isinstance(row.get("data"), str):
        events = [event | {name: value} for event in json.loads(row["data"])]
        row["data"] = json.dumps(events, separators=(",", ":"))
    else:
        row[name] = value
    return json.dumps(row, separators=(",", ":"))


def _span_of(rest: str, begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The hours that names can be of which go on with the rest of a prefix: of a day, or an hour, named in full."""
    found = _DAY_AND_HOUR.match(rest)
    if not found:
        return begin, end
    try:
        first = datetime.fromisoformat(found["day"]).replace(tzinfo=UTC, hour=int(found["hour"] or 0))
    except ValueError:
        return end, end  # no such day or hour, so no such name
    return max(begin, first), min(end, first + (HOUR if found["hour"] else DAY))


def is_between(hour: datetime, fault: Fault) -> bool:
    """Whether what is of an hour is missing while a feed is stopped."""
    begin, end = fault.options.get("since"), fault.options.get("until")
    return (begin is None or hour >= _instant(begin)) and (end is None or hour < _instant(end))


def _instant(text: object) -> datetime:
    told = datetime.fromisoformat(str(text))
    return told if told.tzinfo else told.replace(tzinfo=UTC)
