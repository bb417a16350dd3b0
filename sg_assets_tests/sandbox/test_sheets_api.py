"""The reading part of the Sheets API, as its documentation tells it."""

from typing import Any

import pytest
import requests

from sg_assets.sandbox.storage_api import TOKEN

SHEET = "sandbox-offline"


def get(url: str, path: str, token: str = TOKEN, **params: str | list[str]) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{url}/google_sheets/v4/spreadsheets/{path}", params=params, headers=headers, timeout=20)


def values(url: str, cells: str, **params: str) -> dict[str, Any]:
    found: dict[str, Any] = get(url, f"{SHEET}/values/{cells}", **params).json()
    return found


def test_a_spreadsheet_tells_its_zone_and_tabs(url: str) -> None:
    told = get(url, SHEET, fields="properties(timeZone),sheets(properties(title))").json()
    assert told["properties"]["timeZone"] == "Europe/Berlin"
    assert [sheet["properties"]["title"] for sheet in told["sheets"]] == ["Customers", "Notes"]


def test_cells_come_as_they_look_unless_asked_for_otherwise(url: str) -> None:
    looks, kept = values(url, "Customers!D2:G2"), values(url, "Customers!D2:G2", valueRenderOption="UNFORMATTED_VALUE")
    assert looks["range"] == "Customers!D2:G2"
    assert (looks["values"][0][0], kept["values"][0][0]) == ("TRUE", True)
    assert "/" in looks["values"][0][1]
    assert isinstance(kept["values"][0][1], int)


def test_what_is_empty_at_the_end_is_left_out(url: str) -> None:
    found = values(url, "'Customers'")
    assert found["range"] == "Customers!A1:Z1000"
    assert found["majorDimension"] == "ROWS"
    assert found["values"][2] == []
    assert found["values"][-1] != []
    assert "values" not in values(url, "Customers!X1:Z9")


@pytest.mark.parametrize(("cells", "rows", "width"), [("A1", 1, 1), ("1:1", 1, 9), ("A:B", 4, 2), ("B1:C2", 2, 2)])
def test_ranges_are_in_a1_notation(url: str, cells: str, rows: int, width: int) -> None:
    found = values(url, f"Customers!{cells}")["values"]
    assert len(found[0]) == width
    assert len(found) == rows


def test_several_ranges_are_one_call(url: str) -> None:
    told = get(url, f"{SHEET}/values:batchGet", ranges=["Customers!A1", "'Notes'!A1"]).json()
    assert [one["values"] for one in told["valueRanges"]] == [[["Account ID"]], [["Ask in #analytics"]]]


@pytest.mark.parametrize(
    ("path", "token", "status", "name"),
    [
        (f"{SHEET}/values/'Gone'", TOKEN, 400, "INVALID_ARGUMENT"),
        (f"{SHEET}/values/Gone!A1", TOKEN, 400, "INVALID_ARGUMENT"),
        (f"{SHEET}/values:batchGet?ranges=Gone", TOKEN, 400, "INVALID_ARGUMENT"),
        ("nowhere/values/A1", TOKEN, 404, "NOT_FOUND"),
        (SHEET, "wrong", 401, "UNAUTHENTICATED"),
    ],
)
def test_refusals_are_googles(url: str, path: str, token: str, status: int, name: str) -> None:
    answer = get(url, path, token)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (status, status, name)
    if status == 400:
        assert error["message"].startswith("Unable to parse range: ")
