"""The truth about instances' health."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sg_assets.sandbox.company.cases import Hosting
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.health import BLOCK, FAILING, FILLING, Health
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, SMALL


@pytest.fixture
def health(company: Company) -> Health:
    return Health(company)


def test_managed_instances_have_health_and_others_have_none(health: Health, company: Company) -> None:
    watched = health.instances(ANCHOR)
    assert {one.hosting for one in watched} == {Hosting.MANAGED}
    assert {one.site_id for one in watched} <= {one.site_id for one in company.instances}
    assert len(watched) > 5


def test_it_is_the_same_whoever_asks_and_in_whatever_order(health: Health) -> None:
    one = health.instances(ANCHOR)[1]
    again = Health(Company(1, ANCHOR, SMALL))
    for at in (ANCHOR + 5 * HOUR, ANCHOR - 3 * DAY, ANCHOR):
        assert again.block(one, at) == health.block(one, at)
        assert again.disk_free_share(one, at) == health.disk_free_share(one, at)


def test_shares_are_shares(health: Health) -> None:
    for one in health.instances(ANCHOR):
        for block in health.blocks(one, ANCHOR.date()):
            assert 0 <= block.error_share < 1
            assert 0 < block.cpu_share < 1
            assert block.requests_per_second > 0
            assert block.page_seconds > 0
        for hours in range(0, 48, 3):
            assert 0 < health.memory_share(one, ANCHOR + hours * HOUR) < 1
            assert 0 < health.disk_free_share(one, ANCHOR + hours * HOUR) < 1


def test_requests_follow_the_people(health: Health) -> None:
    one = health.instances(ANCHOR)[0]
    day = [block.requests_per_second for block in health.blocks(one, (ANCHOR - DAY).date())]
    assert max(day) > 10 * min(day)


def test_the_special_cases_are_there(health: Health, company: Company) -> None:
    (bad,) = company.instances_of(company.case(FAILING))
    (outage,) = health.outages(bad, (ANCHOR - DAY).date())
    assert outage.end - outage.start == timedelta(minutes=90)
    assert not health.is_up(bad, outage.start)
    assert health.is_up(bad, outage.end)
    (full,) = company.instances_of(company.case(FILLING))
    assert health.disk_free_share(full, ANCHOR) < 0.1 < health.disk_free_share(full, ANCHOR - 20 * DAY)


def test_most_days_are_good(health: Health) -> None:
    instances = health.instances(ANCHOR)
    days = [(one, (ANCHOR - n * DAY).date()) for one in instances for n in range(60)]
    outages = [outage for one, day in days for outage in health.outages(one, day)]
    assert 0 < len(outages) < len(days) / 10
    assert all(outage.start.date() == outage.end.date() for outage in outages)
    assert timedelta(0) == DAY % BLOCK
