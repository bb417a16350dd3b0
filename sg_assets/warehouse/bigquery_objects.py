"""What `files` tables in BigQuery were loaded from, object by object, and the marks of their days of events.

The mark of a day is a hash over the objects with rows of it: name, generation, number of rows, and the version of the
code that read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_state import LOADED_OBJECT, as_json, current
from sg_assets.warehouse.state import LoadedObject

if TYPE_CHECKING:
    from sg_assets.table import Table
    from sg_assets.warehouse.bigquery_jobs import Jobs
    from sg_assets.warehouse.contract import Load

Loaded = Mapping[str, tuple[LoadedObject, str]]
"""Objects by name, each with the version of the code that read it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a load makes of a table's objects: all that there are, and new marks of days (None: no rows any more)."""

    loaded: Loaded
    marks: Mapping[date, str | None]


def read(jobs: Jobs, table: str) -> Loaded:
    """What a table was loaded from."""
    script = sql.Script()
    columns = "object, generation, feed, day, hour, row_count, rejected, event_days, code_version"
    which = f"table_name = {script.value('STRING', table)}"
    found = f"select {columns} from ({current(jobs, LOADED_OBJECT)}) where {which} order by object"
    rows = jobs.run(found, script.parameters, table=table)
    return dict(_object(*row) for row in rows)


def _object(*row: Any) -> tuple[str, tuple[LoadedObject, str]]:  # noqa: ANN401 (a row of BigQuery's)
    name, generation, feed, day, hour, count, rejected, event_days, code = row
    days = {date.fromisoformat(day): rows for day, rows in json.loads(event_days).items()}
    return name, (LoadedObject(name, generation, feed, day, hour, count, rejected, days), code)


def moved(before: Loaded, table: Table, load: Load) -> Moved:
    """What there is after a load: its objects in place of those of the same names, or of all (`load.full`)."""
    new = {found.name: (found, table.code_version) for found in load.objects}
    after = new if load.full else {**before, **new}
    gone = before.values() if load.full else [before[name] for name in new if name in before]
    touched = {day for found, _ in (*gone, *new.values()) for day in found.event_days}
    return Moved(after, {day: _mark(day, after.values()) for day in sorted(touched)})


def _mark(day: date, loaded: Iterable[tuple[LoadedObject, str]]) -> str | None:
    parts = sorted(
        (found.name, found.generation, found.event_days[day], code)
        for found, code in loaded
        if found.event_days.get(day)
    )
    return sha256(json.dumps(parts).encode()).hexdigest()[:32] if parts else None


def object_rows(table: Table, load: Load, seq: int) -> list[Mapping[str, object]]:
    """The objects of a load as rows of `sg_ops.loaded_object`."""
    return [
        {
            "table_name": table.name,
            "object": found.name,
            "seq": seq,
            "generation": found.generation,
            "feed": found.feed,
            "day": found.day,
            "hour": found.hour,
            "row_count": found.rows,
            "rejected": found.rejected,
            "event_days": as_json({day.isoformat(): rows for day, rows in found.event_days.items()}),
            "code_version": table.code_version,
        }
        for found in load.objects
    ]


def mark_rows(table: str, marks: Mapping[date, str | None], seq: int) -> list[Mapping[str, object]]:
    """New marks as rows of `sg_ops.event_day`."""
    return [{"table_name": table, "day": day, "seq": seq, "mark": mark} for day, mark in marks.items()]
