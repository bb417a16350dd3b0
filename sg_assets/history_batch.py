"""Many partitions of one asset, told to Dagster's history at once.

Dagster stores one event after the other, which costs milliseconds each: of a first build, a third of the time. Its
storage in Postgres takes many materializations together as well; `_store` does the same for those in SQLite and in
memory. The rows are those that single events leave. What is told of a table is in `asset_spec.py`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.clock import wall_clock

if TYPE_CHECKING:
    from dagster._core.storage.event_log import EventLogStorage  # noqa: TID251 (what is made faster here)

MOST = 500
"""How many are stored together: a statement of Postgres takes so many parameters and no more."""


def report(context: dg.AssetExecutionContext, materializations: Iterable[dg.AssetMaterialization]) -> None:
    """Tell of materializations of one asset from within a step, as `context.log_event` does with one."""
    events = _events(context, materializations)
    for start in range(0, len(events), MOST):
        _store(context.instance.event_log_storage, events[start : start + MOST])


def _events(
    context: dg.AssetExecutionContext, materializations: Iterable[dg.AssetMaterialization]
) -> list[dg.EventLogEntry]:
    from dagster._core.events import StepMaterializationData  # noqa: PLC0415, TID251 (what such an event holds)

    running, now = context.get_step_execution_context(), wall_clock().timestamp()
    step, job = running.step, running.job_name
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION.value
    return [
        dg.EventLogEntry(
            error_info=None,
            level=logging.DEBUG,
            user_message=f"Materialized value {one.label}.",
            run_id=context.run.run_id,
            timestamp=now,
            step_key=step.key,
            job_name=job,
            dagster_event=dg.DagsterEvent(
                event_type_value=kind,
                job_name=job,
                step_handle=step.handle,
                node_handle=step.node_handle,
                step_kind_value=step.kind.value,
                event_specific_data=StepMaterializationData(one),
                message=f"Materialized value {one.label}.",
                pid=os.getpid(),
            ),
        )
        for one in materializations
    ]


def _store(storage: EventLogStorage, events: Sequence[dg.EventLogEntry]) -> None:
    """Store materializations of one asset in one run; the last one becomes the newest of the asset."""
    from dagster._core.storage.event_log import (  # noqa: PLC0415, TID251 (as above)
        InMemoryEventLogStorage,
        SqlEventLogStorageTable,
        SqliteEventLogStorage,
    )

    if not isinstance(storage, InMemoryEventLogStorage | SqliteEventLogStorage):
        storage.store_event_batch(events)
        return
    rows = [storage._event_to_row(event) for event in events]  # noqa: SLF001 (as Dagster's own storages do)
    insert = SqlEventLogStorageTable.insert()
    if isinstance(storage, SqliteEventLogStorage):  # it keeps each run in a file of its own, and an index of all
        with storage.run_connection(events[0].run_id) as connection:
            connection.execute(insert, rows)
    with storage.index_transaction() as connection:
        with_ids = insert.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)
        ids = list(connection.execute(with_ids, rows).scalars())
        storage._store_asset_event_tags(connection, events, ids)  # noqa: SLF001 (as above)
        storage._store_asset_event(connection, events[-1], ids[-1])  # noqa: SLF001 (as above)
