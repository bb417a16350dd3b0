"""Metrics tell the truth about health: counters grow by what was requested, and start anew with the instance."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.health import BLOCK, DISK_BYTES, FAILING, RESTARTS_AT, Health
from sg_assets.sandbox.company.health_metrics import BUCKETS, SCRAPE, SEARCH, HealthMetrics, Metric
from sg_assets.sandbox.company.instances import Instance
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR

SECOND = timedelta(seconds=1)


@pytest.fixture
def metrics(company: Company) -> HealthMetrics:
    return HealthMetrics(Health(company))


def of(metrics: HealthMetrics, instance: Instance, name: str, **labels: str) -> list[Metric]:
    """The series of an instance that have a name and some labels."""
    wanted = {"__name__": name, "site_id": instance.site_id, **labels}
    return [one for one in metrics.series(ANCHOR) if wanted.items() <= one.labels.items()]


def at(time: datetime) -> float:
    return time.timestamp()


def test_a_counter_grows_by_what_was_requested(metrics: HealthMetrics) -> None:
    instance = metrics.health.instances(ANCHOR)[0]
    (good,) = of(metrics, instance, "src_http_request_duration_seconds_count", route="search", code="200")
    (bad,) = of(metrics, instance, "src_http_request_duration_seconds_count", route="search", code="500")
    start = ANCHOR - DAY + 14 * HOUR
    block = metrics.health.block(instance, start)
    grown = [one.value(at(start + BLOCK)) - one.value(at(start)) for one in (good, bad)]
    requests = SEARCH * block.requests_per_second * BLOCK.total_seconds()
    assert sum(grown) == pytest.approx(requests)
    assert grown[1] == pytest.approx(requests * block.error_share)


def test_a_counter_starts_anew_once_a_day_and_after_an_outage(metrics: HealthMetrics, company: Company) -> None:
    (instance,) = company.instances_of(company.case(FAILING))
    (counter,) = of(metrics, instance, "src_http_request_duration_seconds_count", route="graphql")
    (outage,) = metrics.health.outages(instance, (ANCHOR - DAY).date())
    restart = ANCHOR - 2 * DAY + RESTARTS_AT * HOUR
    midnight = ANCHOR - 2 * DAY
    for time in (restart, outage.end):
        assert counter.value(at(time)) == pytest.approx(0)
        assert counter.value(at(time - SECOND)) > 10
    assert counter.value(at(midnight)) == pytest.approx(counter.value(at(midnight - SECOND)), abs=10)


def test_buckets_hold_those_of_smaller_ones(metrics: HealthMetrics) -> None:
    instance = metrics.health.instances(ANCHOR)[2]
    buckets = of(metrics, instance, "src_search_streaming_latency_seconds_bucket")
    counts = [one.value(at(ANCHOR + 9 * HOUR)) for one in buckets]
    assert counts == sorted(counts)
    assert [one.labels["le"] for one in buckets] == ["0.25", "1", "2.5", "10", "+Inf"]
    assert len(buckets) == len(BUCKETS)


def test_an_instance_that_is_down_says_only_that(metrics: HealthMetrics, company: Company) -> None:
    (instance,) = company.instances_of(company.case(FAILING))
    (outage,) = metrics.health.outages(instance, (ANCHOR - DAY).date())
    window = at(outage.start), at(outage.end - SECOND)
    (up,) = of(metrics, instance, "up")
    times = list(metrics.scrapes(up, *window))
    assert len(times) == 90 * 60 // SCRAPE
    assert {up.value(time) for time in times} == {0.0}
    for other in of(metrics, instance, "src_gitserver_disk_space_available"):
        assert list(metrics.scrapes(other, *window)) == []


def test_scrapes_come_every_two_minutes_in_any_window(metrics: HealthMetrics) -> None:
    (up,) = of(metrics, metrics.health.instances(ANCHOR)[0], "up")
    whole = list(metrics.scrapes(up, at(ANCHOR - HOUR), at(ANCHOR + HOUR)))
    halves = [*metrics.scrapes(up, at(ANCHOR - HOUR), at(ANCHOR)), *metrics.scrapes(up, at(ANCHOR), at(ANCHOR + HOUR))]
    assert whole == halves
    assert {round(b - a, 6) for a, b in pairwise(whole)} == {SCRAPE}


def test_gauges_are_in_the_units_of_their_names(metrics: HealthMetrics) -> None:
    instance = metrics.health.instances(ANCHOR)[0]
    (free,) = of(metrics, instance, "src_gitserver_disk_space_available")
    assert 0 < free.value(at(ANCHOR)) < DISK_BYTES
    for name in ("cpu", "memory"):
        for one in of(metrics, instance, f"cadvisor_container_{name}_usage_percentage_total"):
            assert 1 < one.value(at(ANCHOR)) < 100
