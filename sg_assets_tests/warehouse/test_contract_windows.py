"""Landing rows that are complete for some ranges of a column, on every kind of warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.table import Mode, Window
from sg_assets.warehouse.contract import Rejected, ShrunkError, Warehouse, WarehouseError
from sg_assets_tests.warehouse.conftest import Reader
from sg_assets_tests.warehouse.examples import HOUR, NOW, Row, land, raw

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 9)
TUESDAY, WEDNESDAY = MONDAY + DAY, MONDAY + 2 * DAY
VISITS = raw(
    Mode.WINDOW,
    [
        Column("id", "STRING", "Id."),
        Column("day_on", "DATE", "Day."),
        Column("seen_at", "TIMESTAMP", "When."),
        Column("visits", "INT64", "Visits."),
    ],
)


def visit(id_: str, day: date | None, visits: int = 1, **more: object) -> Row:
    return {"id": id_, "day_on": day, "visits": visits, **more}


def days(low: date, high: date) -> Window:
    return Window("day_on", low, high)


def deleted(read: Reader) -> Mapping[object, object]:
    """By id, since when each row is no more."""
    return {row["id"]: row["_deleted_at"] for row in read(VISITS)}


def test_rows_missing_from_a_covered_range_are_marked_and_others_stay(
    warehouse: Warehouse, tmp_path: Path, read: Reader
) -> None:
    first = [visit("a", MONDAY), visit("b", MONDAY), visit("c", TUESDAY), visit("d", WEDNESDAY), visit("e", None)]
    land(warehouse, tmp_path, VISITS, first, covers=[days(MONDAY, WEDNESDAY + DAY)])
    again = [visit("a", MONDAY), visit("f", TUESDAY), visit("g", TUESDAY)]
    outcome = land(warehouse, tmp_path, VISITS, again, now=NOW + HOUR, covers=[days(MONDAY, WEDNESDAY)])
    assert deleted(read) == dict.fromkeys("abcdefg") | {"b": NOW + HOUR, "c": NOW + HOUR}
    assert (outcome.changed_rows, outcome.state.rows) == (4, 7)


def test_without_a_range_it_is_a_merge(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, VISITS, [visit("a", MONDAY), visit("b", MONDAY), visit("c", MONDAY)])
    outcome = land(warehouse, tmp_path, VISITS, [visit("a", MONDAY, 2)])
    assert outcome.changed_rows == 1
    assert set(deleted(read).values()) == {None}


def test_a_row_that_comes_back_lives_and_the_same_rows_change_nothing(
    warehouse: Warehouse, tmp_path: Path, read: Reader
) -> None:
    covers = [days(MONDAY, TUESDAY)]
    both, one = [visit("a", MONDAY), visit("b", MONDAY)], [visit("a", MONDAY)]
    land(warehouse, tmp_path, VISITS, both, covers=covers)
    gone = land(warehouse, tmp_path, VISITS, one, now=NOW + HOUR, covers=covers)
    still = land(warehouse, tmp_path, VISITS, one, now=NOW + 2 * HOUR, covers=covers)
    assert (still.changed_rows, still.state.content_version) == (0, gone.state.content_version)
    assert deleted(read) == {"a": None, "b": NOW + HOUR}
    assert land(warehouse, tmp_path, VISITS, both, covers=covers).changed_rows == 1
    assert deleted(read) == {"a": None, "b": None}


def test_a_row_that_moved_out_of_the_range_is_where_it_went(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    covers = [days(MONDAY, TUESDAY)]
    land(warehouse, tmp_path, VISITS, [visit("a", MONDAY), visit("b", MONDAY)], covers=covers)
    land(warehouse, tmp_path, VISITS, [visit("a", MONDAY), visit("b", WEDNESDAY)], covers=covers)
    assert read(VISITS, "id", "day_on", "_deleted_at") == [
        {"id": "a", "day_on": MONDAY, "_deleted_at": None},
        {"id": "b", "day_on": WEDNESDAY, "_deleted_at": None},
    ]


def test_a_range_of_instants_ends_before_its_high_end(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    ten = datetime(2026, 3, 9, 10, tzinfo=UTC)
    times = {"a": ten - timedelta(microseconds=1), "b": ten, "c": ten + HOUR / 2, "d": ten + HOUR}
    land(warehouse, tmp_path, VISITS, [visit(id_, MONDAY, seen_at=at) for id_, at in times.items()])
    kept = [visit("c", MONDAY, seen_at=times["c"])]
    land(warehouse, tmp_path, VISITS, kept, covers=[Window("seen_at", ten, ten + HOUR)])
    assert deleted(read) == {"a": None, "b": NOW, "c": None, "d": None}


def test_several_ranges_each_cover_their_own(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, VISITS, [visit(f"{d}{n}", MONDAY + d * DAY) for d in range(3) for n in range(2)])
    again = [visit("00", MONDAY), visit("20", WEDNESDAY)]
    outcome = land(warehouse, tmp_path, VISITS, again, covers=[days(MONDAY, TUESDAY), days(WEDNESDAY, WEDNESDAY + DAY)])
    assert outcome.changed_rows == 2
    assert [id_ for id_, at in deleted(read).items() if at] == ["01", "21"]


@pytest.mark.parametrize("left", [0, 1])
def test_under_half_of_the_live_rows_of_the_ranges_together_is_refused(
    warehouse: Warehouse, tmp_path: Path, read: Reader, left: int
) -> None:
    rows = [visit(str(n), MONDAY) for n in range(3)] + [visit(f"old{n}", MONDAY - DAY) for n in range(9)]
    before = land(warehouse, tmp_path, VISITS, rows).state
    covers = [days(MONDAY, TUESDAY)]
    beside = [visit("new", WEDNESDAY), visit("newer", WEDNESDAY)]  # not in the range: they do not make up for it
    with pytest.raises(ShrunkError, match=rf"{left} rows came where 3 are live.*--accept-shrink"):
        land(warehouse, tmp_path, VISITS, [*rows[:left], *beside], covers=covers)
    assert warehouse.states()[VISITS.name] == before
    land(warehouse, tmp_path, VISITS, rows[:left], covers=covers, accept_shrink=True)
    assert len([at for at in deleted(read).values() if at]) == 3 - left


def test_one_range_may_be_emptied_where_the_others_are_full(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    full, quiet = [visit(str(n), MONDAY) for n in range(4)], [visit("x", TUESDAY)]
    land(warehouse, tmp_path, VISITS, full + quiet)
    land(warehouse, tmp_path, VISITS, full, covers=[days(MONDAY, TUESDAY), days(TUESDAY, WEDNESDAY)])
    assert [id_ for id_, at in deleted(read).items() if at] == ["x"]


def test_parts_may_cover_ranges_of_their_own(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, VISITS, [visit(f"{d}{n}", MONDAY + d * DAY) for d in range(2) for n in range(2)])
    part = land(
        warehouse,
        tmp_path,
        VISITS,
        [visit("00", MONDAY)],
        is_part=True,
        covers=[days(MONDAY, TUESDAY)],
        cursor={"d": 1},
    )
    assert part.changed_rows == 1
    land(warehouse, tmp_path, VISITS, [visit("10", TUESDAY)], covers=[days(TUESDAY, WEDNESDAY)])
    assert [id_ for id_, at in deleted(read).items() if at] == ["01", "11"]


def test_everything_anew_takes_the_rows_as_they_are(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, VISITS, [visit("a", MONDAY), visit("b", TUESDAY)])
    land(warehouse, tmp_path, VISITS, [visit("c", MONDAY)], full=True, covers=[days(MONDAY, TUESDAY)])
    assert deleted(read) == {"c": None}


def test_what_did_not_fit_before_is_still_told(warehouse: Warehouse, tmp_path: Path) -> None:
    for number in range(2):
        land(warehouse, tmp_path, VISITS, [], rejected=[Rejected("bad", None, f"{number:064}")])
    assert warehouse.preview(f"{VISITS.name}__rejected", 5).num_rows == 2


def test_a_range_of_another_kind_of_table_or_of_no_column_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    for table, window in [
        (raw(Mode.MERGE), Window("id", MONDAY, TUESDAY)),
        (raw(Mode.SNAPSHOT), Window("seen_at", NOW, NOW + HOUR)),
        (VISITS, Window("week_on", MONDAY, TUESDAY)),
    ]:
        with pytest.raises(WarehouseError, match=rf"no page covers a range of {window.column}"):
            land(warehouse, tmp_path, table, [], covers=[window])
    assert warehouse.states() == {}
