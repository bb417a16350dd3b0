"""What unfinished runs are to write, and what is started beside them."""

from dataclasses import replace

import dagster as dg
import pytest

from sg_assets import environment
from sg_assets.asset_spec import asset_key
from sg_assets.definitions import build_defs
from sg_assets.freshness.busy import BRING_UP, busy_tables, waited_for
from sg_assets.in_process import ALL_ASSETS_JOB
from sg_assets_tests.mini import Mini

RUNNING = dg.DagsterRunStatus.STARTED
THING = "raw_mini.thing"


def run(mini: Mini, job: str, *tables: str, status: dg.DagsterRunStatus = RUNNING) -> None:
    chosen = frozenset(asset_key(name) for name in tables) if tables else None
    mini.history.add_run(dg.DagsterRun(job, status=status, asset_selection=chosen))


def test_nothing_is_busy_where_no_run_is_unfinished(mini: Mini) -> None:
    run(mini, ALL_ASSETS_JOB, THING, status=dg.DagsterRunStatus.FAILURE)
    assert busy_tables(mini.history, mini.project) == frozenset()
    assert waited_for(mini.history) is None


def test_a_run_says_which_tables_it_is_to_write(mini: Mini) -> None:
    run(mini, ALL_ASSETS_JOB, THING, "gone.table")
    run(mini, ALL_ASSETS_JOB, "m.left", status=dg.DagsterRunStatus.STARTING)
    assert busy_tables(mini.history, mini.project) == {THING, "m.left"}


@pytest.mark.parametrize(
    ("job", "busy"),
    [
        ("other", {"raw_other.extra"}),
        (BRING_UP, set()),
    ],
)
def test_of_a_job_it_is_known_what_it_writes(mini: Mini, job: str, busy: set[str]) -> None:
    run(mini, job)
    assert busy_tables(mini.history, mini.project) == busy


def test_a_run_that_does_not_say_may_write_everything(mini: Mini) -> None:
    run(mini, ALL_ASSETS_JOB)
    assert busy_tables(mini.history, mini.project) == mini.project.graph.tables.keys()


def test_runs_of_a_duckdb_file_hold_its_pool_and_those_of_bigquery_one_for_each_source_they_ask(mini: Mini) -> None:
    def pools(env: environment.Environment) -> set[str]:
        repository = build_defs(env, mini.project).get_repository_def()
        return {pool for op in repository.get_job(ALL_ASSETS_JOB).all_node_defs for pool in op.pools}

    assert pools(mini.env) == {"warehouse"}
    variables = {**mini.env.variables, "SG_WAREHOUSE": "bigquery:some-project"}
    assert pools(replace(mini.env, variables=variables)) == {"source_mini", "source_other"}
