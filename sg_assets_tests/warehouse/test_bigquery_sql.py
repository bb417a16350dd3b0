"""Texts for BigQuery: names and values that come from outside are quoted or bound, whatever they hold."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from sg_assets.columns import Column
from sg_assets.warehouse import bigquery_sql as sql
from sg_assets.warehouse.bigquery_client import Settings
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.warehouse.examples import derived

HERE, COPY = Settings("p-1"), Settings("p-1", job_project="p-2", dataset_prefix="dev_ann_")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("order", "`order`"), ("a`; drop table x; --", r"`a\`; drop table x; --`"), ("a\\", "`a\\\\`")],
)
def test_names_are_quoted(name: str, expected: str) -> None:
    assert sql.quoted(name) == expected


def test_descriptions_are_quoted_as_text() -> None:
    assert sql.text('it\'s "x"\n\\ é') == '"it\'s \\"x\\"\\n\\\\ é"'


def test_a_table_is_where_the_settings_say() -> None:
    assert sql.quoted_table(HERE, "crm.order") == "`p-1`.`crm`.`order`"
    assert sql.quoted_table(COPY, "crm.order") == "`p-1`.`dev_ann_crm`.`order`"
    assert sql.table_id(COPY, "crm.order") == "p-1.dev_ann_crm.order"
    with pytest.raises(WarehouseError, match="is not the name of a table"):
        sql.table_id(HERE, "order")


def test_the_sql_of_a_table_is_run_as_it_is_where_its_names_mean_the_same() -> None:
    text = "select * from crm.account -- as it is"
    assert sql.where_they_are(HERE, text) == text
    assert sql.where_they_are(Settings("p-1", job_project="p-1"), text) == text


def test_names_of_tables_are_replaced_for_a_copy_or_another_project_and_nothing_else() -> None:
    text = (
        "with a as (select x.id, 'from crm.account' as t from crm.account as x join `raw_x.y` using (id))\n"
        "select * from a /* crm.account */ where exists (select 1 from other.data.set_) and (select 1 from crm.`order`)"
    )
    account, other, order = (f"`p-1`.`dev_ann_{name}" for name in ("crm`.`account`", "raw_x`.`y`", "crm`.`order`"))
    expected = (
        f"with a as (select x.id, 'from crm.account' as t from {account} as x join {other} using (id))\n"
        "select * from a /* crm.account */ where exists (select 1 from other.data.set_) and "
        f"(select 1 from {order})"
    )
    assert sql.where_they_are(COPY, text) == expected
    with pytest.raises(WarehouseError, match="cannot be run"):
        sql.where_they_are(COPY, "select from from")


def test_a_table_is_made_with_all_that_its_file_says() -> None:
    day, n = Column("day", "DATE", "It's a day."), Column("n", "ARRAY<INT64>", "N.")
    table = derived([day, n], ["day"], partition="day", name="crm.order")
    expected = (
        'create or replace table `p-1`.`crm`.`order` (`day` DATE options(description="It\'s a day."), '
        '`n` ARRAY<INT64> options(description="N.")) partition by `day` '
        'options(description="Accounts, cleaned.", labels=[("sg_kind", "derived")]) as select 1'
    )
    assert sql.create_table(HERE, table, {"sg_kind": "derived"}, "select 1") == expected


def test_values_are_parameters() -> None:
    script = sql.Script()
    listed = json.dumps([["'; drop table x", sql.plain(date(2026, 1, 2)), sql.plain(datetime(2026, 1, 2, tzinfo=UTC))]])
    columns = [Column("a", "STRING", ""), Column("b", "DATE", ""), Column("c", "TIMESTAMP", "")]
    relation = script.rows(columns, listed)
    script.add(f"select {script.value('INT64', 7)}, {script.values('DATE', [date(2026, 1, 2)])} from {relation}")
    script.add("select 2")
    assert "drop" not in script.text()
    assert "cast(json_value(r, '$[1]') as DATE) as `b`" in script.text()
    assert script.text().endswith(";\nselect 2;")
    assert [one.name for one in script.parameters] == ["p0", "p1", "p2"]


def test_what_cannot_be_compared_is_compared_as_text() -> None:
    columns = [Column("a", "STRING", ""), Column("j", "JSON", ""), Column("l", "ARRAY<INT64>", "")]
    assert sql.differ(columns[:1], "t", "s") == "t.`a` is distinct from s.`a`"
    assert "if(t.`j` is null, null, to_json_string(t.`j`)) is distinct from" in sql.differ(columns, "t", "s")
    assert "to_json_string(t.`l`) is distinct from to_json_string(s.`l`)" in sql.differ(columns, "t", "s")
    assert sql.differ([], "t", "s") == "false"


@pytest.mark.parametrize(
    ("declared", "found", "is_accepted"),
    [
        ("INT64", "INT64", True),
        ("NUMERIC", "INT64", True),
        ("FLOAT64", "NUMERIC", True),
        ("INT64", "FLOAT64", False),
        ("STRING", "INT64", False),
        ("ARRAY<FLOAT64>", "ARRAY<INT64>", True),
        ("ARRAY<STRING>", "STRING", False),
        ("STRING", "ARRAY<STRING>", False),
    ],
)
def test_only_types_that_hold_the_values_are_accepted(declared: str, found: str, *, is_accepted: bool) -> None:
    assert sql.accepts(Column("x", declared, ""), found) is is_accepted


@pytest.mark.parametrize(
    ("declared", "was", "expected"),
    [
        ("INT64", "INT64", "x"),
        ("NUMERIC", "INT64", "cast(x as NUMERIC)"),
        ("STRING", "JSON", "if(x is null, null, to_json_string(x))"),
        (
            "ARRAY<FLOAT64>",
            "ARRAY<INT64>",
            "array(select cast(x as FLOAT64) from unnest(x) as x with offset o order by o)",
        ),
    ],
)
def test_values_are_converted_to_the_declared_type(declared: str, was: str, expected: str) -> None:
    assert sql.converted(Column("x", declared, ""), was, "x") == expected


def test_fingerprints_are_added_up_to_64_bits() -> None:
    assert [sql.as_hash(value) for value in (0, "-1", "18446744073709551617.000000000")] == [0, 2**64 - 1, 1]
