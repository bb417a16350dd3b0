"""Building derived tables in BigQuery: the staged rows against what is there, and what puts them in place.

Contents are compared by row count and row hashes, those of before being in the state, so that a rebuild that gives the
same rows keeps its content version and writes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.contract import Build
from sg_assets.warehouse.state import PartitionState, TableState
from sg_assets.warehouse.transitions import content_version

if TYPE_CHECKING:
    from sg_assets.warehouse.bigquery_sql import Script
    from sg_assets.warehouse.bigquery_staging import Staging


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a build: their new states, which of them have other rows than before, and how many rows move."""

    states: Mapping[date, PartitionState]
    changed: tuple[date, ...]
    moved: int


def wanted_rows(table: Table, build: Build, staged: str) -> str:
    """The relation of the staged rows that are to be published: those of the wanted days, where there are days."""
    if not table.is_partitioned:
        return staged
    days = ", ".join(f"date '{day}'" for day in sorted(build.partitions))
    return f"(select * from {staged} where {_day(table)} in ({days}))"


def left_out(staging: Staging, build: Build, staged: str) -> tuple[str, ...]:
    """What to tell of staged rows outside the wanted days: they are in no partition."""
    first, last = min(build.partitions), max(build.partitions)
    inside = f"{_day(staging.table)} between date '{first}' and date '{last}'"
    counted = f"select count(*) from {staged} where ({inside}) is not true"
    ((outside,),) = staging.jobs.run(counted, table=staging.table.name)
    return (f"{outside} rows of days outside {first}..{last} left out",) if outside else ()


def days(staging: Staging, build: Build, staged: str, previous: TableState | None) -> Days:
    """What the staged rows make of the wanted days; `previous` is None where nothing of before counts."""
    table, source = staging.table, wanted_rows(staging.table, build, staged)
    counted = f"select {_day(table)}, count(*), {sql.content_hash(table.columns)} from {source}"
    found = {
        day: (int(str(rows)), content_version(int(str(rows)), sql.as_hash(hashes)))
        for day, rows, hashes in staging.jobs.run(f"{counted} group by {_day(table)}", table=table.name)
    }
    before = previous.partitions if previous else {}
    states, changed, moved = {}, [], 0
    for day, inputs in sorted(build.partitions.items()):
        rows, version = found.get(day, (0, content_version(0, 0)))
        states[day] = PartitionState(day, staging.seq, build.now, rows, version, table.code_version, dict(inputs))
        old = before.get(day)
        if (old.content_version if old else content_version(0, 0)) != version:
            changed.append(day)
            moved += rows + (old.rows if old else 0)
    return Days(states, tuple(changed), moved)


def replace_days(staging: Staging, script: Script, staged: str, days: Days, known: set[date]) -> None:
    """Add to a script what puts changed days in place of the same days.

    Rows of days that are not `known` are of an earlier shape of the table (it was cut by another column, or not at
    all), and go.
    """
    table = staging.table
    target, day = sql.quoted_table(staging.jobs.settings, table.name), _day(table)
    columns = sql.names(column.name for column in table.columns)
    changed, kept = script.values("DATE", days.changed), script.values("DATE", sorted(known))
    script.add(f"delete from {target} where {day} in unnest({changed}) or {day} is null or {day} not in unnest({kept})")
    if days.changed:
        script.add(f"insert into {target} ({columns}) select {columns} from {staged} where {day} in unnest({changed})")


def _day(table: Table) -> str:
    return sql.quoted(table.partition or "")
