"""The planner: which tables to bring up to date now, in one run, in which order, and why.

`plan` is pure and level-triggered. Who asks, and for what, is in `target.py`; whether a table is stale, in `stale.py`;
here it is decided whether it is due and ready. Launching, and counting the tries, is up to the callers: the schedules,
the keeper and `refresh`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sg_assets.day_snapshot import refusal
from sg_assets.freshness.facts import Facts
from sg_assets.freshness.reach import declared_days
from sg_assets.freshness.stale import Staleness, staleness
from sg_assets.freshness.target import Target, Upstream
from sg_assets.promise import Promise
from sg_assets.table import Delivery, Table

__all__ = ["Action", "Plan", "Step", "Target", "Upstream", "missing_input", "plan"]


class Action(StrEnum):
    """What a step does: fetch a raw table, run a derived one's SQL, only move its `data_through`, or only check it."""

    PULL = "pull"
    BUILD = "build"
    CARRY = "carry"
    CHECK = "check"

    @property
    def leaves_rows(self) -> bool:
        """Whether the table keeps the rows that it has."""
        return self in {Action.CARRY, Action.CHECK}


@dataclass(frozen=True, slots=True)
class Step:
    """One table of a plan, and why it is in it.

    `partitions` are the days known to be stale when the plan was made: a derived table's step asks `staleness` again,
    and finds more, or none, when an input was brought up to date before it.
    """

    table: str
    action: Action
    reason: str
    partitions: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one run, every table after its inputs.

    `waiting` are tables left out although they are due, each with the reason.
    """

    steps: tuple[Step, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)


def plan(facts: Facts, target: Target) -> Plan:
    """What to run now. The same facts and target always give the same plan; an empty one means: nothing to do."""
    return _Planning(facts, target).plan()


def days_touched(facts: Facts, made: Plan) -> frozenset[date]:
    """The days that the run of a plan will have written, as far as is known before it.

    The first build of a table kept day by day writes all of them; which its inputs have is known only in the run.
    """
    days = {day for step in made.steps for day in step.partitions}
    if any(facts.graph[step.table].is_partitioned and not facts.has_landed(step.table) for step in made.steps):
        days |= {facts.history_start, facts.now.date()}
    return frozenset(days)


def missing_input(facts: Facts, table: Table, in_run: Container[str] = ()) -> str | None:
    """Why a derived table cannot be built; None when it can, given what has landed and what is `in_run` before it."""
    for wanted in table.inputs:
        if not wanted.is_optional and wanted.table not in in_run and not facts.has_landed(wanted.table):
            return f"{wanted.table} never landed"
    counted = facts.graph.counted_inputs(table)
    if any(i.table in in_run for i in counted):
        return None
    if counted and not any(facts.has_landed(i.table) for i in counted):
        return "none of the tables that count for it ever landed"
    if table.is_partitioned and not declared_days(facts, table):
        return f"its inputs do not reach its first day yet, {facts.history_start}"
    return None


class _Planning:
    """One run of the planner over the graph, in topological order."""

    def __init__(self, facts: Facts, target: Target) -> None:
        self.facts = facts
        self.target = target
        self.scope = target.scope(facts.graph) if target.to is None else self._short_of(target.to)
        self.occupied = facts.busy | facts.graph.descendants(facts.busy)
        self.noted = {name for note in facts.notes if note.is_active(facts.now) for name in note.tables}
        self.floors: dict[str, timedelta] = {}
        self.steps: dict[str, Step] = {}
        self.waiting: dict[str, str] = {}

    def plan(self) -> Plan:
        for table in self.facts.graph:
            if self.scope is not None and table.name not in self.scope:
                continue
            step = self._pull(table) if table.is_raw else self._build(table)
            if step is None:
                continue
            obstacle = self._obstacle(table)
            if obstacle is None:
                self.steps[table.name] = step
            elif self.facts.is_connected(table.name):
                self.waiting[table.name] = obstacle
        return Plan(tuple(self.steps.values()), self.waiting)

    def _short_of(self, instant: datetime) -> frozenset[str]:
        """The tables that were asked for and are not complete to an instant, and those above them that are not either.

        One whose SQL changed is not, however far the rows of the old one reach.
        """
        facts, goes_up = self.facts, self.target.upstream is not Upstream.NONE
        found: set[str] = set()
        todo = list(facts.graph.order if self.target.tables is None else self.target.tables)
        while todo:
            table = facts.graph[todo.pop()]
            state, through = facts.states.get(table.name), facts.data_through(table.name)
            is_current = table.is_raw or (state is not None and state.code_version == table.code_version)
            if table.name not in found and not (is_current and through is not None and through >= instant):
                found.add(table.name)
                todo += [i.table for i in table.inputs if goes_up]
        return frozenset(found)

    def _pull(self, table: Table) -> Step | None:
        """A raw table's step, if whoever asks wants it, or if it lacks what it should have."""
        is_left = table.name in self.facts.lent and not (self.target.is_full and self.target.names(table.name))
        is_seen_to = table.delivery is Delivery.WATCHED and not (table.is_synced and self.target.is_for(table.name))
        reason = None if is_left or is_seen_to else self._pull_reason(table)
        if reason is None:
            return None  # (what another system writes is looked at by the lookout, what is lent fetched in production)
        days = self.target.days if table.is_partitioned and self.target.names(table.name) else ()
        return Step(table.name, Action.PULL, reason, days)

    def _pull_reason(self, table: Table) -> str | None:
        if table.delivery is Delivery.FROZEN:
            if self.target.is_full and self.target.names(table.name):
                return self.target.word
            return None if self.facts.has_landed(table.name) else "never landed"
        if self.target.asks_for(table.name) and self.target.to is None:
            return self.target.word
        if not self.target.pulls_unasked:
            return None
        if not self.facts.has_landed(table.name):
            return "never landed"
        if self.target.to is not None:
            is_overdue = self._could_reach_further(table, self.target.to)
        elif self.target.is_keeper:
            is_overdue = self._is_late_soon(table) and table.name not in self.noted
        else:
            is_overdue = self._is_behind(table)
        return f"complete only to {self.facts.data_through(table.name):%Y-%m-%d %H:%M}" if is_overdue else None

    def _build(self, table: Table) -> Step | None:
        """A derived table's step, if it is stale and due."""
        in_run = [i.table for i in table.inputs if self._is_written(i.table)]
        facts = self.facts.as_own(table.name)
        if facts is not self.facts and not (in_run or self._is_to_be_own(table)):
            return None
        if self.target.names(table.name) and (self.target.is_full or (self.target.days and table.is_partitioned)):
            days = declared_days(facts, table) if table.is_partitioned else []
            chosen = tuple(day for day in days if not self.target.days or day in self.target.days)
            return Step(table.name, Action.BUILD, "requested in full" if self.target.is_full else "requested", chosen)
        found = staleness(facts, table)
        if (found is None and not in_run) or not self._is_due(table, found):
            return self._check(table)
        if found is None or (found.is_carry and in_run):
            return Step(table.name, Action.BUILD, f"{in_run[0]} is brought up to date in this plan")
        return Step(table.name, Action.CARRY if found.is_carry else Action.BUILD, found.reason, found.partitions)

    def _check(self, table: Table) -> Step | None:
        """The step of a table that is left as it is, if a check of it failed that is to be made again."""
        if table.name not in self.facts.failed_checks:
            return None
        if table.name in self.facts.checked_again or self.target.is_for(table.name):
            return Step(table.name, Action.CHECK, f"to be checked again: {self.facts.failed_checks[table.name]}")
        return None

    def _is_written(self, table: str) -> bool:
        """Whether a step of this plan may write a table."""
        return table in self.steps and self.steps[table].action is not Action.CHECK

    def _is_to_be_own(self, table: Table) -> bool:
        """Whether a table that production lends is to be built here: it was asked for, or its SQL is another here."""
        is_other = self.facts.states[table.name].code_version != table.code_version
        return is_other or self.target.names(table.name)

    def _is_due(self, table: Table, found: Staleness | None) -> bool:
        """Whether a stale table is to be built now rather than at its next tick."""
        if not self.target.respects_ticks or (found is not None and found.is_urgent):
            return True
        return not self.facts.has_landed(table.name) or self._is_late_soon(table) or self._is_behind(table)

    def _is_late_soon(self, table: Table) -> bool:
        """Whether it is late soon, or late."""
        promise, through = table.promise, self.facts.data_through(table.name)
        if not isinstance(promise, Promise) or through is None:
            return False
        return promise.breach(through, promise.warn) <= self.facts.now

    def _is_behind(self, table: Table) -> bool:
        """Whether it lacks what it could have had at its promise's newest tick."""
        promise, state = table.promise, self.facts.states.get(table.name)
        if not isinstance(promise, Promise):
            return True  # frozen, and stale all the same: nothing to wait for
        if state is None or state.data_through is None or state.data_through > self.facts.now:
            return True  # a claim about the future says nothing
        return state.data_through + self._floor(table) < promise.newest_tick(self.facts.now)

    def _could_reach_further(self, table: Table, instant: datetime) -> bool:
        """Whether a raw table could reach an instant, or at least come closer to it, if it were pulled now."""
        through = self.facts.data_through(table.name)
        return through is None or through < min(instant, self.facts.now - table.grain - table.known_delay)

    def _floor(self, table: Table) -> timedelta:
        """How much older than now a table's data is when all is well: the grain and the known delay above it."""
        known = self.floors.get(table.name)
        if known is None:
            above = [self._floor(self.facts.graph[i.table]) for i in self.facts.counted_inputs(table)]
            known = table.grain + table.known_delay + max(above, default=timedelta(0))
            self.floors[table.name] = known
        return known

    def _obstacle(self, table: Table) -> str | None:
        """Why a table that should be in the plan cannot be in it."""
        facts = self.facts
        if not facts.is_connected(table.name):
            return facts.unconnected[facts.not_connected[table.name][-1]]
        if table.name in self.occupied:
            return "another run is busy with it, or with a table above it"
        until = facts.held.get(table.name)
        if until is not None and facts.now < until:
            return f"waits until {until:%Y-%m-%d %H:%M} before the next try"
        asked = self.target.days if self.target.names(table.name) else ()
        is_full = self.target.is_full and self.target.names(table.name)
        if wrong := refusal(table, is_full=is_full, asked=asked, unwritten=()):
            return wrong
        failed = [name for name in facts.held_by(table) if name not in self.steps]
        if failed:
            return f"{failed[0]}: {facts.failed_checks[failed[0]]}"
        return None if table.is_raw else missing_input(facts, table, self.steps)
