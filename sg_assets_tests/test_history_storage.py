"""Dagster's history with connections that last: the same files, read by anybody."""

from __future__ import annotations

import threading
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from sg_assets import history_storage
from sg_assets.history_storage import LastingConnections

ROOT = Path(__file__).parents[1]
DAYS = dg.DailyPartitionsDefinition("2025-01-01", end_date="2025-01-05")
KEY = dg.AssetKey("kept")


@dg.asset(key=KEY, partitions_def=DAYS)
def kept() -> None:
    """A table kept day by day."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opened() -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(ROOT))


def days(history: dg.DagsterInstance) -> list[str]:
    return sorted(str(one.partition_key) for one in history.fetch_materializations(KEY, 100).records)


def test_the_checkouts_history_is_of_this_kind(here: Path) -> None:
    with opened() as history:
        assert isinstance(history.event_log_storage, LastingConnections)
    assert (here / ".dagster" / "storage" / "history" / "runs" / "index.db").exists()


def test_an_event_does_not_wait_for_the_disk(here: Path) -> None:  # noqa: ARG001 (where the history is)
    with opened() as history:
        storage = history.event_log_storage
        assert isinstance(storage, LastingConnections)
        with storage.index_connection() as connection:
            asked = [connection.exec_driver_sql(f"pragma {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert asked == ["wal", 1]  # 1: normal


def test_a_column_that_a_migration_adds_is_seen(here: Path) -> None:  # noqa: ARG001 (where the history is)
    with opened() as history:
        storage = history.event_log_storage
        assert isinstance(storage, LastingConnections)
        assert storage.has_asset_key_col("cached_status_data")
        assert not storage.has_asset_key_col("of_tomorrow")
        with storage.index_connection() as connection:
            connection.exec_driver_sql("alter table asset_keys add column of_tomorrow text")
        assert [storage.has_asset_key_col("of_tomorrow") for _ in range(2)] == [True, True]


def test_what_it_wrote_dagsters_own_storage_reads_and_the_other_way_round(here: Path) -> None:
    with opened() as history:
        assert dg.materialize([kept], instance=history, partition_key="2025-01-01").success
        runs = here / ".dagster" / "storage" / "history" / "runs"
        plain = SqliteEventLogStorage(str(runs))
        plain.register_instance(history)
        assert plain.get_latest_storage_id_by_partition(KEY, dg.DagsterEventType.ASSET_MATERIALIZATION)
    with opened() as later:
        assert days(later) == ["2025-01-01"]


def test_more_runs_than_files_stay_open_all_have_their_events(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_storage, "MOST_OPEN", 2)
    with opened() as history:
        runs = [dg.materialize([kept], instance=history, partition_key="2025-01-02") for _ in range(3)]
        assert all(history.all_logs(run.run_id) for run in runs)
        assert len(days(history)) == len(runs)
    assert here.exists()


def test_two_processes_worth_of_threads_lose_nothing(here: Path) -> None:
    with opened() as one, opened() as other:
        # Two instances are two processes to SQLite: each has connections of its own.
        def tell(history: dg.DagsterInstance, day: str) -> None:
            for _ in range(20):
                history.report_runless_asset_event(dg.AssetMaterialization(KEY, partition=day))

        threads = [threading.Thread(target=tell, args=args) for args in ((one, "2025-01-03"), (other, "2025-01-04"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert days(one) == ["2025-01-03"] * 20 + ["2025-01-04"] * 20
    assert here.exists()


def test_the_file_of_a_run_that_is_deleted_goes_too(here: Path) -> None:
    folder = here / ".dagster" / "storage" / "history" / "runs"
    with opened() as history:
        one, other = (dg.materialize([kept], instance=history, partition_key="2025-01-02").run_id for _ in range(2))
        assert (folder / f"{one}.db").exists()
        history.delete_run(one)
        assert not list(folder.glob(f"{one}*"))
        assert history.all_logs(one) == []
        assert history.all_logs(other)
        assert len(days(history)) == 1
