"""`sg-assets watchdog`, `sg-assets alerts …` and `sg-assets sandbox slack`: who delivers alerts, and what arrived."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sg_assets.command import as_json, fail, print_json

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.command()
@click.pass_obj
def watchdog(env: Environment) -> None:
    """Deliver alerts, and say when the watch or Dagster is not running, until Ctrl-C; `up` does so by itself."""
    from sg_assets.alerts.watchdog import start  # noqa: PLC0415 (commands load what they need, when they do)

    sys.exit(start(env))


@click.group()
def alerts() -> None:
    """The channels of alerts."""


@alerts.command()
@click.pass_obj
def test(env: Environment) -> None:
    """Send a message to every address of sg_assets/alerts/owners.yaml, and say which took it; exit 1 if one did not."""
    from sg_assets.alerts import configured, routing, trial  # noqa: PLC0415 (as above)

    try:
        table = routing.read()
    except routing.RoutingError as error:
        fail(str(error))
    found = configured.channels(env, table, sys.stderr)
    results = trial.send(found.channels, table, env.clock())
    for address, problem in results.items():
        click.echo(f"{address}: {problem or 'took it'}")
    for kind, unset in found.missing.items():
        click.echo(f"{kind}: not used, {', '.join(unset)} not set")
    sys.exit(1 if any(results.values()) else 0)


@click.command()
@click.option("--channel", help="Only this one, by its id.")
@as_json
@click.pass_obj
def slack(env: Environment, channel: str | None, *, wants_json: bool) -> None:
    """What arrived at the made-up company's Slack, in order, as it reads now."""
    from sg_assets.sandbox.slack_messages import Messages  # noqa: PLC0415 (as above)

    posted = Messages(env.shared_home).all(channel)
    if wants_json:
        print_json([asdict(one) for one in posted])
        return
    for one in posted:
        edits = f", edited {one.edits} times" if one.edits > 1 else ", edited" if one.edits else ""
        below = f" below {one.thread_ts}" + (" and in the channel" if one.is_broadcast else "") if one.thread_ts else ""
        click.echo(f"{one.channel} {one.ts}{below}{edits}")
        for line in one.text.splitlines():
            click.echo(f"    {line}")
    if not posted:
        click.echo("nothing was posted")
