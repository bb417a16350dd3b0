"""`sg-assets refresh`: bring tables up to date on demand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sg_assets.command import FAILED, WRONG_USAGE, as_json, fail, known, print_json

if TYPE_CHECKING:
    from sg_assets.environment import Environment
    from sg_assets.freshness.plan import Target
    from sg_assets.refresh import Account


@click.command()
@click.argument("tables", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every table.")
@click.option(
    "--upstream",
    type=click.Choice(["stale", "all", "none"]),
    default="stale",
    show_default=True,
    help="What to run above the tables.",
)
@click.option("--full", "is_full", is_flag=True, help="Load and build anew, whatever is there.")
@click.option("--partitions", metavar="FROM..TO", help="Only these days of partitioned tables.")
@click.option("--accept-shrink", is_flag=True, help="Take a listing that lost over half of its rows as true.")
@click.option("--dry-run", is_flag=True, help="Show the plan, run nothing.")
@as_json
@click.pass_obj
def refresh(  # noqa: PLR0913 (one parameter an option)
    env: Environment,
    tables: tuple[str, ...],
    *,
    everything: bool,
    upstream: str,
    is_full: bool,
    partitions: str | None,
    accept_shrink: bool,
    dry_run: bool,
    wants_json: bool,
) -> None:
    """Bring TABLES up to date by running only what is stale, in one run."""
    from sg_assets import discovery, documents, order, show  # noqa: PLC0415
    from sg_assets.freshness.plan import Target  # noqa: PLC0415
    from sg_assets.refresh import planned  # noqa: PLC0415

    if bool(tables) == everything:
        fail("name the tables to bring up to date, or --all", WRONG_USAGE)
    try:
        days = order.parse_days(partitions) if partitions else ()
    except ValueError as error:
        fail(f"--partitions {partitions}: {error}; write FROM..TO, such as 2026-11-01..2026-11-05", WRONG_USAGE)
    target = Target.refresh(known(tables, discovery.graph()), upstream=upstream, is_full=is_full, days=days)
    if dry_run:
        made = planned(discovery.project(), env, target)
        print_json(documents.plan(made)) if wants_json else show.plan(made)
        return
    account = run(env, target, accept_shrink=accept_shrink)
    print_json(documents.account(account)) if wants_json else show.account(account)
    sys.exit(FAILED if account.has_failed else 0)


def run(env: Environment, target: Target, *, accept_shrink: bool = False) -> Account:
    """Plan and run, with a line of progress for each table."""
    from sg_assets import discovery, show  # noqa: PLC0415
    from sg_assets import refresh as launcher  # noqa: PLC0415
    from sg_assets.order import Order  # noqa: PLC0415

    named = target.tables or frozenset()
    order = Order(env.clock(), "refresh", target.is_full, target.days, accept_shrink, named)
    with launcher.instance() as history:
        return launcher.refresh(discovery.project(), env, target, order, history, show.Progress())
