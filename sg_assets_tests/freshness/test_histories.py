"""Random histories: at rest nothing is stale, whatever happened, and nothing was ever built in vain."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sg_assets.freshness.facts import Facts
from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Plan, Target, plan
from sg_assets.promise import DAILY, HOURLY
from sg_assets.table import Input, Table
from sg_assets_tests.freshness.oracle import assert_true
from sg_assets_tests.freshness.runs import Fate, Run, System
from sg_assets_tests.freshness.scenes import daily, derived, files, frozen, pull
from sg_assets_tests.freshness.simulate import DAY, HOUR, Object, Vendors, Warehouse

MINUTE = timedelta(minutes=1)
START = datetime(2026, 11, 11, 0, 30, tzinfo=UTC)
FEEDS = ("shard-0", "shard-1")
DEPTH = 6


class History:
    """One random history, told by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.vendors = Vendors()
        warehouse = Warehouse(random_graph(random), (START - 2 * DAY).date(), self.vendors)
        self.system = System(warehouse, START, one_writer=random.random() < 0.5, fate=self.fate)
        self.trouble = random.choice([0.0, 0.05, 0.2])
        self.late: list[Object] = []
        self.fill_buckets(START - 2 * DAY, START)
        if random.random() < 0.3:
            warehouse.unconnected["r.b"] = "not yet"

    def fate(self, _table: str) -> Fate:
        if self.random.random() >= self.trouble:
            return Fate.WELL
        return self.random.choice([Fate.FAILS, Fate.KILLED_BEFORE_COMMIT, Fate.KILLED_BEFORE_COPY])

    def fill_buckets(self, start: datetime, end: datetime) -> None:
        """An object an hour and feed; some have no rows, some hold yesterday's, some come late."""
        hour, chance = start.replace(minute=0), self.random.random
        while hour < end.replace(minute=0):
            for feed in FEEDS:
                today = hour.date()
                days = (today, today - DAY) if chance() < 0.1 else (today,)
                thing = Object(hour + HOUR + 5 * MINUTE, days[: int(3 * chance())])
                self.vendors.upload("r.f", feed, hour, thing)
                if chance() < 0.03:
                    thing.arrives = end + 9999 * DAY
                    self.late.append(thing)
            hour += HOUR

    def advance(self, span: timedelta) -> None:
        before, self.system.now = self.system.now, self.system.now + span
        self.fill_buckets(before, self.system.now)
        if self.random.random() < 0.9:
            self.system.schedules(before)

    def happen(self) -> None:
        """One more thing."""
        random, system, warehouse = self.random, self.system, self.system.warehouse
        what = random.randrange(14)
        names = list(warehouse.graph.order)
        if what <= 3:
            self.advance(random.choice([3 * MINUTE, 40 * MINUTE, HOUR, 5 * HOUR]))
        elif what <= 7 and system.runs:
            self.go_on(system.runs[0] if system.one_writer else random.choice(system.runs))
        elif what <= 9:
            system.keep()
        elif what == 10:
            self.vendors.values[random.choice(["r.a", "r.b"])] = random.randrange(3)
        elif what == 11 and self.late:
            self.late.pop(random.randrange(len(self.late))).arrives = system.now
        elif what == 12:
            self.something_rare(random.choice(names))
        elif system.runs and random.random() < 0.3:
            system.runs.pop(random.randrange(len(system.runs)))  # its process is gone

    def go_on(self, run: Run) -> None:
        for _ in range(self.random.randint(1, 6)):
            if run in self.system.runs:
                self.system.go_on(run)

    def something_rare(self, name: str) -> None:
        random, system, warehouse = self.random, self.system, self.system.warehouse
        table, kind = warehouse.graph[name], random.randrange(7)
        if kind == 0 and not table.is_raw:
            warehouse.change_code(name, random.choice(["old", "new"]))
        elif kind == 1:
            system.launch(Target.refresh([name], upstream=random.choice(["stale", "all", "none"])))
        elif kind == 2:
            some = [system.now.date() - n * DAY for n in range(random.randint(1, 5))]
            system.launch(Target.refresh([name], days=some, upstream="none"))
        elif kind == 3:
            warehouse.unconnected.pop("r.b", None)
        elif kind == 4:
            system.tries.clear()  # a new start
        elif kind == 5:
            self.vendors.refusing ^= {random.choice(["r.a", "r.b", "r.f"])}
        else:
            random.choice(self.vendors.objects()).generation += 1  # an object changed, whatever its age

    def in_some_hours(self) -> Facts:
        """What will be so if nothing happens any more until then."""
        return replace(self.system.facts(), now=self.system.now + self.random.randint(0, 90) * HOUR)

    def come_to_rest(self) -> None:
        """Nothing fails any more, everything that was late has come, and a day goes by."""
        system = self.system
        self.trouble = 0.0
        self.vendors.refusing.clear()
        before, system.now = system.now, system.now + DAY + 2 * HOUR
        self.fill_buckets(before, system.now)
        for thing in self.vendors.objects():
            thing.arrives = min(thing.arrives, system.now)
        system.tries.clear()
        system.finish_all()
        system.schedules(START - DAY)
        system.settle(rounds=2 * DEPTH)

    def check_rest(self) -> None:
        """By what was really read: every table and day was built from the latest of every input."""
        warehouse, now = self.system.warehouse, self.system.now
        facts = warehouse.facts(now)
        for table in warehouse.graph:
            if not facts.is_connected(table.name):
                continue
            state = warehouse.states[table.name]
            if table.is_raw:
                assert table.is_partitioned or warehouse.whole[table.name] == self.vendors.values.get(table.name, 0)
                continue
            assert state.code_version == table.code_version
            reaches = [warehouse.states[i.table].data_through for i in facts.counted_inputs(table)]
            least = min(reach for reach in reaches if reach) if reaches else state.data_through
            assert state.data_through == least
            if not table.is_partitioned:
                assert warehouse.made_of[table.name, None] == warehouse.seen(table, None, now)
                continue
            assert least is not None
            last = (least - timedelta(microseconds=1)).date()
            days = [warehouse.history_start + n * DAY for n in range((last - warehouse.history_start).days + 1)]
            for day in days:
                assert state.partitions[day].code_version == table.code_version
                read, latest = warehouse.made_of[table.name, day], warehouse.seen(table, day, now)
                is_open = day in days[-table.open_days :]
                for wanted in table.inputs:
                    if is_open or warehouse.graph[wanted.table].is_partitioned:
                        assert read[wanted.table] == latest[wanted.table], (table.name, day, wanted.table)


def random_graph(random: Random) -> Graph:
    """Two pulls, files, something frozen, and a few derived tables of every kind over them."""
    tables: list[Table] = [pull("r.a"), pull("r.b", HOURLY, known_delay=HOUR), files("r.f"), frozen("r.old")]
    for n in range(random.randint(2, DEPTH)):
        above = random.sample(tables, k=min(len(tables), random.choice([1, 2, 2, 3])))
        if above == [tables[3]]:
            above.append(tables[0])
        counting = next(table for table in above if table != tables[3])
        inputs = [_random_input(random, table, may_be_lookup=table != counting) for table in above]
        promise = random.choice([HOURLY, DAILY])
        if random.random() < 0.5:
            tables.append(daily(f"d.{n}", *inputs, promise=promise, open_days=random.choice([1, 3])))
        else:
            tables.append(
                replace(derived(f"d.{n}", *inputs, promise=promise), reads_current_date=random.random() < 0.2)
            )
    return Graph.of(tables)


def _random_input(random: Random, table: Table, *, may_be_lookup: bool) -> Input:
    return Input(
        table.name,
        is_lookup=may_be_lookup and random.random() < 0.2,
        is_optional=random.random() < 0.2,
        days=random.choice([(0, 0), (0, 0), (-2, 0), (-1, 1)]),
    )


@given(st.integers(0, 1 << 40))
@settings(max_examples=40 * settings().max_examples)
def test_at_rest_everything_was_built_from_the_latest_and_nothing_in_vain(seed: int) -> None:
    history = History(seed)
    for _ in range(60):
        history.happen()
    assert_true(history.in_some_hours())
    history.come_to_rest()
    system = history.system
    assert plan(system.facts(), Target.keeper()) == Plan()
    for _ in range(2):  # what waited for its tick
        system.launch(Target.refresh())
        system.finish_all()
    assert plan(system.facts(), Target.refresh()) == Plan()
    history.check_rest()
