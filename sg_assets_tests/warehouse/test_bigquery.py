"""The warehouse in BigQuery as a whole; what it does is in the tests of its parts, and in the contract."""

from __future__ import annotations

from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets_tests.warehouse.played_bigquery import Played


def test_nothing_is_asked_before_the_first_verb(there: Played) -> None:
    warehouse = BigQueryWarehouse(there.client, there.jobs.settings, "sandbox")
    warehouse.release()
    assert (there.datasets, there.submitted) == ({}, {})
    assert warehouse.id == "an-id"
