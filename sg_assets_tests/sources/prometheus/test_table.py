"""The raw table, from the stand-in: the health of every managed instance, pull after pull."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.health import Health
from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.prometheus import RETENTION
from sg_assets.source import Pull
from sg_assets.sources.prometheus import prometheus
from sg_assets.sources.prometheus.queries import QUERIES
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.sources.conftest import ANCHOR, World
from sg_assets_tests.warehouse.examples import land

TABLE = prometheus.tables["raw_prometheus.metric_sample"].table
STEP = timedelta(minutes=15)
Key = tuple[object, object, object]


def rows(world: World, cursor: object = None) -> list[dict[str, object]]:
    return world.rows(prometheus, "metric_sample", cursor)  # pyrefly: ignore[bad-argument-type]


def keyed(found: list[dict[str, object]]) -> dict[Key, object]:
    return {(row["query"], row["series_id"], row["sampled_at"]): row["value"] for row in found}


def test_the_first_pull_gives_what_the_server_keeps_of_every_managed_instance(world: World) -> None:
    found = rows(world)
    sites = {one.site_id for one in Health(world.sandbox.company).instances(world.now)}
    assert len(sites) > 3
    for query in QUERIES:
        own = [row for row in found if row["query"] == query.name]
        assert {row["site_id"] for row in own} == sites
        times = {row["sampled_at"] for row in own}
        assert max(times) == world.now - timedelta(minutes=5)  # pyrefly: ignore[bad-specialization]
        assert RETENTION // STEP - 1 <= len(times) <= RETENTION // STEP + 2
    fitted = Shape(TABLE).fit(found)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert len(keyed(found)) == len(found)


def test_a_second_pull_gives_what_is_new_and_the_hour_before(world: World) -> None:
    pages = world.pages(prometheus, "metric_sample")
    before = keyed([dict(row) for page in pages for row in page.rows])
    world.now += STEP
    found = rows(world, pages[-1].cursor)
    newest = world.now - timedelta(minutes=5)
    assert {row["sampled_at"] for row in found} == {newest - n * STEP for n in range(5)}
    again = {key: value for key, value in keyed(found).items() if key in before}
    assert again == pytest.approx({key: before[key] for key in again}, nan_ok=True)
    assert len(again) == len(found) * 4 // 5


def test_one_call_for_each_query(world: World) -> None:
    fetch = prometheus.tables[TABLE.name].fetch
    assert fetch
    with world.client(prometheus) as client:
        cursor = list(fetch(Pull(client, {}, world.now)))[-1].cursor
        assert client.calls == len(QUERIES)
        list(fetch(Pull(client, {}, world.now + STEP, cursor)))
        assert client.calls == 2 * len(QUERIES)
        list(fetch(Pull(client, {}, world.now, cursor)))
        assert client.calls == 2 * len(QUERIES)


def test_pulls_in_between_and_one_that_stopped_halfway_lose_nothing(world: World) -> None:
    whole = keyed(rows(world))
    pages = world.pages(prometheus, "metric_sample")
    part = pages[: len(pages) // 2]
    rest = rows(world, part[-1].cursor)
    merged = keyed([dict(row) for page in part for row in page.rows]) | keyed(rest)
    assert merged == pytest.approx(whole, nan_ok=True)
    assert {row["query"] for row in rest} == {query.name for query in QUERIES[len(part) :]}


def test_what_is_read_twice_changes_nothing_nan_included(world: World, tmp_path: Path) -> None:
    world.now = ANCHOR + timedelta(hours=4, minutes=20)
    found = rows(world)[:3000]
    found[0]["value"], found[1]["value"] = float("nan"), float("inf")
    with closing(DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")) as warehouse:
        first = land(warehouse, tmp_path, TABLE, found)
        again = land(warehouse, tmp_path, TABLE, found)
        found[2]["value"] = 0.123
        late = land(warehouse, tmp_path, TABLE, found)
    assert (first.changed_rows, again.changed_rows, late.changed_rows) == (3000, 0, 1)


def test_an_instance_that_was_down_shows_it(world: World) -> None:
    health = Health(world.sandbox.company)
    (bad,) = (one for one in health.instances(ANCHOR) if one.customer and one.customer.case == "old managed")
    (outage,) = health.outages(bad, (ANCHOR - timedelta(days=1)).date())
    world.now = outage.end + timedelta(minutes=30)
    up = {
        row["sampled_at"]: row["value"]
        for row in rows(world)
        if (row["query"], row["site_id"]) == ("up_share", bad.site_id)
    }
    inside = [value for at, value in up.items() if isinstance(at, datetime) and outage.start + STEP < at <= outage.end]
    assert set(inside) == {0.0}
    assert up[max(up)] == 1  # pyrefly: ignore[bad-specialization]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.SERVER_ERROR, {"count": 2}),
        (Kind.CUT_BODY, {"count": 1}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1}),
        (Kind.SLOW_BODY, {"count": 1, "seconds": 0.2}),
    ],
)
def test_a_fault_that_passes_costs_nothing(world: World, kind: Kind, options: dict[str, Any]) -> None:
    world.now = ANCHOR + timedelta(hours=4, minutes=20)
    world.sandbox.faults.switch_on(kind, "prometheus", **options)
    assert {row["query"] for row in rows(world)} == {query.name for query in QUERIES}
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]


def test_what_does_not_pass_is_told(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "prometheus")
    with pytest.raises(SourceError, match=r"query up_share: .*403 403 Forbidden.*not allowed"):
        rows(world)
    world.sandbox.faults.clear()
    world.sandbox.faults.switch_on(Kind.TOO_MANY_REQUESTS, "prometheus", retry_after=600)
    with pytest.raises(ComeBackLater):
        rows(world)


def test_a_wrong_token_is_told_by_the_proxy(world: World) -> None:
    with (
        prometheus.connect(f"{world.url}/prometheus", {"SG_PROMETHEUS_TOKEN": "wr0ng"}) as client,
        pytest.raises(SourceError, match="401 Authorization Required") as caught,
    ):
        client.get_json("/api/v1/label/__name__/values")  # pyrefly: ignore[missing-attribute]
    assert "wr0ng" not in str(caught.value)


def test_it_is_examined_by_its_metrics(world: World) -> None:
    assert prometheus.examination
    with world.client(prometheus) as client:
        found = list(prometheus.examination(client, world.settings(prometheus)))
    assert {one.subject for one in found} == {"query API", *(name for query in QUERIES for name in query.metrics)}
    assert all(one.is_permitted for one in found)
    world.sandbox.faults.switch_on(Kind.FORBIDDEN, "prometheus")
    with world.client(prometheus) as client:
        (refused,) = prometheus.examination(client, world.settings(prometheus))
    assert not refused.is_permitted
