"""The health of managed instances, compared with what the made-up company's generator knows to be true."""

from datetime import datetime, timedelta

import pytest

from sg_assets.sandbox.company.health import BLOCK, HOUR, Health
from sg_assets.sandbox.company.health_metrics import SEARCH
from sg_assets.sandbox.company.instances import Instance
from sg_assets_tests.truth_world import World

SECONDS = BLOCK.total_seconds()
MINUTE = timedelta(minutes=1)
SCRAPE_SHARE = 1 / 7
"""A quarter of an hour has seven or eight scrapes: so exactly can they tell for how much of it something was so."""


def undisturbed(health: Health, one: Instance, hour: datetime) -> bool:
    """Whether an instance was up for the hour, and the quarter before it, whose end counters are read from."""
    outages = [outage for day in {hour.date(), (hour - BLOCK).date()} for outage in health.outages(one, day)]
    return not any(outage.start < hour + HOUR and outage.end > hour - BLOCK for outage in outages)


def down_share(health: Health, one: Instance, hour: datetime) -> float:
    """The share of an hour for which an instance was down."""
    spans = (min(o.end, hour + HOUR) - max(o.start, hour) for o in health.outages(one, hour.date()))
    return sum((max(span, timedelta(0)) for span in spans), timedelta(0)) / HOUR


def test_the_hours_of_every_managed_instance_are_the_true_ones(world: World) -> None:
    health = Health(world.env.sandbox.company)
    instances = {one.site_id: one for one in health.instances(world.env.clock())}
    found = world.rows(
        "select instance_id, hour_at, up_share, request_count, error_count, cpu_share, disk_free_share"
        " from infrastructure.instance_health_hour where quarter_count = 4 order by hour_at, instance_id"
    )
    assert {row[0] for row in found} == set(instances)
    compared = 0
    for name, at, up, requests, errors, cpu, disk in found:
        assert isinstance(at, datetime)
        one = instances[str(name)]
        assert up == pytest.approx(1 - down_share(health, one, at), abs=SCRAPE_SHARE / 2)
        if not undisturbed(health, one, at):
            continue
        compared += 1
        blocks = [health.block(one, at + quarter * BLOCK) for quarter in range(4)]
        expected = [block.requests_per_second * SECONDS for block in blocks]
        wrong = [count * SEARCH * block.error_share for count, block in zip(expected, blocks, strict=True)]
        assert up == 1
        assert requests == pytest.approx(sum(expected), rel=1e-6)
        assert errors == pytest.approx(sum(wrong), rel=1e-6)
        free = min(health.disk_free_share(one, at + minute * MINUTE) for minute in range(60))
        assert disk == pytest.approx(free, abs=0.001)
        assert 0 < float(str(cpu)) <= 1
    assert compared > 0.9 * len(found)


def test_calls_are_counted_for_every_source_that_was_asked(world: World) -> None:
    ((days, calls),) = world.rows("select count(distinct day_on), sum(call_count) from infrastructure.api_usage_day")
    assert days == 1
    assert world.rows("select sum(calls) from sg_ops.api_call") == [(calls,)]
    told = world.by_key("select source, quota_period from infrastructure.api_usage_day where quota_allowed is not null")
    assert told == {"github": "hour", "hubspot": "day", "salesforce": "day", "zoominfo": "contract"}
