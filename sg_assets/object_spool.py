"""Rows of many objects on their way to the warehouse: which fit, how many each object has, by the day of their event.

One object is too small a batch to be fast, and what the warehouse keeps is by object; here both are had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from sg_assets.lines import lines, rows_of
from sg_assets.rows import Origin
from sg_assets.source import Arrival, Parse, Row
from sg_assets.spool import BATCH_ROWS, Spool, Spooled
from sg_assets.warehouse.contract import Rejected
from sg_assets.warehouse.state import LoadedObject

if TYPE_CHECKING:
    import pyarrow as pa

    from sg_assets.table import Table

HOUR = timedelta(hours=1)
AHEAD = 24 * HOUR
"""How far a row's event time may be ahead of its object's hour: more is no clock skew, but a wrong time."""
BATCH_BYTES = 4 << 20
"""Bytes of lines that are Python objects at a time; more only give the garbage collector more to walk."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Some objects, read whole: their rows in files, and each object with what it held.

    `skewed` counts the rows kept although their event time is after their object's hour.
    """

    spooled: Spooled
    objects: Sequence[LoadedObject]
    skewed: int


class ObjectSpool:
    """The rows of one `files` table: fitted many objects at a time, but counted by object."""

    def __init__(self, table: Table, folder: Path) -> None:
        """Spool rows of `table` into `folder`, which is the caller's to remove."""
        self._spool = Spool(table, folder)
        self._event_column = cast("str", table.event_column)
        self._ahead: list[tuple[Row, Origin]] = []
        self._ahead_bytes = 0
        self._objects: dict[str, LoadedObject] = {}
        self._ends: dict[str, int] = {}  # when each object's hour ends, in microseconds since 1970
        self._skewed = 0

    def read(self, file: BinaryIO, arrival: Arrival, parse: Parse) -> None:
        """Take all lines of one object."""
        name, day = arrival.object_name, arrival.day
        hour = datetime(day.year, day.month, day.day, arrival.hour, tzinfo=UTC)
        self._ends[name] = int((hour + HOUR).timestamp()) * 1_000_000
        self._objects[name] = LoadedObject(name, arrival.generation, arrival.feed, day, arrival.hour, 0, 0, {})
        for number, origin in enumerate(lines(file, name, arrival.generation), 1):
            if isinstance(origin, Rejected):
                self._reject(name, origin)
            elif not origin.line.isspace():
                rows = rows_of(origin, lambda line: parse(line, arrival))
                if isinstance(rows, Rejected):
                    self._reject(name, rows)
                else:
                    place = {"_object_on": day, "_object": name, "_line": number}
                    lighten = self._spool.shape.lighten
                    self._ahead += [(lighten({**row, **place, "_item": item}), origin) for item, row in enumerate(rows)]
                    self._ahead_bytes += len(origin.line)
            if len(self._ahead) >= BATCH_ROWS or self._ahead_bytes >= BATCH_BYTES:
                self._fit_ahead()

    def take(self) -> Reading:
        """Finish what was read so far."""
        self._fit_ahead()
        reading = Reading(self._spool.take(), list(self._objects.values()), self._skewed)
        self._objects, self._ends, self._skewed = {}, {}, 0
        return reading

    def _reject(self, name: str, found: Rejected) -> None:
        self._spool.add_rejected([found])
        self._objects[name] = replace(self._objects[name], rejected=self._objects[name].rejected + 1)

    def _fit_ahead(self) -> None:
        ahead, self._ahead, self._ahead_bytes = self._ahead, [], 0
        if not ahead:
            return
        fitted = self._spool.shape.fit([row for row, _ in ahead])
        kept = [pair for i, pair in enumerate(ahead) if i not in fitted.misfits]
        misfits = [(*ahead[i], reason) for i, reason in sorted(fitted.misfits.items())]
        table, untimely = self._timely(fitted.table, [row for row, _ in kept])
        misfits += [(*kept[i], reason) for i, reason in untimely.items()]
        for row, origin, reason in misfits:
            self._reject(origin.object_name, origin.rejected(reason, row))
        self._count(table)
        self._spool.add_table(table, fitted.unknown)

    def _timely(self, table: pa.Table, rows: Sequence[Row]) -> tuple[pa.Table, dict[int, str]]:
        """The rows whose event time can be, and the positions of the others, with why."""
        import pyarrow as pa
        import pyarrow.compute as pc

        ends = [self._ends[cast("str", row["_object"])] for row in rows]
        times = table[self._event_column].cast(pa.timestamp("us")).cast(pa.int64())
        ahead = pc.subtract(times, pa.array(ends, pa.int64()))
        limit = AHEAD // timedelta(microseconds=1)
        self._skewed += pc.sum(pc.and_(pc.greater(ahead, 0), pc.less_equal(ahead, limit))).as_py() or 0
        is_good = pc.fill_null(pc.less_equal(ahead, limit), False)  # noqa: FBT003 (the value to fill in)
        if pc.all(is_good).as_py() in (True, None):
            return table, {}
        late = f"{self._event_column}: over {AHEAD // HOUR} h ahead of the object's hour"
        empty = f"{self._event_column}: the event has no time"
        reasons = {
            i: empty if gap is None else late for i, gap in enumerate(ahead.to_pylist()) if not is_good[i].as_py()
        }
        return table.filter(is_good), reasons

    def _count(self, table: pa.Table) -> None:
        """Add the rows to their objects, by the UTC day of their event."""
        import pyarrow as pa

        days = table[self._event_column].cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
        counted = (
            pa.table({"name": table["_object"], "day": days}).group_by(["name", "day"]).aggregate([([], "count_all")])
        )
        for found in counted.to_pylist():
            item = self._objects[found["name"]]
            total = Counter(item.event_days)
            total[found["day"]] += found["count_all"]
            self._objects[found["name"]] = replace(item, rows=item.rows + found["count_all"], event_days=dict(total))
