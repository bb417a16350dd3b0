"""After a kill: what was committed is copied to the operations store, and Dagster hears of what it missed.

A state moves in three steps (commit in the warehouse, copy in the operations store, event in Dagster); a process may
end between any two. Both functions look at what is there, so it does not matter how it came about.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.asset_spec import asset_key, state_metadata
from sg_assets.warehouse.state import Change

if TYPE_CHECKING:
    from datetime import datetime

    from sg_assets.environment import Environment
    from sg_assets.freshness.graph import Graph
    from sg_assets.warehouse.state import TableState


def catch_up(env: Environment, graph: Graph, now: datetime, leave: Container[str] = ()) -> None:
    """Create or evolve the raw tables but those to `leave`; copy states that a killed run left in the warehouse only.

    Raises:
        WarehouseError: a table cannot follow its declaration, or somebody else kept the warehouse for too long.
    """
    warehouse = env.open_warehouse()
    try:
        warehouse.ensure([table for table in graph if table.is_raw and table.name not in leave], now)
        env.operations.copy_states(warehouse.id, warehouse.states())
    finally:
        warehouse.close()


def report_unheard(instance: dg.DagsterInstance, env: Environment, graph: Graph) -> list[str]:
    """Report a materialization of each table whose newest state Dagster has not heard of; gives their names.

    That an empty table was made is no news: nothing landed.
    """
    states = {
        name: state
        for name, state in env.operations.states(env.warehouse_id).items()
        if name in graph.tables and state.change is not Change.CREATE
    }
    unheard = {name: seq for name, seq in _heard(instance, list(states)).items() if seq < states[name].seq}
    for name, seq in unheard.items():
        for partition in _partitions(states[name], seq) or [None]:
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    asset_key(name),
                    partition=partition,
                    description="Committed by a run that ended before it could say so.",
                    metadata=state_metadata(states[name]),
                    tags={"dagster/data_version": states[name].content_version},
                )
            )
    return list(unheard)


def _heard(instance: dg.DagsterInstance, names: list[str]) -> Mapping[str, int]:
    """For each table, the sequence number of the newest state that Dagster knows; 0 where it knows none."""
    known = dict.fromkeys(names, 0)
    for record in instance.get_asset_records([asset_key(name) for name in names]):
        event = record.asset_entry.last_materialization
        heard = event.asset_materialization if event else None
        seq = heard.metadata.get("state_seq") if heard else None
        if isinstance(seq, dg.IntMetadataValue) and seq.value is not None:
            known[".".join(record.asset_entry.asset_key.path)] = seq.value
    return known


def _partitions(state: TableState, heard: int) -> list[str | None]:
    """The days written by states after the one that Dagster heard of, as partition keys."""
    return [day.isoformat() for day, part in sorted(state.partitions.items()) if part.seq > heard]
