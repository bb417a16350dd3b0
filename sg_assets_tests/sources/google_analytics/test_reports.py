"""Reports of Google Analytics: every day, whole and once, whatever pages, late visits and refusals do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sg_assets.http import SourceError
from sg_assets.http.pace import pace
from sg_assets.rows import Shape
from sg_assets.sandbox.company.web_reports import SETTLED_AFTER, UNSETTLED, WebReports
from sg_assets.sandbox.company.web_traffic import WebTraffic
from sg_assets.sandbox.faults import Kind
from sg_assets.source import Page, Pull
from sg_assets.sources.google_analytics import google_analytics, reports
from sg_assets.table import Window
from sg_assets_tests.mini import Mini
from sg_assets_tests.scripted_vendor import Answer, Asked, answering, scripted
from sg_assets_tests.sources.conftest import World

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
NEWEST = date(2026, 11, 18)  # two days ago it was the evening of that day in California
SETTINGS = {
    "SG_GOOGLE_CREDENTIALS": "sandbox",
    "SG_GOOGLE_ANALYTICS_PROPERTY": "1234",
    "SG_GOOGLE_ANALYTICS_TIMEZONE": "America/Los_Angeles",
}


@pytest.fixture(autouse=True)
def _own_hour() -> Iterator[None]:
    """Each test has the hour's calls for itself."""
    yield
    pace.cache_clear()


def traffic(world: World) -> WebTraffic:
    return WebTraffic(world.sandbox.company)


def test_the_calls_are_the_least_that_five_reports_in_each_allow(world: World) -> None:
    settings, answers = world.settings(google_analytics), dict[str, object]()
    calls = []
    cursors: dict[str, Mapping[str, object] | None] = {}
    for _ in range(2):
        for name, raw in google_analytics.tables.items():
            assert raw.fetch
            with world.client(google_analytics) as client:
                pages = list(raw.fetch(Pull(client, settings, world.now, cursors.get(name), answers=answers)))
                cursors[name] = pages[-1].cursor
                calls.append(client.calls)
    days = (NEWEST - traffic(world).first_day).days + 1
    assert calls == [1 + -(-days // 5), -(-days // 5), -(-days // 5), 2, 2, 2]


def test_a_pull_that_stopped_halfway_goes_on_from_its_last_days(world: World) -> None:
    whole = world.pages(google_analytics, "traffic_day")
    rest = world.pages(google_analytics, "traffic_day", whole[5].cursor)
    week = traffic(world).first_day + 30 * DAY - 7 * DAY
    assert rest[0].covers == Window("day_on", week, week + 5 * DAY)
    assert rest[-1].cursor == whole[-1].cursor
    last = [row for page in whole[6:] for row in page.rows]
    assert last
    assert all(row in [row for page in rest for row in page.rows] for row in last)


def test_a_later_pull_reads_the_week_again_and_what_was_missed(world: World) -> None:
    world.now += 10 * DAY
    pages = world.pages(google_analytics, "traffic_day", {"loaded_through": NEWEST.isoformat()})
    covered = [page.covers for page in pages if page.covers]
    assert (covered[0].low, covered[-1].high) == (NEWEST - 6 * DAY, NEWEST + 11 * DAY)


def test_days_that_moved_end_as_they_are_settled(world: World, tmp_path: Path) -> None:
    with Mini(tmp_path) as mini:
        mini.set("SG_GOOGLE_ANALYTICS_URL", f"{world.url}/google_analytics")
        for name, value in world.settings(google_analytics).items():
            mini.set(name, value)
        mini.more_sources.append(google_analytics)
        for _ in range(8):
            mini.now = world.now
            assert {r.reason for r in mini.refresh("raw_google_analytics.traffic_day").tables} == {""}
            world.now += DAY
        live = "from raw_google_analytics.traffic_day where _deleted_at is null"
        gone = mini.rows("select count(*) from raw_google_analytics.traffic_day where _deleted_at is not null")
        assert int(str(gone[0][0])) > 0
        unsettled = mini.rows(f"select max(day_on) {live} and source = '{UNSETTLED.source}'")
        newest = (world.now - DAY - SETTLED_AFTER).date()
        assert unsettled[0][0] is None or unsettled[0][0] >= newest  # pyrefly: ignore[unsupported-operation]
        truth = WebReports(traffic(world))
        settled = [NEWEST + n * DAY for n in range(3) if not truth.is_withheld(NEWEST + n * DAY)]
        listed = ", ".join(f"date '{day}'" for day in settled)
        sessions = mini.rows(f"select day_on, sum(sessions) {live} and day_on in ({listed}) group by day_on order by 1")
        assert sessions == [(day, len(truth.traffic.visits(day))) for day in settled]


def test_nothing_is_asked_of_a_property_without_a_session() -> None:
    with scripted(Answer.json({"dimensionHeaders": [{"name": "date"}], "rowCount": 0})) as vendor:
        assert pull(vendor.url) == []
    assert len(vendor.asked) == 1


ROW = {
    "dimensionValues": [{"value": v} for v in ("about.example", "Paid Search", "google", "cpc", "(not set)")],
    "metricValues": [{"value": v} for v in ("42", "40", "39", "12", "90", "1234.5")],
}
DOCUMENTED: Mapping[str, object] = {
    "dimensionHeaders": [
        {"name": name}
        for name in ["hostName", "sessionDefaultChannelGroup", "sessionSource", "sessionMedium", "sessionCampaignName"]
    ],
    "metricHeaders": [
        {"name": "sessions", "type": "TYPE_INTEGER"},
        {"name": "engagedSessions", "type": "TYPE_INTEGER"},
        {"name": "totalUsers", "type": "TYPE_INTEGER"},
        {"name": "newUsers", "type": "TYPE_INTEGER"},
        {"name": "screenPageViews", "type": "TYPE_INTEGER"},
        {"name": "userEngagementDuration", "type": "TYPE_SECONDS"},
    ],
    "rows": [ROW],
    "rowCount": 1,
    "metadata": {
        "currencyCode": "USD",
        "timeZone": "America/Los_Angeles",
        "subjectToThresholding": True,
        "dataLossFromOtherRow": False,
        "samplingMetadatas": [{"samplesReadCount": "1", "samplingSpaceSize": "2"}],
        "schemaRestrictionResponse": {"activeMetricRestrictions": []},
    },
    "kind": "analyticsData#runReport",
}


def pull(url: str, cursor: Mapping[str, object] | None = None) -> list[Page]:
    fetch = google_analytics.tables["raw_google_analytics.traffic_day"].fetch
    assert fetch
    with google_analytics.connect(url, SETTINGS) as client:
        return list(fetch(Pull(client, SETTINGS, NOW, cursor)))


def last_day_alone(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, object]:
    """A cursor from which one day is asked for."""
    monkeypatch.setattr(reports, "SETTLED_AFTER", 1)
    return {"loaded_through": NEWEST.isoformat()}


def test_an_answer_as_it_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = last_day_alone(monkeypatch)
    with scripted(Answer.json({"reports": [DOCUMENTED]})) as vendor:
        (page,) = pull(vendor.url, cursor)
    assert page.rows == [
        {
            "day_on": NEWEST, "host_name": "about.example", "channel_group": "Paid Search", "source": "google",
            "medium": "cpc", "campaign": "(not set)", "sessions": 42, "engaged_sessions": 40, "total_users": 39,
            "new_users": 12, "page_views": 90, "engagement_seconds": 1234.5, "is_thresholded": True,
            "has_other_row": False, "events_read": 1, "events_in_all": 2,
            "remarks": {"schemaRestrictionResponse": {"activeMetricRestrictions": []}},
        }
    ]  # fmt: skip
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("POST", "/v1beta/properties/1234:batchRunReports")
    (body,) = json.loads(asked.body)["requests"]
    assert body["dateRanges"] == [{"startDate": "2026-11-18", "endDate": "2026-11-18"}]
    assert [wish["dimension"]["dimensionName"] for wish in body["orderBys"]] == [d["name"] for d in body["dimensions"]]
    assert (body["limit"], body["offset"]) == ("250000", "0")


def test_headers_say_which_value_is_which(monkeypatch: pytest.MonkeyPatch) -> None:
    turned: dict[str, Any] = json.loads(json.dumps(DOCUMENTED))
    for part in (turned["dimensionHeaders"], turned["metricHeaders"], *turned["rows"][0].values()):
        part.reverse()
    with scripted(Answer.json({"reports": [turned]})) as vendor:
        (page,) = pull(vendor.url, last_day_alone(monkeypatch))
    assert (page.rows[0]["host_name"], page.rows[0]["sessions"]) == ("about.example", 42)


def test_a_number_that_is_none_is_rejected_with_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    odd: dict[str, Any] = json.loads(json.dumps(DOCUMENTED))
    odd["rows"][0]["metricValues"][0]["value"] = "many"
    with scripted(Answer.json({"reports": [odd]})) as vendor:
        (page,) = pull(vendor.url, last_day_alone(monkeypatch))
    fitted = Shape(google_analytics.tables["raw_google_analytics.traffic_day"].table).fit(page.rows)
    assert fitted.misfits == {0: "sessions: INT64 expected, got str"}


def vendor_of(totals: Mapping[str, int], page: int) -> Callable[[Asked], Answer]:
    """A property with so many rows by day, of which it gives a few at once."""

    def answer(asked: Asked) -> Answer:
        made = []
        for body in json.loads(asked.body)["requests"]:
            day, at = body["dateRanges"][0]["startDate"], int(body["offset"])
            total = totals.get(day, 0)
            names = [f"{day}-{n}" for n in range(at, min(total, at + page))]
            rows = [{**ROW, "dimensionValues": [{"value": n}, *ROW["dimensionValues"][1:]]} for n in names]
            one = {**DOCUMENTED, "rowCount": total, "rows": rows}
            made.append(one if rows else {name: value for name, value in one.items() if name != "rows"})
        return Answer.json({"reports": made})

    return answer


@pytest.mark.parametrize("total", [0, 1, 3, 4, 6, 7])
def test_every_page_boundary(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    cursor = last_day_alone(monkeypatch)
    with answering(vendor_of({"2026-11-18": total}, 3)) as vendor:
        (page,) = pull(vendor.url, cursor)
    assert [row["host_name"] for row in page.rows] == [f"2026-11-18-{n}" for n in range(total)]
    assert len(vendor.asked) == max(1, -(-total // 3))


def test_days_of_many_pages_are_asked_for_together() -> None:
    days = {(NEWEST - n * DAY).isoformat(): n for n in range(7)}
    with answering(vendor_of(days, 2)) as vendor:
        pages = pull(vendor.url, {"loaded_through": NEWEST.isoformat()})
    rows = [row["host_name"] for page in pages for row in page.rows]
    assert sorted(map(str, rows)) == sorted(f"{day}-{n}" for day, total in days.items() for n in range(total))
    assert [len(json.loads(asked.body)["requests"]) for asked in vendor.asked] == [5, 4, 2, 2]


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (Answer.json({"reports": [{**DOCUMENTED, "rows": [], "rowCount": 3}]}), "0 of 3 rows of 2026-11-18, and then"),
        (Answer.json({"reports": []}), "0 reports where 1 were asked for"),
        (Answer.json([1]), "JSON that is a list"),
        (
            Answer.json({"reports": [{**DOCUMENTED, "metadata": {"timeZone": "Europe/Berlin"}}]}),
            "days of Europe/Berlin",
        ),
    ],
)
def test_an_answer_that_is_not_what_it_should_be_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, came: str
) -> None:
    with scripted(answer) as vendor, pytest.raises(SourceError, match=came) as caught:
        pull(vendor.url, last_day_alone(monkeypatch))
    assert "google_analytics: POST /v1beta/properties/1234:batchRunReports" in str(caught.value)


@pytest.mark.parametrize("kind", [Kind.EXPIRED_TOKEN, Kind.CUT_BODY, Kind.SLOW_BODY, Kind.TOO_MANY_REQUESTS])
def test_a_fault_that_passes_costs_no_row(world: World, kind: Kind) -> None:
    cursor = {"loaded_through": NEWEST.isoformat()}
    expected = world.rows(google_analytics, "page_day", cursor)
    options: dict[str, Any] = {"seconds": 0.2} if kind is Kind.SLOW_BODY else {}
    world.sandbox.faults.switch_on(kind, "google_analytics", count=1, **options)
    assert world.rows(google_analytics, "page_day", cursor) == expected
    assert world.waits == ([30.0] if kind is Kind.TOO_MANY_REQUESTS else world.waits)
    assert not [fault for fault in world.sandbox.faults.list() if fault.left]
