"""The SQL that one build of a derived table runs: its own, narrowed to days, with the run's day in it.

Still in BigQuery's dialect; how a warehouse runs it is the warehouse's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sg_assets.day_snapshot import dated
from sg_assets.table import Table


def build_sql(
    table: Table, tables: Mapping[str, Table], days: Collection[date], now: datetime, known_at: datetime | None = None
) -> str:
    """The table's SQL for these days (none: all of it), with the day of `now` in place of CURRENT_DATE().

    `tables` are those of the graph, by name. `known_at` is how far the inputs of a `snapshot: day` reach.
    """
    if known_at is not None:
        return dated(table.sql, days, known_at)
    from sg_assets.sql_file import narrow  # noqa: PLC0415 (brings sqlglot, slow to import)
    from sg_assets.warehouse import dialect  # noqa: PLC0415

    sql = narrow(table, tables, sorted(days))
    return dialect.pin_current_date(sql, now.date()) if table.reads_current_date else sql
