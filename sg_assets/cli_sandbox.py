"""`sg-assets sandbox …`: serve the made-up company's stand-ins, and switch faults on and off."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.command()
@click.option("--port", default=8900, show_default=True, help="Port on 127.0.0.1.")
@click.pass_obj
def serve(env: Environment, port: int) -> None:
    """Serve every stand-in over HTTP under /<source>/ until Ctrl-C.

    Point any client at it, or a source of ours by SG_<SOURCE>_URL, with a proxy in between if you like.
    """
    from sg_assets.sandbox import server  # noqa: PLC0415 (brings the web server)

    env.remember_anchor()
    click.echo(f"stand-ins at http://127.0.0.1:{port}/<source>/: {', '.join(sorted(env.sandbox.apps()))}", err=True)
    try:
        server.run_forever(env.sandbox, port)
    except OSError as error:
        click.echo(f"sg-assets: port {port} cannot be had ({error}); choose another one with --port", err=True)
        sys.exit(1)


@click.group()
def fault() -> None:
    """What goes wrong on purpose: switch faults on, list them, clear them."""


@fault.command("on", context_settings={"show_default": True})
@click.argument("kind")
@click.argument("source", default="*")
@click.option("--match", default="*", help="Shell pattern for the path, table, object or feed.")
@click.option("--count", type=int, help="How often; by default until cleared.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An option, such as retry_after=5.")
@click.pass_obj
def switch_on(  # noqa: PLR0913 (one parameter an option)
    env: Environment, kind: str, source: str, *, match: str, count: int | None, settings: tuple[str, ...]
) -> None:
    """Switch on a fault of KIND at SOURCE (* for all)."""
    from sg_assets.sandbox.faults import Kind  # noqa: PLC0415

    if kind not in {str(known) for known in Kind}:
        msg = f"no such fault: {kind}; there are {', '.join(str(known) for known in Kind)}"
        raise click.UsageError(msg)
    options = dict(setting.partition("=")[::2] for setting in settings)
    env.remember_anchor()
    made = env.sandbox.faults.switch_on(kind, source, match=match, count=count, **options)
    click.echo(f"fault {made.id} is on: {made.kind} at {made.source}")


@fault.command("list")
@click.option("--json", "wants_json", is_flag=True, help="One JSON document on standard output.")
@click.pass_obj
def list_faults(env: Environment, *, wants_json: bool) -> None:
    """The faults that are on."""
    on = env.sandbox.faults.list()
    if wants_json:
        keys = ("id", "kind", "source", "match", "left")
        click.echo(json.dumps([{k: getattr(f, k) for k in keys} | {"options": dict(f.options)} for f in on], indent=2))
        return
    for found in on:
        left = "" if found.left is None else f", {found.left} times more"
        options = "".join(f", {name}={value}" for name, value in found.options.items())
        click.echo(f"{found.id:>3} {found.kind} at {found.source} matching {found.match}{left}{options}")
    if not on:
        click.echo("no fault is on")


@fault.command()
@click.argument("fault_id", type=int, required=False)
@click.pass_obj
def clear(env: Environment, fault_id: int | None) -> None:
    """Switch off one fault, or all of them."""
    click.echo(f"{env.sandbox.faults.clear(fault_id)} switched off")
