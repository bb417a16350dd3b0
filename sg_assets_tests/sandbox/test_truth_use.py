"""What is said to be true of use agrees with the plans, and with what the pings count."""

from datetime import date, timedelta

from sg_assets.sandbox import truth
from sg_assets.sandbox.company.dotcom_events import first_visit
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.truth_use import DOTCOM, Cohort, Reach, active_users, cohorts, falls_of_use, reach, weekly_users
from sg_assets_tests.sandbox.world import ANCHOR, DAY

SUNDAY = date(2028, 2, 27)


def test_weeks_begin_on_sunday_and_months_on_their_first() -> None:
    days = {
        SUNDAY - DAY: frozenset({"user:1"}),
        SUNDAY: frozenset({"user:2"}),
        SUNDAY + 2 * DAY: frozenset({"user:2", "user:3"}),
        SUNDAY + 3 * DAY: frozenset({"user:4"}),
    }
    assert reach(days, SUNDAY + 2 * DAY) == Reach(2, 2, 3)
    assert reach(days, SUNDAY + 3 * DAY) == Reach(1, 3, 1), "the first of March, after a leap day"
    assert reach(days, SUNDAY + 4 * DAY) == Reach(0, 3, 1)


def test_the_events_of_an_instance_have_the_people_of_its_pings(sandbox: Sandbox) -> None:
    site = sandbox.company.instances_of(sandbox.company.case("user-level"))[0].site_id
    days = active_users(sandbox, ANCHOR - 2 * DAY, ANCHOR - DAY)[site]
    assert list(days) == [(ANCHOR - 2 * DAY).date()]
    assert len(days[(ANCHOR - 2 * DAY).date()]) == sum(truth.active_people(sandbox, site, (ANCHOR - 2 * DAY).date()))


def test_cohorts_are_those_who_are_new_and_how_many_come_again(sandbox: Sandbox) -> None:
    monday, week = date(2026, 10, 5), timedelta(weeks=1)
    days = {
        monday + 6 * DAY: frozenset({"user:1", "user:2", "anonymous:x"}),
        monday + week: frozenset({"user:1", "user:3"}),
        monday + 2 * week: frozenset({"user:2", "user:3"}),
        monday + 3 * week: frozenset({"user:9"}),
    }
    assert cohorts(sandbox.company, {"a": days}, monday + 2 * week) == [
        Cohort("a", is_registered=True, monday=monday, by_week=(2, 1, 1)),
        Cohort("a", is_registered=False, monday=monday, by_week=(1, 0, 0)),
        Cohort("a", is_registered=True, monday=monday + week, by_week=(1, 1)),
    ]


def test_who_came_to_sourcegraph_com_earlier_is_in_no_cohort(sandbox: Sandbox) -> None:
    company, monday = sandbox.company, date(2026, 10, 5)
    known = next(user for user in range(1000, 1400) if first_visit(company, user, monday) < monday)
    new = next(user for user in range(1000, 1400) if first_visit(company, user, monday) == monday)
    days = {monday: frozenset({f"user:{known}", f"user:{new}"})}
    assert cohorts(company, {DOTCOM: days}, monday) == [Cohort(DOTCOM, is_registered=True, monday=monday, by_week=(1,))]


def test_use_falls_where_the_plan_says(sandbox: Sandbox) -> None:
    fallen = sandbox.company.instances_of(sandbox.company.case("renewal due"))[0]
    at, since = sandbox.now(), (ANCHOR - 60 * DAY).date()
    weeks = weekly_users(sandbox.company, fallen, since, at)
    assert {sunday.weekday() for sunday in weeks} == {6}
    found = {
        sunday: figures
        for (site, sunday), figures in falls_of_use(sandbox, since, at).items()
        if site == fallen.site_id
    }
    assert found
    assert min(found) > (ANCHOR - 27 * DAY).date()
    assert {sunday: users for sunday, (users, _) in found.items()}.items() <= weeks.items()
