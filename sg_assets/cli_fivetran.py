"""`sg-assets fivetran …`: having Fivetran sync connections now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sg_assets.command import FAILED, as_json, fail, print_json, read
from sg_assets.instants import parse_span

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.group()
def fivetran() -> None:
    """Fivetran's connections, which copy other systems into the warehouse."""


@fivetran.command("sync")
@click.argument("connections", nargs=-1, required=True)
@click.option("--patience", default="2h", show_default=True, help="How long each is followed: 2h, 90m.")
@as_json
@click.pass_obj
def sync_now(env: Environment, connections: tuple[str, ...], *, patience: str, wants_json: bool) -> None:
    """Have CONNECTIONS (by id or schema) synced now, and follow each to its end; exit 1 unless all end well.

    A sync that runs already is waited for first. Nothing of a connection is changed; its own schedule stays. What is
    no longer followed goes on at Fivetran. Refused in a development copy (SG_TARGET).

    \b
    JSON: [{"connection", "schema", "service",
      "result": "succeeded"|"failed"|"not_followed", "ended_at", "problem"}]
    """  # noqa: D301 (click's mark of a paragraph that is not wrapped)
    from sg_assets import show  # noqa: PLC0415 (commands load what they need, when they do)
    from sg_assets.documents import rfc3339  # noqa: PLC0415
    from sg_assets.fivetran_sync import Synced, SyncError, line, sync_all  # noqa: PLC0415

    span = read("--patience", patience, parse_span)
    out = show.console(is_error=True)
    done: list[Synced] = []

    with out.status(f"following {', '.join(connections)}") as waiting:

        def told(one: Synced, total: int) -> None:
            done.append(one)
            show.say(out, line(one))
            waiting.update(f"{len(done)} of {total} ended")

        try:
            found = sync_all(env, connections, span, told)
        except SyncError as error:
            fail(str(error))
    if wants_json:
        print_json(
            [
                {
                    "connection": one.connection_id,
                    "schema": one.schema,
                    "service": one.service,
                    "result": one.result,
                    "ended_at": rfc3339(one.ended.at if one.ended else None),
                    "problem": one.problem or None,
                }
                for one in found
            ]
        )
    sys.exit(0 if all(one.result == "succeeded" for one in found) else FAILED)
