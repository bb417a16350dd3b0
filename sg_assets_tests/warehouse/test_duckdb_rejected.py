from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sg_assets.table import Mode, Table
from sg_assets.warehouse.contract import Rejected, Warehouse
from sg_assets_tests.warehouse.examples import PING, land, load, pinged, raw, row

DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
ONE = Rejected("seats: 'many' is not INT64", '{"id": "a"}', "aa")
TWO = Rejected("id: missing", '{"name": "b"}', "bb")


def kept(warehouse: Warehouse, table: Table) -> list[Rejected]:
    rows = warehouse.preview(f"{table.name}__rejected", 1000).to_pylist()
    return sorted((Rejected(**row) for row in rows), key=lambda r: (r.sha256, r.object_name or "", r.byte_from or 0))


def in_object(name: str, sha256: str, byte_from: int = 0) -> Rejected:
    return Rejected("does not parse", None, sha256, name, "1", byte_from, 10)


@pytest.mark.parametrize(
    ("mode", "expected"), [(Mode.MERGE, [ONE, TWO]), (Mode.SNAPSHOT, [TWO]), (Mode.REPLACE, [TWO])]
)
def test_a_merge_adds_and_a_complete_listing_replaces(
    warehouse: Warehouse, tmp_path: Path, mode: Mode, expected: Sequence[Rejected]
) -> None:
    table = raw(mode)
    first = land(warehouse, tmp_path, table, [row("a")], rejected=[ONE])
    assert first.notes == ("1 rows rejected",)
    land(warehouse, tmp_path, table, [row("a")], rejected=[TWO])
    assert kept(warehouse, table) == expected
    land(warehouse, tmp_path, table, [row("a")])
    assert kept(warehouse, table) == ([ONE, TWO] if mode is Mode.MERGE else [])


def test_the_same_row_rejected_again_is_kept_once(warehouse: Warehouse, tmp_path: Path) -> None:
    table = raw()
    land(warehouse, tmp_path, table, [], rejected=[ONE, ONE])
    land(warehouse, tmp_path, table, [], rejected=[TWO, replace(ONE, reason="worse")])
    assert kept(warehouse, table) == [ONE, TWO]


def test_rejected_rows_change_no_content_version(warehouse: Warehouse, tmp_path: Path) -> None:
    before = land(warehouse, tmp_path, raw(), [row("a")]).state
    assert land(warehouse, tmp_path, raw(), [], rejected=[ONE]).state.content_version == before.content_version


def test_everything_anew_replaces_them_in_every_mode(warehouse: Warehouse, tmp_path: Path) -> None:
    land(warehouse, tmp_path, raw(), [row("a")], rejected=[ONE])
    land(warehouse, tmp_path, raw(), [row("a")], rejected=[TWO], full=True)
    assert kept(warehouse, raw()) == [TWO]


def test_those_of_an_object_go_with_it(warehouse: Warehouse, tmp_path: Path) -> None:
    one, two = pinged(DAY, 1, [NOON]), pinged(DAY, 2, [NOON])
    bad = [in_object(one[0].name, "aa"), in_object(one[0].name, "aa", 50), in_object(two[0].name, "bb")]
    load(warehouse, tmp_path, [one, two], rejected=bad)
    assert kept(warehouse, PING) == bad
    load(warehouse, tmp_path, [one], rejected=[in_object(one[0].name, "cc")])
    assert kept(warehouse, PING) == [bad[2], in_object(one[0].name, "cc")]
    load(warehouse, tmp_path, [two], rejected=[])
    assert kept(warehouse, PING) == [in_object(one[0].name, "cc")]


def test_an_original_of_any_text_is_kept_as_it_was(warehouse: Warehouse, tmp_path: Path) -> None:
    odd = Rejected('it\'s; "odd"', '{"a": "\\u0000 \' é 🙂"}', "dd")
    land(warehouse, tmp_path, raw(), [], rejected=[odd])
    assert kept(warehouse, raw()) == [odd]
