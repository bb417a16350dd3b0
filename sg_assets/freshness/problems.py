"""What is wrong with tables now, one problem for each table that is the root of it.

Pure: made from the verdicts, and from what failed. A table that fails and is late has one problem, and whatever is late
only because of a table belongs to that table's problem. What becomes of problems is decided in `incidents.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from sg_assets.freshness.incidents import Problem
from sg_assets.freshness.telling import counted, minute, some
from sg_assets.freshness.verdict import State, Verdict, in_words
from sg_assets.message import Severity
from sg_assets.promise import Promise
from sg_assets.table import Delivery

if TYPE_CHECKING:
    from sg_assets.freshness.facts import Facts
    from sg_assets.freshness.notes import Note
    from sg_assets.table import Table

LATE, FAILING, CHECK = "late", "failing", "check"
KINDS = (LATE, FAILING, CHECK)
"""The aspects of problems of tables; docs/runbook.md has a section for each."""
OWN = "sg_ops"
"""The dataset of our own tables, whose source we are: what is wrong with them is not worth waking anybody."""


@dataclass(frozen=True)
class Scene:
    """What is so of the tables at one instant.

    Attributes:
        facts: what is declared and what is so; what fails is in it, too.
        verdicts: what the evaluator made of it.
        tries: of tables whose last try failed: how many in a row, and when the last one was.
        runs: the newest run of some tables.
        running: tables of unfinished runs.
        base_url: where the UI is.
    """

    facts: Facts
    verdicts: Mapping[str, Verdict]
    tries: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    running: Collection[str] = ()
    base_url: str = ""

    @cached_property
    def noted(self) -> Mapping[str, Note]:
        """The tables that a note covers now, each with the one that lasts longest."""
        active = sorted((n for n in self.facts.notes if n.is_active(self.facts.now)), key=lambda n: (n.until, n.id))
        return {name: note for note in active for name in note.tables}

    @cached_property
    def late(self) -> Mapping[str, frozenset[str]]:
        """For each root that no note covers, the tables that are late because of it."""
        found: dict[str, list[str]] = {}
        for verdict in self.verdicts.values():
            if verdict.state is State.LATE and not is_own(verdict.table):
                for root in verdict.root_names:
                    if root not in self.noted and not is_own(root):
                        found.setdefault(root, []).append(verdict.table)
        return {root: frozenset(tables) for root, tables in found.items()}

    @cached_property
    def failing(self) -> Mapping[str, str]:
        """Tables whose last try failed after its retries, or whose check fails, with the reason; not noted ones."""
        facts = self.facts
        reasons = {name: facts.failing[name] for name in self.tries if name in facts.failing} | dict(
            facts.failed_checks
        )
        return {
            name: reason
            for name, reason in reasons.items()
            if name in facts.graph.tables and facts.is_connected(name) and name not in self.noted and not is_own(name)
        }


def is_own(table: str) -> bool:
    """Whether a table is one of those that publish what we know ourselves."""
    return table.partition(".")[0] == OWN


def problems(scene: Scene) -> dict[str, Problem]:
    """Everything that is wrong with tables now, by root."""
    return {name: _problem(scene, scene.facts.graph[name]) for name in sorted({*scene.late, *scene.failing})}


def excuses(scene: Scene) -> dict[str, str]:
    """What to tell of the incident of a table that a note covers, or that is not connected any more."""
    facts = scene.facts
    told = {name: f"not connected: {facts.unconnected[path[-1]]}" for name, path in facts.not_connected.items()}
    return told | {name: f"noted by {n.author} until {minute(n.until)}: {n.reason}" for name, n in scene.noted.items()}


def explained(scene: Scene) -> dict[str, str]:
    """Tables that are late, but not by themselves, each with a root."""
    found: dict[str, str] = {}
    for verdict in scene.verdicts.values():
        if verdict.state is State.LATE:
            roots = verdict.root_names
            if verdict.table not in roots:
                found[verdict.table] = min(roots)
    return found


def _problem(scene: Scene, table: Table) -> Problem:
    name = table.name
    late, reason = scene.late.get(name, frozenset()), scene.failing.get(name)
    aspects = {LATE} if late else set()
    if reason is not None:
        aspects.add(CHECK if name in scene.facts.failed_checks else FAILING)
    verdict = scene.verdicts[name]
    began = [v for one in late if (v := scene.verdicts[one].since) is not None]
    if name in scene.tries and reason is not None:
        began.append(scene.tries[name][1])
    return Problem(
        name,
        frozenset(aspects),
        Severity.ERROR,
        table.owner,
        since=min(began, default=scene.facts.now),
        title=_title(scene, verdict, late, reason),
        why=_why(scene, table, reason) if late else "",
        late=late,
        lines=tuple(_lines(scene, table, late)),
        links=tuple(_links(scene, name)),
        cure=f"{name} is up to date again" if late else f"{name} goes well again",
    )


def _title(scene: Scene, verdict: Verdict, late: frozenset[str], reason: str | None) -> str:
    if not late:
        has_failed = verdict.table in scene.facts.failed_checks
        return f"{verdict.table}: {reason}" if has_failed else f"{verdict.table} fails: {reason}"
    if verdict.state is not State.LATE:
        return f"{some(late)} late because of {verdict.table}"
    if verdict.data_through is None:
        return f"{verdict.table} is late: no data has landed yet"
    promised = f", promised within {in_words(verdict.promise.fail)}" if verdict.promise else ""
    behind = f" ({in_words(verdict.lag)} ago{promised})" if verdict.lag is not None else ""
    return f"{verdict.table} is late: complete to {minute(verdict.data_through)}{behind}"


def _why(scene: Scene, table: Table, reason: str | None) -> str:
    """Why a root is late, as far as anybody knows."""
    facts = scene.facts
    known = reason or facts.failing.get(table.name)
    expired = [n for n in facts.notes if table.name in n.tables and _end(n) <= facts.now]
    told = known or ("nothing newer came from its source" if table.is_raw else "it did not follow its inputs")
    if expired:
        last = max(expired, key=_end)
        told += f"; the note of {last.author} ended at {minute(_end(last))}: {last.reason}"
    return told


def _end(note: Note) -> datetime:
    return note.until if note.ended_at is None else min(note.until, note.ended_at)


def _lines(scene: Scene, table: Table, late: frozenset[str]) -> list[str]:
    graph = scene.facts.graph
    below = frozenset(name for name in graph.descendants([table.name]) if not is_own(name))
    lines = []
    others = late - {table.name}
    if others:
        lines.append(f"Late because of it: {some(others)}.")
    if rest := below - late:
        lines.append(f"Below it, not late: {some(rest)}.")
    if below:
        lines.append(f"Used by {counted(graph[name].owner for name in below)}.")
    lines.append(f"Being done: {_doing(scene, table)}")
    return lines


def _doing(scene: Scene, table: Table) -> str:
    """Which tries were made, and when the next one is."""
    facts = scene.facts
    if table.name in scene.running:
        return "a run is at it now."
    told = ""
    if table.name in scene.tries:
        count, last = scene.tries[table.name]
        told = f"{count} {'try' if count == 1 else 'tries'} failed, the last at {minute(last)}; "
    held = facts.held.get(table.name)
    if held is not None and held > facts.now:
        return f"{told}the keeper tries again after {minute(held)}."
    if table.delivery is Delivery.WATCHED:
        return f"{told}another system has to write it; we look every minute."
    if table.is_raw and isinstance(table.promise, Promise):
        return f"{told}the keeper fetches it while it is late; its schedule is next at {minute(_next(scene, table))}."
    return f"{told}the keeper builds it as soon as its inputs allow."


def _next(scene: Scene, table: Table) -> datetime:
    expected = scene.verdicts[table.name].next_expected
    return expected if expected is not None else scene.facts.now


def _links(scene: Scene, name: str) -> list[tuple[str, str]]:
    links = [("Table", asset_url(scene.base_url, name))]
    if run := scene.runs.get(name):
        links.append(("Last run", run_url(scene.base_url, run)))
    return links


def asset_url(base_url: str, name: str) -> str:
    """The page of a table in the UI."""
    return f"{base_url}/assets/{'/'.join(quote(part) for part in name.split('.'))}"


def run_url(base_url: str, run_id: str) -> str:
    """The page of a run in the UI."""
    return f"{base_url}/runs/{run_id}"
