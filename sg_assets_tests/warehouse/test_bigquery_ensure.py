"""Tables that must be there in BigQuery."""

from __future__ import annotations

from typing import Any

from sg_assets.columns import Column
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets_tests.warehouse.examples import NOW, PING, raw
from sg_assets_tests.warehouse.played_bigquery import Played

ACCOUNT = raw(columns=[Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")])


def test_a_raw_table_is_made_with_its_descriptions_and_labels_and_gets_new_columns(
    there: Played, on_bigquery: BigQueryWarehouse
) -> None:
    on_bigquery.ensure([ACCOUNT, PING], NOW)
    made = there.tables["dev_raw_pings.ping"]
    assert made["description"] == PING.description
    assert made["labels"] == {"sg_kind": "raw", "sg_owner": "data", "sg_source": "pings"}
    assert made["timePartitioning"]["field"] == "_object_on"
    assert made["schema"]["fields"][0]["description"] == PING.columns[0].description
    assert "dev_raw_pings.ping__rejected" in there.tables
    grown = raw(columns=[Column("id", "STRING", "Id."), Column("x", "INT64", "X."), *ACCOUNT.columns[1:2]])
    on_bigquery.ensure([grown], NOW)
    assert [one["name"] for one in there.tables["dev_raw_crm.account"]["schema"]["fields"]] == [
        "id",
        "seats",
        "_extra",
        "x",
    ]
    assert there.queries("create or replace") == []


def test_a_view_of_another_systems_table_makes_room_for_what_is_fetched_again(
    there: Played, on_bigquery: BigQueryWarehouse
) -> None:
    place = {"projectId": "p", "datasetId": "dev_raw_crm", "tableId": "account"}
    view: dict[str, Any] = {"tableReference": place, "type": "VIEW"}
    there.tables["dev_raw_crm.account"] = view | {"schema": {"fields": [{"name": "other", "type": "STRING"}]}}
    on_bigquery.ensure([ACCOUNT], NOW)
    made = there.tables["dev_raw_crm.account"]
    assert [one["name"] for one in made["schema"]["fields"]] == ["id", "seats", "_extra"]
    assert "type" not in made
