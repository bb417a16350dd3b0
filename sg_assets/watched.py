"""Tables that other systems write: how far they have got is looked up in the warehouse and kept as their state.

Nothing is fetched. What of it is worth keeping is the warehouse's to say (`Warehouse.watch`); who looks, and when, is
in `freshness/lookout.py`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sg_assets.checks import judge
from sg_assets.columns import arrow_schema
from sg_assets.promise import Promise
from sg_assets.table import Delivery, Table
from sg_assets.told import Told
from sg_assets.warehouse.contract import Warehouse, WarehouseError, Watch

if TYPE_CHECKING:
    from sg_assets.environment import Environment
    from sg_assets.source import Row
    from sg_assets.warehouse.state import TableState


def look(env: Environment, tables: Iterable[Table], warehouse: Warehouse, now: datetime) -> None:
    """Look at every table that another system writes; one that cannot be read, or is not sound, has failed a try."""
    watched = [table for table in tables if table.delivery is Delivery.WATCHED]
    beside = frozenset(name for table in watched if table.origin for name in table.origin.tables)
    own = frozenset(table.name for table in watched if table.origin is None)
    told = Told(warehouse)
    for table in watched:
        tick = _promise(table).newest_tick(now)
        try:
            if (rows := env.written_by_others(table)) is not None:
                _write(warehouse, table, rows)
            watch = Watch(now, tick, partial(_is_overdue, table, now=now), told.of(table), beside, own)
            warehouse.watch(table, watch, judge)
        except WarehouseError as error:
            env.operations.record_try(table.name, tick.isoformat(), now, reason=str(error))
        else:
            env.operations.clear_attempts([table.name])


def is_due(table: Table, state: TableState | None, now: datetime) -> bool:
    """Whether it is time to look at a watched table: in this tick nothing was noted yet, or it is late soon."""
    if state is None or state.data_through is None:
        return True
    return state.built_at < _promise(table).newest_tick(now) or _is_overdue(table, state.data_through, now)


def _promise(table: Table) -> Promise:
    if isinstance(table.promise, Promise):
        return table.promise
    raise AssertionError(table.name)  # it is declared with its source's promise


def _is_overdue(table: Table, through: datetime, now: datetime) -> bool:
    promise = _promise(table)
    return promise.breach(through, promise.warn) <= now


def _write(warehouse: Warehouse, table: Table, rows: Iterable[Row]) -> None:
    """Write as the other system would."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows), arrow_schema(table.columns)), file)
        warehouse.overwrite(table, [file])
