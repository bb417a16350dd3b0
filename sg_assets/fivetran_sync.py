"""Syncs on demand: having some of Fivetran's connections synced at the same time, each followed to its end.

How one is asked for and followed is in `sources/fivetran/trigger.py`. Here is who is meant, what became of each, and
the job by which the UI does it. Nothing of a connection is changed: it keeps its own schedule.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import timedelta

import dagster as dg

from sg_assets.clock import wall_clock
from sg_assets.environment import Environment
from sg_assets.freshness.busy import NO_TABLE
from sg_assets.http import Client, SourceError
from sg_assets.instants import parse_span
from sg_assets.sources.fivetran import Item, connect, fivetran, listed
from sg_assets.sources.fivetran.trigger import PATIENCE, Ended, Following, sync

JOB, OP = "sync_fivetran", "sync_connections"
FROZEN = "SG_CLOCK holds the sandbox's clock: a sync would never end"


class SyncError(Exception):
    """Nothing was asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of one connection: `ended` where the end of its sync was seen, else `problem`."""

    connection_id: str
    schema: str
    service: str
    ended: Ended | None = None
    problem: str = ""

    @property
    def result(self) -> str:
        """`succeeded`, `failed` or `not_followed`."""
        if self.ended is None:
            return "not_followed"
        return "succeeded" if self.ended.has_succeeded else "failed"


def chosen(connections: Iterable[Item], words: Sequence[str]) -> list[Synced]:
    """The connections that words mean, by id or schema, each once.

    Raises:
        SyncError: a word is none, or the schema of several.
    """
    known = list(connections)
    found: dict[str, Synced] = {}
    for word in words:
        meant = [one for one in known if word in {one["id"], one.get("schema")}]
        if len(meant) != 1:
            names = ", ".join(sorted(f"{one['id']} ({one.get('schema')})" for one in meant or known))
            msg = f"{word} is {'the schema of several connections' if meant else 'no connection'}; there are {names}"
            raise SyncError(msg)
        found[meant[0]["id"]] = Synced(meant[0]["id"], str(meant[0].get("schema")), str(meant[0].get("service")))
    return list(found.values())


def sync_all(
    env: Environment,
    words: Sequence[str],
    patience: timedelta = PATIENCE,
    told: Callable[[Synced, int], None] = lambda _one, _total: None,
) -> list[Synced]:
    """Sync the connections that words mean, all at the same time; gives what became of each, in their order.

    Args:
        env: says how Fivetran is reached.
        words: ids or schemas of connections.
        patience: how long each is followed.
        told: hears of each as it is done, and how many there are.

    Raises:
        SyncError: Fivetran is not connected, does not list its connections, or a word is none of them; or this is a
            development copy.
    """
    if env.is_clock_frozen:
        raise SyncError(FROZEN)
    if env.target:
        msg = f"SG_TARGET={env.target}: a sync changes what production reads; unset it to sync"
        raise SyncError(msg)
    connection = env.connection(fivetran)
    if connection.settings is None:
        raise SyncError(connection.reason)
    following = Following(wall_clock, patience=patience)
    with connect(connection.base_url, connection.settings) as http:
        try:
            asked = chosen(listed(http), words)
        except SourceError as error:
            raise SyncError(str(error)) from error
        done: dict[str, Synced] = {}
        with ThreadPoolExecutor(max(1, len(asked)), thread_name_prefix="fivetran") as pool:
            for future in as_completed([pool.submit(_followed, http, one, following) for one in asked]):
                one = future.result()
                done[one.connection_id] = one
                told(one, len(asked))
    return [done[one.connection_id] for one in asked]


def _followed(http: Client, one: Synced, following: Following) -> Synced:
    try:
        return replace(one, ended=sync(http, one.connection_id, following))
    except SourceError as error:
        return replace(one, problem=str(error))


def line(one: Synced) -> str:
    """What is said of one to people."""
    at = f" at {one.ended.at:%Y-%m-%d %H:%M} UTC" if one.ended else ""
    return f"{one.schema} ({one.connection_id}): {one.result.replace('_', ' ')}{at}{one.problem and f': {one.problem}'}"


class Request(dg.Config):
    """Which connections, by id or schema, and how long each is followed: `2h`, `90m`."""

    connections: list[str]
    patience: str = "2h"


def job(env: Environment) -> dg.JobDefinition:
    """The job that does the same from the UI; nobody waits for its runs, since they are about no table."""

    @dg.op(name=OP, description="Asks Fivetran for a sync of each connection, and follows them to their ends.")
    def sync_connections(context: dg.OpExecutionContext, config: Request) -> None:
        try:
            patience = parse_span(config.patience)
            done = sync_all(env, config.connections, patience, lambda one, _total: context.log.info(line(one)))
        except (SyncError, ValueError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        if wrong := [one for one in done if one.result != "succeeded"]:
            raise dg.Failure("; ".join(map(line, wrong)), allow_retries=False)

    @dg.job(
        name=JOB,
        description="Sync connections of Fivetran now: `sg-assets fivetran sync` from here. Say which in the "
        "launchpad; their own schedules stay as they are.",
        executor_def=dg.in_process_executor,
        tags={NO_TABLE: "true"},
    )
    def sync_fivetran() -> None:
        sync_connections()

    return sync_fivetran
