"""`sg-assets note …`: say that tables may be late, until when and why; list what was said; end it.

Every note has an author, a reason and an end. What a note excuses is decided in `freshness/evaluate.py`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from sg_assets.command import WRONG_USAGE, as_json, chosen, fail, print_json, read
from sg_assets.instants import parse_end

if TYPE_CHECKING:
    from sg_assets.environment import Environment


@click.group()
def note() -> None:
    """Noted otherwise: who says that tables may be late, until when, and why."""


@note.command()
@click.argument("tables", nargs=-1, required=True)
@click.option("--until", required=True, help="When the note ends: RFC 3339 (2026-11-21T15:00:00Z), or a span: 3d, 12h.")
@click.option("--reason", required=True, help="Why they may be late, for everybody who uses the data.")
@click.option("--author", help="Who says so; by default the user of this machine.")
@as_json
@click.pass_obj
def add(  # noqa: PLR0913 (one parameter an option)
    env: Environment, tables: tuple[str, ...], *, until: str, reason: str, author: str | None, wants_json: bool
) -> None:
    """Note that TABLES (by name, source or group) may be late until a time.

    They are then shown as noted, and so is what is late only because of them; nobody is alerted, and none of them is
    fetched outside its schedule. When the note ends, what is still late is late at once.
    """
    from sg_assets import discovery, documents, show  # noqa: PLC0415 (commands load what they need, when they do)

    now = env.clock()
    end = read("--until", until, partial(parse_end, now=now))
    who = (env.user if author is None else author).strip()
    if not who:
        fail("who says so? add --author", WRONG_USAGE)
    if not reason.strip():
        fail("--reason is empty: say why they may be late", WRONG_USAGE)
    made = env.operations.add_note(chosen(tables, discovery.graph(env.variables)), who, reason.strip(), now, end)
    print_json(documents.note(made)) if wants_json else show.notes([made], now)


@note.command("list")
@as_json
@click.pass_obj
def list_notes(env: Environment, *, wants_json: bool) -> None:
    """Every note, ended and expired ones too, in the order in which they were written."""
    from sg_assets import documents, show  # noqa: PLC0415

    found = env.operations.notes()
    print_json([documents.note(each) for each in found]) if wants_json else show.notes(found, env.clock())


@note.command()
@click.argument("note_id", metavar="ID")
@click.pass_obj
def end(env: Environment, note_id: str) -> None:
    """End a note before its time: what it excused is late again."""
    now = env.clock()
    found = next((each for each in env.operations.notes() if each.id == note_id), None)
    if found is None:
        fail(f"there is no note {note_id}; `sg-assets note list` names them", WRONG_USAGE)
    if not found.is_active(now) or not env.operations.end_note(note_id, now):
        fail(f"note {note_id} has ended already")
    click.echo(f"note {note_id} is ended")
