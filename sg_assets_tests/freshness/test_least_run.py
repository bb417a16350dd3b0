"""A refresh runs the least that it can: of all sets of tables, none that is smaller would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sg_assets.freshness.graph import Graph
from sg_assets.freshness.plan import Target, plan
from sg_assets.freshness.stale import staleness
from sg_assets.promise import HOURLY, Promise
from sg_assets.table import Input, Table
from sg_assets_tests.freshness.scenes import NOON, daily, derived, frozen, names, pull
from sg_assets_tests.freshness.simulate import DAY, HOUR, Vendors, Warehouse

BEFORE = NOON - 9 * timedelta(minutes=1)  # after the hourly tick, and after that of the day
MANY = 1 << 30  # no two contents are alike, so that whatever is built changes what reads it


def world(random: Random) -> Warehouse:
    """A few tables, up to date a while ago; since then some were changed by hand, and some ticks have passed."""
    tables: list[Table] = [pull("r.a"), pull("r.b", HOURLY), frozen("r.old")]
    for n in range(random.randint(1, 4)):
        above = [Input(t.name, is_lookup=random.random() < 0.2) for t in random.sample(tables, random.randint(1, 3))]
        inputs = [*above, *([] if any(i.table != "r.old" and not i.is_lookup for i in above) else [Input("r.a")])]
        kind = daily if random.random() < 0.3 else derived
        tables.append(kind(f"d.{n}", *{i.table: i for i in inputs}.values()))
    warehouse = Warehouse(Graph.of(tables), (NOON - 3 * DAY).date(), Vendors(), values=MANY)
    start = random.choice([BEFORE, BEFORE, NOON - DAY])
    run(warehouse, random.choice([warehouse.graph.order, warehouse.graph.order, ("r.b",)]), start)
    for table in warehouse.graph:
        if table.is_raw and random.random() < 0.2:
            run(warehouse, [table.name], BEFORE)
        if not table.is_raw and random.random() < 0.2:
            warehouse.change_code(table.name, "new")
    return warehouse


def run(warehouse: Warehouse, chosen: Iterable[str], now: datetime = NOON) -> None:
    """Run some tables, in order; every pull finds something new."""
    wanted = set(chosen)
    for table in [table for table in warehouse.graph if table.name in wanted]:
        if table.is_raw:
            warehouse.vendors.values[table.name] = warehouse.vendors.values.get(table.name, 0) + 1
            warehouse.land(table, now, now)
        else:
            warehouse.build(table, now)


def is_up_to_date(warehouse: Warehouse, name: str) -> bool:
    """Whether a table and everything above it is as a refresh leaves it."""
    facts = warehouse.facts(NOON)
    for table in (warehouse.graph[n] for n in {name, *warehouse.graph.ancestors([name])}):
        if not facts.has_landed(table.name) or (not table.is_raw and staleness(facts, table) is not None):
            return False
        through = warehouse.states[table.name].data_through
        if (
            isinstance(table.promise, Promise)
            and table.is_raw
            and through
            and through < table.promise.newest_tick(NOON)
        ):
            return False
    return True


def is_complete(warehouse: Warehouse, names: Iterable[str], instant: datetime) -> bool:
    """Whether these tables are as a refresh up to an instant leaves them."""
    facts = warehouse.facts(NOON)
    for table in (warehouse.graph[name] for name in names):
        through = facts.data_through(table.name)
        if through is None or (not table.is_raw and staleness(facts, table) is not None):
            return False
        if table.is_raw and isinstance(table.promise, Promise) and through < instant:
            return False
    return True


def short_of(warehouse: Warehouse, name: str, instant: datetime) -> set[str]:
    """A table and those above it that are not complete to an instant, up to those that are."""
    table, state = warehouse.graph[name], warehouse.states.get(name)
    if state and state.data_through and state.data_through >= instant and state.code_version == table.code_version:
        return set()
    return {name}.union(*(short_of(warehouse, i.table, instant) for i in table.inputs))


def subsets(all_of: list[str]) -> Iterator[tuple[str, ...]]:
    """Every set of tables, the small ones first."""
    return chain.from_iterable(combinations(all_of, size) for size in range(len(all_of) + 1))


def trial(warehouse: Warehouse) -> Warehouse:
    """The same once more, to try something on."""
    return replace(
        warehouse,
        vendors=Vendors(dict(warehouse.vendors.values)),
        states=dict(warehouse.states),
        whole=dict(warehouse.whole),
        by_day={name: dict(days) for name, days in warehouse.by_day.items()},
        made_of=dict(warehouse.made_of),
        builds=[],
    )


@given(st.integers(0, 1 << 40))
@settings(max_examples=6 * settings().max_examples)
def test_no_smaller_set_of_tables_would_do(seed: int) -> None:
    random = Random(seed)
    warehouse = world(random)
    name = random.choice([table.name for table in warehouse.graph if not table.is_raw])
    planned = names(plan(warehouse.facts(NOON), Target.refresh([name])))
    for chosen in subsets(sorted({name, *warehouse.graph.ancestors([name])})):
        tried = trial(warehouse)
        run(tried, chosen)
        if is_up_to_date(tried, name):
            assert sorted(planned) == list(chosen)
            return
    raise AssertionError(name)


@given(st.integers(0, 1 << 40), st.integers(0, 60))
@settings(max_examples=6 * settings().max_examples)
def test_up_to_an_instant_no_smaller_set_of_tables_would_do(seed: int, age: int) -> None:
    random, instant = Random(seed), NOON - age * HOUR
    warehouse = world(random)
    name = random.choice(warehouse.graph.order)
    planned = names(plan(warehouse.facts(NOON), Target.refresh([name], to=instant)))
    short = short_of(warehouse, name, instant)
    for chosen in subsets(sorted({name, *warehouse.graph.ancestors([name])})):
        tried = trial(warehouse)
        run(tried, chosen)
        if is_complete(tried, short, instant):
            assert sorted(planned) == list(chosen)
            return
    raise AssertionError(name)
