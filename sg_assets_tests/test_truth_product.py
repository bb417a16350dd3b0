"""Tables about the use of the product, compared with what the made-up company's generator knows to be true."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from sg_assets.sandbox.company.nps import Nps
from sg_assets.sandbox.truth_use import Days, active_users, cohorts, reach
from sg_assets_tests.truth_world import World

LAST_COMPLETE = date(2026, 3, 8)
"""What happened until then has arrived by the world's instant: nothing is more than 30 hours late."""


@pytest.fixture(scope="module")
def used(world: World) -> dict[str, Days]:
    """The true users of every site whose events arrive."""
    since = datetime.combine(world.env.history_start, time(), UTC)
    until = datetime.combine(LAST_COMPLETE + timedelta(days=1), time(), UTC)
    return dict(active_users(world.env.sandbox, since, until))


def test_the_active_users_of_every_site_and_day_are_the_true_ones(world: World, used: dict[str, Days]) -> None:
    found = {
        (site, day): tuple(users)
        for site, day, *users in world.rows(
            "select site, day_on, daily_active_users, weekly_active_users, monthly_active_users"
            f" from product.active_users_day where day_on <= date '{LAST_COMPLETE}'"
        )
    }
    true = {}
    for site, days in used.items():
        for age in range((LAST_COMPLETE - world.env.history_start).days + 1):
            day = world.env.history_start + timedelta(days=age)
            users = reach(days, day)
            if users.week or users.month:
                true[site, day] = (users.day, users.week, users.month)
    assert found == true
    assert len(used) > 3


def test_the_retention_of_every_cohort_is_the_true_one(world: World, used: dict[str, Days]) -> None:
    last = LAST_COMPLETE - timedelta(days=LAST_COMPLETE.weekday())
    found = {
        (site, is_registered, monday, number): users
        for site, is_registered, monday, number, users in world.rows(
            "select site, is_registered, cohort_week_on, week_number, retained_users"
            f" from product.retention_cohort_week where week_on <= date '{last}'"
        )
    }
    true = {
        (one.site, one.is_registered, one.monday, number): users
        for one in cohorts(world.env.sandbox.company, used, last)
        for number, users in enumerate(one.by_week)
    }
    assert found == true
    assert any(users for (*_, number), users in true.items() if number > 4), "some come back after weeks"


def test_the_nps_of_every_month_is_the_true_one(world: World) -> None:
    found = world.by_key(
        "select month_on, net_promoter_score from product.nps_month"
        " where respondents = 'everybody' and response_count > 0"
    )
    true = Nps(world.env.sandbox.company).by_month(world.env.clock())
    assert found == {month: pytest.approx(100 * score) for month, score in true.items()}


def test_every_answer_to_the_survey_counts_once(world: World) -> None:
    ((count, here, both),) = world.rows(
        "select count(*), countif(given_on = 'sourcegraph.com'), countif(is_in_hubspot and is_in_production_db)"
        " from product.nps_response"
    )
    answers = Nps(world.env.sandbox.company).answers(world.env.clock())
    assert (count, here) == (len(answers), both)
