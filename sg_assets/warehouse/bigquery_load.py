"""Loading files in BigQuery: the rows of an object in place of those that it had before.

A `files` table is stored by day of arrival; what it was loaded from is kept object by object, and marks its event days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import bigquery_objects as objects
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse import bigquery_state as states
from sg_assets.warehouse.contract import Load
from sg_assets.warehouse.state import PartitionState, TableState

if TYPE_CHECKING:
    from datetime import date

    from sg_assets.warehouse.bigquery_objects import Loaded, Moved
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_staging import Delivered, Staging


def replaced(load: Load, before: Loaded) -> list[str]:
    """The objects, loaded before, whose rows go."""
    return [] if load.full else [found.name for found in load.objects if found.name in before]


def changed_rows(load: Load, before: Loaded, delivered: Delivered) -> int:
    """How many rows come and go."""
    gone = sum(before[name][0].rows for name in replaced(load, before))
    return max(delivered.rows + gone, int(load.full))


def touched(staging: Staging, script: Script, load: Load, before: Loaded, delivered: Delivered) -> str:
    """The relation that the days of arrival which this load touches will be: what the judge looks at."""
    table = staging.table
    columns = sql.names(column.name for column in table.columns)
    new = f"select {columns} from {delivered.relation}"
    if load.full or not load.objects:
        return f"({new})"
    days = script.values("DATE", sorted({found.day for found in load.objects}))
    again = script.values("STRING", replaced(load, before))
    target = sql.quoted_table(staging.jobs.settings, table.name)
    where = f"{_day(table)} in unnest({days}) and _object not in unnest({again})"
    return f"(select {columns} from {target} where {where} union all {new})"


def publish(staging: Staging, script: Script, load: Load, before: Loaded, delivered: Delivered) -> None:
    """Add to a script what puts the delivered rows in place of those of the same objects."""
    target = sql.quoted_table(staging.jobs.settings, staging.table.name)
    columns = sql.names(column.name for column in staging.table.columns)
    if again := replaced(load, before):
        days = script.values("DATE", sorted({before[name][0].day for name in again}))
        names = script.values("STRING", again)
        script.add(f"delete from {target} where {_day(staging.table)} in unnest({days}) and _object in unnest({names})")
    if delivered.rows:
        script.add(f"insert into {target} ({columns}) select {columns} from {delivered.relation}")


def days_after(staging: Staging, load: Load, moved: Moved) -> dict[date, PartitionState]:
    """The states of the days of arrival that this load touches."""
    rows = dict.fromkeys((found.day for found in load.objects), 0)
    for found, _ in moved.loaded.values():
        if found.day in rows:
            rows[found.day] += found.rows
    seq, code = staging.seq, staging.table.code_version
    return {day: PartitionState(day, seq, load.now, count, str(seq), code) for day, count in sorted(rows.items())}


def note(staging: Staging, script: Script, load: Load, moved: Moved, days: Mapping[date, PartitionState]) -> None:
    """Add to a script what notes the objects, their days, and the marks of the days of events."""
    table = staging.table
    new = {
        states.LOADED_OBJECT: objects.object_rows(table, load, staging.seq),
        states.EVENT_DAY: objects.mark_rows(table.name, moved.marks, staging.seq),
        states.PARTITION_STATE: states.partition_rows(table.name, days.values()),
    }
    for name, rows in new.items():
        states.append_rows(staging, script, name, rows)


def noted(state: TableState, load: Load, moved: Moved, days: Mapping[date, PartitionState]) -> TableState:
    """The state of a load with all its days."""
    kept = {} if load.full else state.partitions
    marks = {**({} if load.full else state.event_days), **moved.marks}
    return replace(
        state,
        partitions=dict(sorted({**kept, **days}.items())),
        event_days={day: mark for day, mark in sorted(marks.items()) if mark is not None},
    )


def _day(table: Table) -> str:
    return sql.quoted(table.partition or "")
