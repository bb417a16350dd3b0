"""Files on their way to BigQuery by way of a bucket: what is put there, what BigQuery is told, and that it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.bigquery_bucket import StagingBucket
from sg_assets.warehouse.bigquery_client import Settings, storage_client_of
from sg_assets.warehouse.bigquery_jobs import Jobs
from sg_assets.warehouse.bigquery_upload import loading
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.made_storage import Stored, made_storage
from sg_assets_tests.warehouse.examples import land, parquet, raw, row
from sg_assets_tests.warehouse.kinds import BUCKETS, EMULATOR, of_bigquery
from sg_assets_tests.warehouse.played_bigquery import Played

PLACE = "gs://made-staging/loads"
SETTINGS = Settings("some-project", staging=PLACE)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    with made_storage(tmp_path / "buckets") as found:
        yield found


@pytest.fixture
def bucket(stored: Stored) -> Iterator[StagingBucket]:
    made = StagingBucket(PLACE, lambda: storage_client_of(SETTINGS, stored.url))
    yield made
    made.close()


def loads(there: Played) -> list[dict[str, Any]]:
    """The load jobs that there were."""
    found = [job["configuration"] for job in there.submitted.values()]
    return [one["load"] for one in found if "load" in one]


def test_rows_are_loaded_from_there_and_then_removed(
    there: Played, stored: Stored, bucket: StagingBucket, tmp_path: Path
) -> None:
    warehouse, table = BigQueryWarehouse(there.client, there.jobs.settings, "sandbox", bucket=bucket), raw()
    land(warehouse, tmp_path, table, [row("a"), row("b")])
    (load,) = loads(there)
    ((name, content),) = stored.put.items()
    assert load["sourceUris"] == [f"gs://{name}"]
    assert name.startswith("made-staging/loads/sg_staging.raw_crm__account__delivered_1_")
    assert {found["id"] for found in pq.read_table(BytesIO(content)).to_pylist()} == {"a", "b"}
    assert (load["writeDisposition"], load["parquetOptions"]) == ("WRITE_TRUNCATE", {"enableListInference": True})
    assert not stored.objects
    assert not any(asked.path.startswith("/upload") for asked in there.vendor.asked)


def test_two_who_try_the_same_are_not_in_each_others_way(stored: Stored, bucket: StagingBucket, tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(b"rows")
    with bucket.holding(file, "step") as one:
        with bucket.holding(file, "step") as other:
            assert one != other
        assert [f"gs://{name}" for name in stored.objects] == [one]
    assert not stored.objects


def test_a_step_that_is_tried_again_finds_its_job_and_leaves_nothing(
    there: Played, stored: Stored, bucket: StagingBucket, tmp_path: Path
) -> None:
    table = raw()
    file, jobs = parquet(tmp_path, table, [row("a")]), Jobs(there.client, there.jobs.settings, bucket)
    for _ in range(2):
        with loading(jobs, table.name, "sg_staging.x", file, table.columns, "mark") as submit:
            jobs.once("step", submit, table=table.name)
    assert (there.tries, list(there.submitted)) == (["step-1", "step-1"], ["step-1"])
    assert (len(stored.put), len(stored.objects)) == (2, 0)


def test_a_large_file_comes_in_parts_that_can_be_sent_again(
    stored: Stored, bucket: StagingBucket, tmp_path: Path
) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(bytes(9 << 20))
    with bucket.holding(file, "step"):
        assert [len(content) for content in stored.objects.values()] == [9 << 20]
    assert len(stored.begun) == 1


@pytest.mark.parametrize(("method", "left"), [("POST", 0), ("DELETE", 1)])
def test_a_refusal_says_where(method: str, left: int, stored: Stored, bucket: StagingBucket, tmp_path: Path) -> None:
    stored.refusing.add(method)
    file = tmp_path / "x.parquet"
    file.write_bytes(b"rows")
    said = r"^gs://made-staging/loads/step/\w+\.parquet: Cloud Storage refused: .*no right to do that"
    with pytest.raises(WarehouseError, match=said), bucket.holding(file, "step"):
        pass
    assert len(stored.objects) == left


def test_it_is_removed_where_the_load_fails(stored: Stored, bucket: StagingBucket, tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(b"rows")
    with pytest.raises(KeyError), bucket.holding(file, "step"):
        raise KeyError
    assert (list(stored.objects), len(stored.put)) == ([], 1)


if EMULATOR and BUCKETS:

    def test_the_emulator_loads_the_rows_from_there(tmp_path: Path) -> None:
        table = raw()
        with of_bigquery() as (client, settings), made_storage(Path(BUCKETS or "")) as stored:
            bucket = StagingBucket(PLACE, lambda: storage_client_of(SETTINGS, stored.url))
            warehouse = BigQueryWarehouse(client, settings, "sandbox", bucket=bucket)
            land(warehouse, tmp_path, table, [row("a"), row("b")])
            assert sorted(warehouse.read(table.name, ["id"])["id"].to_pylist()) == ["a", "b"]
            assert (len(stored.put), len(stored.objects)) == (1, 0)
            bucket.close()
