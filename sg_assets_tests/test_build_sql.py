"""The SQL of one build: its days, and the run's day."""

from datetime import UTC, date, datetime

from sg_assets import discovery
from sg_assets.build_sql import build_sql
from sg_assets_tests.mini import FIRST_DAY, NOON, Mini

DAILY, DAY = "m.daily", FIRST_DAY


def test_a_table_of_days_reads_only_what_they_need(mini: Mini) -> None:
    tables = mini.project.graph.tables
    sql = build_sql(tables[DAILY], tables, [DAY], NOON)
    assert f"between date '{DAY}' and date '{DAY}'" in sql


def test_any_other_table_is_its_own_sql(mini: Mini) -> None:
    tables = mini.project.graph.tables
    assert build_sql(tables["m.left"], tables, (), NOON) == tables["m.left"].sql


def test_today_is_the_day_of_the_run() -> None:
    tables = discovery.graph().tables
    table = next(table for table in tables.values() if table.reads_current_date)
    sql = build_sql(table, tables, (), datetime(2026, 3, 1, 23, tzinfo=UTC))
    assert "date '2026-03-01'" in sql.lower()
    assert "current_date" not in sql.lower()


def test_a_snapshot_is_dated() -> None:
    tables = discovery.graph().tables
    table = next(table for table in tables.values() if table.is_day_snapshot)
    sql = build_sql(table, tables, [date(2026, 3, 1)], NOON, datetime(2026, 3, 2, tzinfo=UTC))
    assert "unnest([date '2026-03-01'])" in sql
