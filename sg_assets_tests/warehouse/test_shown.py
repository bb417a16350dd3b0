"""How columns of another system's table become ours, by what they are and by what we declare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.promise import DAILY
from sg_assets.table import Delivery, Origin, Part, Reach, Table
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.shown import query, refuse_rows


def table(*columns: Column, **part: object) -> Table:
    origin = Origin("SG_X_TABLE", (Part("a.b", fields={c.name: f"{c.name}_c" for c in columns}, **part),), Reach.COLUMN)  # pyrefly: ignore[bad-argument-type]
    return Table(
        "raw_x.y", "Y.", "team:x", columns, ("id",), DAILY, Path("x.py"), delivery=Delivery.WATCHED, origin=origin
    )


def text(shown: Table, **types: str) -> str:
    return query(shown, {"a.b": types}, lambda name: f"`{name}`")


@pytest.mark.parametrize(
    ("declared", "found", "value"),
    [
        ("STRING", "STRING", "t.`id_c`"),
        ("STRING", "INT64", "cast(t.`id_c` as string)"),
        ("JSON", "STRING", "safe.parse_json(t.`id_c`)"),
        ("TIMESTAMP", "STRING", "safe_cast(t.`id_c` as timestamp)"),
        ("DATE", "TIMESTAMP", "date(t.`id_c`)"),
        ("INT64", "FLOAT64", "cast(t.`id_c` as int64)"),
        ("NUMERIC", "FLOAT64", "cast(t.`id_c` as numeric)"),
    ],
)
def test_a_value_is_converted_by_what_it_is(declared: str, found: str, value: str) -> None:
    assert text(table(Column("id", declared, "Id.")), id_c=found) == f"select {value} as `id` from `a.b` as t"


def test_what_no_conversion_keeps_or_is_missing_is_refused_all_at_once() -> None:
    shown = table(Column("id", "INT64", "Id."), Column("more", "STRING", "More."))
    with pytest.raises(WarehouseError) as error:
        text(shown, id_c="JSON")
    assert str(error.value) == (
        "raw_x.y cannot be shown from SG_X_TABLE: a.b.id_c is JSON, and id INT64; a.b has no column more_c"
    )


def test_a_column_that_may_lack_or_is_not_theirs_is_null() -> None:
    shown = table(Column("id", "INT64", "Id."), Column("tags", "ARRAY<STRING>", "Tags."), may_lack=True)
    assert text(shown) == "select cast(null as INT64) as `id`, array<STRING>[] as `tags` from `a.b` as t"


def test_a_column_has_its_stand_in_where_it_is_not_there() -> None:
    shown = table(Column("id", "STRING", "Id."), lacking={"active": "true"}, tail="where t.active")
    there = text(shown, id_c="STRING", active="BOOL")
    assert there == "select t.`id_c` as `id` from `a.b` as t where t.active"
    absent = text(shown, id_c="STRING")
    assert absent == "select t.`id_c` as `id` from (select *, true as `active` from `a.b`) as t where t.active"


def test_parts_stand_under_one_another() -> None:
    shown = table(Column("id", "STRING", "Id."))
    assert shown.origin
    both = replace(shown, origin=replace(shown.origin, parts=shown.origin.parts * 2))
    assert text(both, id_c="STRING").count("union all") == 1


def test_rows_of_ours_are_not_covered_up() -> None:
    refuse_rows(table(Column("id", "STRING", "Id.")), 0)
    with pytest.raises(WarehouseError, match=r"alter table raw_x\.y rename to y_before"):
        refuse_rows(table(Column("id", "STRING", "Id.")), 1)
