"""`sg-assets scheduled-queries …`: whose BigQuery's scheduled queries are, and making tables of ours of them.

The work is done in `scheduled_queries/`; what BigQuery tells is asked for each time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sg_assets.command import FAILED, LATE, WRONG_USAGE, as_json, fail, print_json

if TYPE_CHECKING:
    from sg_assets.environment import Environment
    from sg_assets.freshness.graph import Graph
    from sg_assets.http import Client
    from sg_assets.scheduled_queries.audit import Audited
    from sg_assets.scheduled_queries.mending import Mended
    from sg_assets.sources.scheduled_queries.transfers import Item


@click.group("scheduled-queries")
def scheduled_queries() -> None:
    """BigQuery's scheduled queries: whose they are, and how they become tables of ours."""


@scheduled_queries.command("audit")
@click.option("--fix", is_flag=True, help="Hand those that are not the service account's to it, after asking.")
@click.option("--service-account", metavar="EMAIL", help="Which; by default SG_SCHEDULED_QUERIES_SERVICE_ACCOUNT.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask; for programs.")
@as_json
@click.pass_obj
def audit_all(env: Environment, *, fix: bool, service_account: str | None, yes: bool, wants_json: bool) -> None:
    """Whose each is, how it last ran, what it writes, and who reads that; exit 3 when one is not the service account's.

    BigQuery is asked each time. What Looker reads comes from operations.looker_content as it was last built; it is null
    in JSON where that never was. With --fix exit 1 when one could not be handed over; nothing else is changed.

    \b
    JSON: {"project", "service_account", "checked_at", "looker_as_of",
    "queries": [{"id", "name", "title", "location", "enabled", "schedule",
      "owner", "owned_by_service_account": true|false|null, "last_run": null|
      {"state", "at", "error"}, "writes": [], "reads": [], "sql_understood",
      "read_by": {"tables": [], "scheduled_queries": [], "looker": []|null},
      "fixed": null|true|false, "problem"}]}
    """  # noqa: D301 (click's mark of a paragraph that is not wrapped)
    from sg_assets import discovery  # noqa: PLC0415 (commands load what they need, when they do)
    from sg_assets.scheduled_queries import telling  # noqa: PLC0415
    from sg_assets.scheduled_queries.audit import SERVICE_ACCOUNTS, audit  # noqa: PLC0415
    from sg_assets.scheduled_queries.looker import titles_by_table  # noqa: PLC0415

    if wants_json and fix and not yes:
        fail("--fix --json changes what it finds without asking: add --yes", WRONG_USAGE)
    looker = titles_by_table(env.read_copy())
    with _connected(env) as (http, project, configured):
        account = (service_account or configured).strip()
        if fix and not account.lower().endswith(SERVICE_ACCOUNTS):
            what = f"{account} is none" if account else "say it by --service-account"
            fail(f"--fix needs the address of a service account, name@project{SERVICE_ACCOUNTS}: {what}", WRONG_USAGE)
        with _progress() as told:
            found = audit(
                http, project, account=account, graph=discovery.graph(env.variables), looker=looker.titles, told=told
            )
        wrong = [one for one in found if one.is_owned is not True]
        if not wants_json:
            telling.audited(found, account, looker)
    mended = _fixed(env, wrong, account, yes=yes) if fix and wrong else []
    if wants_json:
        print_json(telling.document(found, mended, project, account, env.clock(), looker))
    else:
        telling.mended(mended)
    if any(one.problem for one in mended):
        sys.exit(FAILED)
    sys.exit(LATE if len(wrong) > len(mended) else 0)


def _fixed(env: Environment, wrong: list[Audited], account: str, *, yes: bool) -> list[Mended]:
    """Say what will be done, ask, and do it."""
    from sg_assets.scheduled_queries.mending import mend  # noqa: PLC0415

    for one in wrong:
        click.echo(f"{one.title} ({one.id}): runs as {one.owner or 'nobody that is told'} -> {account}", err=True)
    click.echo("Only their credentials are changed; no run is started.", err=True)
    if not yes and not click.confirm(f"Hand {len(wrong)} to {account}?", err=True):
        return []
    with _connected(env, may_change=True) as (http, _project, _configured):
        return [mend(http, one, account) for one in wrong]


@scheduled_queries.command("import")
@click.argument("ids", nargs=-1, required=True)
@click.option("--as", "table", metavar="DATASET.TABLE", default="", help="Name of the table, where another is wanted.")
@click.option("--key", metavar="COLUMNS", default="", help="Columns by which rows are unique, with commas between.")
@click.option("--cron", default="", help="When it is brought up to date (UTC), where its schedule cannot say it.")
@click.option("--owner", default="", help="team:<name> or an address; by default the person whose it is.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option(
    "--tables",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the files of tables; by default this project's.",
)
@as_json
@click.pass_obj
def import_some(  # noqa: PLR0913 (one parameter an option)
    env: Environment,
    ids: tuple[str, ...],
    *,
    table: str,
    key: str,
    cron: str,
    owner: str,
    force: bool,
    folder: Path | None,
    wants_json: bool,
) -> None:
    """Write a .sql file for each of the scheduled queries IDS: their SQL, and a header that says the rest.

    IDS are ids, resource names or titles, as `audit` shows them. Nothing is changed at BigQuery. What an SQL does not
    tell stands in the file as NOT_TOLD, which no start accepts. Exit 1 when one could not be imported, 3 when something
    is to be filled in.

    \b
    JSON: [{"id", "title", "result": "imported"|"incomplete"|"refused",
      "table", "file", "reads": [], "missing": [], "remarks": [], "problem"}]
    """  # noqa: D301 (click's mark of a paragraph that is not wrapped)
    from sg_assets import discovery  # noqa: PLC0415
    from sg_assets.scheduled_queries import telling  # noqa: PLC0415
    from sg_assets.scheduled_queries.draft import Wishes  # noqa: PLC0415
    from sg_assets.scheduled_queries.importing import Importer, writers  # noqa: PLC0415
    from sg_assets.scheduled_queries.origins import shown_by  # noqa: PLC0415
    from sg_assets.sources.scheduled_queries.transfers import details, listed  # noqa: PLC0415
    from sg_assets.warehouse.choice import BigQueryPlace  # noqa: PLC0415

    if len(ids) > 1 and (table or key):
        fail("--as and --key are said of one: import it alone", WRONG_USAGE)
    columns = tuple(filter(None, (one.strip() for one in key.split(","))))
    with _connected(env) as (http, project, _account):
        everything = list(listed(http, project))
        chosen = [details(http, one["name"]) or one for one in _chosen(ids, everything)]
    place = (folder or discovery.TABLES).resolve()
    graph = _graph(env, place)
    importer = Importer(
        project,
        place,
        Wishes(table, cron, columns, owner),
        writers(everything, project),
        may_replace=force,
        shown=shown_by(graph, env.place.settings.project if isinstance(env.place, BigQueryPlace) else project),
    )
    made = importer.all(chosen, graph)
    print_json([telling.imported_document(one) for one in made]) if wants_json else telling.imported(made)
    if any(one.file is None for one in made):
        sys.exit(FAILED)
    sys.exit(LATE if any(one.draft and one.draft.missing for one in made) else 0)


def _chosen(words: tuple[str, ...], configs: list[Item]) -> list[Item]:
    """The scheduled queries that words mean, each once; ends where one is none, or means several."""
    found: dict[str, Item] = {}
    for word in words:
        meant = [
            one for one in configs if word in {one["name"], one["name"].rpartition("/")[2], one.get("displayName")}
        ]
        if len(meant) != 1:
            what = "no scheduled query" if not meant else f"the title of {len(meant)} scheduled queries"
            fail(f"{word} is {what}; `sg-assets scheduled-queries audit` shows their ids", WRONG_USAGE)
        found[meant[0]["name"]] = meant[0]
    return list(found.values())


def _graph(env: Environment, folder: Path) -> Graph:
    """The tables that there are, with those of a folder."""
    from sg_assets import discovery  # noqa: PLC0415
    from sg_assets.filled import filled  # noqa: PLC0415
    from sg_assets.freshness.published_tables import TABLES  # noqa: PLC0415
    from sg_assets.sql_file import read_all  # noqa: PLC0415

    declared = (filled(discovery.sources(), env.variables), read_all(folder), TABLES)
    return discovery.Project.of(*declared, destinations=discovery.destinations()).graph


@contextmanager
def _connected(env: Environment, *, may_change: bool = False) -> Generator[tuple[Client, str, str]]:
    """The source's client, the project, and the configured service account; ends where BigQuery does not answer."""
    from sg_assets.http import SourceError  # noqa: PLC0415
    from sg_assets.sources.scheduled_queries import (  # noqa: PLC0415
        PROJECT,
        SERVICE_ACCOUNT,
        connect,
        connect_to_change,
    )
    from sg_assets.sources.scheduled_queries import scheduled_queries as source  # noqa: PLC0415

    connection = env.connection(source)
    if connection.settings is None:
        fail(connection.reason)
    try:
        reach = connect_to_change if may_change else connect
        with reach(connection.base_url, connection.settings) as http:
            yield http, connection.settings[PROJECT], connection.settings.get(SERVICE_ACCOUNT, "")
    except SourceError as error:
        fail(str(error))


@contextmanager
def _progress() -> Generator[Callable[[str], None]]:
    """On standard error, what was looked at last."""
    from sg_assets import show  # noqa: PLC0415

    with show.console(is_error=True).status("") as line:
        yield line.update
