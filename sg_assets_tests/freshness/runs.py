"""Runs, schedules and a keeper on the warehouse of `simulate.py`: who launches what, how runs end, or are killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.notes import Note
from sg_assets.freshness.plan import Plan, Step, Target, plan
from sg_assets.freshness.tries import fingerprint, held_until
from sg_assets.operations import Attempt
from sg_assets.promise import Promise
from sg_assets.table import Delivery
from sg_assets.warehouse.state import MISSING_HOURS, TableState
from sg_assets_tests.freshness.simulate import Warehouse

MINUTE = timedelta(minutes=1)


class Fate(StrEnum):
    """What may happen to a step."""

    WELL = "well"
    FAILS = "fails"
    KILLED_BEFORE_COMMIT = "killed before commit"
    KILLED_BEFORE_COPY = "killed before copy"


@dataclass
class Run:
    """An unfinished run; `now` is fixed at its launch."""

    now: datetime
    steps: list[Step]
    target: Target
    broken: set[str] = field(default_factory=set)  # tables that failed or were blocked in it

    @property
    def tables(self) -> set[str]:
        return {step.table for step in self.steps}


@dataclass
class System:
    """The whole: a warehouse, the copy of its states that everybody reads, and the unfinished runs.

    `one_writer`: as on DuckDB, runs wait in a queue, and the keeper launches none while one is unfinished; else as on
    BigQuery, they go on side by side, and planners leave the busy tables alone.
    """

    warehouse: Warehouse
    now: datetime
    one_writer: bool = True
    fate: Callable[[str], Fate] = lambda _table: Fate.WELL
    copy: dict[str, TableState] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    tries: dict[str, Attempt] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    first_seen: dict[str, datetime] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    launched: list[tuple[datetime, Target, int]] = field(default_factory=list)

    def facts(self) -> Facts:
        """What the planner and the evaluator are told: the copies, not the warehouse."""
        return Facts(
            self.warehouse.graph,
            self.now,
            self.warehouse.history_start,
            dict(self.copy),
            unconnected=dict(self.warehouse.unconnected),
            held={name: self._held_until(name) for name in self.tries if name in self.warehouse.graph.tables},
            busy=frozenset() if self.one_writer else frozenset(name for run in self.runs for name in run.tables),
            failing={**_missing_hours(self.copy), **self.failing},
            notes=self.notes,
            first_seen=dict(self.first_seen),
        )

    def launch(self, target: Target) -> Plan:
        """Plan for a target and launch a run of it, if there is anything to do."""
        made = plan(self.facts(), target)
        if made.steps:
            if not self.one_writer:
                others = {name for run in self.runs for name in run.tables}
                assert not others & {step.table for step in made.steps}, "two runs build the same table"
            self.runs.append(Run(self.now, list(made.steps), target))
            self.launched.append((self.now, target, len(made.steps)))
        return made

    def keep(self) -> Plan:
        """One tick of the keeper, which counts its tries."""
        if self.one_writer and self.runs:
            return Plan()
        made = self.launch(Target.keeper())
        for step in made.steps:
            if self.warehouse.graph[step.table].is_raw:
                self._count_try(step.table)
        return made

    def schedules(self, since: datetime) -> None:
        """Every schedule that ticked after `since`, up to now."""
        cadences: dict[tuple[str, str], tuple[Promise, list[str]]] = {}
        for table in self.warehouse.graph:
            if table.delivery in {Delivery.PULL, Delivery.FILES} and isinstance(table.promise, Promise):
                promise = table.promise
                cadences.setdefault((promise.cron, promise.timezone), (promise, []))[1].append(table.name)
        for promise, names in cadences.values():
            if promise.newest_tick(self.now) > since:
                self.launch(Target.schedule(names))

    def go_on(self, run: Run) -> None:
        """The next step of a run, to whatever end."""
        step = run.steps.pop(0)
        table = self.warehouse.graph[step.table]
        self.heal()
        if any(i.table in run.broken for i in table.inputs):
            run.broken.add(table.name)
        else:
            self._do(run, step)
        if not run.steps and run in self.runs:
            self.runs.remove(run)

    def _do(self, run: Run, step: Step) -> None:
        table, fate = self.warehouse.graph[step.table], self.fate(step.table)
        if fate is Fate.KILLED_BEFORE_COMMIT:
            self.runs.remove(run)
            return
        if fate is Fate.FAILS or table.name in self.warehouse.vendors.refusing:
            run.broken.add(table.name)
            self.failing[table.name] = "it failed"
            if not (table.is_raw and run.target.is_keeper):  # the keeper has counted it
                self._count_try(table.name)
            return
        if table.is_raw:
            self.warehouse.land(table, run.now, self.now)
        else:
            days = step.partitions if run.target.days and run.target.names(table.name) and step.partitions else None
            if self.warehouse.build(table, run.now, days) == "blocked":
                run.broken.add(table.name)
                return
        self.failing.pop(table.name, None)
        if not table.is_raw:
            self.tries.pop(table.name, None)
        if fate is Fate.KILLED_BEFORE_COPY:
            self.runs.remove(run)
            return
        if table.name in self.warehouse.states:
            self._copy(table.name)

    def heal(self) -> None:
        """What a killed run could not copy is copied when the next one starts."""
        for name, state in self.warehouse.states.items():
            if self.copy.get(name) is not state:
                self._copy(name)

    def finish_all(self) -> None:
        """Let every run come to its end, one after the other."""
        while self.runs:
            self.go_on(self.runs[0])

    def settle(self, rounds: int) -> int:
        """Keeper and runs in turn until there is nothing to do; after how many rounds."""
        for done in range(rounds):
            self.finish_all()
            if not self.keep().steps:
                return done
        msg = f"not at rest after {rounds} rounds: {plan(self.facts(), Target.keeper())}"
        raise AssertionError(msg)

    def _copy(self, name: str) -> None:
        new, old = self.warehouse.states[name], self.copy.get(name)
        self.copy[name] = new
        if self.warehouse.graph[name].is_raw and (old is None or old.data_through != new.data_through):
            self.tries.pop(name, None)

    def _count_try(self, name: str) -> None:
        table, before = self.warehouse.graph[name], self.tries.get(name)
        same = fingerprint(table, self.copy, self.now)
        count = before.count + 1 if before is not None and before.fingerprint == same else 1
        self.tries[name] = Attempt(same, count, self.now, None, "it failed")

    def _held_until(self, name: str) -> datetime:
        table, tries, state = self.warehouse.graph[name], self.tries[name], self.copy.get(name)
        promise = table.promise if table.is_raw and state is not None and state.has_landed else None
        return held_until(
            tries,
            is_same=tries.fingerprint == fingerprint(table, self.copy, self.now),
            next_tick=promise.next_tick(self.now) if isinstance(promise, Promise) else None,
        )


def _missing_hours(states: Mapping[str, TableState]) -> dict[str, str]:
    return {name: f"waits for {s.cursor[MISSING_HOURS]}" for name, s in states.items() if s.cursor}
