"""Asking for a spreadsheet: answers in the vendor's own words, and refusals that say what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from sg_assets.http import Client, SourceError
from sg_assets.spreadsheet import RATE, Spreadsheet, connect
from sg_assets_tests.scripted_vendor import Answer, Vendor, scripted

SETTINGS = {"SG_GOOGLE_CREDENTIALS": "sandbox", "SG_SHEET": "1AbC_d-9"}


def refusal(code: int, status: str, message: str) -> Answer:
    return Answer.json({"error": {"code": code, "message": message, "status": status}}, code)


def asking(vendor: Vendor, told: str = "1AbC_d-9", tab: str = "ARR - by month") -> tuple[Client, Spreadsheet]:
    client = connect("google_sheets", vendor.url, SETTINGS)
    client.sleep = lambda _seconds: None
    return client, Spreadsheet(client, {**SETTINGS, "SG_SHEET": told}, "SG_SHEET", tab)


@pytest.fixture
def documented() -> Iterator[Vendor]:
    """The answer of the documentation's own example."""
    values = [["Item", "Cost"], ["Wheel", 20.5], [], ["Door", 15]]
    with scripted(Answer.json({"range": "Sheet1!A1:D5", "majorDimension": "ROWS", "values": values})) as vendor:
        yield vendor


def test_a_tab_is_one_call_for_cells_as_they_are_kept(documented: Vendor) -> None:
    client, sheet = asking(documented)
    with client:
        assert sheet.values() == [["Item", "Cost"], ["Wheel", 20.5], [], ["Door", 15]]
    (asked,) = documented.asked
    assert asked.path == "/v4/spreadsheets/1AbC_d-9/values/%27ARR%20-%20by%20month%27"
    assert asked.query["valueRenderOption"] == "UNFORMATTED_VALUE"
    assert asked.query["dateTimeRenderOption"] == "SERIAL_NUMBER"


def test_a_name_with_an_apostrophe_and_some_rows_are_quoted(documented: Vendor) -> None:
    client, sheet = asking(documented, tab="Bob's")
    with client:
        sheet.values("1:1")
    assert documented.asked[0].path.endswith("/values/%27Bob%27%27s%27%211%3A1")


@pytest.mark.parametrize("told", ["https://docs.google.com/spreadsheets/d/1AbC_d-9/edit#gid=0", " 1AbC_d-9\n"])
def test_an_address_is_as_good_as_an_id(documented: Vendor, told: str) -> None:
    client, sheet = asking(documented, told)
    with client:
        sheet.values()
    assert documented.asked[0].path.startswith("/v4/spreadsheets/1AbC_d-9/")


def test_an_empty_range_has_no_values() -> None:
    with scripted(Answer.json({"range": "Sheet1!A1:Z1000", "majorDimension": "ROWS"})) as vendor:
        client, sheet = asking(vendor)
        with client:
            assert sheet.values() == ()


def test_the_zone_is_the_spreadsheets_own() -> None:
    with scripted(Answer.json({"properties": {"timeZone": "Asia/Tokyo"}})) as vendor:
        client, sheet = asking(vendor)
        with client:
            assert sheet.zone() == ZoneInfo("Asia/Tokyo")
    assert vendor.asked[0].query == {"fields": "properties(timeZone)"}


def test_a_zone_that_nobody_knows_is_an_error() -> None:
    with scripted(Answer.json({"properties": {"timeZone": "Mars/Olympus"}})) as vendor:
        client, sheet = asking(vendor)
        with client, pytest.raises(SourceError, match=r"no time zone Mars/Olympus\. Choose one in File, Settings"):
            sheet.zone()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            refusal(403, "PERMISSION_DENIED", "The caller does not have permission"),
            "tab 'ARR - by month' of SG_SHEET: GET .*: 403 .*The caller does not.*Share the .*CREDENTIALS as a ",
        ),
        (
            refusal(404, "NOT_FOUND", "Requested entity was not found."),
            "404 .*not found.*It was deleted, or SG_SHEET is not its id",
        ),
        (
            refusal(400, "INVALID_ARGUMENT", "Unable to parse range: 'ARR - by month'"),
            "400 .*Unable to parse range: 'ARR - by month'.*The tab must be called 'ARR - by month': name it so again",
        ),
    ],
)
def test_a_refusal_says_which_tab_and_what_to_do(answer: Answer, message: str) -> None:
    with scripted(answer) as vendor:
        client, sheet = asking(vendor)
        with client, pytest.raises(SourceError, match=message) as caught:
            sheet.values()
    assert caught.value.status == answer.status
    assert len(vendor.asked) == 1


def test_a_403_that_is_a_quota_is_tried_again(documented: Vendor) -> None:
    error = {"code": 403, "message": "Rate", "status": "PERMISSION_DENIED", "errors": [{"reason": "rateLimitExceeded"}]}
    with scripted(Answer.json({"error": error}, 403), Answer.json({"values": [["Item"]]})) as vendor:
        client, sheet = asking(vendor)
        with client:
            assert sheet.values() == [["Item"]]
    assert documented.asked == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(200, b"<!DOCTYPE html><html>Sign in", {"Content-Type": "text/html"}), "text/html.*no complete JSON"),
        (
            Answer(200, json.dumps({"values": [["Item"]]}).encode()[:-9], {"Content-Type": "application/json"}),
            "no compl",
        ),
        (Answer(200, b'{"values": [["Item"]]}', sent=9), "the body was cut"),
    ],
)
def test_what_is_no_answer_names_the_request(answer: Answer, message: str) -> None:
    with scripted(answer) as vendor:
        client, sheet = asking(vendor)
        with client, pytest.raises(SourceError, match=f"^google_sheets: GET /v4/spreadsheets/1AbC_d-9/.*{message}"):
            sheet.values()


def test_the_limit_of_google_is_kept_for_all_who_read_sheets() -> None:
    assert (RATE.calls, RATE.seconds) == (60, 60)
