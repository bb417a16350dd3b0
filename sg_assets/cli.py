"""`sg-assets`: the command line. Its JSON, field names and exit codes are a contract.

Exit codes: 0 good, 1 something failed, 2 wrong usage, 3 something is late or not as it should be. Commands only gather
and show; the work is done elsewhere.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sg_assets import (
    cli_alerts,
    cli_diff,
    cli_doctor,
    cli_fivetran,
    cli_notes,
    cli_refresh,
    cli_sandbox,
    cli_scheduled_queries,
    cli_tables,
    cli_target,
    environment,
    garbage,
)
from sg_assets.command import LATE, WRONG_USAGE, as_json, fail, known, print_json, read
from sg_assets.instants import parse_instant

if TYPE_CHECKING:
    from sg_assets.environment import Environment


class Commands(click.Group):
    """The group of all commands: expected errors become one clear line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and say what the user can do about an expected error."""
        from sg_assets.freshness.graph import GraphError  # noqa: PLC0415 (commands load what they need, when they do)
        from sg_assets.running_dagster import DagsterError  # noqa: PLC0415
        from sg_assets.sql_header import SqlFileError  # noqa: PLC0415
        from sg_assets.warehouse.contract import WarehouseError  # noqa: PLC0415

        try:
            return super().invoke(ctx)
        except (environment.EnvironmentProblem, DagsterError, GraphError, SqlFileError, WarehouseError) as error:
            fail(str(error))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """The company's data as assets that are up to date, or say why not."""
    garbage.seek_seldom()
    context.obj = env = environment.load()
    context.call_on_close(env.close)


@main.command()
@click.option("--port", default=3000, envvar="PORT", show_default=True, help="Port of the Dagster UI on 127.0.0.1.")
@click.pass_obj
def up(env: Environment, port: int) -> None:
    """Bring every table up to date, show the verdicts, and serve the Dagster UI until Ctrl-C."""
    from sg_assets import show  # noqa: PLC0415
    from sg_assets import up as launcher  # noqa: PLC0415
    from sg_assets.freshness.plan import Target  # noqa: PLC0415

    def build() -> None:
        account = cli_refresh.run(env, Target.refresh())
        if account.has_failed:
            show.console(is_error=True).print("some tables failed; Dagster is served all the same, to look at them")

    with env.stand_ins_beside() as stand_ins:
        code = launcher.up(
            port,
            home=env.home,
            refresh=build,
            verdicts=lambda: _show_status(env, is_starting=True),
            watchdog=[sys.executable, "-m", "sg_assets.alerts.watchdog"] if env.runs_by_itself else None,
            dagster_home=env.dagster_home,
            has_address=bool(env.variables.get("SG_DAGSTER_URL")),
            further=lambda: {"SG_SANDBOX_URL": stand_ins()} if stand_ins else {},
        )
    sys.exit(code)


@main.command()
@click.argument("tables", nargs=-1)
@click.option("--at", "instant", help="What would be late at this instant (RFC 3339) if nothing ran until then.")
@as_json
@click.pass_obj
def status(env: Environment, tables: tuple[str, ...], instant: str | None, *, wants_json: bool) -> None:
    """Say of each table whether it is current, since when not, and why; exit 3 when something is late."""
    sys.exit(_show_status(env, tables, instant, wants_json=wants_json))


def _show_status(
    env: Environment,
    tables: tuple[str, ...] = (),
    instant: str | None = None,
    *,
    wants_json: bool = False,
    is_starting: bool = False,
) -> int:
    """Evaluate, show, and give the exit code. While it `is_starting`, nobody can be sending alerts yet."""
    from sg_assets import discovery, documents, heartbeat, on_demand, show  # noqa: PLC0415
    from sg_assets.freshness.evaluate import evaluate  # noqa: PLC0415

    graph = discovery.graph(env.variables)
    now = read("--at", instant, parse_instant) if instant else env.clock()
    facts = on_demand.facts_of(discovery.project(env.variables), env, now)
    verdicts = evaluate(facts)
    own = [name for name in graph.order if name in facts.states and name not in facts.lent]
    chosen = [verdicts[name] for name in (known(tables, graph) or graph.order)]
    heartbeats = heartbeat.of_alerting(env.operations, env.clock())
    if wants_json:
        print_json(documents.status(now, chosen, heartbeats, env.target, own))
    else:
        show.verdicts(chosen, now, in_detail=bool(tables))
        if env.target:
            show.target(env.target, own)
        elif not is_starting:
            show.not_alerting(heartbeats, env.clock())
    return LATE if any(v.state == "late" for v in chosen) else 0


@main.group()
@click.pass_obj
def sandbox(env: Environment) -> None:
    """The made-up company: serve its stand-ins, switch faults on and off."""
    if env.name != environment.SANDBOX:
        fail(f"SG_ENV={env.name} has no sandbox", WRONG_USAGE)


main.add_command(cli_tables.tables)
main.add_command(cli_tables.query)
main.add_command(cli_refresh.refresh)
main.add_command(cli_target.target)
main.add_command(cli_diff.diff)
main.add_command(cli_doctor.doctor)
main.add_command(cli_notes.note)
main.add_command(cli_fivetran.fivetran)
main.add_command(cli_scheduled_queries.scheduled_queries)
main.add_command(cli_alerts.watchdog)
main.add_command(cli_alerts.alerts)
sandbox.add_command(cli_sandbox.serve)
sandbox.add_command(cli_sandbox.fault)
sandbox.add_command(cli_alerts.slack)
