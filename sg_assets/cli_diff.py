"""`sg-assets diff`: what the definitions of this checkout change, against another revision of it."""

from __future__ import annotations

import sys
from operator import attrgetter

import click

from sg_assets.command import LATE, WRONG_USAGE, as_json, fail, print_json


@click.command()
@click.argument("base")
@click.option("--markdown", "wants_markdown", is_flag=True, help="As a comment on a pull request.")
@as_json
def diff(base: str, *, wants_markdown: bool, wants_json: bool) -> None:
    """What this checkout, as it is now, adds, removes and changes against the git revision BASE, and what follows.

    BASE is anything that git calls a revision: a branch, a tag, `HEAD`, or `$(git merge-base origin/main HEAD)` for
    what a branch changes. Exit 3 when a table or column was removed that something here still reads.
    """
    from sg_assets import discovery, documents  # noqa: PLC0415 (commands load what they need, when they do)
    from sg_assets.comparison import checkout, readers, revision, told  # noqa: PLC0415
    from sg_assets.comparison.report import report  # noqa: PLC0415
    from sg_assets.environment import ROOT  # noqa: PLC0415

    if wants_markdown and wants_json:
        fail("--markdown or --json: choose one", WRONG_USAGE)
    try:
        compared = revision.read(ROOT, base)
    except revision.RevisionError as error:
        fail(str(error))
    declared = discovery.declared()
    head = checkout.documents(declared, compared.tables, documents.table_in_full, ROOT)
    schema = readers.schema_of(head, compared.tables)
    made = report(compared, head, sorted(checkout.readings(declared, schema), key=attrgetter("reader", "how", "table")))
    if wants_json:
        print_json(made.document())
    else:
        click.echo(told.markdown(made) if wants_markdown else told.plain(made), nl=False)
    sys.exit(LATE if made.broken else 0)
