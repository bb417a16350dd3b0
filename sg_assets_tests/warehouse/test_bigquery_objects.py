"""What a load makes of a table's objects, and the marks of the days of their events."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sg_assets.warehouse.bigquery_objects import mark_rows, moved, object_rows
from sg_assets.warehouse.contract import Load
from sg_assets_tests.warehouse.examples import NOW, PING, pinged

DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
EVE = NOON - timedelta(days=1)
ONE, TWO = pinged(DAY, 11, [NOON])[0], pinged(DAY, 12, [NOON, EVE])[0]
BEFORE = {ONE.name: (ONE, "1"), TWO.name: (TWO, "1")}


def load(*objects: object, full: bool = False) -> Load:
    return Load(NOW, 1, NOW, objects, full=full)  # pyrefly: ignore[bad-argument-type]


def test_an_object_takes_the_place_of_its_former_self_and_marks_the_days_of_both() -> None:
    again = pinged(DAY, 12, [NOON], generation="2")[0]
    found = moved(BEFORE, PING, load(again))
    assert [one.generation for one, _ in found.loaded.values()] == ["1", "2"]
    assert list(found.marks) == [EVE.date(), DAY]
    assert found.marks[EVE.date()] is None  # its only row is gone
    assert found.marks[DAY] != moved({}, PING, load(ONE, TWO)).marks[DAY]


def test_days_of_other_objects_keep_their_marks() -> None:
    later = pinged(DAY + timedelta(days=1), 0, [NOON + timedelta(days=1)])[0]
    assert list(moved(BEFORE, PING, load(later)).marks) == [DAY + timedelta(days=1)]


def test_everything_anew_forgets_what_is_gone() -> None:
    found = moved(BEFORE, PING, load(ONE, full=True))
    assert list(found.loaded) == [ONE.name]
    assert found.marks[EVE.date()] is None


def test_a_mark_says_nothing_of_the_order_and_something_of_the_code() -> None:
    one_way, other_way = (moved({}, PING, load(*objects)).marks for objects in ((ONE, TWO), (TWO, ONE)))
    assert one_way == other_way
    assert moved({}, replace(PING, code_version="2"), load(ONE, TWO)).marks[DAY] != one_way[DAY]


def test_they_are_noted_as_rows() -> None:
    (row,) = object_rows(PING, load(TWO), 7)
    assert (row["seq"], row["row_count"], row["event_days"]) == (7, 2, '{"2026-03-08": 1, "2026-03-09": 1}')
    expected = {"table_name": PING.name, "day": DAY, "seq": 7, "mark": None}
    assert mark_rows(PING.name, {DAY: None}, 7) == [expected]
