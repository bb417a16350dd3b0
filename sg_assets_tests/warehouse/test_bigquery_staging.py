"""Staged rows in BigQuery: found again when tried again, judged, and dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.contract import UnsoundError
from sg_assets_tests.warehouse.examples import land, raw, row
from sg_assets_tests.warehouse.played_bigquery import SOUND, Played

ACCOUNT = raw(columns=[Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")])


def test_a_landing_that_is_tried_again_finds_its_jobs(
    there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    rows = [row("a", None, seats=1)]
    land(on_bigquery, tmp_path, ACCOUNT, rows)
    ours = [name for name, job in there.submitted.items() if "begin transaction" in str(job)]
    before = set(there.submitted)
    land(BigQueryWarehouse(there.client, there.jobs.settings, "sandbox"), tmp_path, ACCOUNT, rows)
    again = [name for name in there.submitted if name not in before and name.startswith("sg-")]
    assert len(again) == 2  # what was staged is gone, and staged again
    assert all(name.endswith("-2") for name in again)
    assert there.tries.count(ours[0]) == 2


def test_rows_that_are_not_sound_are_not_published(
    there: Played, on_bigquery: BigQueryWarehouse, tmp_path: Path
) -> None:
    there.answers[SOUND] = [(2, 1, 0, 0)]
    with pytest.raises(UnsoundError, match="repeat a key"):
        land(on_bigquery, tmp_path, ACCOUNT, [row("a", None, seats=1)])
    assert there.queries("begin transaction") == []
    assert [name for name in there.tables if name.startswith("dev_sg_staging")] == []
