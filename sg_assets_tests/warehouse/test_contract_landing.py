"""Landing pulled rows, on every kind of warehouse."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sg_assets import checks
from sg_assets.columns import Column
from sg_assets.table import Mode, Table
from sg_assets.warehouse.contract import Landing, Rejected, ShrunkError, UnsoundError, Warehouse, WarehouseError
from sg_assets.warehouse.state import Change
from sg_assets_tests.warehouse.conftest import Reader
from sg_assets_tests.warehouse.examples import HOUR, NOW, Row, land, parquet, raw, row

ACCOUNT = raw()
LISTED = raw(Mode.SNAPSHOT)
REPLACED = raw(Mode.REPLACE)


def test_a_merge_adds_changes_and_leaves_rows(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, ACCOUNT, [row("a", "Ada"), row("b", "Bob"), row("c", "Cid")])
    outcome = land(warehouse, tmp_path, ACCOUNT, [row("b", "Bea"), row("c", "Cid"), row("d", "Dan")])
    assert outcome.changed_rows == 2
    assert outcome.state.rows == 4
    assert [r["name"] for r in read(ACCOUNT)] == ["Ada", "Bea", "Cid", "Dan"]


def test_every_type_arrives_as_it_was_delivered(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    delivered = {
        "id": "a",
        "name": None,
        "seats": 9_007_199_254_740_993,
        "arr_usd": Decimal("12345678901234567890.123456789"),
        "tags": ["x", "y"],
        "seen_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "profile": '{"a":"é","b":[1,2.5]}',
        "_extra": None,
    }
    land(warehouse, tmp_path, ACCOUNT, [delivered])
    assert read(ACCOUNT) == [delivered]


@pytest.mark.parametrize("mode", list(Mode))
def test_of_a_row_that_was_delivered_twice_the_later_one_counts(
    warehouse: Warehouse, tmp_path: Path, read: Reader, mode: Mode
) -> None:
    table = raw(mode)
    outcome = land(warehouse, tmp_path, table, [row("a", "old"), row("b"), row("a", "new"), row("b")])
    assert [r["name"] for r in read(table)] == ["new", "Ada"]
    assert outcome.changed_rows == 2


@pytest.mark.parametrize("mode", list(Mode))
def test_the_same_rows_again_change_nothing_but_the_state(
    warehouse: Warehouse, tmp_path: Path, read: Reader, mode: Mode
) -> None:
    table = raw(mode)
    rows = [row("a", None, tags=["x", "y"], profile='{"k":null}'), row("b", seats=None, tags=[])]
    first = land(warehouse, tmp_path, table, rows).state
    before = read(table)
    outcome = land(warehouse, tmp_path, table, reversed(rows), now=NOW + HOUR)
    assert outcome.changed_rows == 0
    assert not outcome.is_skipped
    assert outcome.state.content_version == first.content_version
    assert (outcome.state.seq, outcome.state.data_through) == (first.seq + 1, NOW + HOUR)
    assert read(table) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"name": None}, {"name": "x"}),
        ({"name": "x"}, {"name": None}),
        ({"tags": ["x"]}, {"tags": ["x", "y"]}),
        ({"profile": '{"a":1}'}, {"profile": '{"a":2}'}),
        ({"profile": None}, {"profile": "null"}),
        ({"_extra": None}, {"_extra": '{"new_field":1}'}),
    ],
)
def test_a_difference_that_involves_nulls_lists_or_json_is_one(
    warehouse: Warehouse, tmp_path: Path, read: Reader, old: Row, new: Row
) -> None:
    land(warehouse, tmp_path, ACCOUNT, [{"id": "a", **old}])
    assert land(warehouse, tmp_path, ACCOUNT, [{"id": "a", **new}]).changed_rows == 1
    (name,) = new
    assert read(ACCOUNT)[0][name] == new[name]


def test_a_list_that_is_null_is_stored_empty_as_bigquery_does(
    warehouse: Warehouse, tmp_path: Path, read: Reader
) -> None:
    land(warehouse, tmp_path, ACCOUNT, [{"id": "a", "tags": None}])
    assert land(warehouse, tmp_path, ACCOUNT, [{"id": "a", "tags": []}]).changed_rows == 0
    assert read(ACCOUNT)[0]["tags"] == []


def test_the_content_version_is_the_number_of_the_last_landing_that_changed_rows(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    deliveries = [[row("a")], [row("a")], [], [row("a", "x")], [row("b")], [row("b")]]
    versions = [land(warehouse, tmp_path, ACCOUNT, rows).state.content_version for rows in deliveries]
    assert versions == ["1", "1", "1", "4", "5", "5"]


def test_an_empty_answer_is_up_to_date(warehouse: Warehouse, tmp_path: Path) -> None:
    state = land(warehouse, tmp_path, ACCOUNT, None).state
    assert state.has_landed
    assert (state.rows, state.content_version, state.data_through) == (0, "0", NOW)


def test_rows_missing_from_a_listing_are_marked_and_stay(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, LISTED, [row("a"), row("b"), row("c")])
    gone = land(warehouse, tmp_path, LISTED, [row("a"), row("c")], now=NOW + HOUR)
    assert [r["_deleted_at"] for r in read(LISTED)] == [None, NOW + HOUR, None]
    assert (gone.changed_rows, gone.state.rows) == (1, 3)
    still = land(warehouse, tmp_path, LISTED, [row("a"), row("c")], now=NOW + 2 * HOUR)
    assert still.changed_rows == 0
    assert [r["_deleted_at"] for r in read(LISTED)] == [None, NOW + HOUR, None]
    back = land(warehouse, tmp_path, LISTED, [row("a"), row("b"), row("c")], now=NOW + 3 * HOUR)
    assert back.changed_rows == 1
    assert [r["_deleted_at"] for r in read(LISTED)] == [None, None, None]


@pytest.mark.parametrize("table", [LISTED, REPLACED], ids=["snapshot", "replace"])
@pytest.mark.parametrize("left", [0, 1])
def test_a_listing_of_under_half_of_the_live_rows_is_refused(
    warehouse: Warehouse, tmp_path: Path, table: Table, left: int
) -> None:
    before = land(warehouse, tmp_path, table, [row("a"), row("b"), row("c")]).state
    with pytest.raises(ShrunkError, match=rf"{left} rows came where 3 are live.*--accept-shrink"):
        land(warehouse, tmp_path, table, [row("a")][:left])
    assert warehouse.states()["raw_crm.account"] == before
    outcome = land(warehouse, tmp_path, table, [row("a")][:left], accept_shrink=True)
    assert outcome.changed_rows == 3 - left


def test_half_of_the_live_rows_is_enough_and_deleted_ones_do_not_count(warehouse: Warehouse, tmp_path: Path) -> None:
    land(warehouse, tmp_path, LISTED, [row(c) for c in "abcd"])
    land(warehouse, tmp_path, LISTED, [row("a"), row("b")])
    land(warehouse, tmp_path, LISTED, [row("a")])
    land(warehouse, tmp_path, LISTED, [], accept_shrink=True)
    assert land(warehouse, tmp_path, LISTED, []).changed_rows == 0  # nothing lives, anything goes


def test_a_replaced_table_is_what_was_delivered(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, REPLACED, [row("a"), row("b"), row("c")])
    outcome = land(warehouse, tmp_path, REPLACED, [row("b", "new"), row("c"), row("d")])
    assert outcome.changed_rows == 3
    assert read(REPLACED, "id", "name") == [
        {"id": "b", "name": "new"},
        {"id": "c", "name": "Ada"},
        {"id": "d", "name": "Ada"},
    ]


def test_a_part_lands_rows_and_cursor_and_never_moves_data_through(warehouse: Warehouse, tmp_path: Path) -> None:
    first = land(warehouse, tmp_path, ACCOUNT, [row("a")], is_part=True, cursor={"page": "2"}).state
    assert (first.change, first.has_landed, first.cursor) == (Change.PART, False, {"page": "2"})
    whole = land(warehouse, tmp_path, ACCOUNT, [row("b")], cursor={"since": "t1"}).state
    assert (whole.change, whole.data_through, whole.rows) == (Change.LAND, NOW, 2)
    part = land(warehouse, tmp_path, ACCOUNT, [row("c")], is_part=True, now=NOW + HOUR, cursor={"page": "9"}).state
    assert (part.data_through, part.built_at, part.content_version) == (NOW, NOW + HOUR, "3")


@pytest.mark.parametrize("table", [LISTED, REPLACED], ids=["snapshot", "replace"])
def test_a_part_of_a_complete_listing_is_refused(warehouse: Warehouse, tmp_path: Path, table: Table) -> None:
    with pytest.raises(WarehouseError, match="part of a complete listing"):
        land(warehouse, tmp_path, table, [row("a")], is_part=True)


def test_a_landing_whose_table_moved_meanwhile_writes_nothing(
    warehouse: Warehouse, tmp_path: Path, read: Reader
) -> None:
    newer = land(warehouse, tmp_path, ACCOUNT, [row("a", "new")]).state
    outcome = land(warehouse, tmp_path, ACCOUNT, [row("a", "old")], expected_seq=0)
    assert (outcome.is_skipped, outcome.reason) == (True, "landed meanwhile")
    assert outcome.state == newer == warehouse.states()[ACCOUNT.name]
    assert read(ACCOUNT)[0]["name"] == "new"


def test_that_the_empty_table_was_made_meanwhile_does_not_matter(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.ensure([ACCOUNT], NOW)
    assert not land(warehouse, tmp_path, ACCOUNT, [row("a")], expected_seq=0).is_skipped


def test_rows_read_on_from_another_warehouse_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="replaced meanwhile"):
        land(warehouse, tmp_path, ACCOUNT, [row("a")], expected_seq=7)


def test_unsound_rows_are_not_published(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    before = land(warehouse, tmp_path, ACCOUNT, [row("a")]).state
    with pytest.raises(UnsoundError, match="no key") as caught:
        land(warehouse, tmp_path, ACCOUNT, [row("b"), row(None)])
    assert caught.value.soundness.counts["null_keys"] == 1
    assert warehouse.states()[ACCOUNT.name] == before
    assert [r["id"] for r in read(ACCOUNT)] == ["a"]


def test_columns_that_nobody_declared_and_values_that_do_not_fit_are_refused(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    more = raw(columns=[Column("id", "STRING", "Id."), Column("age", "INT64", "Age.")])
    less = raw(columns=[Column("id", "STRING", "Id.")])
    with pytest.raises(WarehouseError, match=r"does not declare: age"):
        warehouse.land(less, [parquet(tmp_path, more, [{"id": "a", "age": 1}])], Landing(NOW, 0, NOW), checks.judge)
    with pytest.raises(WarehouseError, match=r"values that do not fit"):
        land(warehouse, tmp_path, ACCOUNT, [row("a", profile="{not json")])


def test_a_row_that_came_and_did_not_fit_is_not_missing(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    def alive() -> str:
        return "".join(str(one["id"]) for one in read(LISTED, "id", "_deleted_at") if one["_deleted_at"] is None)

    land(warehouse, tmp_path, LISTED, [row("a"), row("b"), row("c")])
    spoiled = Rejected("name: too long", '{"id": "b", "name": 7}', "0" * 64)
    land(warehouse, tmp_path, LISTED, [row("a"), row("e")], now=NOW + HOUR, rejected=[spoiled])
    assert alive() == "abe"
    nameless = Rejected("no JSON", None, "1" * 64)
    land(warehouse, tmp_path, LISTED, [row("a"), row("b")], now=NOW + 2 * HOUR, rejected=[nameless])
    assert alive() == "abe"
    land(warehouse, tmp_path, LISTED, [row("a"), row("b")], now=NOW + 3 * HOUR)
    assert alive() == "ab"
