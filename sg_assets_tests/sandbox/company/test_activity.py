from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.sandbox.company.activity import VISITOR_BITS, Population, anonymous, bits_of, registered
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR


@pytest.fixture
def people() -> Population:
    return Population(1, 4, 400, 5, -5, ANCHOR.date())


def test_whoever_is_active_in_a_day_is_so_in_its_week_and_month(people: Population) -> None:
    for place in range(0, 70 * 24, 7):
        reach = people.reach(ANCHOR - 60 * DAY + place * HOUR)
        assert reach.day & ~reach.week == 0
        assert reach.day & ~reach.month == 0


def test_counts_only_grow_within_their_period(people: Population) -> None:
    before = people.reach(ANCHOR - 60 * DAY)
    for place in range(1, 40 * 24):
        at = ANCHOR - 60 * DAY + place * HOUR
        now = people.reach(at)
        if at.hour:
            assert before.day & ~now.day == 0
        if at.hour or at.isoweekday() != 7:
            assert before.week & ~now.week == 0
        if at.hour or at.day != 1:
            assert before.month & ~now.month == 0
        before = now


def test_periods_begin_with_nobody(people: Population) -> None:
    sunday, first = datetime(2026, 11, 15, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    assert people.reach(ANCHOR).day == 0
    assert people.reach(sunday).week == 0
    assert people.reach(first).month == 0


def test_the_hours_of_a_day_make_the_day(people: Population) -> None:
    day = date(2026, 11, 18)
    seen = 0
    for hour in range(24):
        assert people.hours(day)[hour] == seen
        seen |= people.active_in(day, hour)
    assert people.hours(day)[24] == seen
    assert seen


def test_a_rolling_month_is_30_days(people: Population) -> None:
    at = datetime(2026, 11, 18, 13, tzinfo=UTC)
    whole_days = [people.hours(at.date() - timedelta(days=age))[-1] for age in range(1, 30)]
    everybody = people.reach(at).day
    for one in whole_days:
        everybody |= one
    assert people.rolling_month(at) == everybody


def test_there_are_never_more_people_than_accounts_and_visitors(people: Population) -> None:
    at = ANCHOR - HOUR
    month = people.reach(at).month
    assert registered(month) <= people.accounts_on(at.date())
    assert anonymous(month) <= 5
    assert registered(month) > 100


def test_weekends_are_quiet(people: Population) -> None:
    saturday, friday = (registered(people.hours(date(2026, 11, day))[-1]) for day in (14, 13))
    assert saturday * 3 < friday


def test_accounts_become_more(people: Population) -> None:
    assert (
        people.accounts_on(date(2026, 9, 1))
        < people.accounts_on(ANCHOR.date())
        == 400
        < people.accounts_on(date(2027, 3, 1))
    )


def test_the_same_people_are_active_when_they_are_made_again(people: Population) -> None:
    again = Population(1, 4, 400, 5, -5, ANCHOR.date())
    assert people.reach(ANCHOR - 5 * HOUR) == again.reach(ANCHOR - 5 * HOUR)


def test_people_are_bits_and_the_lowest_are_visitors() -> None:
    people = 0b1 | 1 << VISITOR_BITS | 1 << 20
    assert (registered(people), anonymous(people)) == (2, 1)
    assert list(bits_of(people)) == [0, VISITOR_BITS, 20]
