"""Reads, at one moment, everything that the planner and the evaluator are told.

The only bridge from the environment and the operations store to the pure part. It never opens the warehouse, which a
run may be writing, unless nobody has looked into that file yet.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.clock import wall_clock
from sg_assets.development import NEVER_SENT
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.tries import fingerprint, held_until
from sg_assets.promise import Promise
from sg_assets.warehouse.state import MISSING_HOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster import DagsterInstance

    from sg_assets.discovery import Project
    from sg_assets.environment import Environment
    from sg_assets.table import Table
    from sg_assets.warehouse.state import TableState


def facts_now(project: Project, env: Environment, now: datetime, history: DagsterInstance | None = None) -> Facts:
    """The facts of an environment, to be judged at `now`; which checks of ours failed, only Dagster's history knows.

    Tables and sources met for the first time are remembered as met now by the environment's clock, even when it is
    asked what would be so later.
    """
    graph, operations = project.graph, env.operations
    own, lent = operations.states(env.warehouse_id), lent_states(env)
    states = {**lent, **own}
    failed = {name: tries for name, tries in operations.attempts().items() if name in graph.tables}
    held = {
        name: held_until(
            tries,
            is_same=tries.fingerprint == fingerprint(graph[name], states, now),
            next_tick=_next_tick(graph[name], states, now),
        )
        for name, tries in failed.items()
    }
    unconnected = unconnected_tables(project, env)
    missing = _missing_hours(states)
    failing = {name: tries.reason for name, tries in failed.items() if tries.reason} | _lost(project, env, unconnected)
    failed_checks, checked_again = _failed_checks(project, history)
    facts = Facts(
        graph=graph,
        now=now,
        history_start=env.history_start,
        states=states,
        lent=frozenset(lent.keys() - own.keys()),
        unconnected=unconnected,
        held=held,
        failing=missing | {name: "; ".join(filter(None, (missing.get(name), told))) for name, told in failing.items()},
        failed_checks=failed_checks,
        checked_again=checked_again,
        notes=tuple(operations.notes()),
        last_roots={name: stood.roots for name, stood in operations.watch_book.standings().items() if stood.roots},
    )
    connected = [name for name in graph.order if facts.is_connected(name)]  # the age of the others does not count yet
    return replace(facts, first_seen=operations.first_seen(connected, env.clock()))


def lent_states(env: Environment) -> Mapping[str, TableState]:
    """In a development copy, the states of all of production's tables, as its readers have them; else none.

    Raises:
        WarehouseError: production has nothing to read yet.
    """
    return env.place.lent() if env.target else {}


def _failed_checks(project: Project, history: DagsterInstance | None) -> tuple[Mapping[str, str], frozenset[str]]:
    """The tables that failed checks of ours, with the reasons, and those of them that are to be checked again."""
    if not project.checks or history is None:
        return {}, frozenset()
    from sg_assets.freshness import own_checks  # noqa: PLC0415 (brings Dagster, and most commands do without)

    found, now = own_checks.failed(project, history), wall_clock()
    again = [name for name, checks in found.items() if any(check.is_to_be_made_again(now) for check in checks)]
    return own_checks.reasons(found), frozenset(again)


def unconnected_tables(project: Project, env: Environment) -> dict[str, str]:
    """The tables of systems that never were connected, or are listed as disconnected, each with the reason.

    One that was connected once and lost its variables stays connected: its tables grow late. In a development copy a
    table that production lends is as good as connected, and nothing is sent.
    """
    if env.target:
        return _out_of_reach(project, env)
    connected = [system.name for system in project.systems if env.is_connected(system.reached)]
    connected_since = env.operations.connected_once(connected, env.clock())
    return {
        name: env.connection(system.reached).reason or f"{system.name} is listed in SG_DISCONNECTED"
        for system in project.systems
        if system.name not in connected_since or system.name in env.disconnected
        for name in system.tables
    }


def _out_of_reach(project: Project, env: Environment) -> dict[str, str]:
    """The tables that a development copy can neither fetch nor read from production, and all ledgers."""
    lent = lent_states(env)
    absent = {
        name: env.connection(source).reason
        for source in project.sources
        if not env.is_connected(source)
        for name in source.tables
        if name not in lent or not lent[name].has_landed
    }
    ledgers = [one.name for to in project.destinations for one in to.sendings.values()]
    return absent | dict.fromkeys(ledgers, f"SG_TARGET={env.target}: {NEVER_SENT}")


def _lost(project: Project, env: Environment, unconnected: Mapping[str, str]) -> dict[str, str]:
    """The tables of systems that were connected and have lost their variables, each with the reason."""
    if env.target:
        return {}  # whoever works on a copy need not be able to reach what production reads
    return {
        name: env.connection(system.reached).reason
        for system in project.systems
        if not env.is_connected(system.reached)
        for name in system.tables
        if name not in unconnected
    }


def _next_tick(table: Table, states: Mapping[str, TableState], now: datetime) -> datetime | None:
    """The next tick of a raw table that has landed before; None for any other table."""
    state = states.get(table.name)
    if not table.is_raw or state is None or not state.has_landed or not isinstance(table.promise, Promise):
        return None
    return table.promise.next_tick(now)


def _missing_hours(states: Mapping[str, TableState]) -> dict[str, str]:
    """For each `files` table with a hole in a feed, the hours that are missing."""
    return {
        name: f"waits for missing hours: {state.cursor[MISSING_HOURS]}"
        for name, state in states.items()
        if state.cursor and MISSING_HOURS in state.cursor
    }
