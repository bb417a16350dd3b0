"""A run may be killed between commit, copy and event; what it left undone is done later."""

from datetime import date

import pytest

from sg_assets.asset_spec import asset_key
from sg_assets.checks import judge
from sg_assets.freshness import healing
from sg_assets.freshness.stale import build_for
from sg_assets.sql_file import narrow
from sg_assets.warehouse.contract import Build, Landing
from sg_assets.warehouse.state import Change, TableState
from sg_assets_tests.mini import DAY, FIRST_DAY, HOUR, NOON, TODAY, Mini, results

THING, LEFT, DAILY = "raw_mini.thing", "m.left", "m.daily"


@pytest.fixture
def known(built: Mini) -> Mini:
    """A built project of which the history has heard everything."""
    healing.report_unheard(built.history, built.env, built.project.graph)
    return built


def test_a_commit_that_nobody_copied_is_copied_and_told_once(known: Mini) -> None:
    state = land_and_die(known)
    assert known.states[THING].seq == state.seq - 1
    catch_up(known)
    assert known.states[THING] == state
    assert report(known) == [THING]
    event = known.event(THING)
    assert event.metadata["state_seq"].value == state.seq
    assert event.metadata["dagster/row_count"].value == 0
    assert (event.tags or {})["dagster/data_version"] == state.content_version
    assert "ended before it could say so" in str(event.description)
    catch_up(known)
    assert report(known) == []


def test_a_copy_of_which_dagster_did_not_hear_is_told_once(known: Mini) -> None:
    state = land_and_die(known)
    known.env.operations.copy_states(known.env.warehouse_id, {THING: state})
    assert report(known) == [THING]
    assert report(known) == []


def test_all_days_since_the_last_event_are_told_each_as_its_partition(known: Mini) -> None:
    for day in (FIRST_DAY, TODAY - DAY):
        build_and_die(known, day)
    catch_up(known)
    assert report(known) == [DAILY]
    assert partitions(known)[:2] == [str(TODAY - DAY), str(FIRST_DAY)]
    assert known.history.get_materialized_partitions(asset_key(DAILY)) >= {str(FIRST_DAY), str(TODAY - DAY)}


def test_a_history_that_is_new_hears_of_everything_that_landed_and_of_no_empty_table(built: Mini) -> None:
    landed = {name for name, state in built.states.items() if state.has_landed}
    assert set(report(built)) == landed
    assert "raw_other.extra" not in landed
    assert sorted(partitions(built)) == [str(FIRST_DAY + n * DAY) for n in range(5)]


def test_what_a_run_told_itself_is_not_told_again(mini: Mini) -> None:
    mini.refresh(LEFT, DAILY)
    mini.later(HOUR)
    mini.refresh(LEFT)  # a carry
    assert report(mini) == []


def test_tables_that_are_missing_are_made(mini: Mini) -> None:
    catch_up(mini)
    assert {state.change for state in mini.states.values()} == {Change.CREATE}
    assert len(mini.states) == 4
    assert report(mini) == []


def test_the_next_refresh_heals_by_itself_and_builds_on_what_was_landed(known: Mini) -> None:
    land_and_die(known)
    account = known.refresh(LEFT)
    assert results(account) == {LEFT: "built"}
    assert known.event(THING).metadata["state_seq"].value == known.states[THING].seq
    assert known.rows("select count(*) from m.left") == [(0,)]


def catch_up(mini: Mini) -> None:
    healing.catch_up(mini.env, mini.project.graph, mini.now)


def report(mini: Mini) -> list[str]:
    return healing.report_unheard(mini.history, mini.env, mini.project.graph)


def partitions(mini: Mini) -> list[str]:
    """The days of the partitioned table that were reported, the newest event first."""
    records = mini.history.fetch_materializations(asset_key(DAILY), limit=9).records
    return [str(record.partition_key) for record in records]


def land_and_die(mini: Mini) -> TableState:
    """Commit a landing of no rows, and do nothing else of what a run does then."""
    warehouse, table = mini.env.open_warehouse(), mini.project.graph[THING]
    seq = warehouse.states()[THING].seq
    outcome = warehouse.land(table, [], Landing(NOON, seq, NOON, full=True, accept_shrink=True), judge)
    warehouse.release()
    return outcome.state


def build_and_die(mini: Mini, day: date) -> None:
    """Commit one day of a partitioned table, and do nothing else of what a run does then."""
    warehouse, table = mini.env.open_warehouse(), mini.project.graph[DAILY]
    made_of = build_for(mini.facts, table, [day])
    sql = narrow(table, mini.project.graph.tables, [day])
    warehouse.build(table, Build(mini.now, made_of.data_through, sql, partitions=made_of.partitions), judge)
    warehouse.release()
