from datetime import UTC, date, datetime, timedelta

import pytest

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.web_reports import FEWEST_USERS, MOST_PAGES, SETTLED_AFTER, UNSETTLED, WebReports
from sg_assets.sandbox.company.web_traffic import ZONE, WebTraffic

DAY = timedelta(days=1)
ORIGIN = ("sessionDefaultChannelGroup", "sessionSource", "sessionMedium", "sessionCampaignName")
LATER = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def reports(company: Company) -> WebReports:
    return WebReports(WebTraffic(company))


def a_day(reports: WebReports, *, withheld: bool = False, busy: bool = False) -> date:
    """The first day of such a kind."""
    wanted = (withheld, busy)
    days = (reports.traffic.first_day + n * DAY for n in range(200))
    return next(day for day in days if (reports.is_withheld(day), reports.traffic.is_spike(day)) == wanted)


def test_a_settled_day_has_every_visit(reports: WebReports) -> None:
    day = a_day(reports)
    (row,) = reports.report((), ("sessions", "totalUsers", "screenPageViews"), [day], LATER).rows
    visits = reports.traffic.visits(day)
    pages = sum(len(visit.pages) for visit in visits)
    assert row == ((), (len(visits), reports.traffic.visitors([day]), pages))


def test_a_day_grows_while_its_visits_are_counted(reports: WebReports) -> None:
    day = a_day(reports)
    midnight = datetime.combine(day + DAY, datetime.min.time(), ZONE)
    sizes = [len({hit.visit.id for hit in reports.hits(day, midnight + hours * DAY / 24)}) for hours in (0, 24, 48, 96)]
    assert sizes == sorted(sizes)
    assert 0 < sizes[0] < sizes[1] <= sizes[2]
    assert sizes[3] == len(reports.traffic.visits(day))


def test_where_a_visit_came_from_may_be_settled_days_later_and_the_row_vanishes(reports: WebReports) -> None:
    day = a_day(reports)
    midnight = datetime.combine(day + DAY, datetime.min.time(), ZONE)

    def origins(at: datetime) -> set[str]:
        return {row[0][1] for row in reports.report(ORIGIN, ("sessions",), [day], at).rows}

    assert UNSETTLED.source in origins(midnight + 2 * DAY)
    assert UNSETTLED.source not in origins(midnight + SETTLED_AFTER)


def test_rows_of_few_people_are_withheld_on_some_days(reports: WebReports) -> None:
    day = a_day(reports, withheld=True)
    report = reports.report(("pagePath",), ("totalUsers",), [day], LATER)
    assert report.is_thresholded
    assert min(users for _, (users,) in report.rows) >= FEWEST_USERS
    assert not reports.report(("pagePath",), ("totalUsers",), [a_day(reports)], LATER).is_thresholded


def test_a_busy_day_is_estimated_by_page_and_its_rare_pages_are_one_row(reports: WebReports) -> None:
    day = a_day(reports, busy=True)
    report = reports.report(("hostName", "pagePath"), ("screenPageViews",), [day], LATER)
    assert report.samples is not None
    assert report.samples[0] < report.samples[1] == len(reports.hits(day, LATER))
    assert report.has_other
    assert len(report.rows) == MOST_PAGES + 1
    assert ("(other)", "(other)") in dict(report.rows)
    assert all(views % 2 == 0 for _, (views,) in report.rows)
    whole = reports.report(("hostName",), ("screenPageViews",), [day], LATER)
    assert (whole.samples, whole.has_other) == (None, False)


def test_a_report_on_several_days_says_the_worst_of_them(reports: WebReports) -> None:
    days = [a_day(reports), a_day(reports, withheld=True)]
    report = reports.report(("date",), ("sessions",), days, LATER)
    assert report.is_thresholded
    assert {key for key, _ in report.rows} == {(f"{day:%Y%m%d}",) for day in days}


def test_rows_with_nothing_in_them_are_left_out(reports: WebReports) -> None:
    report = reports.report(("eventName",), ("keyEvents",), [a_day(reports)], LATER)
    assert "page_view" not in {key[0] for key, _ in report.rows}
