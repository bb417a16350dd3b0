"""Building derived tables, on every kind of warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.contract import UnsoundError, Warehouse, WarehouseError
from sg_assets.warehouse.state import Change
from sg_assets_tests.warehouse.conftest import Reader
from sg_assets_tests.warehouse.examples import HOUR, NOW, build, derived, land, raw, row

ID, SEATS = Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")
ACCOUNT = derived([ID, SEATS], ["id"])
DAY, COUNT = Column("day", "DATE", "Day."), Column("pings", "INT64", "Pings.")
DAILY = derived([DAY, COUNT], ["day"], partition="day", name="pings.day")
FIRST = date(2026, 3, 1)


def values(**seats: int | None) -> str:
    """SQL that gives these accounts."""
    rows = [f"select '{name}' as id, {'null' if n is None else n} as seats" for name, n in seats.items()]
    return " union all ".join(rows)


def days(*pings: int | None, start: date = FIRST) -> str:
    """SQL that gives a row for each day that has a number."""
    rows = [
        f"select date '{start + timedelta(days=n)}' as day, {count} as pings"
        for n, count in enumerate(pings)
        if count is not None
    ]
    return " union all ".join(rows)


def marked(*wanted: int, mark: str = "m") -> dict[date, dict[str, str]]:
    return {FIRST + timedelta(days=n): {"raw_pings.ping": mark} for n in wanted}


def test_a_table_is_built_from_what_has_landed(warehouse: Warehouse, tmp_path: Path, read: Reader) -> None:
    land(warehouse, tmp_path, raw(), [row("a", seats=1), row("b", seats=None)])
    outcome = build(warehouse, ACCOUNT, "select id, seats from raw_crm.account", inputs={"raw_crm.account": "1"})
    assert read(ACCOUNT) == [{"id": "a", "seats": 1}, {"id": "b", "seats": None}]
    state = outcome.state
    assert (state.change, state.seq, state.rows, state.inputs) == (Change.BUILD, 1, 2, {"raw_crm.account": "1"})
    assert (state.data_through, state.code_version) == (NOW, "1")
    assert state == warehouse.states()[ACCOUNT.name]


def test_the_content_version_is_of_the_rows_in_whatever_order(warehouse: Warehouse) -> None:
    sqls = [values(a=1, b=2), values(b=2, a=1), values(a=1, b=None), values(a=1, b=2, c=3), values(a=1, b=2)]
    versions = [build(warehouse, ACCOUNT, sql).state.content_version for sql in sqls]
    assert versions[0] == versions[1] == versions[4]
    assert len(set(versions)) == 3
    swapped = build(warehouse, ACCOUNT, values(a=2, b=1)).state.content_version
    assert swapped not in versions


def test_a_rebuild_with_the_same_rows_changes_none(warehouse: Warehouse) -> None:
    assert build(warehouse, ACCOUNT, values(a=1)).changed_rows == 1
    again = build(warehouse, ACCOUNT, values(a=1), inputs={"x.y": "2"}, data_through=NOW + HOUR)
    assert again.changed_rows == 0
    assert (again.state.seq, again.state.inputs, again.state.data_through) == (2, {"x.y": "2"}, NOW + HOUR)


def test_columns_stand_in_their_declared_order_with_their_declared_types(warehouse: Warehouse) -> None:
    types = ("INT64", "FLOAT64", "NUMERIC", "DATE", "TIMESTAMP", "JSON", "ARRAY<STRING>", "BOOL")
    columns = [ID, *(Column(f"c{n}", type_, "A column.") for n, type_ in enumerate(types))]
    sql = """
        select true as c7, ['x'] as c6, json '{"a":1}' as c5, timestamp '2026-01-01 01:00:00+01' as c4,
            date '2026-01-01' as c3, cast('1.123456789' as numeric) as c2, 0.5 as c1, sum(n) as c0, 'a' as id
        from unnest([1, 2]) as n
    """
    build(warehouse, derived(columns, ["id"]), sql)
    found = warehouse.preview(ACCOUNT.name, 1)
    assert found.column_names == [column.name for column in columns]
    expected = ("a", 3, 0.5, "1.123456789", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), '{"a":1}', ["x"], True)
    (row_,) = found.to_pylist()
    assert tuple(str(v) if k == "c2" else v for k, v in row_.items()) == expected


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select 'a' as id", "column seats is declared as INT64 and not selected"),
        ("select 'a' as id, 1 as seats, 2 as more", "column more is not declared"),
        ("select 'a' as id, '1' as seats", "column seats is declared as INT64, selected as STRING"),
        ("select 'a' as id, [1] as seats", "column seats is declared as INT64, selected as ARRAY<INT64>"),
        ("select id, seats from nowhere.account", "nowhere"),
    ],
)
def test_sql_that_does_not_give_what_is_declared_is_refused(warehouse: Warehouse, sql: str, reason: str) -> None:
    with pytest.raises(WarehouseError, match=r"tables/crm/account\.sql") as caught:
        build(warehouse, ACCOUNT, sql)
    assert reason in str(caught.value)
    assert warehouse.states() == {}


def test_unsound_rows_leave_the_last_good_table(warehouse: Warehouse, read: Reader) -> None:
    before = build(warehouse, ACCOUNT, values(a=1)).state
    with pytest.raises(UnsoundError, match="repeat a key") as caught:
        build(warehouse, ACCOUNT, values(a=1) + " union all " + values(a=2))
    assert caught.value.soundness.counts["repeated_keys"] == 1
    assert read(ACCOUNT) == [{"id": "a", "seats": 1}]
    assert warehouse.states()[ACCOUNT.name] == before


def test_a_carry_moves_the_state_and_nothing_else(warehouse: Warehouse, read: Reader) -> None:
    before = build(warehouse, ACCOUNT, values(a=1), inputs={"x.y": "1"}).state
    table = replace(ACCOUNT, code_version="2")
    outcome = build(warehouse, table, "", is_carry=True, now=NOW + HOUR, data_through=NOW + HOUR)
    assert (outcome.is_skipped, outcome.changed_rows) == (True, 0)
    moved = replace(before, seq=2, built_at=NOW + HOUR, data_through=NOW + HOUR, change=Change.CARRY)
    assert outcome.state == moved == warehouse.states()[ACCOUNT.name]
    assert read(ACCOUNT) == [{"id": "a", "seats": 1}]
    assert build(warehouse, table, "", is_carry=True, inputs={"x.y": "2"}).state.inputs == {"x.y": "2"}


def test_what_was_never_built_cannot_be_carried(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="never built"):
        build(warehouse, ACCOUNT, "", is_carry=True)


def test_the_wanted_days_are_replaced_and_no_others(warehouse: Warehouse, read: Reader) -> None:
    build(warehouse, DAILY, days(1, 2, 3), partitions=marked(0, 1, 2))
    outcome = build(warehouse, DAILY, days(None, 20, None), partitions=marked(1, 2, mark="n"))
    assert [(r["day"], r["pings"]) for r in read(DAILY)] == [(FIRST, 1), (FIRST + timedelta(days=1), 20)]
    parts = list(outcome.state.partitions.values())
    assert [(p.seq, p.rows, p.inputs["raw_pings.ping"]) for p in parts] == [(1, 1, "m"), (2, 1, "n"), (2, 0, "n")]
    assert outcome.changed_rows == 3  # one row became another, one went
    assert outcome.state == warehouse.states()[DAILY.name]


def test_rows_of_other_days_are_left_out_and_counted(warehouse: Warehouse, read: Reader) -> None:
    sql = days(1, 2, 3) + " union all select null as day, 9 as pings"
    outcome = build(warehouse, DAILY, sql, partitions=marked(1))
    assert [r["pings"] for r in read(DAILY)] == [2]
    assert outcome.notes == ("3 rows of days outside 2026-03-02..2026-03-02 left out",)


def test_rows_of_a_day_between_those_that_are_built_are_not_looked_at(warehouse: Warehouse, read: Reader) -> None:
    build(warehouse, DAILY, days(1, 2, 3), partitions=marked(0, 1, 2))
    outcome = build(warehouse, DAILY, days(7, 8, 9), partitions=marked(0, 2, mark="n"))
    assert [r["pings"] for r in read(DAILY)] == [7, 2, 9]
    assert outcome.notes == ()
    assert outcome.soundness.counts["rows"] == 2


def test_the_version_of_a_partitioned_table_adds_up_those_of_its_days(warehouse: Warehouse) -> None:
    at_once = build(warehouse, DAILY, days(1, 2, 3), partitions=marked(0, 1, 2)).state
    other = replace(DAILY, name="pings.other")
    for n in (2, 0, 1):
        state = build(warehouse, other, days(1, 2, 3), partitions=marked(n)).state
    assert state.content_version == at_once.content_version
    assert [p.content_version for p in state.partitions.values()] == [
        p.content_version for p in at_once.partitions.values()
    ]
    changed = build(warehouse, other, days(1, 2, 4), partitions=marked(2)).state
    assert changed.content_version != at_once.content_version
    assert changed.partitions[FIRST] == state.partitions[FIRST]


def test_days_are_given_for_partitioned_tables_only(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="days are needed"):
        build(warehouse, DAILY, days(1))
    with pytest.raises(WarehouseError, match="days are needed"):
        build(warehouse, ACCOUNT, values(a=1), partitions=marked(0))


def test_unsound_days_leave_the_last_good_ones(warehouse: Warehouse, read: Reader) -> None:
    before = build(warehouse, DAILY, days(1, 2), partitions=marked(0, 1)).state
    with pytest.raises(UnsoundError):
        build(warehouse, DAILY, days(5, 6) + " union all " + days(7), partitions=marked(0, 1))
    assert warehouse.states()[DAILY.name] == before
    assert [r["pings"] for r in read(DAILY)] == [1, 2]
    # What is wrong outside the wanted days does not matter.
    assert build(warehouse, DAILY, days(5, 6) + " union all " + days(7), partitions=marked(1)).state.rows == 2
