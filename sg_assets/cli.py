"""`sg-assets`: the command line. Its JSON, field names and exit codes are a contract.

Exit codes: 0 good, 1 something failed, 2 wrong usage, 3 something is late or not as it should be. Commands only gather
and show; the work is done elsewhere.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sg_assets import cli_alerts, cli_doctor, cli_notes, cli_refresh, cli_sandbox, environment
from sg_assets.command import LATE, WRONG_USAGE, as_json, fail, known, print_json, read
from sg_assets.instants import parse_instant

if TYPE_CHECKING:
    from sg_assets.environment import Environment


WATCHED_WITHIN = timedelta(minutes=2)
"""How long ago the watch may have run last; it does every thirty seconds."""


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
    context.obj = environment.load()


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

    sys.exit(
        launcher.up(
            port,
            home=env.home,
            refresh=build,
            verdicts=lambda: _show_status(env),
            watchdog=None if env.is_clock_frozen else [sys.executable, "-m", "sg_assets.alerts.watchdog"],
            has_address=bool(env.variables.get("SG_DAGSTER_URL")),
        )
    )


@main.command()
@click.argument("tables", nargs=-1)
@click.option("--at", "instant", help="What would be late at this instant (RFC 3339) if nothing ran until then.")
@as_json
@click.pass_obj
def status(env: Environment, tables: tuple[str, ...], instant: str | None, *, wants_json: bool) -> None:
    """Say of each table whether it is current, since when not, and why; exit 3 when something is late."""
    sys.exit(_show_status(env, tables, instant, wants_json=wants_json))


def _show_status(
    env: Environment, tables: tuple[str, ...] = (), instant: str | None = None, *, wants_json: bool = False
) -> int:
    """Evaluate, show, and give the exit code."""
    from sg_assets import discovery, documents, on_demand, show  # noqa: PLC0415
    from sg_assets.freshness.evaluate import evaluate  # noqa: PLC0415

    graph = discovery.graph()
    now = read("--at", instant, parse_instant) if instant else env.clock()
    verdicts = evaluate(on_demand.facts_of(discovery.project(), env, now))
    chosen = [verdicts[name] for name in (known(tables, graph) or graph.order)]
    watched_at = env.operations.heartbeats().get("watch")
    is_on = watched_at is not None and env.clock() - watched_at <= WATCHED_WITHIN
    if wants_json:
        print_json(documents.status(now, chosen, watched_at, is_on=is_on))
    else:
        show.verdicts(chosen, now, in_detail=bool(tables))
        if not is_on:
            show.nothing_watches(watched_at, env.clock())
    return LATE if any(v.state == "late" for v in chosen) else 0


@main.group()
def tables() -> None:
    """What tables there are, and what they are made of."""


@tables.command("list")
@click.option("--orphans", is_flag=True, help="Instead, what the warehouse holds and no file defines any more.")
@as_json
@click.pass_obj
def list_tables(env: Environment, *, orphans: bool, wants_json: bool) -> None:
    """Every table, in the order in which they are built."""
    from sg_assets import discovery, documents, show  # noqa: PLC0415

    graph = discovery.graph()
    if not orphans:
        print_json([documents.table(table) for table in graph]) if wants_json else show.tables(graph)
        return
    held = env.operations.states(env.warehouse_id)
    left = [state for name, state in held.items() if name not in graph.tables]
    print_json([documents.orphan(state) for state in left]) if wants_json else show.orphans(left)


@tables.command("show")
@click.argument("name")
@as_json
def show_table(name: str, *, wants_json: bool) -> None:
    """One table whole: promise, inputs, columns."""
    from sg_assets import discovery, documents, show  # noqa: PLC0415
    from sg_assets.asset_spec import describe_promise  # noqa: PLC0415

    graph = discovery.graph()
    known((name,), graph)
    if wants_json:
        print_json(documents.table(graph[name]))
    else:
        show.table(graph[name], describe_promise(graph[name].promise))


@tables.command("compile")
@click.option("--dialect", type=click.Choice(["duckdb", "bigquery"]), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to.")
def compile_tables(dialect: str, out: Path) -> None:
    """Write the SQL of every derived table as it runs on a warehouse."""
    from sg_assets import discovery  # noqa: PLC0415
    from sg_assets.sql_file import compile_sql  # noqa: PLC0415

    graph = discovery.graph()
    for table in graph:
        if table.sql:
            path = out.resolve() / table.dataset / f"{table.name.partition('.')[2]}.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(compile_sql(table, graph.tables, dialect) + "\n")
            click.echo(str(path))


@main.command()
@click.argument("sql")
@as_json
@click.pass_obj
def query(env: Environment, sql: str, *, wants_json: bool) -> None:
    """Ask the copy of the warehouse that the last run published, in BigQuery's dialect."""
    from sg_assets import documents, show  # noqa: PLC0415
    from sg_assets.warehouse import dialect  # noqa: PLC0415

    try:
        pinned = dialect.pin_clock(sql, env.clock())
    except dialect.DialectError as error:
        fail(str(error))
    answer = env.read_copy().query(pinned)
    print_json(documents.answer(answer)) if wants_json else show.answer(answer)


@main.group()
@click.pass_obj
def sandbox(env: Environment) -> None:
    """The made-up company: serve its stand-ins, switch faults on and off."""
    if env.name != environment.SANDBOX:
        fail(f"SG_ENV={env.name} has no sandbox", WRONG_USAGE)


main.add_command(cli_refresh.refresh)
main.add_command(cli_doctor.doctor)
main.add_command(cli_notes.note)
main.add_command(cli_alerts.watchdog)
main.add_command(cli_alerts.alerts)
sandbox.add_command(cli_sandbox.serve)
sandbox.add_command(cli_sandbox.fault)
sandbox.add_command(cli_alerts.slack)
