"""Where a table is read from in a development copy: the rule, and texts after it."""

from __future__ import annotations

import pytest

from sg_assets.warehouse.dialect import DialectError
from sg_assets.warehouse.lent import is_own, place_of, placed

BUILT = frozenset({"crm.account"})


def duckdb(table: str) -> str:
    return place_of(table, BUILT, own=str, lent=lambda name: f"sg_production.{name}")


def bigquery(table: str) -> str:
    return place_of(table, BUILT, own=lambda name: f"`p`.`dev_ada_{name.replace('.', '`.`')}`", lent=str)


def test_what_was_built_and_the_books_are_the_copys_own() -> None:
    assert [is_own(name, BUILT) for name in ("crm.account", "crm.lead", "sg_ops.table_state", "sg_ops.note")] == [
        True, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select * from crm.account", "select * from crm.account"),
        (
            "select lead.id from crm.lead join crm.account on true",
            "select lead.id from sg_production.crm.lead join crm.account on true",
        ),
        ("with x as (select 1 from crm.lead) select * from x",
         "with x as (select 1 from sg_production.crm.lead) select * from x"),
        ("select 'crm.lead' from `crm.lead` as l -- crm.lead",
         "select 'crm.lead' from sg_production.crm.lead as l -- crm.lead"),
        ("select 1 from other.crm.lead", "select 1 from other.crm.lead"),
    ],
)  # fmt: skip
def test_every_table_of_a_text_is_where_it_is_read_from(sql: str, expected: str) -> None:
    assert placed(sql, duckdb) == expected


def test_another_kind_of_warehouse_has_other_names_by_the_same_rule() -> None:
    sql = "select * from crm.lead, crm.account"
    assert placed(sql, bigquery) == "select * from crm.lead, `p`.`dev_ada_crm`.`account`"


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(DialectError):
        placed("select from where", duckdb)
