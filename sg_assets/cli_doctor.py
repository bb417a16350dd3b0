"""`sg-assets doctor`: whether each source is configured, reachable and permitted, and what is left of its quota."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from sg_assets.command import FAILED, WRONG_USAGE, as_json, fail, print_json

if TYPE_CHECKING:
    from sg_assets.doctor import Diagnosis
    from sg_assets.environment import Environment
    from sg_assets.source import Source


@click.command()
@click.argument("sources", nargs=-1)
@as_json
@click.pass_obj
def doctor(env: Environment, sources: tuple[str, ...], *, wants_json: bool) -> None:
    """Ask SOURCES (by default all) whether we may read what we need; exit 1 when a configured one does not let us.

    What we write to is asked, too, under the name of its tables: sent_salesforce. So is the warehouse, where that is in
    BigQuery, as `warehouse`.

    Each gets one small request for each scope or object. Nothing is changed and nothing is fetched. Rights that nobody
    needs are a warning, and no failure; those that are needed are in docs/permissions.md.
    """
    from sg_assets import discovery, documents, show  # noqa: PLC0415 (commands load what they need, when they do)
    from sg_assets.doctor import WAREHOUSE, examine, examine_warehouse  # noqa: PLC0415

    known = {system.name: system.reached for system in discovery.project(env.variables).systems}
    asks_warehouse = env.place.is_metered and (not sources or WAREHOUSE in sources)
    rest = tuple(name for name in sources if not (asks_warehouse and name == WAREHOUSE))
    chosen = _chosen(rest, known) if rest or not sources else {}
    left = list(chosen)
    with show.console(is_error=True).status("") as progress:

        def told(diagnosis: Diagnosis) -> None:
            left.remove(diagnosis.source)
            progress.update(f"{len(chosen) - len(left)} of {len(chosen)}; waiting for {', '.join(left[:3])}")

        found = examine(env, chosen, told)
        if asks_warehouse and (diagnosis := examine_warehouse(env)):
            found.insert(0, diagnosis)
    print_json([documents.diagnosis(one) for one in found]) if wants_json else _show(found)
    sys.exit(FAILED if any(one.is_sick for one in found) else 0)


def _chosen(names: tuple[str, ...], known: Mapping[str, Source]) -> dict[str, Source]:
    """The systems of these names, all without any; ends with the names that are near where one is unknown."""
    for name in names:
        if name not in known:
            near = get_close_matches(name.lower(), known, cutoff=0.5) or list(known)
            fail(f"no such source: {name}; did you mean {' or '.join(near)}?", WRONG_USAGE)
    return {name: system for name, system in known.items() if not names or name in names}


def _show(found: Sequence[Diagnosis]) -> None:
    """A line for each source, and below it what was found."""
    from sg_assets import show  # noqa: PLC0415

    out = show.console()
    for one in found:
        word, style = _word(one)
        out.print(f"{one.source:<22} [{style}]{word}[/]")
        for line in _lines(one):
            show.say(out, line, " " * 8)
    counts = Counter(_word(one)[0] for one in found)
    out.print(", ".join(f"{number} {word}" for word, number in counts.most_common()))


def _word(one: Diagnosis) -> tuple[str, str]:
    """What is to be said of a source, and its style."""
    if not one.is_configured:
        return "not configured", "dim"
    if one.is_reachable is False:
        return "not reachable", "bold red"
    if one.is_permitted is False:
        return "not permitted", "bold red"
    if one.is_reachable is None:
        return "only watched", "dim"
    if one.warnings:
        return "may do too much", "yellow"
    return ("at its limit", "yellow") if one.is_permitted is None else ("permitted", "green")


def _lines(one: Diagnosis) -> Iterator[str]:
    """What we may do, together; then each refusal with what came and what to do, and what is left of quotas."""
    verb = "use" if one.source == "warehouse" else "write" if one.source.startswith("sent_") else "read"
    wanted = [found for found in one.findings if not found.is_too_much]
    if allowed := [found.subject for found in wanted if found.is_permitted and found.quota_left is None]:
        yield f"may {verb} {', '.join(allowed)}"
    yield from (f"warning: {told}" for told in one.warnings)
    for found in wanted:
        if not found.is_permitted:
            yield f"may not {verb} {found.subject}: {found.detail}"
        elif found.quota_left is not None:
            yield f"{found.subject}: {found.quota_left:,.15g} left {found.detail}".rstrip()
        elif found.detail:
            yield f"{found.subject}: {found.detail}"
    if one.detail and one.is_permitted is not False:
        yield one.detail
