"""What is asked of BigQuery to see how far another system has written its table."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.bigquery_watch import seen
from sg_assets.warehouse.contract import WarehouseError, Watch
from sg_assets.warehouse.state import Change, TableState
from sg_assets_tests.warehouse.examples import NOW
from sg_assets_tests.warehouse.played_bigquery import Played
from sg_assets_tests.warehouse.test_duckdb_watch import TABLE

WRITTEN = datetime(2025, 6, 5, 9, tzinfo=UTC)
WATCH = Watch(NOW, NOW, lambda _through: False)


@pytest.fixture
def written(there: Played) -> Played:
    Tables(there.jobs).create(TABLE)
    modified = str(int(WRITTEN.timestamp() * 1000))
    there.tables[f"dev_{TABLE.name}"] |= {"numRows": "2", "lastModifiedTime": modified}
    there.answers["select max(`day_on`)"] = [(date(2025, 6, 4),)]
    return there


def test_a_table_is_told_apart_by_its_time_of_change_and_asked_once(written: Played) -> None:
    found = seen(written.jobs, Tables(written.jobs), TABLE, None, WATCH)
    assert (found.rows, found.version) == (2, f"{WRITTEN.isoformat()}:2")
    state = TableState(TABLE.name, 1, NOW, 2, NOW, found.version, "1", Change.WATCH)
    again = seen(written.jobs, Tables(written.jobs), TABLE, state, WATCH)
    assert again.through == NOW
    assert len(written.queries("select max(`day_on`)")) == 1


def test_a_table_that_is_not_there_or_has_other_columns_is_refused(there: Played) -> None:
    with pytest.raises(WarehouseError, match="there is no table"):
        seen(there.jobs, Tables(there.jobs), TABLE, None, WATCH)
    Tables(there.jobs).create(TABLE)
    there.tables[f"dev_{TABLE.name}"]["schema"]["fields"].pop()
    with pytest.raises(WarehouseError, match="day_on is not there"):
        seen(there.jobs, Tables(there.jobs), TABLE, None, WATCH)


def test_one_without_a_column_for_it_reaches_to_what_its_writer_told(written: Played) -> None:
    table = replace(TABLE, event_column=None, scheduled_query="usage")
    found = seen(written.jobs, Tables(written.jobs), table, None, replace(WATCH, told=WRITTEN))
    assert (found.rows, found.through) == (2, WRITTEN)
    assert written.queries("select max(") == []
