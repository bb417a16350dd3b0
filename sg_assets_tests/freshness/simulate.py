"""A warehouse of a few lines, with vendors that feed it and runs that fill it: what planner and evaluator are tried on.

It shares nothing with the real warehouse but the words of `warehouse/state.py`. Contents are small numbers, so that a
rebuild often gives the rows that were there; beside each build it is written down what the build really read, which is
what the tests judge by, not the marks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from zlib import crc32

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import missing_input
from sg_assets.freshness.stale import build_for, staleness
from sg_assets.table import Delivery, Input, Table
from sg_assets.warehouse.state import CURRENT_DATE_INPUT, Change, PartitionState, TableState

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Seen = Mapping[str, object]  # what a build found in each input


@dataclass
class Object:
    """An object of a bucket: when it can first be listed, and in which days its rows happened."""

    arrives: datetime
    days: tuple[date, ...]
    generation: int = 1
    number: int = field(default_factory=count(1 << 20).__next__)  # sums of a few of them are seldom the same


@dataclass
class Vendors:
    """The outside: what a pull gives, what lies in the buckets, and who refuses to answer."""

    values: dict[str, int] = field(default_factory=dict)
    buckets: dict[str, dict[str, dict[datetime, Object]]] = field(default_factory=dict)  # by feed and hour, in order
    refusing: set[str] = field(default_factory=set)

    def upload(self, table: str, feed: str, hour: datetime, thing: Object) -> None:
        """Put the next hour of a feed into a bucket."""
        self.buckets.setdefault(table, {}).setdefault(feed, {})[hour] = thing

    def objects(self) -> list[Object]:
        """All of them, those that have not arrived included."""
        return [thing for bucket in self.buckets.values() for feed in bucket.values() for thing in feed.values()]


@dataclass
class Warehouse:
    """Tables, their states, and what each was really built from."""

    graph: Graph
    history_start: date
    vendors: Vendors
    unconnected: dict[str, str] = field(default_factory=dict)
    states: dict[str, TableState] = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)  # contents of unpartitioned tables
    by_day: dict[str, dict[date, int]] = field(default_factory=dict)  # contents of partitioned derived tables
    made_of: dict[tuple[str, date | None], Seen] = field(default_factory=dict)
    builds: list[tuple[datetime, str, bool]] = field(default_factory=list)  # when, what, whether with SQL
    values: int = 3  # how many different contents there are

    def facts(self, now: datetime) -> Facts:
        return Facts(self.graph, now, self.history_start, dict(self.states), unconnected=dict(self.unconnected))

    def land(self, table: Table, run_now: datetime, wall: datetime) -> None:
        """Fetch a raw table and publish it."""
        before = self.states.get(table.name)
        seq = before.seq + 1 if before else 1
        if table.delivery is Delivery.FILES:
            self._publish(self._load(table, seq, run_now, wall))
            return
        value = self.vendors.values.get(table.name, 0)
        version = before.content_version if before and self.whole[table.name] == value else str(seq)
        self.whole[table.name] = value
        through = run_now - table.known_delay
        self._publish(TableState(table.name, seq, run_now, 1, through, version, "", Change.LAND))

    def _load(self, table: Table, seq: int, run_now: datetime, wall: datetime) -> TableState:
        marks: dict[date, int] = {}
        ends: list[datetime] = []
        is_empty = True
        for feed in self.vendors.buckets[table.name].values():
            end = None
            for hour, thing in feed.items():
                if thing.arrives > wall:
                    end = end or hour
                    continue
                is_empty = False
                for day in thing.days:
                    marks[day] = marks.get(day, 0) + thing.number * thing.generation
            ends.append(end or max(feed) + HOUR)
        event_days = {day: f"{mark:x}" for day, mark in marks.items()}
        version = f"{crc32(repr(sorted(marks.items())).encode()):08x}"
        through = None if is_empty else min(ends)
        return TableState(table.name, seq, run_now, 1, through, version, "", Change.LOAD, event_days=event_days)

    def build(self, table: Table, run_now: datetime, days: Collection[date] | None = None) -> str:
        """Do what a derived table's step does; `days` when a person asked for some. What became of it."""
        facts = self.facts(run_now)
        if not facts.is_connected(table.name) or missing_input(facts, table):
            return "blocked"
        found = staleness(facts, table)
        if found is None and days is None:
            return "skipped"
        made = build_for(facts, table, days)
        is_carry = found is not None and found.is_carry and days is None
        seen = {day: self.seen(table, day, run_now) for day in made.partitions or ([None] if not is_carry else [])}
        if days is None and not is_carry:
            self._check_reason(table, seen)
        before = self.states.get(table.name)
        seq = before.seq + 1 if before else 1
        partitions = dict(before.partitions) if before else {}
        for day, read in seen.items():
            self.made_of[table.name, day] = read
            if day is None:
                self.whole[table.name] = self._content(table, read)
            else:
                value = self._content(table, read)
                self.by_day.setdefault(table.name, {})[day] = value
                partitions[day] = PartitionState(
                    day, seq, run_now, 1, f"v{value}", table.code_version, made.partitions[day]
                )
        version = repr(sorted(self.by_day.get(table.name, {}).items()) if partitions else self.whole.get(table.name))
        self._publish(
            TableState(
                table.name,
                seq,
                run_now,
                1,
                made.data_through,
                version,
                table.code_version,
                Change.CARRY if is_carry else Change.BUILD,
                inputs=made.inputs,
                partitions=partitions,
            )
        )
        self.builds.append((run_now, table.name, not is_carry))
        return "built"

    def _content(self, table: Table, read: Seen) -> int:
        """One of a few numbers, which depends on the SQL and on all that was read."""
        return crc32(repr((table.code_version, sorted(read.items()))).encode()) % self.values

    def seen(self, table: Table, day: date | None, now: datetime) -> Seen:
        """What a build of a table, or of one of its days, finds in its inputs."""
        found = {wanted.table: self._read(wanted, day) for wanted in table.inputs}
        return found | ({CURRENT_DATE_INPUT: now.date().isoformat()} if table.reads_current_date else {})

    def _read(self, wanted: Input, day: date | None) -> object:
        name, state = wanted.table, self.states.get(wanted.table)
        if state is None or state.data_through is None:
            return None if day is None or not self.graph[name].is_partitioned else ()
        if day is not None and self.graph[name].is_partitioned:
            first, last = (day + n * DAY for n in wanted.days)
            held: Mapping[date, object] = state.event_days if self.graph[name].is_raw else self.by_day.get(name, {})
            return tuple(sorted((one, value) for one, value in held.items() if first <= one <= last))
        if self.graph[name].is_raw:
            return state.content_version
        return tuple(sorted(self.by_day[name].items())) if name in self.by_day else self.whole[name]

    def _check_reason(self, table: Table, seen: Mapping[date | None, Seen]) -> None:
        """No table and no day is built again from what it was built from."""
        state = self.states.get(table.name)
        for day, read in seen.items():
            built = state.partitions.get(day) if state is not None and day is not None else state
            is_new = state is None or not state.has_landed or built is None
            if not is_new and built is not None and built.code_version == table.code_version:
                assert self.made_of[table.name, day] != read, f"{table.name} {day} was built without a reason"

    def _publish(self, state: TableState) -> None:
        """Commit a state, which must not claim more than its inputs give, nor reach across a missing day."""
        table, through = self.graph[state.table], state.data_through
        if through is not None and not table.is_raw:
            for wanted in self.facts(state.built_at).counted_inputs(table):
                below = self.states[wanted.table].data_through
                assert below is not None
                assert through <= below, f"{table.name} claims {through}, {wanted.table} has {below}"
            if table.is_partitioned:
                last = (through - timedelta(microseconds=1)).date()
                line = [self.history_start + n * DAY for n in range((last - self.history_start).days + 1)]
                assert set(line) <= set(state.partitions), f"{table.name} claims {through} across a missing day"
        self.states[state.table] = state

    def replace_table(self, table: Table) -> None:
        """Another SQL for a table."""
        self.graph = Graph.of([table if one.name == table.name else one for one in self.graph])

    def change_code(self, name: str, version: str) -> None:
        """The same, by its code version alone."""
        self.replace_table(replace(self.graph[name], code_version=version))
