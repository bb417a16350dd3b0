from datetime import datetime
from itertools import pairwise

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.instances import Instance
from sg_assets.sandbox.company.ping_times import PingTimes
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


@pytest.fixture(scope="module")
def times(company: Company) -> PingTimes:
    return PingTimes(company)


def between(times: PingTimes, instance: Instance, begin: datetime, end: datetime) -> list[datetime]:
    return [at for place in range((end - begin) // HOUR) for at in times.in_hour(instance, begin + place * HOUR)]


def test_from_the_last_day_on_it_pings_every_30_to_40_minutes(company: Company, times: PingTimes) -> None:
    for instance in company.instances_of(company.case("full")):
        found = between(times, instance, ANCHOR - DAY, ANCHOR + 10 * DAY)
        gaps = [(after - before).total_seconds() / 60 for before, after in pairwise(found)]
        assert 30 <= min(gaps) < 32
        assert 38 < max(gaps) <= 40


def test_before_that_it_pings_four_times_a_day(company: Company, times: PingTimes) -> None:
    instance = company.instances_of(company.case("full"))[0]
    found = between(times, instance, ANCHOR - 50 * DAY, ANCHOR - DAY)
    assert 4 * 49 - 1 <= len(found) <= 4 * 49 + 1
    assert max(after - before for before, after in pairwise(found)) < 7 * HOUR


def test_at_full_scale_the_cadence_is_real_throughout() -> None:
    company = Company(1, ANCHOR, "full")
    found = between(
        PingTimes(company), company.instances_of(company.case("full"))[0], ANCHOR - 50 * DAY, ANCHOR - 49 * DAY
    )
    assert 40 <= len(found) <= 42


def test_a_paused_instance_does_not_ping(company: Company, times: PingTimes) -> None:
    instance = company.instances_of(company.case("paused"))[0]
    assert between(times, instance, ANCHOR - 20 * DAY, ANCHOR - 8 * DAY) == []
    assert between(times, instance, ANCHOR - 8 * DAY, ANCHOR - 7 * DAY)


def test_the_last_ping_before_an_instant_is_found(company: Company, times: PingTimes) -> None:
    stopped = company.instances_of(company.case("stopped 40 days ago"))[0]
    assert times.last_before(stopped, ANCHOR, 30 * DAY) is None
    last = times.last_before(stopped, ANCHOR, 45 * DAY)
    assert last is not None
    assert ANCHOR - 41 * DAY < last < ANCHOR - 40 * DAY
    full = company.instances_of(company.case("full"))[0]
    at = ANCHOR + HOUR * 5
    assert times.last_before(full, at, 30 * DAY) == between(times, full, ANCHOR, at)[-1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_pings_before_the_anchor_are_at_most_60_000(seed: int) -> None:
    company = Company(seed, ANCHOR)
    times, begin = PingTimes(company), ANCHOR - 60 * DAY
    days = [*range(0, 59, 6), 59]
    counted = {
        day: sum(len(between(times, one, begin + day * DAY, begin + (day + 1) * DAY)) for one in company.instances)
        for day in days
    }
    thin = [count for day, count in counted.items() if day < 59]
    assert 40_000 < sum(thin) / len(thin) * 59 + counted[59] <= 60_000
