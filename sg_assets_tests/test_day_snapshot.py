"""`snapshot: day`: what was true at the end of each day is written once, when its inputs reach that end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from sg_assets import day_snapshot
from sg_assets.session import Result
from sg_assets.warehouse import dialect
from sg_assets_tests.mini import DAY, HOUR, NOON, TODAY, Mini, results, thing
from sg_assets_tests.mini_tables import FILE, ID, NAME

KEPT = FILE.format(
    description="Things by day.", owner="team:mini", promise="{cron: 30 6 * * *, timezone: UTC, warn: 60h, fail: 80h}",
    key="id", more="snapshot: day", columns=f"{ID}\n{NAME}", sql="select id, name from raw_mini.thing",
)  # fmt: skip
NAMES = "select day_on, string_agg(name, ',' order by name) from m.kept group by day_on order by day_on"


@pytest.fixture
def kept(mini: Mini) -> Mini:
    mini.write("kept", KEPT)
    return mini


def test_the_first_build_writes_the_last_day_that_is_over_and_each_day_follows_once(kept: Mini) -> None:
    kept.refresh()
    assert kept.rows(NAMES) == [(TODAY - DAY, "bolt,nut")]
    seq = kept.states["m.kept"].seq
    kept.later(HOUR)
    kept.refresh()
    assert kept.states["m.kept"].seq == seq
    kept.vendor.things = [thing(1, "screw", TODAY)]
    kept.later(DAY)
    kept.refresh()
    assert kept.rows(NAMES) == [(TODAY - DAY, "bolt,nut"), (TODAY, "nut,screw")]
    state = kept.states["m.kept"]
    assert state.data_through == datetime.combine(TODAY + DAY, datetime.min.time(), UTC)
    assert (state.known_at, state.is_carried) == (kept.now, False)


def test_after_a_pause_every_missing_day_is_written_as_known_later_and_marked(kept: Mini) -> None:
    kept.refresh()
    kept.later(3 * DAY)
    kept.refresh()
    marks = kept.rows("select distinct day_on, known_at, is_carried from m.kept order by day_on")
    later = NOON + 3 * DAY
    assert marks == [
        (TODAY - DAY, NOON, False),
        (TODAY, later, True),
        (TODAY + DAY, later, True),
        (TODAY + 2 * DAY, later, False),
    ]


def test_days_are_not_written_again_in_full_by_name_or_because_the_sql_changed(kept: Mini) -> None:
    kept.refresh()
    kept.vendor.things = [thing(1, "screw", TODAY)]
    kept.change_sql("kept", "select id, name", "select id, upper(name) as name")
    assert "m.kept" not in results(kept.refresh())
    for account in (kept.refresh("m.kept", full=True), kept.refresh("m.kept", days=[TODAY - DAY])):
        (report,) = [one for one in account.tables if one.table == "m.kept"]
        assert (report.result, report.reason) == (Result.BLOCKED, f"m.kept: {day_snapshot.WRITTEN_ONCE}")
    assert kept.rows(NAMES) == [(TODAY - DAY, "bolt,nut")]
    kept.later(DAY)
    kept.refresh()
    assert kept.rows(NAMES)[-1] == (TODAY, "NUT,SCREW")


def test_a_run_by_hand_writes_what_is_missing_and_nothing_else(kept: Mini) -> None:
    kept.refresh()
    result = kept.run("m.kept", tags={"dagster/partition": (TODAY - DAY).isoformat()})
    assert not result.success
    assert kept.rows(NAMES) == [(TODAY - DAY, "bolt,nut")]


def test_a_column_may_be_added_and_none_may_go(kept: Mini) -> None:
    kept.refresh()
    kept.change_sql("kept", "select id, name", "select id, name, day_on as made_on")
    kept.change_sql("kept", NAME, f"{NAME}\n  made_on: {{type: DATE, description: Day.}}")
    kept.later(DAY)
    kept.refresh()
    made = kept.rows("select day_on, min(made_on) from m.kept group by day_on order by day_on")
    assert made[0] == (TODAY - DAY, None)
    assert made[1][1] is not None
    kept.change_sql("kept", f"{NAME}\n", "")
    kept.change_sql("kept", "select id, name, ", "select id, ")
    kept.later(DAY)
    account = kept.refresh()
    (report,) = [one for one in account.tables if one.table == "m.kept"]
    assert report.result is Result.FAILED
    assert "name vanished" in report.reason
    assert "written once" in report.reason


@pytest.mark.parametrize(("hours", "is_carried"), [(24, False), (47, False), (48, True), (96, True)])
def test_a_day_is_carried_when_the_next_one_was_over_too(hours: int, is_carried: bool) -> None:  # noqa: FBT001
    day, known_at = date(2024, 2, 29), datetime(2024, 2, 29, tzinfo=UTC) + timedelta(hours=hours)
    sql = dialect.to_duckdb(day_snapshot.dated("select 1 as id", [day], known_at))
    with duckdb.connect() as connection:
        dialect.prepare(connection)
        connection.execute("set timezone = 'UTC'")
        assert connection.execute(sql).fetchall() == [(day, 1, known_at, is_carried)]
    assert day_snapshot.is_carried(day, known_at) == is_carried
