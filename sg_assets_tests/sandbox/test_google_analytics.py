from datetime import timedelta
from typing import Any

import pytest
import requests

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.google_analytics import PROPERTY, stand_in
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.storage_api import TOKEN
from sg_assets_tests.sandbox.world import ANCHOR, move

PATH = f"/v1beta/properties/{PROPERTY}"
WEEK = {"startDate": "2026-11-09", "endDate": "2026-11-15"}
BY_DAY: dict[str, Any] = {
    "dateRanges": [WEEK],
    "dimensions": [{"name": "date"}, {"name": "pagePath"}],
    "metrics": [{"name": "screenPageViews"}, {"name": "keyEvents"}],
}
ORDERED = [{"dimension": {"dimensionName": name}} for name in ("date", "pagePath")]


@pytest.fixture
def here(url: str) -> str:
    return f"{url}/google_analytics"


def ask(here: str, body: object, verb: str = "runReport", path: str = PATH, token: str = TOKEN) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{here}{path}:{verb}", json=body, headers=headers, timeout=20)


def rows(answer: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        tuple(value["value"] for value in row["dimensionValues"] + row["metricValues"])
        for row in answer.get("rows", ())
    ]


def test_a_report_is_paged_by_offset_and_says_how_many_rows_there_are(here: str) -> None:
    ordered = BY_DAY | {"orderBys": ORDERED}
    whole: list[tuple[str, ...]] = []
    while True:
        answer = ask(here, ordered | {"limit": "250000", "offset": str(len(whole))}).json()
        whole += rows(answer)
        assert len(rows(answer)) <= 40
        if len(whole) >= answer["rowCount"]:
            break
    assert len(whole) == len(set(whole)) == answer["rowCount"] > 40
    assert whole == sorted(whole)
    assert answer["metricHeaders"][1] == {"name": "keyEvents", "type": "TYPE_FLOAT"}
    assert answer["metadata"]["timeZone"] == "America/Los_Angeles"
    beyond = ask(here, ordered | {"offset": "9999"}).json()
    assert "rows" not in beyond
    assert beyond["rowCount"] == answer["rowCount"]


def test_nothing_is_promised_about_the_order_unless_it_is_asked_for(here: str) -> None:
    assert rows(ask(here, BY_DAY).json()) != rows(ask(here, BY_DAY | {"orderBys": ORDERED}).json())


def test_every_value_is_a_text_and_days_are_those_of_california(here: str, sandbox: Sandbox) -> None:
    move(sandbox, ANCHOR + timedelta(days=4, hours=3))  # the evening of the 24th there
    asked = {
        "dateRanges": [{"startDate": "3daysAgo", "endDate": "today"}],
        "dimensions": [{"name": "date"}],
        "metrics": [{"name": "sessions"}],
        "orderBys": [{"dimension": {"dimensionName": "date"}, "desc": True}],
    }
    found = rows(ask(here, asked).json())
    assert found[0][0] == "20261124"
    assert all(count.isdigit() for _, count in found)


def test_several_reports_come_in_the_order_in_which_they_were_asked_for(here: str) -> None:
    days = [{"startDate": f"2026-11-1{n}", "endDate": f"2026-11-1{n}"} for n in range(5)]
    batch = {"requests": [BY_DAY | {"dateRanges": [day]} for day in days]}
    answer = ask(here, batch, "batchRunReports").json()
    assert [{row[0] for row in rows(report)} for report in answer["reports"]] == [{f"2026111{n}"} for n in range(5)]
    refused = ask(here, {"requests": [BY_DAY] * 6}, "batchRunReports")
    assert (refused.status_code, refused.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_filter_of_a_metric_leaves_rows_out(here: str) -> None:
    wish = {"operation": "GREATER_THAN", "value": {"int64Value": "0"}}
    some = BY_DAY | {"metricFilter": {"filter": {"fieldName": "keyEvents", "numericFilter": wish}}}
    assert {row[3] != "0" for row in rows(ask(here, some).json())} == {True}
    assert ask(here, some).json()["rowCount"] < ask(here, BY_DAY).json()["rowCount"]


def test_the_quota_is_told_to_whom_asks_for_it(here: str) -> None:
    assert "propertyQuota" not in ask(here, BY_DAY).json()
    left = [ask(here, BY_DAY | {"returnPropertyQuota": True}).json()["propertyQuota"] for _ in range(2)]
    assert left[0]["tokensPerDay"]["remaining"] > left[1]["tokensPerDay"]["remaining"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dimensions": [{"name": "favouriteColour"}]}, "Field favouriteColour is not a valid dimension."),
        ({"metrics": [{"name": "joy"}]}, "Field joy is not a valid metric."),
        ({"dimensions": [{"name": "date"}] * 10}, "limited to 9 dimensions"),
        ({"metrics": [{"name": "sessions"}] * 11}, "limited to 10 metrics"),
        ({"dateRanges": []}, "dateRanges"),
        ({"dateRanges": [{"startDate": "2026-11-09", "endDate": "2026-11-08"}]}, "Invalid date range"),
        ({"dateRanges": [{"startDate": "2015-08-13", "endDate": "today"}]}, "Invalid date range"),
        ({"dateRanges": [{"startDate": "once", "endDate": "today"}]}, "Invalid date: once"),
    ],
)
def test_reports_that_cannot_be_made_are_refused(here: str, changed: dict[str, Any], told: str) -> None:
    refused = ask(here, BY_DAY | changed)
    assert (refused.status_code, refused.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert told in refused.json()["error"]["message"]


def test_other_refusals(here: str) -> None:
    assert ask(here, BY_DAY, token="wrong").json()["error"]["status"] == "UNAUTHENTICATED"  # noqa: S106 (none)
    assert ask(here, BY_DAY, path="/v1beta/properties/1").json()["error"]["status"] == "PERMISSION_DENIED"
    assert "numeric Property ID" in ask(here, BY_DAY, path="/v1beta/properties/G-1").json()["error"]["message"]
    assert ask(here, BY_DAY, "runPivotReport").status_code == 404


def test_faults(here: str, sandbox: Sandbox) -> None:
    sandbox.faults.switch_on(Kind.EMPTY_LIST, "google_analytics", count=1)
    assert ask(here, BY_DAY).json()["rowCount"] == 0
    sandbox.faults.switch_on(Kind.QUOTA, "google_analytics", count=1)
    refused = ask(here, BY_DAY)
    assert (refused.status_code, refused.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "errors" not in refused.json()["error"]


def test_its_settings_are_those_of_the_source() -> None:
    assert set(stand_in.settings) == {
        "SG_GOOGLE_CREDENTIALS", "SG_GOOGLE_ANALYTICS_PROPERTY", "SG_GOOGLE_ANALYTICS_TIMEZONE"
    }  # fmt: skip
