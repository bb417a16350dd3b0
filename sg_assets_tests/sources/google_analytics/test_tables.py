"""The tables of Google Analytics: what is in them is what happened on the websites, as far as Google tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from sg_assets.http.pace import pace
from sg_assets.rows import Shape
from sg_assets.sandbox.company.web_reports import WebReports
from sg_assets.sandbox.company.web_traffic import WebTraffic
from sg_assets.sources.google_analytics import google_analytics
from sg_assets_tests.sources.conftest import ANCHOR, World

DAY = timedelta(days=1)
TABLES = ("traffic_day", "page_day", "conversion_day")
NEWEST = date(2026, 11, 18)  # two days ago it was the evening of that day in California


@pytest.fixture(autouse=True)
def _own_hour() -> Iterator[None]:
    """Each test has the hour's calls for itself."""
    yield
    pace.cache_clear()


def traffic(world: World) -> WebTraffic:
    return WebTraffic(world.sandbox.company)


def days_of(rows: list[dict[str, object]]) -> set[object]:
    return {row["day_on"] for row in rows}


@pytest.mark.parametrize("table", TABLES)
def test_the_first_pull_gives_every_day_up_to_two_days_ago(world: World, table: str) -> None:
    pages = world.pages(google_analytics, table)
    first = traffic(world).first_day
    covered = [page.covers for page in pages if page.covers]
    assert (covered[0].low, covered[-1].high) == (first, NEWEST + DAY)
    assert all(before.high == after.low for before, after in pairwise(covered))
    assert pages[-1].cursor == {"loaded_through": NEWEST.isoformat()}
    rows = [dict(row) for page in pages for row in page.rows]
    fitted = Shape(google_analytics.tables[f"raw_google_analytics.{table}"].table).fit(rows)
    assert (fitted.misfits, fitted.unknown) == ({}, {})
    assert max(str(day) for day in days_of(rows)) == NEWEST.isoformat()
    key = google_analytics.tables[f"raw_google_analytics.{table}"].table.key
    assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)


def test_settled_days_that_nothing_is_withheld_of_are_the_visits_that_there_were(world: World) -> None:
    truth, counted = traffic(world), WebReports(traffic(world))
    sessions: dict[object, int] = {}
    for row in world.rows(google_analytics, "traffic_day"):
        sessions[row["day_on"]] = sessions.get(row["day_on"], 0) + int(str(row["sessions"]))
    days = [truth.first_day + n * DAY for n in range(50)]
    whole = [day for day in days if not counted.is_withheld(day)]
    assert {day: sessions[day] for day in whole} == {day: len(truth.visits(day)) for day in whole}
    assert all(sessions.get(day, 0) < len(truth.visits(day)) for day in set(days) - set(whole))


def test_what_google_says_of_a_days_quality_is_beside_its_rows(world: World) -> None:
    counted = WebReports(traffic(world))
    pages = world.rows(google_analytics, "page_day")
    assert {row["day_on"]: row["is_thresholded"] for row in pages} == {
        day: counted.is_withheld(day) for day in days_of(pages) if isinstance(day, date)
    }
    busy = {day for day in days_of(pages) if isinstance(day, date) and counted.traffic.is_spike(day)}
    assert {row["day_on"] for row in pages if row["events_read"] is not None} == busy != set()
    assert all(int(str(r["events_read"])) < int(str(r["events_in_all"])) for r in pages if r["day_on"] in busy)
    others = [row for row in pages if row["page_path"] == "(other)"]
    assert all(row["has_other_row"] and row["host_name"] == "(other)" for row in others)
    assert days_of(others) == {row["day_on"] for row in pages if row["has_other_row"]}


def test_leads_came_by_a_form_and_users_alone_are_no_conversion(world: World) -> None:
    world.now = ANCHOR + 9 * DAY
    rows = world.rows(google_analytics, "conversion_day", {"loaded_through": "2026-11-25"})
    assert "page_view" not in {row["event_name"] for row in rows}
    truth, counted = traffic(world), WebReports(traffic(world))
    whole = [ANCHOR.date() + n * DAY for n in range(4) if not counted.is_withheld(ANCHOR.date() + n * DAY)]
    forms = dict.fromkeys(whole, 0.0)
    for row in rows:
        if row["event_name"] == "generate_lead" and row["day_on"] in forms:
            forms[row["day_on"]] += float(str(row["key_events"]))
    assert forms == {day: len(truth.leads(day)) for day in whole}
    assert sum(forms.values()) > 0
