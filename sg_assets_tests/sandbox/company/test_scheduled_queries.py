"""The truth about scheduled queries."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.scheduled_queries import (
    KEPT,
    LOCATIONS,
    SERVICE_ACCOUNT,
    ScheduledQueries,
    ScheduledQuery,
    owners,
    run_by_people,
)
from sg_assets.sandbox.company.staff import staff
from sg_assets_tests.sandbox.world import ANCHOR, DAY, HOUR, NOW


@pytest.fixture
def queries(company: Company) -> ScheduledQueries:
    return ScheduledQueries(company)


def named(queries: ScheduledQueries, name: str) -> ScheduledQuery:
    return next(one for one in queries.all if one.name == name)


def test_owners_are_the_service_account_people_of_the_company_or_nobody_tells(company: Company) -> None:
    emails = {one.person.email for one in staff(company)}
    told = owners(company, NOW)
    assert set(told.values()) - emails == {SERVICE_ACCOUNT, None}
    people = run_by_people(company, NOW)
    assert len(people) == 4
    assert all(told[name] in emails for name in people)


def test_one_is_mended_one_made_and_one_deleted_after_the_anchor(company: Company, queries: ScheduledQueries) -> None:
    later = ANCHOR + 4 * DAY
    mended = queries.resource(named(queries, "usage-data-amplitude"))
    assert run_by_people(company, NOW) - run_by_people(company, later) >= {mended}
    assert owners(company, later)[mended] == SERVICE_ACCOUNT
    before, after = ({one.name for one in queries.at(at)} for at in (NOW, later))
    assert (before - after, after - before) == ({"dashboard 170 trend"}, {"made after the anchor"})


def test_one_of_somebody_who_left_fails_since_then(queries: ScheduledQueries, company: Company) -> None:
    one = named(queries, "latest answers")
    (employee,) = (each for each in staff(company) if each.person.email == one.owner(NOW))
    assert employee.left_at
    assert employee.left_at < ANCHOR
    assert {run.has_succeeded for run in queries.runs(one, NOW) if run.start > employee.left_at} == {False}
    assert next(queries.runs(one, employee.left_at)).has_succeeded


def test_runs_are_begun_by_the_schedule_and_shown_for_some_days(queries: ScheduledQueries) -> None:
    one = named(queries, "events_usage")
    runs = list(queries.runs(one, NOW))
    assert len(runs) == KEPT // one.every
    assert {a.scheduled - b.scheduled for a, b in pairwise(runs)} == {6 * HOUR}
    assert all(run.scheduled < run.start < run.end for run in runs)
    assert list(queries.runs(named(queries, "instances scheduled query 2"), NOW)) == []  # it is switched off


def test_they_are_in_several_locations_but_not_in_all(queries: ScheduledQueries) -> None:
    assert {"us"} < {one.location for one in queries.all} < set(LOCATIONS)
    assert len({queries.resource(one) for one in queries.all}) == len(queries.all)
