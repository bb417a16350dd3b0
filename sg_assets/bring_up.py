"""The job `bring_up_to_date`: in the UI, what `sg-assets refresh` is on the command line.

Whoever launches it says which tables (none: all); it asks the same planner, and brings them up to date in one further
run, in its own process, whose page has every table. A job's own run cannot do that: what it builds is fixed when it is
launched, before the planner was asked. While it works it holds the warehouse's pool, as any run that writes.
"""

from enum import Enum

import dagster as dg

from sg_assets.account import Account, Listener
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.freshness.busy import BRING_UP
from sg_assets.freshness.plan import Target
from sg_assets.in_process import Build, bring_up_to_date
from sg_assets.instants import parse_instant
from sg_assets.order import Order
from sg_assets.run_folder import run_folders
from sg_assets.session import Report, Result

OP = "plan_and_build"


class Upstream(Enum):
    """What is run above the tables."""

    STALE = "stale"
    ALL = "all"
    NONE = "none"


class Request(dg.Config):
    """What to bring up to date: the options of `sg-assets refresh`."""

    tables: list[str] = []  # noqa: RUF012 (a field of a model, not shared)
    upstream: Upstream = Upstream.STALE
    full: bool = False
    to: str = ""


def job(project: Project, env: Environment, build: Build) -> dg.JobDefinition:
    """The job; `build` gives the definitions of the project."""

    @dg.op(name=OP, pool=env.pool, description="Asks the planner what is stale, and builds that in one further run.")
    def bring(context: dg.OpExecutionContext, config: Request) -> None:
        target = target_of(project, config)
        order = Order(env.clock(), "refresh", target.is_full, named=target.tables or frozenset())
        listener = Listener(lambda report, total: context.log.info(line(report, total)))
        with run_folders(context.instance).held(context.run_id):
            account = bring_up_to_date(project, env, target, order, context.instance, build, listener)
        tell(context, account)

    @dg.job(
        name=BRING_UP,
        description="Bring tables up to date by running only what is stale above them: `sg-assets refresh` from here. "
        "Say which in the launchpad; none means all.",
        executor_def=dg.in_process_executor,
    )
    def bring_up() -> None:
        bring()

    return bring_up


def target_of(project: Project, request: Request) -> Target:
    """What a request asks of the planner.

    Raises:
        Failure: it names a table that there is not, or wants two things that exclude each other.
    """
    if unknown := sorted(set(request.tables) - set(project.graph.tables)):
        msg = f"no such table: {', '.join(unknown)}"
        raise dg.Failure(msg, allow_retries=False)
    try:
        to = parse_instant(request.to) if request.to else None
        return Target.refresh(request.tables, upstream=request.upstream.value, is_full=request.full, to=to)
    except ValueError as error:
        msg = f"to {request.to}: {error}"
        raise dg.Failure(msg, allow_retries=False) from error


def line(report: Report, total: int) -> str:
    """What a log says of a table."""
    rows = "" if report.rows is None else f", {report.rows:,} rows"
    return f"{report.table}: {report.result}{rows}, {report.seconds:.2f} s, of {total} tables. {report.reason}"


def tell(context: dg.OpExecutionContext, account: Account) -> None:
    """Say in the job's own run what came of it.

    Raises:
        Failure: a table failed, or could not be brought up to date.
    """
    if account.run_id is None:
        context.log.info("nothing to do: everything that was asked for is up to date")
    else:
        context.add_output_metadata({"run": dg.MetadataValue.dagster_run(account.run_id)})
    wrong = [report for report in account.tables if report.result in {Result.FAILED, Result.BLOCKED}]
    if wrong:
        told = "; ".join(f"{report.table} {report.result}: {report.reason}" for report in wrong)
        raise dg.Failure(told, allow_retries=False)
