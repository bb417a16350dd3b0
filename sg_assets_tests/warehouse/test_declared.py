"""A table held against its declaration."""

from dataclasses import replace

import pytest

from sg_assets.columns import Column
from sg_assets.warehouse import declared
from sg_assets.warehouse.contract import EvolutionError, WarehouseError
from sg_assets_tests.warehouse.examples import derived

ID, N = Column("id", "STRING", "Id."), Column("n", "NUMERIC", "N.")
TABLE = derived([ID, N], ["id"])


@pytest.mark.parametrize(
    ("now", "was", "holds"),
    [("NUMERIC", "INT64", True), ("INT64", "NUMERIC", False), ("STRING", "JSON", True), (None, "INT64", False)],
)
def test_a_wider_type_holds_the_values_of_a_narrower_one(now: str | None, was: str, *, holds: bool) -> None:
    assert declared.can_hold(now, was) is holds


def test_what_would_be_lost_is_named_with_the_cure() -> None:
    declared.refuse_loss(TABLE, {"id": "STRING", "n": "INT64"})
    lost = {"id": "BYTES", "gone": "INT64"}
    with pytest.raises(EvolutionError, match=r"id was BYTES, is now STRING; gone vanished.*refresh crm\.account"):
        declared.refuse_loss(TABLE, lost)
    with pytest.raises(EvolutionError, match="its old days are written once"):
        declared.refuse_loss(replace(TABLE, is_day_snapshot=True), lost)


def test_what_changed_is_told() -> None:
    expected = ("column n added", "column id was INT64, is now STRING", "column old dropped")
    assert declared.growth(TABLE, {"id": "INT64", "old": "DATE"}) == expected


def test_sql_that_gives_something_else_is_refused() -> None:
    selected = {"id": "INT64", "x": "DATE"}
    with pytest.raises(WarehouseError) as caught:
        declared.refuse_other_columns(TABLE, selected, lambda _column: False)
    for words in ("x is not declared", "n is declared as NUMERIC and not selected", "id is declared as STRING, selec"):
        assert words in str(caught.value)


def test_a_table_of_another_system_must_be_as_declared() -> None:
    declared.refuse_other_table(TABLE, {"id": "STRING", "n": "NUMERIC", "more": "DATE"})
    with pytest.raises(WarehouseError, match="id is INT64, declared as STRING; n is not there"):
        declared.refuse_other_table(TABLE, {"id": "INT64"})
