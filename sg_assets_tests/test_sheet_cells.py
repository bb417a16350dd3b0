from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sg_assets.columns import Column
from sg_assets.sheet_cells import CellError, is_empty, is_readable, letters, value_of, zone_of

CALIFORNIA = ZoneInfo("America/Los_Angeles")
NOON_OF_JULY_4 = 46207.5  # 2026-07-04 12:00


def column(type_: str) -> Column:
    return Column("x", type_, "X.")


@pytest.mark.parametrize(
    ("cell", "type_", "value"),
    [
        ("007", "STRING", "007"),
        (" as typed ", "STRING", " as typed "),
        (12, "INT64", 12),
        (12.0, "INT64", 12),
        (-3, "INT64", -3),
        (20.5, "FLOAT64", 20.5),
        (20.5, "NUMERIC", Decimal("20.5")),
        (0.1, "NUMERIC", Decimal("0.1")),
        (True, "BOOL", True),
        ("No", "BOOL", False),
        (" yes", "BOOL", True),
        (46207, "DATE", date(2026, 7, 4)),
        (46207.0, "DATE", date(2026, 7, 4)),
        (60, "INT64", 60),
        ("GitHub, Gerrit,", "ARRAY<STRING>", ["GitHub", "Gerrit"]),
        (NOON_OF_JULY_4, "TIMESTAMP", datetime(2026, 7, 4, 19, tzinfo=UTC)),
        (NOON_OF_JULY_4 - 180, "TIMESTAMP", datetime(2026, 1, 5, 20, tzinfo=UTC)),
        (46207, "TIMESTAMP", datetime(2026, 7, 4, 7, tzinfo=UTC)),
    ],
)
def test_a_cell_is_what_its_column_says(cell: object, type_: str, value: object) -> None:
    assert value_of(cell, column(type_), CALIFORNIA) == value


@pytest.mark.parametrize("cell", [None, "", "  \n"])
@pytest.mark.parametrize("type_", ["STRING", "INT64", "NUMERIC", "BOOL", "DATE", "TIMESTAMP"])
def test_an_empty_cell_is_nothing_of_any_type_and_not_1970(cell: object, type_: str) -> None:
    assert is_empty(cell)
    assert value_of(cell, column(type_), CALIFORNIA) is None
    assert value_of(cell, column("ARRAY<STRING>"), CALIFORNIA) == []


@pytest.mark.parametrize(
    ("cell", "type_", "expected"),
    [
        (7, "STRING", "text is expected, there is a number"),
        (1.2, "STRING", "text is expected"),
        (True, "STRING", "there is a checkbox"),
        ("12", "INT64", "a number is expected, there is text"),
        (True, "INT64", "there is a checkbox"),
        (12.5, "INT64", "a whole number"),
        (1.2345678901234568e19, "INT64", "at most 15 digits"),
        ("$20.50", "NUMERIC", "a number is expected"),
        ("maybe", "BOOL", "a checkbox, Yes or No"),
        (1, "BOOL", "a checkbox, Yes or No"),
        ("2026-07-04", "DATE", "a date without a time is expected, there is text"),
        (46207.25, "DATE", "a date without a time"),
        (True, "DATE", "a date without a time"),
        (2026.0, "DATE", "a date from 1970 to 2199"),
        (999_999, "DATE", "a date from 1970 to 2199"),
        (0, "TIMESTAMP", "a date from 1970"),
        ("noon", "TIMESTAMP", "a date and time"),
        (5, "ARRAY<STRING>", "text is expected"),
    ],
)
def test_a_cell_of_another_kind_says_what_to_do_and_not_what_it_holds(cell: object, type_: str, expected: str) -> None:
    with pytest.raises(CellError, match=expected) as caught:
        value_of(cell, column(type_), CALIFORNIA)
    assert len(str(cell)) < 3 or str(cell) not in str(caught.value)


def test_times_are_exact_to_the_millisecond() -> None:
    for place in range(500):
        at = datetime(2026, 7, 4, tzinfo=UTC) + timedelta(milliseconds=place * 172_801)
        serial = (at - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400
        assert value_of(serial, column("TIMESTAMP"), UTC) == at


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        (datetime(2026, 11, 1, 1, 30, tzinfo=UTC), datetime(2026, 11, 1, 8, 30, tzinfo=UTC)),  # comes twice: the first
        (datetime(2026, 3, 8, 2, 30, tzinfo=UTC), datetime(2026, 3, 8, 10, 30, tzinfo=UTC)),  # is not there
        (datetime(2026, 3, 8, 3, 0, tzinfo=UTC), datetime(2026, 3, 8, 10, 0, tzinfo=UTC)),
    ],
)
def test_clocks_that_change_make_no_hole(local: datetime, instant: datetime) -> None:
    serial = (local - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400
    assert value_of(serial, column("TIMESTAMP"), CALIFORNIA) == instant


def test_zones_are_those_that_a_spreadsheet_may_name() -> None:
    assert zone_of("America/Los_Angeles") == CALIFORNIA
    assert zone_of("GMT-07:00") == timezone(timedelta(hours=-7))
    assert zone_of("GMT+05:30") == timezone(timedelta(hours=5, minutes=30))
    for name in ("Mars/Olympus", "../etc", ""):
        with pytest.raises(ValueError, match="there is no time zone"):
            zone_of(name)


def test_columns_have_letters() -> None:
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_what_no_cell_can_hold_is_known() -> None:
    assert [is_readable(column(x)) for x in ("DATE", "ARRAY<STRING>", "JSON", "ARRAY<INT64>")] == [
        True,
        True,
        False,
        False,
    ]
