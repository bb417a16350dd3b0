"""Spreadsheets kept by hand: what the company's people wrote arrives as it is true of the company."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sg_assets.http import ComeBackLater, SourceError
from sg_assets.rows import Shape
from sg_assets.sandbox.company.arr import Movement, movements
from sg_assets.sandbox.company.data_anomalies import data_anomalies
from sg_assets.sandbox.company.offline_customers import offline_customers
from sg_assets.sandbox.faults import Kind
from sg_assets.session import Result
from sg_assets.source import Pull
from sg_assets.sources.google_sheets import google_sheets
from sg_assets.sources.salesforce import salesforce
from sg_assets_tests.mini import Mini, results
from sg_assets_tests.sources.conftest import World

TABLES = ("arr_tracker", "lead_analytics", "offline_customer", "data_anomaly")
LEAST_CALLS = {"arr_tracker": 1, "lead_analytics": 1, "offline_customer": 1, "data_anomaly": 2}


@pytest.mark.parametrize("table", TABLES)
def test_every_sheet_is_read_in_the_least_calls_and_fits(world: World, table: str) -> None:
    fetch = google_sheets.tables[f"raw_google_sheets.{table}"].fetch
    assert fetch
    with world.client(google_sheets) as client:
        (page,) = fetch(Pull(client, world.settings(google_sheets), world.now))
        assert client.calls == LEAST_CALLS[table]
    fitted = Shape(google_sheets.tables[f"raw_google_sheets.{table}"].table).fit(page.rows)
    assert (fitted.misfits, fitted.unknown, page.rejected) == ({}, {}, [])
    assert fitted.table.num_rows >= 2


def test_revenue_is_that_of_the_company(world: World) -> None:
    midnight = datetime.combine(world.now.date(), datetime.min.time(), world.now.tzinfo)
    truth: dict[object, Movement] = {
        (one.customer.account_id, one.month): one for one in movements(world.sandbox.company, midnight)
    }
    rows: dict[object, dict[str, object]] = {
        (row["account_id"], row["month_on"]): row for row in world.rows(google_sheets, "arr_tracker")
    }
    assert rows.keys() == truth.keys()
    for key, row in rows.items():
        told = [row[f"{name}_arr_usd"] for name in ("opening", "new", "expansion", "churned", "closing")]
        one = truth[key]
        assert told == [Decimal(x) for x in (one.opening, one.new, one.expansion, one.churned, one.closing)]
        assert told[0] + told[1] + told[2] - told[3] == told[4]  # pyrefly: ignore[unsupported-operation]


def test_revenue_now_is_what_salesforce_says_of_the_accounts(world: World) -> None:
    month = world.now.date().replace(day=1)
    sheet = {
        row["account_id"]: row["closing_arr_usd"]
        for row in world.rows(google_sheets, "arr_tracker")
        if row["month_on"] == month and row["closing_arr_usd"]
    }
    accounts = world.rows(salesforce, "account")
    told = {row["id"]: Decimal(str(row["arr_usd"])) for row in accounts if row["arr_usd"] and not row["is_deleted"]}
    assert sheet == told
    assert len(sheet) > 20


def test_leads_are_those_of_salesforce(world: World) -> None:
    rows = {row["lead_id"]: row for row in world.rows(google_sheets, "lead_analytics")}
    leads = {row["id"]: row for row in world.rows(salesforce, "lead") if not row["is_deleted"]}
    assert rows.keys() == leads.keys()
    for key, row in rows.items():
        assert row["email"] == leads[key]["email"]
        assert (row["mql_on"] and str(row["mql_on"])) == leads[key]["mql_on"]
        assert (row["mql_on"] is not None) == (int(str(row["intent_points"])) >= 15)
        assert (row["pql_on"] is not None) == bool({row["cloud_grade"], row["private_install_grade"]} & {"A", "B"})


def test_offline_customers_are_those_that_never_ping(world: World) -> None:
    rows = {row["account_id"]: row for row in world.rows(google_sheets, "offline_customer")}
    truth = {one.customer.account_id: one for one in offline_customers(world.sandbox.company, world.now)}
    assert {key: row["is_air_gapped"] for key, row in rows.items()} == {
        key: one.is_air_gapped for key, one in truth.items()
    }
    assert world.sandbox.company.case("air gapped").account_id in rows


def test_numbers_stay_texts_and_times_are_those_of_the_spreadsheets_zone(world: World) -> None:
    rows = world.rows(google_sheets, "data_anomaly")
    truth = data_anomalies(world.sandbox.company, world.now)
    assert [row["id"] for row in rows] == [f"{one.number:03}" for one in truth]
    assert [row["reported_at"] for row in rows] == [one.reported_at for one in truth]
    assert {row["ends_on"] is None for row in rows} == {True, False}


def test_nothing_new_gives_the_same_rows_and_a_new_month_more(world: World) -> None:
    first = world.rows(google_sheets, "arr_tracker")
    assert world.rows(google_sheets, "arr_tracker") == first
    world.now += timedelta(days=14)
    later = {(row["account_id"], row["month_on"]) for row in world.rows(google_sheets, "arr_tracker")}
    assert {month for _, month in later} - {row["month_on"] for row in first} == {date(2026, 12, 1)}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.EXPIRED_TOKEN, {}),
        (Kind.TOO_MANY_REQUESTS, {"count": 2}),
        (Kind.TOO_MANY_REQUESTS, {"count": 1, "retry_after": 20}),
        (Kind.SERVER_ERROR, {"count": 3}),
        (Kind.CUT_BODY, {"count": 1}),
    ],
)
def test_a_fault_that_passes_costs_no_row(world: World, kind: Kind, options: dict[str, Any]) -> None:
    expected = world.rows(google_sheets, "offline_customer")
    world.sandbox.faults.switch_on(kind, "google_sheets", **options)
    assert world.rows(google_sheets, "offline_customer") == expected


def test_a_quota_that_does_not_pass_is_a_time_to_come_back(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.QUOTA, "google_sheets")
    with pytest.raises(ComeBackLater, match="Quota exceeded"):
        world.rows(google_sheets, "offline_customer")


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (
            Kind.FORBIDDEN,
            {},
            r"'Customers' of SG_GOOGLE_SHEETS_OFFLINE_CUSTOMER: .*403 .*PERMISSION_DENIED.* Share the",
        ),
        (Kind.WRONG_VALUE, {"field": "C1", "value": "Instance"}, "C1: 'Site ID' is expected, there is 'Instance'"),
        (Kind.WRONG_VALUE, {"field": "Version", "value": "#REF!"}, "F2 says #REF!"),
        (
            Kind.WRONG_VALUE,
            {"field": "User accounts", "value": "about 200"},
            "G2 'User accounts': a number is expected",
        ),
        (Kind.NULL_VALUE, {"field": "Account ID"}, "A2 'Account ID': it is empty"),
        (Kind.REPEATED_ROW, {}, r"row \d+ has the same account_id as row \d+"),
    ],
)
def test_what_is_not_as_declared_is_named_by_its_cell(
    world: World, kind: Kind, options: dict[str, Any], message: str
) -> None:
    world.sandbox.faults.switch_on(kind, "google_sheets", **options)
    with pytest.raises(SourceError, match=message) as caught:
        world.rows(google_sheets, "offline_customer")
    assert caught.value.status in {403, 422}
    assert world.waits == []


def test_a_column_that_nobody_declared_is_kept(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.UNKNOWN_FIELD, "google_sheets")
    rows = world.rows(google_sheets, "offline_customer")
    assert {row["surprise"] for row in rows} == {1}


def test_a_key_that_is_no_longer_good_says_whose(world: World) -> None:
    world.sandbox.faults.switch_on(Kind.EXPIRED_TOKEN, "google_sheets", count=2)
    with pytest.raises(SourceError, match=r"^google_sheets: GET .*401 .*UNAUTHENTICATED"):
        world.rows(google_sheets, "offline_customer")


def test_the_doctor_looks_at_every_header(world: World) -> None:
    assert google_sheets.examination
    world.sandbox.faults.switch_on(Kind.WRONG_VALUE, "google_sheets", match="data_anomaly", field="A1", value="No.")
    with world.client(google_sheets) as client:
        found = list(google_sheets.examination(client, world.settings(google_sheets)))
        assert client.calls == 4
    assert [one.is_permitted for one in found] == [True, True, True, False]
    assert "A1: 'ID' is expected, there is 'No.'" in found[3].detail


def test_a_header_that_changed_leaves_the_last_good_version(world: World, mini: Mini) -> None:
    table = "raw_google_sheets.offline_customer"
    mini.more_sources = [google_sheets]
    for name, value in {"SG_GOOGLE_SHEETS_URL": f"{world.url}/google_sheets", **world.settings(google_sheets)}.items():
        mini.set(name, value)
    assert results(mini.refresh(table))[table] is Result.BUILT
    rows, version = mini.rows(f"select * from {table} order by account_id"), mini.states[table].content_version
    mini.later(timedelta(hours=2))
    assert results(mini.refresh(table))[table] is Result.BUILT
    assert mini.states[table].content_version == version
    world.sandbox.faults.switch_on(Kind.WRONG_VALUE, "google_sheets", field="C1", value="Instance")
    mini.later(timedelta(hours=2))
    (failed,) = (report for report in mini.refresh(table).tables if report.table == table)
    assert failed.result is Result.FAILED
    assert "C1: 'Site ID' is expected, there is 'Instance'" in failed.reason
    assert mini.rows(f"select * from {table} order by account_id") == rows
