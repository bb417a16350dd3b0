"""Ordinary weeks, ten minutes at a time: no false alarm, every true one at its instant, and no endless rebuild."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

import pytest

from sg_assets.freshness.evaluate import State, Verdict, evaluate
from sg_assets.freshness.graph import Graph, check_promises
from sg_assets.promise import Promise
from sg_assets.table import Input
from sg_assets_tests.freshness.runs import MINUTE, System
from sg_assets_tests.freshness.scenes import daily, derived, files, frozen, pull
from sg_assets_tests.freshness.simulate import DAY, HOUR, Object, Vendors, Warehouse

STEP = 10 * MINUTE
WEEKS = 3
PINGS = Promise("10 * * * *", warn=6 * HOUR, fail=9 * HOUR)  # its second shard may be some hours late
SITE = Promise("0 15 * * *", warn=27 * HOUR, fail=30 * HOUR, timezone="America/Los_Angeles")
SALES = Promise("0 6 * * 1-5", warn=26 * HOUR, fail=30 * HOUR, timezone="America/Los_Angeles")
PATIENT = Promise("0 16 * * *", warn=4 * DAY, fail=5 * DAY, timezone="America/Los_Angeles")
GRAPH = Graph.of(
    [
        files("r.pings", PINGS),
        pull("r.site", SITE),
        pull("r.sales", SALES),
        pull("r.hub", SITE),
        frozen("r.old"),
        daily("d.day", "r.pings", promise=PINGS),
        daily("d.month", Input("d.day", days=(-29, 0)), promise=PINGS),
        derived("d.join", "d.day", "r.site", promise=replace(SITE, warn=33 * HOUR, fail=40 * HOUR)),
        derived("d.union", "d.day", "r.old", promise=PINGS),
        derived("d.sales", "r.sales", Input("r.site", is_lookup=True), promise=SALES),
        derived("d.link", "d.join", "r.sales", promise=PATIENT),
        replace(derived("d.people", "r.site", Input("r.hub", is_optional=True), promise=SITE), reads_current_date=True),
    ]
)
AUTUMN = datetime(2026, 10, 19, 12, tzinfo=UTC)  # a Monday; clocks are set back on the second Sunday
SPRING = datetime(2026, 3, 2, 12, tzinfo=UTC)  # and forward on the first


@dataclass
class Weeks:
    """Three weeks: a vendor refuses for days, the laptop sleeps for two, a source is connected near the end."""

    start: datetime
    one_writer: bool
    verdicts: list[tuple[datetime, dict[str, Verdict]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vendors = Vendors()
        warehouse = Warehouse(GRAPH, (self.start - 5 * DAY).date(), self.vendors, {"r.hub": "no key"})
        self.system = System(warehouse, self.start, one_writer=self.one_writer)
        self.system.first_seen = dict.fromkeys(GRAPH.order, self.start)
        self.refuses = (self.start + 7 * DAY + HOUR, self.start + 9 * DAY + 6 * HOUR)
        self.answered = SALES.next_tick(self.refuses[1]) + 2 * STEP
        self.asleep = (self.start + 11 * DAY + 5 * HOUR, self.start + 13 * DAY + 5 * HOUR)
        self.connected = self.start + 17 * DAY
        for hour in range(-5 * 24, WEEKS * 7 * 24):
            self._write_objects(self.start + hour * HOUR)

    def _write_objects(self, hour: datetime) -> None:
        """Shard 1 comes up to three hours late; nothing happens at weekends; some rows are of the day before."""
        days = () if hour.weekday() > 4 else (hour.date(), hour.date() - DAY) if hour.hour < 3 else (hour.date(),)
        on_time = hour + HOUR + 4 * MINUTE
        self.vendors.upload("r.pings", "shard-0", hour, Object(on_time, days))
        self.vendors.upload("r.pings", "shard-1", hour, Object(on_time + (hour.hour % 4) * HOUR, days))

    def run(self) -> Weeks:
        while self.system.now < self.start + WEEKS * 7 * DAY:
            before, self.system.now = self.system.now, self.system.now + STEP
            if not self.asleep[0] <= self.system.now < self.asleep[1]:
                self.step(before)
        return self

    def step(self, before: datetime) -> None:
        system, now = self.system, self.system.now
        if now.weekday() < 5:  # quiet weekends
            self.vendors.values.update({"r.site": now.day % 3, "r.sales": now.toordinal() // 2 % 3})
        self.vendors.refusing = {"r.sales"} if self.refuses[0] <= now < self.refuses[1] else set()
        if now >= self.connected and system.warehouse.unconnected:
            system.warehouse.unconnected.clear()
            system.first_seen["r.hub"] = now
        self.verdicts.append((now, evaluate(system.facts())))
        system.schedules(before)
        for _ in range(3):  # the keeper asks often; runs take their time
            system.keep()
            for run in system.runs[:1] if system.one_writer else list(system.runs):
                for _ in range(4):
                    if run in system.runs:
                        system.go_on(run)

    def moments(self, table: str, *states: State) -> list[datetime]:
        return [at for at, found in self.verdicts if found[table].state in states]

    def builds(self, table: str) -> list[tuple[datetime, bool]]:
        return [(at, with_sql) for at, name, with_sql in self.system.warehouse.builds if name == table]


@cache
def weeks(start: datetime, *, one_writer: bool) -> Weeks:
    return Weeks(start, one_writer).run()


@pytest.fixture(params=[(AUTUMN, True), (SPRING, False)], ids=["autumn on DuckDB", "spring on BigQuery"])
def lived(request: pytest.FixtureRequest) -> Weeks:
    start, one_writer = request.param
    return weeks(start, one_writer=one_writer)


def test_the_promises_of_these_tables_can_be_kept() -> None:
    check_promises(GRAPH)


def test_everything_is_built_within_the_first_hour(lived: Weeks) -> None:
    states = {
        name: {found[name].state for at, found in lived.verdicts if at > lived.start + HOUR} for name in GRAPH.order
    }
    assert [name for name, seen in states.items() if State.NEVER_LANDED in seen] == ["r.hub"]


def test_there_is_no_false_alarm(lived: Weeks) -> None:
    woke = lived.asleep[1]
    for at, found in lived.verdicts:
        if woke <= at <= woke + 90 * MINUTE:
            continue  # everything was late, and is being brought up to date
        bad = {name for name, verdict in found.items() if verdict.state in {State.LATE, State.LATE_SOON}}
        if lived.refuses[0] <= at <= lived.answered:
            bad -= {name for name in bad if {root.table for root in found[name].roots} == {"r.sales"}}
        assert not bad, (at, {name: found[name].reason for name in bad})


def test_a_refusing_vendor_is_found_at_the_instant_and_named_as_the_root(lived: Weeks) -> None:
    pulled = max(at for at, found in lived.verdicts if found["r.sales"].state is State.FRESH and at < lived.refuses[1])
    for name in ("r.sales", "d.sales"):
        late = lived.moments(name, State.LATE)
        verdicts = dict(lived.verdicts)
        during = [verdicts[at][name] for at in late if at < lived.refuses[1]]
        assert during, f"{name} was late"
        assert {root.table for verdict in during for root in verdict.roots} == {"r.sales"}
        for verdict in during:
            assert verdict.data_through is not None
            assert verdict.since == SALES.breach(verdict.data_through, SALES.fail)
            assert verdict.since is not None
            assert verdict.since > pulled
        first = during[0].since
        assert first is not None
        assert min(late) - first < STEP


def test_when_the_vendor_answers_again_all_is_well_with_the_next_tick(lived: Weeks) -> None:
    after = lived.moments("r.sales", State.LATE, State.LATE_SOON) + lived.moments(
        "d.sales", State.LATE, State.LATE_SOON
    )
    assert lived.refuses[1] < max(at for at in after if at < lived.asleep[0]) <= lived.answered


def test_after_two_days_asleep_all_is_well_within_minutes(lived: Weeks) -> None:
    woke = lived.asleep[1]
    bad = [at for name in GRAPH.order for at in lived.moments(name, State.LATE, State.LATE_SOON) if at >= woke]
    assert bad
    assert max(bad) <= woke + 90 * MINUTE


def test_a_source_that_is_connected_later_is_never_late(lived: Weeks) -> None:
    hub = [found["r.hub"].state for _, found in lived.verdicts]
    assert set(hub) <= {State.NOT_CONNECTED, State.NEVER_LANDED, State.FRESH}
    assert hub[-1] is State.FRESH
    assert lived.system.warehouse.made_of["d.people", None]["r.hub"] is not None, "it is read since"


@pytest.mark.parametrize(
    ("table", "most"),
    [
        ("d.day", 2 * 24),
        ("d.month", 2 * 24),
        ("d.union", 2 * 24),
        ("d.join", 8),
        ("d.sales", 3),
        ("d.link", 10),
        ("d.people", 4),
    ],
)
def test_there_is_no_endless_rebuild(lived: Weeks, table: str, most: int) -> None:
    a_day = Counter(at.date() for at, _ in lived.builds(table))
    assert max(a_day.values()) <= most


def test_quiet_days_need_no_sql(lived: Weeks) -> None:
    quiet = [(name, with_sql) for at, name, with_sql in lived.system.warehouse.builds if at.weekday() == 6]
    assert quiet.count(("d.day", True)) <= 2 * WEEKS, "each new day once"
    assert quiet.count(("d.sales", True)) == 0


def test_runs_are_few(lived: Weeks) -> None:
    a_day = Counter(at.date() for at, _, _ in lived.system.launched)
    assert max(a_day.values()) <= 24 + 24 + 20
    assert sum(a_day.values()) / len(a_day) <= 50
