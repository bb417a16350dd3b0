"""What is the same for every verb and every kind of warehouse: empty tables, states, previews, who comes after whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.table import Mode
from sg_assets.warehouse.contract import EvolutionError, ShrunkError, Warehouse, WarehouseError
from sg_assets.warehouse.state import Change
from sg_assets_tests.warehouse.conftest import Opener, Reader
from sg_assets_tests.warehouse.examples import HOUR, NOW, PING, build, derived, land, load, pinged, raw, row

ID = Column("id", "STRING", "Id.")
SMALL = raw(columns=[ID, Column("seats", "INT64", "Seats.")])


def test_a_new_warehouse_knows_no_table(warehouse: Warehouse) -> None:
    assert warehouse.states() == {}
    assert warehouse.loaded_objects("raw_pings.ping") == {}
    with pytest.raises(WarehouseError, match=r"no table raw_crm\.account"):
        warehouse.preview("raw_crm.account", 1)


def test_raw_tables_exist_empty_before_anything_landed(warehouse: Warehouse) -> None:
    warehouse.ensure([SMALL, PING], NOW)
    assert warehouse.preview(SMALL.name, 5).column_names == ["id", "seats", "_extra"]
    assert warehouse.preview(f"{PING.name}__rejected", 5).num_rows == 0
    state = warehouse.states()[SMALL.name]
    assert (state.change, state.seq, state.rows, state.has_landed) == (Change.CREATE, 1, 0, False)
    before = warehouse.states()
    warehouse.ensure([SMALL, PING], NOW + HOUR)
    assert warehouse.states() == before


def test_a_derived_table_that_another_can_do_without_exists_and_has_no_state(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    land(warehouse, tmp_path, raw(name="raw_crm.account"), [row("a")])
    table = derived([ID], ["id"], name="crm.account")
    warehouse.ensure([table], NOW)
    assert warehouse.preview(table.name, 5).num_rows == 0
    assert table.name not in warehouse.states()
    build(warehouse, table, "select id from raw_crm.account")
    warehouse.ensure([table], NOW + HOUR)
    assert warehouse.preview(table.name, 5).num_rows == 1


def test_the_first_landing_without_rows_keeps_the_version_of_the_empty_table(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.ensure([SMALL], NOW)
    created = warehouse.states()[SMALL.name]
    landed = land(warehouse, tmp_path, SMALL, []).state
    assert landed.content_version == created.content_version
    assert (landed.seq, landed.has_landed) == (2, True)


def test_what_one_process_left_the_next_one_finds(open_warehouse: Opener, tmp_path: Path) -> None:
    first = open_warehouse()
    land(first, tmp_path, raw(), [row("a")], cursor={"since": "t", "pages": [1, 2]})
    load(first, tmp_path, [pinged(NOW.date(), 3, [NOW])])
    states = first.states()
    first.close()
    second = open_warehouse()
    assert second.id == first.id
    assert second.states() == states
    assert second.preview("raw_crm.account", 5).num_rows == 1


def test_a_preview_is_as_long_as_wanted(warehouse: Warehouse, tmp_path: Path) -> None:
    land(warehouse, tmp_path, raw(), [row(str(n)) for n in range(9)])
    assert warehouse.preview("raw_crm.account", 4).num_rows == 4


def test_all_rows_of_a_table_are_read_with_the_columns_that_are_wanted(warehouse: Warehouse, tmp_path: Path) -> None:
    land(warehouse, tmp_path, SMALL, [{"id": str(n), "seats": n} for n in range(3)])
    rows = warehouse.read(SMALL.name, ("seats", "id")).to_pylist()
    assert sorted(rows, key=str) == [{"seats": n, "id": str(n)} for n in range(3)]
    assert warehouse.read(SMALL.name, ()).column_names == ["id", "seats", "_extra"]
    with pytest.raises(WarehouseError, match=r"raw_crm\.account has no column colour"):
        warehouse.read(SMALL.name, ("id", "colour"))
    with pytest.raises(WarehouseError, match=r"no table raw_crm\.nothing"):
        warehouse.read("raw_crm.nothing", ())


def test_a_question_in_bigquerys_dialect_is_answered_of_the_tables_as_they_are(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    land(warehouse, tmp_path, SMALL, [{"id": str(n), "seats": n} for n in range(3)])
    sql = "select id, safe_divide(seats, 2) as half from raw_crm.account where seats > 0 order by id"
    assert warehouse.ask(sql, 5).to_pylist() == [{"id": "1", "half": 0.5}, {"id": "2", "half": 1.0}]
    assert warehouse.ask(sql, 1).num_rows == 1
    with pytest.raises(WarehouseError, match="colour"):
        warehouse.ask("select colour from raw_crm.account", 1)


def test_names_that_are_words_of_sql_or_hold_quotes_are_just_names(
    warehouse: Warehouse, tmp_path: Path, read: Reader
) -> None:
    odd = raw(columns=[ID, Column("select", "STRING", 'It\'s "odd"; drop table x.'), Column("Version", "INT64", "V.")])
    table = replace(odd, name="raw_crm.order", description="Isn't it; --")
    for value in ("'; drop table raw_crm.order; --", 'he said "no"'):
        land(warehouse, tmp_path, table, [{"id": "a", "select": value, "Version": 1}])
        assert read(table) == [{"id": "a", "select": value, "Version": 1, "_extra": None}]


def test_an_added_column_is_null_before(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    before = land(warehouse, tmp_path, SMALL, [{"id": "a", "seats": 1}]).state
    grown = raw(columns=[ID, Column("plan", "STRING", "Plan."), Column("seats", "INT64", "Seats.")])
    warehouse.ensure([grown], NOW)
    assert read(grown) == [{"id": "a", "plan": None, "seats": 1, "_extra": None}]
    assert warehouse.states()[SMALL.name] == before
    outcome = land(warehouse, tmp_path, grown, [{"id": "a", "plan": "p", "seats": 1}])
    assert outcome.changed_rows == 1


def test_a_landing_brings_its_table_up_to_its_declaration_by_itself(warehouse: Warehouse, tmp_path: Path) -> None:
    land(warehouse, tmp_path, SMALL, [{"id": "a", "seats": 1}])
    grown = raw(columns=[ID, Column("seats", "FLOAT64", "Seats."), Column("plan", "STRING", "Plan.")])
    outcome = land(warehouse, tmp_path, grown, [{"id": "b", "seats": 0.5}])
    assert outcome.notes == ("column plan added", "column seats was INT64, is now FLOAT64")
    assert outcome.state.rows == 2


@pytest.mark.parametrize(
    ("types", "values"),
    [
        (("INT64", "FLOAT64"), (3, 3.0)),
        (("INT64", "STRING"), (3, "3")),
        (("BOOL", "STRING"), (True, "true")),
        (("DATE", "TIMESTAMP"), (date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC))),
        (("JSON", "STRING"), ('{"a":1}', '{"a":1}')),
    ],
)
def test_a_widened_type_keeps_its_values(
    warehouse: Warehouse, tmp_path: Path, read: Reader, types: tuple[str, str], values: tuple[object, object]
) -> None:
    narrow, wide = (raw(columns=[ID, Column("x", type_, "X.")]) for type_ in types)
    land(warehouse, tmp_path, narrow, [{"id": "a", "x": values[0]}])
    warehouse.ensure([wide], NOW)
    assert read(wide, "x") == [{"x": values[1]}]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([ID], "seats vanished"),
        ([ID, Column("seats", "BOOL", "Seats.")], "seats was INT64, is now BOOL"),
        ([ID, Column("seats", "ARRAY<INT64>", "Seats.")], r"seats was INT64, is now ARRAY<INT64>"),
    ],
)
def test_any_other_change_stops_and_names_the_command(
    warehouse: Warehouse, tmp_path: Path, read: Reader, columns: list[Column], reason: str
) -> None:
    land(warehouse, tmp_path, SMALL, [{"id": "a", "seats": 1}])
    changed, other = raw(columns=columns), raw(name="raw_crm.other")
    with pytest.raises(EvolutionError, match=rf"{reason}.*sg-assets refresh raw_crm\.account --full"):
        warehouse.ensure([changed, other], NOW)
    with pytest.raises(EvolutionError, match=reason):
        land(warehouse, tmp_path, changed, [{"id": "b"}])
    assert read(SMALL, "id", "seats") == [{"id": "a", "seats": 1}]
    assert list(warehouse.states()) == [SMALL.name]  # not even the other table was made


def test_everything_anew_takes_any_shape(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, SMALL, [{"id": "a", "seats": 1}, {"id": "b", "seats": 2}])
    changed = raw(columns=[ID, Column("seats", "STRING", "Seats."), Column("plan", "STRING", "Plan.")][::-1])
    outcome = land(warehouse, tmp_path, changed, [{"id": "c", "seats": "many"}, {"id": "c"}], full=True)
    assert read(changed) == [{"plan": None, "seats": None, "id": "c", "_extra": None}]
    assert (outcome.state.seq, outcome.state.content_version, outcome.state.rows) == (2, "2", 1)


def test_everything_anew_with_the_same_rows_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    table = raw(Mode.SNAPSHOT)
    before = land(warehouse, tmp_path, table, [row("a"), row("b")]).state
    same = land(warehouse, tmp_path, table, [row("b"), row("a")], full=True)
    assert (same.changed_rows, same.state.content_version) == (0, before.content_version)
    fewer = land(warehouse, tmp_path, table, [row("a")], full=True)
    assert (fewer.changed_rows, fewer.state.rows) == (1, 1)


def test_everything_anew_may_not_be_under_half_either_nor_come_in_parts(warehouse: Warehouse, tmp_path: Path) -> None:
    land(warehouse, tmp_path, raw(), [row("a"), row("b"), row("c")])
    with pytest.raises(ShrunkError):
        land(warehouse, tmp_path, raw(), [row("a")], full=True)
    with pytest.raises(WarehouseError, match="part of a complete listing"):
        land(warehouse, tmp_path, raw(), [row("a")], full=True, is_part=True)
    assert land(warehouse, tmp_path, raw(), [row("a")], full=True, accept_shrink=True).state.rows == 1


def test_a_derived_table_may_change_its_shape_altogether(warehouse: Warehouse, read: Reader) -> None:
    build(warehouse, derived([ID], ["id"], name="crm.account"), "select 'a' as id")
    other = derived([Column("n", "INT64", "N."), ID], ["id"])
    build(warehouse, other, "select 'a' as id, 1 as n")
    assert [list(r) for r in read(other)] == [["n", "id"]]


def test_days_that_were_not_built_again_have_null_in_a_new_column(warehouse: Warehouse, read: Reader) -> None:
    day, pings = Column("day", "DATE", "Day."), Column("pings", "INT64", "Pings.")
    two: dict[date, dict[str, str]] = {NOW.date(): {}, (NOW - 24 * HOUR).date(): {}}
    both = " union all ".join(f"select date '{d}' as day, 1 as pings" for d in two)
    old = derived([day, pings], ["day"], partition="day")
    build(warehouse, old, both, partitions=two)
    new = derived([day, Column("users", "INT64", "Users.")], ["day"], partition="day")
    outcome = build(warehouse, new, f"select date '{NOW.date()}' as day, 5 as users", partitions={NOW.date(): {}})
    assert outcome.notes == ("column users added", "column pings dropped")
    assert [r["users"] for r in read(new)] == [None, 5]


def test_a_table_that_becomes_partitioned_and_back_keeps_no_rows_of_its_former_shape(
    warehouse: Warehouse, read: Reader
) -> None:
    columns = [Column("day", "DATE", "Day."), Column("n", "INT64", "N.")]
    plain, daily = derived(columns, ["day"]), derived(columns, ["day"], partition="day")
    today, eve = NOW.date(), (NOW - 24 * HOUR).date()
    build(warehouse, plain, f"select date '{eve}' as day, 1 as n")
    state = build(warehouse, daily, f"select date '{today}' as day, 2 as n", partitions={today: {}}).state
    assert [r["n"] for r in read(daily)] == [2]
    assert (state.rows, list(state.partitions)) == (1, [today])
    assert build(warehouse, plain, f"select date '{eve}' as day, 1 as n").state.partitions == {}
