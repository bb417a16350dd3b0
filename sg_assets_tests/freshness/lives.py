"""Random graphs that live random lives: what is so of some tables at a few instants one after the other.

Test support. Nothing is too odd to happen here: data that goes back, claims about the future, notes that overlap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sg_assets.freshness.notes import Note
from sg_assets.promise import DAILY, HOURLY, Promise
from sg_assets.table import Input, Table
from sg_assets.warehouse.state import TableState
from sg_assets_tests.freshness.scenes import HOUR, NOON, daily, derived, facts, files, frozen, pull, state

SECOND = timedelta(seconds=1)
WEEKDAYS = Promise("0 6 * * 1-5", warn=27 * HOUR, fail=40 * HOUR, timezone="America/Los_Angeles")
PROMISES = [HOURLY, DAILY, WEEKDAYS, Promise("0 0 * * 3", warn=30 * HOUR, fail=48 * HOUR)]


class Life:
    """One random graph, and what is so of it; `facts` are those of the instant."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        tables = self._tables()
        self.names = [table.name for table in tables]
        self.facts = facts(
            tables,
            self._landings([name for name in self.names if random.random() < 0.85], NOON),
            first_seen={name: NOON - self._hours() for name in self.names if random.random() < 0.9},
            unconnected=self._outside(tables),
            failing=dict.fromkeys(self._some(), "it broke"),
            failed_checks=dict.fromkeys(self._some(), "too few"),
            last_roots={name: self._some() for name in self.names if random.random() < 0.5},
        )
        for _ in range(random.choice([0, 0, 1, 2])):
            self._note()

    def go_on(self) -> None:
        """Some time later, when one more thing has happened to some tables."""
        self.facts = before = replace(self.facts, now=self.facts.now + self._hours())
        what, some = self.random.randrange(8), self._some()
        if what <= 2:
            landed = {state.table: state for state in self._landings(some, before.now)}
            self.facts = replace(before, states={**before.states, **landed})
        elif what == 3:
            self.facts = replace(before, failing=dict.fromkeys(some, "it broke"))
        elif what == 4:
            self.facts = replace(before, failed_checks=dict.fromkeys(some, "too few"))
        elif what == 5:
            self.facts = replace(before, unconnected=self._outside(list(before.graph)))
        elif what == 6:
            ended = tuple(replace(note, ended_at=before.now) for note in before.notes)
            self.facts = replace(before, failing={}, failed_checks={}, notes=ended)
        else:
            self._note()

    def _tables(self) -> list[Table]:
        """Pulls, files, frozen ones, and derived ones with any inputs, partitioned or not."""
        tables: list[Table] = []
        for n in range(self.random.randint(1, 8)):
            name, promise = f"t.{n}", self.random.choice(PROMISES)
            above = self.random.sample(tables, k=min(len(tables), self.random.choice([0, 1, 1, 2, 2, 3, 4])))
            kind = self.random.random()
            if above:
                inputs = [self._input(table.name) for table in above]
                make = derived if kind < 0.7 else daily
                tables.append(make(name, *inputs, promise=promise))
            elif kind < 0.15:
                tables.append(frozen(name))
            else:
                tables.append(pull(name, promise) if kind < 0.7 else files(name, promise))
        return tables

    def _input(self, name: str) -> Input:
        kind = self.random.random()
        return Input(name, is_lookup=kind < 0.15, is_optional=kind > 0.85)

    def _landings(self, names: Iterable[str], now: datetime) -> list[TableState]:
        """States built by now, whose data may reach any instant; now and then one that lies about the future."""
        return [self._landing(name, now) for name in names]

    def _landing(self, name: str, now: datetime) -> TableState:
        age = self._hours()
        built_at = now - min(age, self.random.choice([self._hours(), self._hours(), 600 * SECOND]))
        is_lie = self.random.random() < 0.05
        return state(name, now + 9000 * HOUR if is_lie else now - age, built_at=built_at)

    def _note(self) -> None:
        told, now = self.facts, self.facts.now
        tables = tuple(self._some()) or ("no.table",)
        until = now + self._hours() + SECOND
        note = Note(str(len(told.notes)), tables, "ada", "it is known", now - self._hours(), until)
        self.facts = replace(told, notes=(*told.notes, note))

    def _outside(self, tables: list[Table]) -> dict[str, str]:
        some = self._some() if self.random.random() < 0.4 else []
        return {table.name: "no key" for table in tables if table.name in some and not table.inputs}

    def _some(self) -> list[str]:
        return self.random.sample(self.names, k=min(len(self.names), self.random.choice([0, 0, 1, 2])))

    def _hours(self) -> timedelta:
        """Hours, most often few, and sometimes some seconds."""
        hours = self.random.choice(
            [self.random.randint(0, 12), self.random.randint(0, 60), self.random.randint(0, 250)]
        )
        return hours * HOUR + self.random.choice([0, 0, 1, 1799]) * SECOND
