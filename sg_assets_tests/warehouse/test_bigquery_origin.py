"""What is asked of BigQuery to see how far other systems have written, and how their tables are shown as ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sg_assets.columns import Column
from sg_assets.table import Origin, Part, Reach, Table
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.bigquery_origin import Origins, to_judge
from sg_assets.warehouse.bigquery_tables import Tables
from sg_assets.warehouse.contract import Soundness, WarehouseError, Watch
from sg_assets.warehouse.state import Change, TableState
from sg_assets.warehouse.watching import Seen
from sg_assets_tests.warehouse.examples import NOW
from sg_assets_tests.warehouse.played_bigquery import Played, parameters
from sg_assets_tests.warehouse.test_duckdb_watch import declared

HOUR = timedelta(hours=1)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
WRITTEN = NOW - HOUR
TYPES = {"id": "INTEGER", "at": "TIMESTAMP", "_fivetran_synced": "TIMESTAMP"}
OURS = declared(Column("id", "INT64", "Id."), Column("at", "TIMESTAMP", "When."), through="at")


def shown(reach: Reach, *names: str, **columns: str) -> Table:
    """Our table, shown from some of theirs, in another project."""
    parts = tuple(Part(f"other-project.theirs.{name}", fields={"id": "id", "at": "at"} | columns) for name in names)
    return replace(OURS, origin=Origin("SG_X_DATASET", parts, reach), code_version="v1")


def watch(*tables: Table, told: datetime | None = None, now: datetime = NOW) -> Watch:
    beside = frozenset(part.table for table in tables if table.origin for part in table.origin.parts)
    return Watch(now, now - HOUR, lambda _: False, told, beside)


@pytest.fixture
def origins(there: Played) -> Origins:
    for name in ("one", "two"):
        fields = [{"name": column, "type": kind} for column, kind in TYPES.items()]
        there.tables[f"theirs.{name}"] = {
            "tableReference": {"projectId": "other-project", "datasetId": "theirs", "tableId": name},
            "schema": {"fields": fields},
            "timePartitioning": {"type": "DAY", "field": "at"},
        }
    there.answers["INFORMATION_SCHEMA.PARTITIONS"] = [partition("one", day(TODAY), 2), partition("two", "", 5)]
    there.answers["select max(`at`)"] = [(NOW - HOUR,)]
    return Origins(there.jobs, Tables(there.jobs))


def day(on: date) -> str:
    return f"{on:%Y%m%d}"


def partition(table: str, name: str, rows: int, at: datetime = WRITTEN) -> Sequence[object]:
    return (table, name, rows, at)


def state_of(state: TableState) -> tuple[object, ...]:
    """A state as BigQuery answers it."""
    marks = (state.content_version, state.code_version, state.change.value)
    return (0, None, state.table, state.seq, NOW, state.rows, NOW, *marks, "{}", None, None, None, 1)


def after(table: Table, found: Seen) -> TableState:
    """The state that a look leaves."""
    return TableState(
        table.name, 2, NOW, found.rows, found.through, found.version, table.code_version, Change.WATCH,
        event_days=found.event_days,
    )  # fmt: skip


def test_all_tables_of_a_dataset_are_one_question_that_reads_none_of_them(there: Played, origins: Origins) -> None:
    tables = [shown(Reach.TOLD, "one"), shown(Reach.TOLD, "two"), shown(Reach.TOLD, "one", "two")]
    for table in tables:
        origins.seen(table, None, watch(*tables, told=NOW))
    (asked,) = there.queries("INFORMATION_SCHEMA.PARTITIONS")
    assert "from `other-project`.`theirs`.INFORMATION_SCHEMA.PARTITIONS" in asked["query"]["query"]
    assert parameters(asked) == {"p0": ["one", "two"]}
    assert "group by 1, 2" in asked["query"]["query"]  # what is streamed can be two rows, one a tier of storage
    assert there.queries("max(`at`)") == []
    origins.seen(tables[0], None, watch(*tables, told=NOW, now=NOW + HOUR))
    assert len(there.queries("INFORMATION_SCHEMA.PARTITIONS")) == 2


def test_the_table_becomes_a_view_once_described_as_it_is_declared(there: Played, origins: Origins) -> None:
    table = shown(Reach.TOLD, "one")
    Tables(there.jobs).create(table)
    found = origins.seen(table, None, watch(table, told=WRITTEN))
    assert (found.rows, found.through) == (2, WRITTEN)
    (made,) = there.queries("create or replace view")
    assert made["query"]["query"] == (
        "create or replace view `some-project`.`dev_raw_x`.`usage` "
        '(`id` options(description="Id."), `at` options(description="When.")) '
        'options(description="Usage.", labels=[("sg_kind", "raw"), ("sg_owner", "team_x"), ("sg_source", "x")]) as\n'
        "select t.`id` as `id`, t.`at` as `at` from `other-project`.`theirs`.`one` as t"
    )
    again = origins.seen(table, after(table, found), watch(table, told=NOW))
    assert (again.version, again.through) == (found.version, NOW)
    assert len(there.queries("create or replace view")) == 1
    origins.seen(replace(table, code_version="v2"), after(table, found), watch(table, told=NOW))
    assert len(there.queries("create or replace view")) == 2


def test_rows_of_our_own_are_not_thrown_away_for_theirs(there: Played, origins: Origins) -> None:
    table = shown(Reach.TOLD, "one")
    Tables(there.jobs).create(table)
    there.tables[f"dev_{table.name}"]["numRows"] = "7"
    with pytest.raises(WarehouseError, match=r"holds 7 rows .* before SG_X_DATASET was set: put them aside"):
        origins.seen(table, None, watch(table, told=NOW))
    assert there.queries("create or replace view") == []


def test_a_view_that_somebody_took_away_is_put_in_place_again(
    there: Played, origins: Origins, on_bigquery: BigQueryWarehouse
) -> None:
    table = shown(Reach.TOLD, "one")
    found = origins.seen(table, None, watch(table, told=NOW))
    there.answers["qualify row_number()"] = [state_of(after(table, found))]
    on_bigquery.ensure([table], NOW)
    on_bigquery.watch(table, watch(table, told=NOW), lambda _table, _staged: Soundness(()))
    assert len(there.queries("create or replace view")) == 1
    there.tables[f"dev_{table.name}"]["type"] = "TABLE"
    on_bigquery.ensure([table], NOW)
    on_bigquery.watch(table, watch(table, told=NOW), lambda _table, _staged: Soundness(()))
    assert len(there.queries("create or replace view")) == 2


def test_what_is_not_there_is_said_by_its_variable(origins: Origins) -> None:
    with pytest.raises(WarehouseError, match=r"no table other-project\.theirs\.three, which SG_X_DATASET names"):
        origins.seen(shown(Reach.TOLD, "three"), None, watch())
    with pytest.raises(WarehouseError, match="one has no column gone"):
        origins.seen(shown(Reach.TOLD, "one", id="gone"), None, watch())


def test_of_a_table_that_is_cut_by_its_events_days_only_the_newest_are_read(there: Played, origins: Origins) -> None:
    there.answers["INFORMATION_SCHEMA.PARTITIONS"] = [
        partition("one", day(YESTERDAY), 4, NOW - 20 * HOUR), partition("one", day(TODAY), 2),
        partition("one", "__NULL__", 1),
    ]  # fmt: skip
    table = shown(Reach.COLUMN, "one")
    found = origins.seen(table, None, watch(table))
    assert (found.rows, found.through) == (7, NOW - HOUR)
    assert found.event_days == {
        YESTERDAY: f"{(NOW - 20 * HOUR).isoformat()}:4",
        TODAY: f"{WRITTEN.isoformat()}:2",
    }
    (asked,) = there.queries("select max(`at`)")
    assert "where `at` >= @p0" in asked["query"]["query"]
    assert parameters(asked) == {"p0": f"{YESTERDAY} 00:00:00+00:00"}
    origins.seen(table, after(table, found), watch(table))
    assert len(there.queries("select max(`at`)")) == 1


def test_what_was_streamed_and_is_in_no_partition_yet_marks_the_days_it_may_be_of(
    there: Played, origins: Origins
) -> None:
    long_ago = date(2025, 1, 1)
    there.answers["INFORMATION_SCHEMA.PARTITIONS"] = [
        partition("one", day(long_ago), 4), partition("one", "__UNPARTITIONED__", 3)
    ]  # fmt: skip
    days = origins.seen(shown(Reach.COLUMN, "one"), None, watch()).event_days
    streamed = f"{WRITTEN.isoformat()}:3"
    assert days == {long_ago: f"{WRITTEN.isoformat()}:4", YESTERDAY: streamed, TODAY: streamed}


def test_hours_are_parts_of_their_day(there: Played, origins: Origins) -> None:
    there.answers["INFORMATION_SCHEMA.PARTITIONS"] = [
        partition("one", f"{day(TODAY)}07", 4), partition("one", f"{day(TODAY)}08", 3)
    ]  # fmt: skip
    days = origins.seen(shown(Reach.COLUMN, "one"), None, watch()).event_days
    assert days == {TODAY: f"{WRITTEN.isoformat()}:4+{WRITTEN.isoformat()}:3"}


@pytest.mark.parametrize("cut", [{}, {"timePartitioning": {"type": "DAY"}}, {"timePartitioning": {"field": "other"}}])
def test_of_any_other_table_the_days_are_counted(there: Played, origins: Origins, cut: dict[str, Any]) -> None:
    there.tables["theirs.one"].pop("timePartitioning")
    there.tables["theirs.one"] |= cut
    there.answers["select date(`at`)"] = [(YESTERDAY, 4, NOW - 20 * HOUR), (TODAY, 2, NOW - 2 * HOUR)]
    found = origins.seen(shown(Reach.COLUMN, "one"), None, watch())
    assert (found.through, found.event_days) == (NOW - 2 * HOUR, {YESTERDAY: "4", TODAY: "2"})


def test_a_view_of_theirs_which_has_no_metadata_is_counted_or_goes_by_what_its_writer_told(
    there: Played, origins: Origins
) -> None:
    there.answers["INFORMATION_SCHEMA.PARTITIONS"] = []
    there.answers["select date(`at`)"] = [(TODAY, 2, NOW - 2 * HOUR)]
    assert origins.seen(shown(Reach.COLUMN, "one"), None, watch()).rows == 2
    table = shown(Reach.TOLD, "one")
    first, second = (origins.seen(table, None, watch(table, told=told)) for told in (WRITTEN, NOW))
    assert first.version != second.version


def test_a_table_that_has_no_time_reaches_to_when_it_was_written(there: Played, origins: Origins) -> None:
    found = origins.seen(shown(Reach.WRITTEN, "two"), None, watch())
    assert (found.rows, found.through, found.event_days) == (5, WRITTEN, {})
    assert there.queries("max(`at`)") == []


def test_only_days_that_changed_are_judged() -> None:
    before = after(shown(Reach.COLUMN, "one"), Seen(6, "v", NOW, {YESTERDAY: "a", TODAY: "b"}))
    found = Seen(7, "w", NOW, {YESTERDAY: "a", TODAY: "c"})
    relation = to_judge(shown(Reach.COLUMN, "one"), "`t`", before, found)
    assert relation == f"(select * from `t` where `at` >= timestamp '{TODAY} 00:00:00+00')"
    assert to_judge(shown(Reach.WRITTEN, "one"), "`t`", before, found) is None
    assert to_judge(shown(Reach.TOLD, "one"), "`t`", before, found) == "`t`"


@pytest.mark.usefixtures("origins")
def test_what_was_seen_becomes_the_state_with_the_marks_of_its_days(
    there: Played, on_bigquery: BigQueryWarehouse
) -> None:
    table = shown(Reach.COLUMN, "one")
    outcome = on_bigquery.watch(table, watch(table), lambda _table, _staged: Soundness(()))
    assert (outcome.state.change, outcome.state.event_days) == (Change.WATCH, {TODAY: f"{WRITTEN.isoformat()}:2"})
    script = there.script()
    assert "insert into `some-project`.`dev_sg_ops`.`event_day`" in script
    assert "`dev_raw_x`.`usage`" not in script
