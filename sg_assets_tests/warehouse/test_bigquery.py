"""The verbs in BigQuery by what they ask of it: jobs, their ids and texts. What the SQL does is in the contract's tests.

Nothing is in the tables here but what a test says that queries answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sg_assets import checks
from sg_assets.columns import Column
from sg_assets.table import Mode, Table
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.contract import Landing, UnsoundError, WarehouseError
from sg_assets_tests.warehouse.examples import NOW, PING, build, derived, land, load, parquet, pinged, raw, row
from sg_assets_tests.warehouse.played_bigquery import Played, parameters, played

ACCOUNT = raw(columns=[Column("id", "STRING", "Id."), Column("seats", "INT64", "Seats.")])
SOUND = "count(case when"  # in the question of `sound`
MARCH = date(2026, 3, 10)


@pytest.fixture
def there() -> Iterator[Played]:
    with played(dataset_prefix="dev_") as made:
        made.answers |= {
            "select id, environment": [("an-id", "sandbox")],
            SOUND: [(2, 2, 0, 0)],
            "group by _sg_change": [("new", 1), ("other", 1)],
        }
        yield made


@pytest.fixture
def warehouse(there: Played) -> BigQueryWarehouse:
    return BigQueryWarehouse(there.client, there.jobs.settings, "sandbox")


def state_row(table: Table, seq: int) -> tuple[object, ...]:
    """The newest state of a table as BigQuery answers it."""
    now = str(int(NOW.timestamp() * 1_000_000))
    return (0, None, table.name, seq, now, 2, now, "1", "1", "land", "{}", None, None, None, 1)


def test_a_landing_is_one_load_job_and_one_transaction_with_its_state(
    there: Played, warehouse: BigQueryWarehouse, tmp_path: Path
) -> None:
    outcome = land(warehouse, tmp_path, ACCOUNT, [row("a", None, seats=1), row("b", None, seats=2)])
    assert (outcome.changed_rows, outcome.state.seq, outcome.state.rows) == (2, 1, 1)
    (loaded,) = [one["configuration"]["load"] for one in there.submitted.values() if "load" in one["configuration"]]
    assert (loaded["sourceFormat"], loaded["writeDisposition"]) == ("PARQUET", "WRITE_TRUNCATE")
    assert [(one["name"], one["type"]) for one in loaded["schema"]["fields"]] == [
        ("id", "STRING"),
        ("seats", "INT64"),
        ("_extra", "STRING"),
    ]
    begin, look, delete, insert, state, commit = there.script().split(";\n")
    target = "`some-project`.`dev_raw_crm`.`account`"
    assert (begin, commit) == ("begin transaction", "commit transaction;")
    assert look.startswith("assert ifnull((select max(seq) from `some-project`.`dev_sg_ops`.`table_state`")
    assert delete.startswith(f"delete from {target} as t where exists")
    assert insert.startswith(f"insert into {target} (`id`, `seats`, `_extra`) select")
    assert state.startswith("insert into `some-project`.`dev_sg_ops`.`table_state`")
    assert there.datasets["dev_sg_staging"]["defaultTableExpirationMs"] == "86400000"
    assert [name for name in there.tables if name.startswith("dev_sg_staging")] == []


def test_no_value_of_a_row_or_of_the_state_is_in_a_text(
    there: Played, warehouse: BigQueryWarehouse, tmp_path: Path
) -> None:
    land(warehouse, tmp_path, raw(), [row("Robert'); drop table x")], cursor={"since": "Robert'); drop table x"})
    assert [one for one in there.queries("Robert") if "Robert" in one["query"]["query"]] == []
    (script,) = there.queries("begin transaction")
    assert '{"since": "Robert\'); drop table x"}' in parameters(script).values()


def test_a_landing_that_is_tried_again_finds_its_jobs(
    there: Played, warehouse: BigQueryWarehouse, tmp_path: Path
) -> None:
    rows = [row("a", None, seats=1)]
    land(warehouse, tmp_path, ACCOUNT, rows)
    ours = [name for name, job in there.submitted.items() if "begin transaction" in str(job)]
    before = set(there.submitted)
    land(BigQueryWarehouse(there.client, there.jobs.settings, "sandbox"), tmp_path, ACCOUNT, rows)
    again = [name for name in there.submitted if name not in before and name.startswith("sg-")]
    assert len(again) == 2  # what was staged is gone, and staged again
    assert all(name.endswith("-2") for name in again)
    assert there.tries.count(ours[0]) == 2


def test_of_two_writers_of_one_table_the_second_writes_nothing_and_looks_again(
    there: Played, warehouse: BigQueryWarehouse, tmp_path: Path
) -> None:
    land(warehouse, tmp_path, ACCOUNT, [row("a", None, seats=1)])
    there.answers["union all select 1"] = [state_row(ACCOUNT, 1)]
    first = there.script()
    landing = Landing(NOW, 0, NOW)
    file = parquet(tmp_path, ACCOUNT, [row("a", None, seats=7)])
    outcome = warehouse.land(ACCOUNT, [file], landing, checks.judge)
    assert (outcome.is_skipped, outcome.reason, outcome.state.seq) == (True, "landed meanwhile", 1)
    assert there.script() == first


def test_a_table_whose_state_was_changed_by_hand_is_not_written_for_ever(
    warehouse: BigQueryWarehouse, tmp_path: Path
) -> None:
    land(warehouse, tmp_path, ACCOUNT, [row("a", None, seats=1)])
    with pytest.raises(WarehouseError, match="changed by hand"):
        land(warehouse, tmp_path, ACCOUNT, [row("a", None, seats=2)])


def test_rows_that_are_not_sound_are_not_published(there: Played, warehouse: BigQueryWarehouse, tmp_path: Path) -> None:
    there.answers[SOUND] = [(2, 1, 0, 0)]
    with pytest.raises(UnsoundError, match="repeat a key"):
        land(warehouse, tmp_path, ACCOUNT, [row("a", None, seats=1)])
    assert there.queries("begin transaction") == []
    assert [name for name in there.tables if name.startswith("dev_sg_staging")] == []


def test_a_raw_table_is_made_with_its_descriptions_and_labels_and_gets_new_columns(
    there: Played, warehouse: BigQueryWarehouse
) -> None:
    warehouse.ensure([ACCOUNT, PING], NOW)
    made = there.tables["dev_raw_pings.ping"]
    assert made["description"] == PING.description
    assert made["labels"] == {"sg_kind": "raw", "sg_owner": "data", "sg_source": "pings"}
    assert made["timePartitioning"]["field"] == "_object_on"
    assert made["schema"]["fields"][0]["description"] == PING.columns[0].description
    assert "dev_raw_pings.ping__rejected" in there.tables
    grown = raw(columns=[Column("id", "STRING", "Id."), Column("x", "INT64", "X."), *ACCOUNT.columns[1:2]])
    warehouse.ensure([grown], NOW)
    assert [one["name"] for one in there.tables["dev_raw_crm.account"]["schema"]["fields"]] == [
        "id",
        "seats",
        "_extra",
        "x",
    ]
    assert there.queries("create or replace") == []


def test_a_build_runs_its_sql_where_the_tables_are_within_its_limit(
    there: Played, warehouse: BigQueryWarehouse
) -> None:
    there.answers |= {"select id from": [("a",)], "farm_fingerprint": [(1, 5)]}
    table = derived([Column("c0", "STRING", "Id.")], ["c0"], name="crm.copy")
    outcome = build(warehouse, table, "select id from crm.account")
    assert (outcome.state.content_version, outcome.changed_rows) == ("1:0000000000000005", 1)
    (staged,) = there.queries("create or replace table")
    assert "select id from `some-project`.`dev_crm`.`account`" in staged["query"]["query"]
    assert staged["labels"]["sg_table"] == "crm_copy"
    assert "delete from `some-project`.`dev_crm`.`copy` where true" in there.script()


def test_a_build_whose_sql_gives_other_columns_is_refused_before_it_runs(
    there: Played, warehouse: BigQueryWarehouse
) -> None:
    there.answers["select 1 as c0"] = [(1,)]
    table = derived([Column("c0", "STRING", "Id.")], ["c0"])
    with pytest.raises(WarehouseError, match="c0 is declared as STRING, selected as INT64"):
        build(warehouse, table, "select 1 as c0")
    assert there.queries("create or replace") == []


def test_changed_days_are_replaced_by_parameter(there: Played, warehouse: BigQueryWarehouse) -> None:
    there.answers |= {
        "is not true": [(0,)],
        "farm_fingerprint": [("2026-03-10", 1, 5)],
        "select day, n": [("d", 1)],
    }
    table = derived([Column("c0", "STRING", ""), Column("c1", "INT64", "")], ["c0"], partition="c0", name="crm.day")
    for seq in (1, 2):
        outcome = build(warehouse, table, "select day, n from x.y", partitions={MARCH: {"x.y": "m"}})
        there.answers["union all select 1"] = [state_row(table, seq)]
    assert list(outcome.state.partitions) == [MARCH]
    assert there.tables["dev_crm.day"]["timePartitioning"]["field"] == "c0"
    first, second = there.queries("begin transaction")
    assert "delete from `some-project`.`dev_crm`.`day` where true" in first["query"]["query"]
    assert "delete from `some-project`.`dev_crm`.`day` where `c0` in unnest(@" in second["query"]["query"]


def test_a_load_notes_its_objects_and_days(there: Played, warehouse: BigQueryWarehouse, tmp_path: Path) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    outcome = load(warehouse, tmp_path, [pinged(MARCH, 12, [noon, noon])])
    assert {day: one.rows for day, one in outcome.state.partitions.items()} == {MARCH: 2}
    for name in ("table_state", "partition_state", "loaded_object", "event_day"):
        assert f"insert into `some-project`.`dev_sg_ops`.`{name}`" in there.script()
    assert "pings/2026-03-10" not in there.script()


def test_nothing_is_asked_before_the_first_verb(there: Played) -> None:
    warehouse = BigQueryWarehouse(there.client, there.jobs.settings, "sandbox")
    warehouse.release()
    assert (there.datasets, there.submitted) == ({}, {})
    assert warehouse.id == "an-id"


def test_a_replaced_table_of_another_shape_says_which_state_is_to_follow(
    there: Played, warehouse: BigQueryWarehouse, tmp_path: Path
) -> None:
    warehouse.ensure([ACCOUNT], NOW)
    changed = raw(Mode.MERGE, columns=[Column("id", "STRING", "Id."), Column("seats", "STRING", "Seats.")])
    there.answers["select (select count(*)"] = [(0, 1)]
    land(warehouse, tmp_path, changed, [row("a", None, seats="many")], full=True)
    (made,) = there.queries('("sg_seq", "1")')
    assert made["query"]["query"].startswith("create or replace table `some-project`.`dev_raw_crm`.`account`")
