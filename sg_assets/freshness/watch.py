"""The watch: a sensor that judges every table, and says what changed: to Dagster, to history, and to whoever must act.

Level-triggered, as the keeper: each tick compares what is with what was told, so that it does not matter where the one
before it ended. It decides nothing by itself (`evaluate.py`, `incidents.py`) and calls no channel: messages go to the
outbox, from where the watchdog delivers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import dagster as dg

from sg_assets.freshness import trouble
from sg_assets.freshness.busy import HOUSEKEEPING
from sg_assets.freshness.check import BAD, check_evaluation
from sg_assets.freshness.evaluate import Verdict, evaluate
from sg_assets.freshness.gap import SUBJECT as GAP
from sg_assets.freshness.gap import gap
from sg_assets.freshness.incidents import Changes, Circumstances, Incident, Problem, follow
from sg_assets.freshness.plan import Target, plan
from sg_assets.freshness.problems import Scene, excuses, explained, problems
from sg_assets.freshness.roots import Roots
from sg_assets.freshness.situation import facts_now
from sg_assets.freshness.transitions import Standing, Transition, transitions
from sg_assets.operations_incidents import Shown

if TYPE_CHECKING:
    from dagster import DagsterInstance, RepositoryDefinition

    from sg_assets.discovery import Project
    from sg_assets.environment import Environment
    from sg_assets.freshness.facts import Facts
    from sg_assets.freshness.trouble import Judged

WATCH = "watch"
INTERVAL_SECONDS = 30
SHOWING_SECONDS = 5.0
"""For how long a tick tells Dagster verdicts, at some 13 ms each; the rest follow in the next ones, late ones first."""

MOST_ROOTS = 20
"""How many roots of a table are remembered to the next tick."""


@dataclass(frozen=True)
class Found:
    """What a tick found out: how many tables changed their state, how many incidents, and what Dagster was told."""

    transitions: int
    incidents: int
    shown: int


def watch(project: Project, env: Environment, owner: str) -> dg.SensorDefinition:
    """The sensor; running by default, unless the sandbox's clock stands still.

    `owner` must act on what is wrong with Dagster's own parts.
    """
    status = dg.DefaultSensorStatus.RUNNING if env.runs_by_itself else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name=WATCH,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=status,
        description="Judges every table: writes the check `fresh`, opens and resolves incidents, keeps the history.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        origin = context.code_location_origin
        location = origin.location_name if origin is not None else None
        watching = Watching(project, env, context.instance, owner, context.repository_def, location)
        found = watching.tick()
        return dg.SkipReason(
            f"{found.transitions} tables changed their state, {found.incidents} incidents changed, "
            f"{found.shown} checks were written"
        )

    return look


@dataclass(frozen=True)
class Watching:
    """One tick: what it looks at, and where it writes; `showing_seconds` bounds how long it tells Dagster of it."""

    project: Project
    env: Environment
    instance: DagsterInstance
    owner: str
    repository: RepositoryDefinition | None = None
    location: str | None = None
    showing_seconds: float = SHOWING_SECONDS

    def tick(self) -> Found:
        """Look once. What is written is written again, or not at all, when this is ended anywhere and made anew."""
        operations, book = self.env.operations, self.env.operations.watch_book
        now = self.env.clock()
        last_beat = operations.heartbeats().get(WATCH)
        facts = facts_now(self.project, self.env, now, self.instance)
        verdicts = evaluate(facts)
        standings = book.standings()
        changed = transitions(standings, verdicts, facts)
        scene, newest = self._scene(facts, verdicts)
        known = book.incidents()
        pause = gap(last_beat, known.get(GAP), now, self.owner, lambda: _has_caught_up(scene))
        changes = self._changes(scene, known, pause)
        book.record(_moved(standings, changed, verdicts, facts), changed, changes)
        shown = self._show(facts, verdicts, newest)
        operations.beat(WATCH, now)
        return Found(len(changed), len(changes.incidents), shown)

    def _scene(self, facts: Facts, verdicts: Mapping[str, Verdict]) -> tuple[Scene, Mapping[str, Judged]]:
        """Everything that problems are made of, and the newest materializations of tables that are not fresh."""
        tries = {
            name: (tried.count, tried.last_at)
            for name, tried in self.env.operations.attempts().items()
            if tried.reason and name in facts.graph.tables
        }
        not_fresh = {v.table for v in verdicts.values() if v.state in BAD}
        known = trouble.materialized(self.instance, not_fresh | tries.keys())
        scene = Scene(
            facts,
            verdicts,
            tries,
            known.runs,
            trouble.running(self.instance, facts.graph.order),
            self.env.dagster_url,
        )
        return scene, known.newest

    def _changes(self, scene: Scene, known: Mapping[str, Incident], pause: Problem | None) -> Changes:
        now, url = scene.facts.now, self.env.dagster_url
        parts = trouble.Parts.of(self.repository, self.location, but=WATCH)
        found = problems(scene) | trouble.parts_problems(self.instance, parts, now, self.owner, url)
        if crash := trouble.crashed(self.instance, self.owner, url):
            found[trouble.RUNS] = crash
        if unkept := trouble.unkept(self.instance, self.owner, url):
            found[unkept.subject] = unkept
        if pause is not None:
            found[GAP] = pause
        defined = {*scene.facts.graph.order, *parts.subjects, trouble.RUNS, HOUSEKEEPING, GAP}
        return follow(
            known,
            found,
            now,
            Circumstances(
                pending=scene.running,
                excused=excuses(scene),
                gone={name for name in known if name not in defined and (":" not in name or self.repository)},
                explained=explained(scene),
                is_holding=pause is not None,
            ),
        )

    def _show(self, facts: Facts, verdicts: Mapping[str, Verdict], newest: Mapping[str, Judged]) -> int:
        """Write the check `fresh` where Dagster shows another verdict, or one about an older materialization."""
        book = self.env.operations.watch_book
        shown = book.shown()
        todo: list[tuple[Verdict, Shown]] = []
        for verdict in verdicts.values():
            about = newest.get(verdict.table) if verdict.state in BAD else None
            wanted = Shown(digest(verdict, facts), str(about.storage_id) if about is not None else "")
            if shown.get(verdict.table) != wanted:
                todo.append((verdict, wanted))
        todo.sort(key=lambda one: (one[0].state not in BAD, one[0].table))
        others = trouble.materialized(self.instance, [v.table for v, _ in todo if v.table not in newest]).newest
        started = monotonic()
        for count, (verdict, wanted) in enumerate(todo, start=1):
            about = newest.get(verdict.table) or others.get(verdict.table)
            self.instance.report_runless_asset_event(check_evaluation(verdict, facts, about))
            book.record_shown(verdict.table, wanted)
            if monotonic() - started > self.showing_seconds:
                return count
        return len(todo)


def _has_caught_up(scene: Scene) -> bool:
    return not scene.running and not plan(scene.facts, Target.keeper()).steps


def digest(verdict: Verdict, facts: Facts) -> str:
    """What of a verdict is worth telling again when it changes: not its age."""
    roots = verdict.roots
    causes = f"{roots.bits:x}" if isinstance(roots, Roots) else " ".join(root.table for root in roots)
    told: list[object] = [verdict.state, verdict.since, causes, verdict.note.id if verdict.note else "", verdict.owner]
    if verdict.state in BAD:
        told += [verdict.data_through, verdict.next_expected, facts.held.get(verdict.table)]
    return "|".join(str(one or "") for one in told)


def _moved(
    standings: Mapping[str, Standing],
    changed: list[Transition],
    verdicts: Mapping[str, Verdict],
    facts: Facts,
) -> dict[str, Standing]:
    """How the tables stand that do not stand as they did."""
    last = {one.table: one for one in changed}
    moved: dict[str, Standing] = {}
    for name in {*verdicts, *last}:
        before, transition = standings.get(name), last.get(name)
        through, roots = facts.data_through(name), _roots(verdicts.get(name))
        if transition is not None:
            moved[name] = Standing(str(transition.state), transition.since, through, roots)
        elif before is not None and (before.data_through, before.roots) != (through, roots):
            moved[name] = Standing(before.state, before.since, through, roots)
    return moved


def _roots(verdict: Verdict | None) -> tuple[str, ...]:
    """The first roots of a verdict, by name."""
    return verdict.root_names[:MOST_ROOTS] if verdict is not None else ()
