"""A tab against its contract: what drifted is named by its cell, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sg_assets.columns import Column
from sg_assets.http import SourceError
from sg_assets.sheet import Sheet
from sg_assets.source import Page, Pull
from sg_assets.spreadsheet import connect
from sg_assets_tests.scripted_vendor import Answer, Asked, answering

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SETTINGS = {"SG_GOOGLE_CREDENTIALS": "sandbox", "SG_SHEET": "1AbC"}
DUES = Sheet(
    "SG_SHEET",
    "Dues",
    {
        "Name": Column("name", "STRING", "Name."),
        "Due": Column("due_on", "DATE", "Day."),
        "Amount": Column("amount_usd", "NUMERIC", "USD."),
        "Paid": Column("is_paid", "BOOL", "Paid."),
    },
    key=("name",),
)
HEADER = ["Name", "Due", "Amount", "Paid"]
Cells = Sequence[object]


def read(sheet: Sheet, *rows: Cells, zone: str = "Asia/Tokyo", calls: int = 1) -> Page:
    """What is read of a tab with these cells."""

    def answer(asked: Asked) -> Answer:
        if "/values/" not in asked.path:
            return Answer.json({"properties": {"timeZone": zone}})
        return Answer.json({"range": "Dues!A1:Z1000", "majorDimension": "ROWS", **({"values": rows} if rows else {})})

    with answering(answer) as vendor, connect("sheets", vendor.url, SETTINGS) as client:
        page = sheet.read(Pull(client, SETTINGS, NOW))
        assert client.calls == calls
    return page


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_all_rows_come(count: int) -> None:
    page = read(DUES, HEADER, *([f"{place}", 46207, 20.5, True] for place in range(count)))
    assert not page.rejected
    assert page.rows == [
        {"name": f"{place}", "due_on": date(2026, 7, 4), "amount_usd": Decimal("20.5"), "is_paid": True}
        for place in range(count)
    ]


def test_short_rows_blank_rows_and_empty_cells_cost_no_column() -> None:
    rows: list[Cells] = [["Ada"], [], ["Bea", "", 3], ["", "", "", False], ["Cy", "", "", True], ["  "]]
    page = read(DUES, HEADER, *rows)
    assert [list(row.values()) for row in page.rows] == [
        ["Ada", None, None, None],
        ["Bea", None, Decimal(3), None],
        ["Cy", None, None, True],
    ]


def test_times_cost_a_call_for_the_zone() -> None:
    sheet = replace(DUES, fields={**DUES.fields, "Due": Column("due_at", "TIMESTAMP", "When.")})
    page = read(sheet, HEADER, ["Ada", 46207.5], calls=2)
    assert page.rows[0]["due_at"] == datetime(2026, 7, 4, 3, tzinfo=UTC)


def test_columns_to_the_right_are_kept() -> None:
    page = read(DUES, [*HEADER, "Note", ""], ["Ada", "", "", "", "late", 7, 8], ["Bea", "", "", "", "", "", ""])
    assert page.rows[0]["Note"] == "late"
    assert (page.rows[0]["column F"], page.rows[0]["column G"]) == (7, 8)
    assert page.rows[1].keys() == {"name", "due_on", "amount_usd", "is_paid"}


def test_blanks_and_line_breaks_in_a_heading_are_no_drift() -> None:
    assert read(DUES, ["Name ", "Due", " Amount\n", "Paid"], ["Ada"]).rows


def test_a_header_may_stand_below_a_title() -> None:
    sheet = replace(DUES, header_row=3)
    assert read(sheet, ["What is due"], [], HEADER, ["Ada"]).rows[0]["name"] == "Ada"
    with pytest.raises(SourceError, match="B4 'Due': a date without a time is expected, there is text"):
        read(sheet, ["What is due"], [], HEADER, ["Ada", "today"])


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        (["Name", "Due", "Sum", "Paid"], "C1: 'Amount' is expected, there is 'Sum'. The header changed. Undo it"),
        (["Name", "Amount", "Due", "Paid"], "B1: 'Due' is expected, it moved to C1; C1: 'Amount' .* it moved to B1"),
        (["Name", "New", "Due", "Amount", "Paid"], "B1: 'Due' is expected, it moved to C1; C1: .*; D1: .* moved to E1"),
        (["Name", "Due", "Amount"], "D1: 'Paid' is expected, there is nothing"),
        (["Name", "Due", "Amount", "paid"], "D1: 'Paid' is expected, there is 'paid'"),
        ([*HEADER, "Due"], "E1: there is a second 'Due'"),
        ([*HEADER, "Note", "Note"], "F1: there is a second 'Note'"),
        ([*HEADER, "amount_usd"], "E1: there is a second 'amount_usd'"),
        (["Ada", 46207, 20.5, True], "A1: 'Name' is expected, there is 'Ada'; B1: .*"),
        ([], "A1: 'Name' is expected, there is nothing"),
    ],
)
def test_a_header_that_drifted_is_refused_and_says_how(header: Cells, problems: str) -> None:
    with pytest.raises(SourceError, match=f"^sheets: read the tab 'Dues' of SG_SHEET: {problems}") as caught:
        read(DUES, header, ["Ada"])
    assert "until then the last good version stays" in str(caught.value)
    assert caught.value.status == 422


def test_a_tab_without_anything_is_refused() -> None:
    with pytest.raises(SourceError, match="A1: 'Name' is expected, there is nothing"):
        read(DUES)


@pytest.mark.parametrize("is_form", [False, True])
@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#DIV/0!"])
def test_a_formula_that_failed_is_refused(text: str, *, is_form: bool) -> None:
    sheet = replace(DUES, rows_stand_alone=is_form)
    with pytest.raises(SourceError, match=f"C3 says {text}; A4 says {text}. Mend the formula") as caught:
        read(sheet, HEADER, ["Ada", "", 1], ["Bea", "", text], [text], ["Cy", "", "", "", text])
    assert caught.value.status == 422


def test_a_formula_that_waits_is_tried_again_soon() -> None:
    with pytest.raises(SourceError, match=r"C2 says Loading\.\.\. It is still calculating") as caught:
        read(DUES, HEADER, ["Ada", "", "Loading..."])
    assert caught.value.status is None


BAD: list[tuple[Cells, str]] = [
    (["Ada", 46207, "20.5"], "C3 'Amount': a number is expected, there is text"),
    ([5], "A3 'Name': text is expected, there is a number"),
    (["", 46207], "A3 'Name': it is empty, and tells rows apart"),
    (["Bea"], "row 3 has the same name as row 2"),
]


@pytest.mark.parametrize(("cells", "problem"), BAD)
def test_one_bad_row_of_a_list_refuses_the_list(cells: Cells, problem: str) -> None:
    with pytest.raises(SourceError, match=problem) as caught:
        read(DUES, HEADER, ["Bea"], cells)
    assert caught.value.status == 422


@pytest.mark.parametrize(("cells", "problem"), BAD)
def test_one_bad_row_that_stands_alone_is_rejected_alone(cells: Cells, problem: str) -> None:
    page = read(replace(DUES, rows_stand_alone=True), HEADER, ["Bea"], cells, ["Cy"])
    assert [row["name"] for row in page.rows] == ["Bea", "Cy"]
    (bad,) = page.rejected
    assert problem in bad.reason
    came = {name: cell for name, cell in zip(HEADER, cells, strict=False) if cell}
    assert json.loads(bad.original or "") == came


def test_many_problems_are_counted() -> None:
    with pytest.raises(SourceError, match=r"C6 'Amount': [^;]*; and 4 more"):
        read(DUES, HEADER, *([f"{place}", "", "much"] for place in range(9)))


def test_a_column_that_no_cell_can_hold_is_refused_where_it_is_declared() -> None:
    with pytest.raises(ValueError, match="no cell can be read as what x declare"):
        replace(DUES, fields={"X": Column("x", "JSON", "X.")})


def test_the_doctor_reads_the_header_alone() -> None:
    asked: list[str] = []

    def answer(one: Asked) -> Answer:
        asked.append(one.path)
        return Answer.json({"range": "Dues!A1:Z1", "majorDimension": "ROWS", "values": [HEADER[:3]]})

    with answering(answer) as vendor, connect("sheets", vendor.url, SETTINGS) as client:
        found = DUES.examine(client, SETTINGS)
    assert asked == ["/v4/spreadsheets/1AbC/values/%27Dues%27%211%3A1"]
    assert (found.subject, found.is_permitted) == ("Dues (SG_SHEET)", False)
    assert "D1: 'Paid' is expected, there is nothing" in found.detail
