"""Looking at tables in the DuckDB file that another system writes: how far they reach, and whether they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.table import Table
from sg_assets.warehouse import evolution
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.duckdb_sql import bigquery_type, content_version, quoted, quoted_table
from sg_assets.warehouse.duckdb_staging import content
from sg_assets.warehouse.duckdb_state import next_state
from sg_assets.warehouse.state import Change, TableState

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a table is now: its rows, a mark of their content, how far they reach (None: there are none)."""

    rows: int
    version: str
    through: datetime | None


def seen(connection: DuckDBPyConnection, table: Table, now: datetime) -> Seen:
    """Look at a table. It reaches no further than now, whatever the clock of its writer says.

    Raises:
        WarehouseError: it has not the declared columns.
    """
    _refuse_other_columns(connection, table)
    target = quoted_table(table.name)
    rows, hashes = content(connection, table, target)
    newest = connection.execute(f"select max({quoted(table.event_column or '')}) from {target}").fetchone()
    return Seen(rows, content_version(rows, hashes), _through(newest[0] if newest else None, now))


def _through(newest: date | datetime | None, now: datetime) -> datetime | None:
    if newest is None:
        return None
    if isinstance(newest, datetime):
        return min(newest.astimezone(UTC), now)
    return min(datetime.combine(newest, datetime.min.time(), UTC) + DAY, now)


def _refuse_other_columns(connection: DuckDBPyConnection, table: Table) -> None:
    stored = evolution.stored(connection, table.name)[table.name].columns
    wrong = [
        f"{c.name} is not there"
        if c.name not in stored
        else f"{c.name} is {bigquery_type(stored[c.name])}, declared as {c.type}"
        for c in table.columns
        if stored.get(c.name) != c.duckdb_type
    ]
    if wrong:
        msg = f"{table.file}: {table.name}, which another system writes, is not as declared: {'; '.join(wrong)}"
        raise WarehouseError(msg)


def unmoved(previous: TableState | None, found: Seen, watch: Watch) -> str | None:
    """Why nothing is to be noted; None when something is."""
    if found.through is None:
        return "nothing was written yet"
    if previous is None or previous.data_through is None:
        return None
    if found.version == previous.content_version and found.through <= previous.data_through:
        return "nothing new was written"
    has_recovered = watch.is_overdue(previous.data_through) and not watch.is_overdue(found.through)
    if previous.built_at >= watch.last_tick and not has_recovered:
        return "what was written since will be noted at the next tick"
    return None


def state_after(table: Table, watch: Watch, previous: TableState | None, found: Seen) -> TableState:
    """The state row of what was seen; how far the data reaches never goes back."""
    reached = [at for at in (previous.data_through if previous else None, found.through) if at is not None]
    return next_state(
        previous,
        table=table.name,
        built_at=watch.now,
        rows=found.rows,
        data_through=max(reached),
        content_version=found.version,
        code_version=table.code_version,
        change=Change.WATCH,
    )
