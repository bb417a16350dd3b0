"""What a refresh would cost, asked of BigQuery without running anything."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager

import pytest

from sg_assets.estimate import FETCHED, Estimate, estimate, total
from sg_assets.freshness.plan import Action, Plan, Step
from sg_assets.warehouse.bigquery import BigQueryWarehouse
from sg_assets.warehouse.bigquery_jobs import Cost
from sg_assets_tests.mini import FIRST_DAY, TODAY, Mini
from sg_assets_tests.scripted_bigquery import bigquery, configurations
from sg_assets_tests.scripted_vendor import Vendor

GIB = 2**30


@contextmanager
def asked(mini: Mini, **bytes_of: int) -> Generator[Vendor]:
    """The small project on a BigQuery in which tables have so many bytes."""
    with bigquery({f"m.{name}": size for name, size in bytes_of.items()}, slot_ms=1234, refused="m.right") as vendor:
        mini.set("SG_WAREHOUSE", "bigquery:some-project")
        mini.set("BIGQUERY_EMULATOR_HOST", vendor.url)
        yield vendor


def test_each_build_is_asked_for_and_nothing_is_run(mini: Mini) -> None:
    steps = (
        Step("raw_mini.thing", Action.PULL, "never landed"),
        Step("m.trailing", Action.BUILD, "its SQL changed", (FIRST_DAY, TODAY)),
        Step("m.diamond", Action.BUILD, "never built"),
        Step("m.left", Action.CARRY, "reaches further"),
    )
    with asked(mini, daily=3 * GIB) as vendor:
        found = estimate(Plan(steps), mini.project.graph, mini.env)
    assert found["raw_mini.thing"] == Estimate(None, FETCHED)
    assert found["m.trailing"] == Estimate(3 * GIB)
    assert found["m.diamond"].bytes is None
    assert "Table some-project:m.gone was not found" in found["m.diamond"].reason
    assert found["m.left"] == Estimate(0)
    assert total(found.values()) == Estimate(3 * GIB)
    assert found["m.trailing"].usd == pytest.approx(3 / 1024 * 6.25, abs=1e-6)
    trailing, diamond = configurations(vendor)
    for wanted in (trailing, diamond):
        assert (wanted["dryRun"], wanted["query"]["useQueryCache"]) == (True, False)
    assert f"between date '{FIRST_DAY}' and date '{FIRST_DAY}'" in trailing["query"]["query"]


def test_days_that_only_the_run_will_show_are_those_that_are_open(mini: Mini) -> None:
    steps = (Step("m.daily", Action.BUILD, "raw_mini.thing is brought up to date in this plan"),)
    with asked(mini, daily=0) as vendor:
        estimate(Plan(steps), mini.project.graph, mini.env)
    (wanted,) = configurations(vendor)
    assert f"and date '{TODAY}'" in wanted["query"]["query"]


def test_a_file_costs_nothing_and_is_not_even_opened(mini: Mini) -> None:
    steps = (Step("m.left", Action.BUILD, "never built"),)
    assert estimate(Plan(steps), mini.project.graph, mini.env) == {}
    assert not mini.env.warehouse_path.exists()


def test_what_jobs_took_is_read_of_their_answers_and_told_once(mini: Mini) -> None:
    with asked(mini, left=25 * 2**20) as vendor, closing(mini.env.open_warehouse()) as warehouse:
        assert isinstance(warehouse, BigQueryWarehouse)
        assert warehouse.jobs.run("select 1 from m.left", table="m.left", maximum_bytes=GIB) == [(1,)]
        warehouse.jobs.run("select 1 from m.left", table="m.left")
        assert warehouse.spent("m.left") == Cost(2, 50 * 2**20, 60 * 2**20, 2468)
        assert warehouse.spent("m.left") == Cost()
    capped, free = configurations(vendor)
    assert capped["query"]["maximumBytesBilled"] == str(GIB)
    assert "maximumBytesBilled" not in free["query"]


def test_the_cap_of_all_queries_and_that_of_a_table_hold_both(mini: Mini) -> None:
    mini.set("SG_BIGQUERY_MAX_BYTES_BILLED", str(2 * GIB))
    with asked(mini) as vendor, closing(mini.env.open_warehouse()) as warehouse:
        assert isinstance(warehouse, BigQueryWarehouse)
        for wanted in (GIB, 5 * GIB):
            warehouse.jobs.run("select 1", table="m.left", maximum_bytes=wanted)
    assert [found["query"]["maximumBytesBilled"] for found in configurations(vendor)] == [str(GIB), str(2 * GIB)]
