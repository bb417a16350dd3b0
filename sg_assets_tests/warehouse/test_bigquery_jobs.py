"""Jobs that must happen once, what they may bill and what they cost: by what is asked of BigQuery."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sg_assets.warehouse.bigquery_jobs import WHAT, Cost, label, standard_type, step_name
from sg_assets.warehouse.contract import WarehouseError
from sg_assets_tests.warehouse.played_bigquery import PROJECT, Played, played


@pytest.fixture
def there() -> Iterator[Played]:
    with played() as made:
        yield made


def step(there: Played, sql: str = "insert into x select 1", **more: object) -> bool:
    return there.jobs.step("sg-x", sql, table="crm.account", **more)  # pyrefly: ignore[bad-argument-type]


def test_a_step_that_is_tried_again_finds_its_job_and_runs_nothing(there: Played) -> None:
    assert step(there)
    assert step(there)
    assert there.tries == ["sg-x-1", "sg-x-1"]
    assert list(there.submitted) == ["sg-x-1"]


def test_a_step_of_the_same_name_that_does_something_else_is_not_run(there: Played) -> None:
    assert step(there)
    assert not step(there, "insert into x select 2")
    assert list(there.submitted) == ["sg-x-1"]


def test_a_step_that_failed_is_run_under_the_next_number(there: Played) -> None:
    there.fails["insert"] = "a division by zero"
    with pytest.raises(WarehouseError, match=r"crm\.account: BigQuery refused: .*a division by zero"):
        step(there)
    there.fails.clear()
    assert step(there)
    assert list(there.submitted) == ["sg-x-1", "sg-x-2"]


def test_a_step_whose_work_is_gone_is_run_again(there: Played) -> None:
    assert step(there)
    assert step(there, is_done=lambda: False)
    assert list(there.submitted) == ["sg-x-1", "sg-x-2"]


def test_jobs_are_limited_and_labelled_and_added_up_by_table(there: Played) -> None:
    there.answers["select 5"] = [(5, None, "x")]
    assert there.jobs.run("select 5", table="crm.account") == [(5, None, "x")]
    step(there)
    there.jobs.run("select 7")
    one = Cost(1, 1000, 10 * 2**20, 7)
    assert there.jobs.costs == {"crm.account": one + one, "": one}
    first, second, third = there.queries()
    assert (first["labels"], third.get("labels")) == ({"sg_table": "crm_account"}, {})
    assert second["labels"].keys() == {"sg_table", WHAT}


def test_a_query_may_bill_the_least_of_its_limits() -> None:
    with played(maximum_bytes_billed=10**12) as there:
        there.jobs.run("select 1")
        there.jobs.run("select 2", maximum_bytes=5)
        there.jobs.run("select 3", maximum_bytes=10**13)
        limits = [one["query"]["maximumBytesBilled"] for one in there.queries()]
    assert limits == [str(10**12), "5", str(10**12)]


def test_jobs_run_in_the_project_that_pays_for_them() -> None:
    with played(job_project="payer") as there:
        assert there.client.project == "payer"
        assert there.jobs.settings.project == PROJECT


def test_a_dry_run_gives_bytes_and_types_and_runs_nothing(there: Played) -> None:
    there.answers["select 1"] = [(1, True, "x")]
    found = there.jobs.dry_run("select 1", table="crm.account")
    assert (found.bytes_processed, dict(found.columns)) == (1000, {"c0": "INT64", "c1": "BOOL", "c2": "STRING"})
    assert (there.submitted, there.jobs.costs) == ({}, {})


def test_the_name_of_a_step_is_made_of_all_that_it_stands_for() -> None:
    names = {step_name(*parts) for parts in [("w", "a.b", 1), ("v", "a.b", 1), ("w", "a.c", 1), ("w", "a.b", 2)]}
    assert len(names) == 4
    assert step_name("w", "raw_x.Übel", 1).startswith("sg-raw_x__bel-")


def test_labels_hold_what_bigquery_takes() -> None:
    assert label("team:Data & Co") == "team_data___co"
    assert len(label("x" * 100)) == 63


def test_types_have_the_names_that_sql_has() -> None:
    kinds = [("INTEGER", "NULLABLE"), ("FLOAT", "REPEATED"), ("RECORD", "NULLABLE"), ("JSON", "REQUIRED")]
    assert [standard_type(*kind) for kind in kinds] == ["INT64", "ARRAY<FLOAT64>", "STRUCT", "JSON"]
