from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sg_assets.sandbox.faults import Kind
from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.sheet_tabs import Cell, Tab, column, grid_of, letters, shown

TAB = Tab("Dues", "due", ("Name", "Due"), lambda: [["Ada", 1], ["Bea"]])


@pytest.mark.parametrize(
    ("cell", "value", "look"),
    [
        (None, "", ""),
        ("007", "007", "007"),
        (Decimal("1234.5"), 1234.5, "$1,234.50"),
        (True, True, "TRUE"),
        (date(2026, 7, 4), 46207, "7/4/2026"),
        (datetime(2026, 7, 4, 19, tzinfo=UTC), 46207.5, "7/4/2026 12:00:00"),
        (3, 3, "3"),
    ],
)
def test_a_cell_is_a_value_or_what_people_see(cell: Cell, value: object, look: str) -> None:
    assert shown(cell, "UNFORMATTED_VALUE", "America/Los_Angeles") == value
    assert shown(cell, "FORMATTED_VALUE", "America/Los_Angeles") == look


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        (Kind.EMPTY_LIST, {}, [["Name", "Due"]]),
        (Kind.REPEATED_ROW, {}, [["Name", "Due"], ["Ada", 1], ["Bea"], ["Bea"]]),
        (Kind.UNKNOWN_FIELD, {}, [["Name", "Due", "surprise"], ["Ada", 1, 1], ["Bea", None, 1]]),
        (Kind.NULL_VALUE, {"field": "Due"}, [["Name", "Due"], ["Ada", None], ["Bea"]]),
        (Kind.WRONG_VALUE, {"field": "B1", "value": "When"}, [["Name", "When"], ["Ada", 1], ["Bea"]]),
        (Kind.WRONG_VALUE, {"field": "B3", "value": 7}, [["Name", "Due"], ["Ada", 1], ["Bea", 7]]),
    ],
)
def test_faults_change_cells(sandbox: Sandbox, kind: Kind, options: dict[str, Any], expected: object) -> None:
    sandbox.faults.switch_on(kind, "sheets", **options)
    assert grid_of(TAB, "sheets", sandbox.faults) == expected
    assert grid_of(TAB, "others", sandbox.faults) == [["Name", "Due"], ["Ada", 1], ["Bea"]]


def test_columns_have_letters() -> None:
    assert [letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [column(text) for text in ("A", "Z", "AA", "ZZ", "AAA", "")] == [0, 25, 26, 701, 702, None]
