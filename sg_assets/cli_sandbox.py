"""`sg-assets sandbox …`: serve the made-up company's stand-ins, and switch faults on and off."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sg_assets.command import WRONG_USAGE, as_json, fail, print_json, read

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.command()
@click.option("--port", default=8900, show_default=True, help="Port on 127.0.0.1.")
@click.option("--beside", "is_beside", is_flag=True, hidden=True)  # how another process of ours starts it
@click.pass_obj
def serve(env: Environment, port: int, *, is_beside: bool) -> None:
    """Serve every stand-in over HTTP under /<source>/ until Ctrl-C.

    Point any client at it; or all of ours by SG_SANDBOX_URL, one source by SG_<SOURCE>_URL, with a proxy in between if
    you like.
    """
    from sg_assets.sandbox import server  # noqa: PLC0415 (brings the web server)

    env.remember_anchor()
    if is_beside:
        server.run_beside(env.sandbox, port, click.echo, sys.stdin.buffer)
        return
    click.echo(f"stand-ins at http://127.0.0.1:{port}/<source>/: {', '.join(sorted(env.sandbox.apps()))}", err=True)
    try:
        server.run_forever(env.sandbox, port, lambda source, url: click.echo(f"{source} at {url}", err=True))
    except OSError as error:
        fail(f"port {port} cannot be had ({error}); choose another one with --port")


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
    from sg_assets.sandbox.faults import ANY, Kind  # noqa: PLC0415
    from sg_assets.sandbox.sandbox import sources, writers  # noqa: PLC0415

    for what, word, there in (
        ("fault", kind, list(Kind)),
        ("source", source, [ANY, *sorted([*sources(), *writers()])]),
    ):
        if word not in there:
            fail(f"no such {what}: {word}; there are {', '.join(there)}", WRONG_USAGE)
    options = dict(read("--set", setting, _option) for setting in settings)
    env.remember_anchor()
    try:
        made = env.sandbox.faults.switch_on(kind, source, match=match, count=count, **options)
    except ValueError as error:
        fail(f"{error}: add --set NAME=VALUE", WRONG_USAGE)
    click.echo(f"fault {made.id} is on: {made.kind} at {made.source}")


def _option(text: str) -> tuple[str, str]:
    """`NAME=VALUE` as both.

    Raises:
        ValueError: it is something else, or what has an option of its own.
    """
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals):
        msg = "write NAME=VALUE, such as retry_after=5"
        raise ValueError(msg)
    if name in {"kind", "source", "match", "count"}:
        msg = f"{name} is not set like this, see --help"
        raise ValueError(msg)
    return name, value


@fault.command("list")
@as_json
@click.pass_obj
def list_faults(env: Environment, *, wants_json: bool) -> None:
    """The faults that are on."""
    on = env.sandbox.faults.list()
    if wants_json:
        keys = ("id", "kind", "source", "match", "left")
        print_json([{k: getattr(f, k) for k in keys} | {"options": dict(f.options)} for f in on])
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
