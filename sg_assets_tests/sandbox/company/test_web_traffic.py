from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from sg_assets.sandbox.company.campaigns import CAMPAIGNS
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.crm import Crm
from sg_assets.sandbox.company.crm_changes import CrmChanges
from sg_assets.sandbox.company.dotcom_events import FIRST_PAGES
from sg_assets.sandbox.company.web_traffic import DEMO, FORM_SOURCES, LEAD, TRIAL, ZONE, WebTraffic

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def traffic(company: Company) -> WebTraffic:
    return WebTraffic(company)


def days(traffic: WebTraffic, count: int = 70) -> list[date]:
    return [traffic.first_day + n * DAY for n in range(count)]


def test_visits_are_of_their_day_in_the_sites_zone_and_the_same_when_asked_again(traffic: WebTraffic) -> None:
    for day in days(traffic)[::7]:
        visits = traffic.visits(day)
        assert {visit.at.astimezone(ZONE).date() for visit in visits} == {day}
        assert len({visit.id for visit in visits}) == len(visits) > 10
        assert tuple(WebTraffic(traffic.company).visits(day)) == visits


def test_nobody_came_before_counting_began(traffic: WebTraffic) -> None:
    assert traffic.visits(traffic.first_day - DAY) == ()
    assert traffic.visits(traffic.first_day)


def test_links_of_campaigns_lead_here_while_they_run(traffic: WebTraffic) -> None:
    linked = {(one.utm_source, one.utm_medium, one.utm_campaign): one for one in CAMPAIGNS if one.utm_source}
    seen = set()
    for day in days(traffic, 120):
        for visit in traffic.visits(day):
            name = (visit.origin.source, visit.origin.medium, visit.origin.campaign)
            if name in linked:
                seen.add(name)
                assert linked[name].is_running((day - traffic.company.anchor.date()).days)
    parameters = [parse_qs(urlsplit(url).query) for url in FIRST_PAGES if "utm_" in url]
    shared = {(one["utm_source"][0], one["utm_medium"][0], one["utm_campaign"][0]) for one in parameters}
    assert shared <= seen


def test_whoever_became_a_lead_by_a_form_came_that_day(traffic: WebTraffic) -> None:
    at = traffic.company.anchor + 6 * DAY
    leads = Crm(CrmChanges(traffic.company)).at(at)["Lead"].values()
    created: dict[date, set[object]] = {}
    for lead in leads:
        if lead["LeadSource"] in FORM_SOURCES and isinstance(when := lead["CreatedDate"], datetime):
            created.setdefault(when.astimezone(ZONE).date(), set()).add(lead["Id"])
    whole = [day for day in days(traffic) if day < (at - DAY).date()]
    erased = {id_ for _, id_ in Crm(CrmChanges(traffic.company)).erased(at)}
    assert {day: set(traffic.leads(day)) - erased for day in whole} == {day: created.get(day, set()) for day in whole}
    assert any(traffic.leads(day) for day in whole)
    for day in whole:
        counted = [event for visit in traffic.visits(day) for event in visit.key_events]
        assert counted.count(LEAD) == len(traffic.leads(day))
        assert counted.count(DEMO) == len(traffic.demos(day))


def test_whom_marketing_qualified_asked_for_a_demo_that_day(traffic: WebTraffic) -> None:
    leads = Crm(CrmChanges(traffic.company)).at(traffic.company.anchor)["Lead"].values()
    for day in days(traffic)[:60]:
        assert set(traffic.demos(day)) == {lead["Id"] for lead in leads if lead["MQL_Date__c"] == day}
    assert any(traffic.demos(day) for day in days(traffic))


def test_a_trial_began_on_the_website(traffic: WebTraffic) -> None:
    (trial,) = traffic.company.subscriptions[traffic.company.case("trial").position]
    began = trial.licenses[0].created_at
    visits = traffic.visits(began.astimezone(ZONE).date())
    assert [visit.at for visit in visits if TRIAL in visit.key_events and visit.id.endswith(trial.uuid)] == [began]


def test_visitors_are_fewer_than_visits_and_not_the_sum_of_their_days(traffic: WebTraffic) -> None:
    week = [date(2026, 11, 2) + n * DAY for n in range(7)]
    visits = sum(len(traffic.visits(day)) for day in week)
    assert traffic.visitors(week) < sum(traffic.visitors([day]) for day in week) <= visits


def test_a_larger_company_has_more_visitors() -> None:
    anchor = datetime(2026, 11, 21, tzinfo=UTC)
    small, large = (WebTraffic(Company(1, anchor, scale)) for scale in (0.3, 1.0))
    assert 2 * len(small.visits(date(2026, 11, 4))) < len(large.visits(date(2026, 11, 4)))
