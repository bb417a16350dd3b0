"""`sg-assets refresh`: bring tables up to date on demand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sg_assets.command import FAILED, WRONG_USAGE, as_json, fail, known, print_json, read
from sg_assets.instants import parse_instant

if TYPE_CHECKING:
    from sg_assets.account import Account
    from sg_assets.environment import Environment
    from sg_assets.freshness.plan import Target


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
@click.option("--to", "instant", help="Leave alone what is complete up to this instant (RFC 3339); by default now.")
@click.option("--full", "is_full", is_flag=True, help="Load and build the named tables anew, whatever is there.")
@click.option("--partitions", metavar="FROM..TO", help="Only these days of partitioned tables.")
@click.option("--accept-shrink", is_flag=True, help="Take a listing that lost over half of its rows as true.")
@click.option("--dry-run", is_flag=True, help="Show the plan, its time and its cost, run nothing.")
@click.option("--wait/--no-wait", "is_waiting", default=True, help="Wait for the run of Dagster, or leave it.")
@as_json
@click.pass_obj
def refresh(  # noqa: PLR0913 (one parameter an option)
    env: Environment,
    tables: tuple[str, ...],
    *,
    everything: bool,
    upstream: str,
    instant: str | None,
    is_full: bool,
    partitions: str | None,
    accept_shrink: bool,
    dry_run: bool,
    is_waiting: bool,
    wants_json: bool,
) -> None:
    """Bring TABLES up to date by running only what is stale, in one run.

    The run is Dagster's, where `make up` is running; else it is in this process.
    """
    from sg_assets import discovery, documents, estimate, on_demand, order, show  # noqa: PLC0415
    from sg_assets.freshness.plan import Target  # noqa: PLC0415

    if bool(tables) == everything:
        fail("name the tables to bring up to date, or --all", WRONG_USAGE)
    try:
        days = order.parse_days(partitions) if partitions else ()
    except ValueError as error:
        fail(f"--partitions {partitions}: {error}; write FROM..TO, such as 2026-11-01..2026-11-05", WRONG_USAGE)
    to = read("--to", instant, parse_instant) if instant else None
    if to is not None and to > env.clock():
        fail(f"--to {instant}: nothing can be complete up to the future", WRONG_USAGE)
    if to is not None and (is_full or days):
        fail("--to leaves alone what is there, --full and --partitions build it anew: choose one", WRONG_USAGE)
    names = known(tables, discovery.graph(env.variables))
    target = Target.refresh(names, upstream=upstream, is_full=is_full, days=days, to=to)
    if dry_run:
        made = on_demand.planned(discovery.project(env.variables), env, target)
        seconds = on_demand.estimates(made, env.operations)
        costs = estimate.estimate(made, discovery.graph(env.variables), env)
        print_json(documents.plan(made, seconds, costs)) if wants_json else show.plan(made, seconds, costs)
        return
    account = run(env, target, accept_shrink=accept_shrink, is_waiting=is_waiting)
    print_json(documents.account(account)) if wants_json else show.account(account)
    sys.exit(FAILED if account.has_failed else 0)


def run(env: Environment, target: Target, *, accept_shrink: bool = False, is_waiting: bool = True) -> Account:
    """Plan and run, with a line of progress for each table."""
    from sg_assets import discovery, on_demand  # noqa: PLC0415
    from sg_assets.order import Order  # noqa: PLC0415
    from sg_assets.progress import Progress  # noqa: PLC0415

    named = target.tables or frozenset()
    order = Order(env.clock(), "refresh", target.is_full, target.days, accept_shrink, named)
    with Progress() as progress:
        return on_demand.bring_up_to_date(
            discovery.project(env.variables),
            env,
            target,
            order,
            progress,
            is_waiting=is_waiting,
            beside=env.stand_ins_beside,
        )
