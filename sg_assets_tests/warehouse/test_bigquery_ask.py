"""Reading BigQuery: rows without a query, and what was not sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.bigquery_ask import unsent
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.warehouse.played_bigquery import Played, parameters
from sg_assets_tests.warehouse.test_contract_sending import CUSTOMER, LEDGER, WANTED


def test_what_is_not_there_is_said(there: Played, on_bigquery: BigQueryWarehouse) -> None:
    with pytest.raises(WarehouseError, match=r"no table raw_shop\.customer"):
        on_bigquery.preview(CUSTOMER.name, 1)
    Tables(there.jobs).create(CUSTOMER)
    with pytest.raises(WarehouseError, match=r"raw_shop\.customer has no column colour"):
        on_bigquery.read(CUSTOMER.name, ["colour"])


def test_of_a_view_rows_are_asked_for(there: Played, on_bigquery: BigQueryWarehouse) -> None:
    Tables(there.jobs).create(CUSTOMER)
    there.tables[f"dev_{CUSTOMER.name}"]["type"] = "VIEW"
    there.answers["select `id`"] = [("a",)]
    assert on_bigquery.read(CUSTOMER.name, ["id"]).num_rows == 1
    (found,) = there.queries("select `id`")
    assert found["query"]["query"] == "select `id` from `some-project`.`dev_raw_shop`.`customer`"


def test_a_question_is_asked_where_the_tables_are_and_only_its_first_rows_are_fetched(
    there: Played, on_bigquery: BigQueryWarehouse
) -> None:
    there.answers["select id from"] = [("a",), ("b",)]
    assert on_bigquery.ask("select id from raw_shop.customer", 2).num_rows == 2
    (found,) = there.queries("select id from")
    assert found["query"]["query"] == "select id from `some-project`.`dev_raw_shop`.`customer`"


def test_rows_are_compared_with_the_newest_of_the_ledger(there: Played) -> None:
    tables = Tables(there.jobs)
    for table in (CUSTOMER, LEDGER):
        tables.create(table)
    unsent(there.jobs, tables, WANTED)
    unsent(there.jobs, tables, replace(WANTED, day="day_on", since=date(2026, 1, 4), is_full=True))
    first, second = there.queries("with newest as")
    assert "to_json_string(t.`tags`) is distinct from to_json_string(l.`tags`)" in first["query"]["query"]
    assert "not exists" not in second["query"]["query"]
    assert list(parameters(second).values()) == ["2026-01-04"]
