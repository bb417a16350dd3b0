"""What is asked of BigQuery to see how far another system has written its table."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sg_assets.warehouse.bigquery_metadata import Metadata
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.bigquery_watch import seen
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.state import Change, TableState
from sg_assets_tests.warehouse.examples import NOW
from sg_assets_tests.warehouse.played_bigquery import Played
from sg_assets_tests.warehouse.test_duckdb_watch import TABLE

WRITTEN = datetime(2025, 6, 5, 9, tzinfo=UTC)
WATCH = Watch(NOW, NOW, lambda _through: False)
PARTITIONS = "INFORMATION_SCHEMA.PARTITIONS"
_, NAME = TABLE.name.split(".")


@pytest.fixture
def written(there: Played) -> Played:
    Tables(there.jobs).create(TABLE)
    there.answers[PARTITIONS] = [(NAME, None, 2, WRITTEN)]
    there.answers["select max(`day_on`)"] = [(date(2025, 6, 4),)]
    return there


def gets(there: Played) -> int:
    """How often tables were asked for one by one."""
    return sum(asked.method == "GET" and f"/tables/{NAME}" in asked.path for asked in there.vendor.asked)


def test_a_table_is_told_apart_by_its_time_of_change_and_read_once(written: Played) -> None:
    metadata = Metadata(written.jobs)
    found = seen(written.jobs, metadata, TABLE, None, WATCH)
    assert (found.rows, found.version) == (2, f"{WRITTEN.isoformat()}:2")
    state = TableState(TABLE.name, 1, NOW, 2, NOW, found.version, "1", Change.WATCH)
    before = gets(written)
    again = seen(written.jobs, metadata, TABLE, state, WATCH)
    assert (again.rows, again.version, again.through) == (2, found.version, NOW)
    assert len(written.queries("select max(`day_on`)")) == 1
    assert gets(written) == before


def test_all_that_is_looked_at_in_a_dataset_is_one_question(written: Played) -> None:
    other = replace(TABLE, name=f"{TABLE.dataset}.other")
    Tables(written.jobs).create(other)
    written.answers[PARTITIONS] = [(NAME, None, 2, WRITTEN), ("other", None, 5, WRITTEN)]
    metadata, watch = Metadata(written.jobs), replace(WATCH, own=frozenset({TABLE.name, other.name}))
    assert [seen(written.jobs, metadata, one, None, watch).rows for one in (TABLE, other)] == [2, 5]
    assert len(written.queries(PARTITIONS)) == 1


@pytest.mark.usefixtures("written")
def test_a_view_or_a_table_that_is_empty_goes_by_itself(there: Played) -> None:
    there.answers[PARTITIONS] = []
    modified = str(int(WRITTEN.timestamp() * 1000))
    there.tables[f"dev_{TABLE.name}"] |= {"numRows": "3", "lastModifiedTime": modified}
    assert seen(there.jobs, Metadata(there.jobs), TABLE, None, WATCH).version == f"{WRITTEN.isoformat()}:3"


def test_a_table_that_is_not_there_or_has_other_columns_is_refused(there: Played) -> None:
    with pytest.raises(WarehouseError, match="there is no table"):
        seen(there.jobs, Metadata(there.jobs), TABLE, None, WATCH)
    Tables(there.jobs).create(TABLE)
    there.tables[f"dev_{TABLE.name}"]["schema"]["fields"].pop()
    with pytest.raises(WarehouseError, match="day_on is not there"):
        seen(there.jobs, Metadata(there.jobs), TABLE, None, WATCH)


def test_one_without_a_column_for_it_reaches_to_what_its_writer_told(written: Played) -> None:
    table = replace(TABLE, event_column=None, scheduled_query="usage")
    found = seen(written.jobs, Metadata(written.jobs), table, None, replace(WATCH, told=WRITTEN))
    assert (found.rows, found.through) == (2, WRITTEN)
    state = TableState(TABLE.name, 1, NOW, 2, WRITTEN, found.version, "1", Change.WATCH)
    assert seen(written.jobs, Metadata(written.jobs), table, state, replace(WATCH, told=NOW)).through == NOW
    assert written.queries("select max(") == []
