"""`sg-assets tables …` and `sg-assets query`: what there is, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sg_assets.command import as_json, fail, known, print_json

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.group()
def tables() -> None:
    """What tables there are, and what they are made of."""


@tables.command("list")
@click.option("--orphans", is_flag=True, help="Instead, what the warehouse holds and no file defines any more.")
@click.option(
    "--full", "is_full", is_flag=True, help="With --json: SQL, inputs and all else that decides the rows, too."
)
@as_json
@click.pass_obj
def list_tables(env: Environment, *, orphans: bool, is_full: bool, wants_json: bool) -> None:
    """Every table, in the order in which they are built."""
    from sg_assets import discovery, documents, show  # noqa: PLC0415

    graph = discovery.graph(env.variables)
    if not orphans:
        told = documents.table_in_full if is_full else documents.table
        print_json([told(table) for table in graph]) if wants_json else show.tables(graph)
        return
    held = env.operations.states(env.warehouse_id)
    left = [state for name, state in held.items() if name not in graph.tables]
    print_json([documents.orphan(state) for state in left]) if wants_json else show.orphans(left)


@tables.command("show")
@click.argument("name")
@as_json
@click.pass_obj
def show_table(env: Environment, name: str, *, wants_json: bool) -> None:
    """One table whole: promise, inputs, columns."""
    from sg_assets import discovery, documents, show  # noqa: PLC0415
    from sg_assets.asset_spec import describe_promise  # noqa: PLC0415

    graph = discovery.graph(env.variables)
    known((name,), graph)
    if wants_json:
        print_json(documents.table(graph[name]))
    else:
        show.table(graph[name], describe_promise(graph[name].promise))


@tables.command("compile")
@click.option("--dialect", type=click.Choice(["duckdb", "bigquery"]), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to.")
@click.pass_obj
def compile_tables(env: Environment, dialect: str, out: Path) -> None:
    """Write the SQL of every derived table as it runs on a warehouse."""
    from sg_assets import discovery  # noqa: PLC0415
    from sg_assets.sql_file import compile_sql  # noqa: PLC0415

    graph = discovery.graph(env.variables)
    for table in graph:
        if table.sql:
            path = out.resolve() / table.dataset / f"{table.name.partition('.')[2]}.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(compile_sql(table, graph.tables, dialect) + "\n")
            click.echo(str(path))


@click.command()
@click.argument("sql")
@as_json
@click.pass_obj
def query(env: Environment, sql: str, *, wants_json: bool) -> None:
    """Ask the tables, in BigQuery's dialect: BigQuery's as they are, a file's as the last run published them."""
    from sg_assets import documents, show  # noqa: PLC0415
    from sg_assets.warehouse import dialect  # noqa: PLC0415

    try:
        pinned = dialect.pin_clock(sql, env.clock())
    except dialect.DialectError as error:
        fail(str(error))
    answer = env.read_copy().query(pinned)
    print_json(documents.answer(answer)) if wants_json else show.answer(answer)
