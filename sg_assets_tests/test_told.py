"""What Fivetran and scheduled queries say of themselves, as our tables about them have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.filled import CONNECTIONS
from sg_assets.promise import Promise
from sg_assets.source import Source, nowhere
from sg_assets.sources.scheduled_queries import scheduled_queries
from sg_assets.table import QUERIES, RUNS, Delivery, Table
from sg_assets.told import Told
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets_tests.filled_tables import NOW, Row, Theirs
from sg_assets_tests.freshness.scenes import filled

HOUR = timedelta(hours=1)
SYNCED = datetime(2026, 11, 21, 6, tzinfo=UTC)
TYPES = {
    CONNECTIONS: {"id": "STRING", "schema_name": "STRING", "succeeded_at": "TIMESTAMP", "_deleted_at": "TIMESTAMP"},
    QUERIES: {"name": "STRING", "config_id": "STRING", "display_name": "STRING", "_deleted_at": "TIMESTAMP"},
    RUNS: {"config_name": "STRING", "state": "STRING", "run_at": "TIMESTAMP"},
}


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Theirs]:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")
    yield Theirs(warehouse, tmp_path)
    warehouse.close()


def written_by(query: str) -> Table:
    """A table that a scheduled query writes, of whose columns none says how far it reaches."""
    source = Source("x", "X.", "team:x", Promise("0 3 * * *", warn=30 * HOUR, fail=36 * HOUR), nowhere)

    def usage() -> None:
        """Usage."""

    source.watched(columns=(Column("id", "INT64", "Id."),), key=("id",), query=query)(usage)
    return source.tables["raw_x.usage"].table


def of(theirs: Theirs, table: Table, **rows: Sequence[Row]) -> datetime | None:
    for name, types in TYPES.items():
        theirs.writes(name, types, rows.get(name.rpartition(".")[2], []))
    return Told(theirs.warehouse).of(table)


def synced(connection: str) -> Table:
    table = filled("r.a")
    assert table.origin
    return replace(table, origin=replace(table.origin, connection=connection))


def test_a_connection_is_known_by_its_id_and_its_schema(theirs: Theirs) -> None:
    row = {"id": "a_b", "schema_name": "crm", "succeeded_at": SYNCED}
    assert of(theirs, synced("a_b"), connection=[row]) == SYNCED
    assert of(theirs, synced("crm"), connection=[row, row | {"id": "old", "_deleted_at": NOW}]) == SYNCED
    assert of(theirs, synced("crm"), connection=[row | {"succeeded_at": None}]) is None
    assert of(theirs, synced("crm"), connection=[]) is None


def test_one_that_is_none_or_several_is_refused_with_those_that_there_are(theirs: Theirs) -> None:
    rows: list[Row] = [{"id": "a_b", "schema_name": "crm"}, {"id": "c_d", "schema_name": "crm"}]
    with pytest.raises(
        WarehouseError, match="x is no connection of Fivetran: set SG_R_CONNECTION to one of a_b, c_d, crm"
    ):
        of(theirs, synced("x"), connection=rows)
    with pytest.raises(WarehouseError, match="crm is the name of more than one connection of Fivetran"):
        of(theirs, synced("crm"), connection=rows)


def test_a_scheduled_query_got_as_far_as_its_newest_good_run_stands_for(theirs: Theirs) -> None:
    query = {"name": "projects/p/locations/us/transferConfigs/1", "config_id": "1", "display_name": "usage"}
    runs = [
        {"config_name": query["name"], "state": state, "run_at": SYNCED + hours * HOUR}
        for state, hours in (("SUCCEEDED", 0), ("SUCCEEDED", 3), ("FAILED", 6), ("RUNNING", 9))
    ]
    for name in ("usage", "1"):
        assert of(theirs, written_by(name), config=[query], run=runs) == SYNCED + 3 * HOUR
    assert of(theirs, written_by("usage"), config=[query], run=runs[2:]) is None
    with pytest.raises(WarehouseError, match=r"other is no scheduled query: name in test_told\.py one of 1, usage"):
        of(theirs, written_by("other"), config=[query])


def test_such_a_table_is_looked_at_by_that_and_is_above_nothing_that_it_would_wait_for(theirs: Theirs) -> None:
    table = written_by("usage")
    assert ([i.table for i in table.inputs], table.delivery) == ([QUERIES, RUNS], Delivery.WATCHED)
    assert {QUERIES, RUNS} <= set(scheduled_queries.tables)
    theirs.warehouse.ensure([table], NOW)
    theirs.writes(table.name, {"id": "INT64"}, [{"id": 1}])
    assert theirs.looks(table, told=SYNCED).state.data_through == SYNCED


def test_of_any_other_table_nothing_is_asked(theirs: Theirs) -> None:
    assert Told(theirs.warehouse).of(replace(written_by("q"), event_column="at", scheduled_query="")) is None
    with pytest.raises(ValueError, match="needs a column, or a query"):
        written_by("")
