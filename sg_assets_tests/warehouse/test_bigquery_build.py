"""Building in BigQuery: what is run, and what of it is published."""

from __future__ import annotations

from datetime import date

import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.warehouse.examples import build, derived
from sg_assets_tests.warehouse.played_bigquery import Played, state_row

MARCH = date(2026, 3, 10)


def test_a_build_runs_its_sql_where_the_tables_are_within_its_limit(
    there: Played, on_bigquery: BigQueryWarehouse
) -> None:
    there.answers |= {"select id from": [("a",)], "farm_fingerprint": [(1, 5)]}
    table = derived([Column("c0", "STRING", "Id.")], ["c0"], name="crm.copy")
    outcome = build(on_bigquery, table, "select id from crm.account")
    assert (outcome.state.content_version, outcome.changed_rows) == ("1:0000000000000005", 1)
    (staged,) = there.queries("create or replace table")
    assert "select id from `some-project`.`dev_crm`.`account`" in staged["query"]["query"]
    assert staged["labels"]["sg_table"] == "crm_copy"
    assert "delete from `some-project`.`dev_crm`.`copy` where true" in there.script()


def test_a_build_whose_sql_gives_other_columns_is_refused_before_it_runs(
    there: Played, on_bigquery: BigQueryWarehouse
) -> None:
    there.answers["select 1 as c0"] = [(1,)]
    table = derived([Column("c0", "STRING", "Id.")], ["c0"])
    with pytest.raises(WarehouseError, match="c0 is declared as STRING, selected as INT64"):
        build(on_bigquery, table, "select 1 as c0")
    assert there.queries("create or replace") == []


def test_changed_days_are_replaced_by_parameter(there: Played, on_bigquery: BigQueryWarehouse) -> None:
    there.answers |= {
        "is not true": [(0,)],
        "farm_fingerprint": [("2026-03-10", 1, 5)],
        "select day, n": [("d", 1)],
    }
    table = derived([Column("c0", "STRING", ""), Column("c1", "INT64", "")], ["c0"], partition="c0", name="crm.day")
    for seq in (1, 2):
        outcome = build(on_bigquery, table, "select day, n from x.y", partitions={MARCH: {"x.y": "m"}})
        there.answers["union all select 1"] = [state_row(table, seq)]
    assert list(outcome.state.partitions) == [MARCH]
    assert there.tables["dev_crm.day"]["timePartitioning"]["field"] == "c0"
    first, second = there.queries("begin transaction")
    assert "delete from `some-project`.`dev_crm`.`day` where true" in first["query"]["query"]
    assert "delete from `some-project`.`dev_crm`.`day` where `c0` in unnest(@" in second["query"]["query"]
