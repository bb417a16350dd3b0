"""What Dagster loads: complete for every asset, quick to import, and as it was agreed."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import dagster as dg
import pytest

from sg_assets import definitions, discovery, environment, refresh
from sg_assets.asset_spec import asset_key, table_name
from sg_assets.environment import EnvironmentProblem
from sg_assets.promise import Promise
from sg_assets.table import Table
from sg_assets_tests.mini import Mini

ROOT = Path(__file__).parents[1]
AGREED = Path(__file__).with_name("definitions.txt")
TABLES = {table.name: table for table in discovery.graph()}

LOAD = """
import sys
from sg_assets import definitions
definitions.defs().get_repository_def()
slow = ("google", "pandas", "duckdb", "pyarrow", "starlette", "uvicorn", "rich", "dagster_gcp")
print(*(name for name in slow if name in sys.modules))
"""


@cache
def loaded() -> dg.RepositoryDefinition:
    return definitions.defs().get_repository_def()


def test_they_load_alone_without_variables_warnings_or_slow_imports(tmp_path: Path) -> None:
    variables = {"PYTHONPATH": f"{os.environ['PYTHONPATH']}:{ROOT}", "HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOAD],
        cwd=tmp_path, env=variables, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "\n")


def test_every_declared_table_is_an_asset_and_nothing_else_is() -> None:
    assert {table_name(key) for key in loaded().asset_graph.get_all_asset_keys()} == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_an_asset_is_complete(name: str) -> None:
    node, table = loaded().asset_graph.get(asset_key(name)), TABLES[name]
    assert node.description == table.description
    assert node.owners == [table.owner]
    assert node.group_name == name.partition(".")[0]
    assert node.kinds == ({table.source.replace("_", "")} if table.source else {"sql"})
    assert node.tags["delivery"] == (table.delivery or table.kind)
    assert (node.pools or set()) == ({"warehouse"} if node.is_materializable else set())
    assert node.is_materializable == (table.delivery != "watched")
    assert {table_name(key) for key in node.parent_keys} == {wanted.table for wanted in table.inputs}
    metadata = node.metadata
    assert [c.name for c in metadata["dagster/column_schema"].columns] == [c.name for c in table.columns]
    assert all(c.type and c.description for c in metadata["dagster/column_schema"].columns)
    assert metadata["dagster/table_name"] == name
    assert ("sql" in metadata) == bool(table.sql)
    assert (node.freshness_policy is not None) == isinstance(table.promise, Promise)
    assert (node.partitions_def is not None) == table.is_partitioned
    (place,) = metadata["dagster/code_references"].code_references
    assert place.file_path == str(table.file)
    line = Path(place.file_path).read_text().splitlines()[place.line_number - 1]
    assert line.lstrip().startswith("/*" if table.sql else "@" if table.source != "sg_ops" else '"""')


def test_every_table_has_its_two_checks_and_some_have_checks_of_their_own() -> None:
    checks = loaded().asset_graph.asset_check_keys
    expected = {dg.AssetCheckKey(asset_key(name), check) for name in TABLES for check in ("sound", "fresh")}
    own = {key for one in discovery.project().checks for key in one.check_keys}
    assert checks == expected | own
    assert not expected & own


def test_each_source_has_a_job_of_its_tables_and_steps_share_one_process() -> None:
    for source in discovery.sources():
        if source.is_only_watched:
            continue
        job = loaded().get_job(source.name)
        assert {table_name(key) for key in job.asset_layer.selected_asset_keys} == set(source.tables)
        assert job.executor_def == dg.in_process_executor


def test_the_job_of_a_source_fetches_all_of_it(mini: Mini) -> None:
    job = mini.definitions().get_repository_def().get_job("mini")
    assert job.execute_in_process(run_config=refresh.QUIET, instance=mini.history).success
    assert {report.table for report in mini.told} == {"raw_mini.archive", "raw_mini.person", "raw_mini.thing"}


def test_a_half_configured_production_stops_the_start() -> None:
    env = environment.load({"SG_ENV": "production", "SG_SALESFORCE_CLIENT_ID": "x"})
    with pytest.raises(environment.EnvironmentProblem, match="SG_SALESFORCE_CLIENT_SECRET"):
        definitions.build_defs(env, discovery.project())


def test_the_definitions_are_as_agreed() -> None:
    hint = f"if this is meant: python -m sg_assets_tests.{Path(__file__).stem} > sg_assets_tests/{AGREED.name}"
    assert AGREED.read_text() == agreed(), hint


def agreed() -> str:
    """A line for each asset: `key <- deps | owner | cadence | delivery | checks`."""
    checks: dict[str, set[str]] = {name: set() for name in TABLES}
    for key in loaded().asset_graph.asset_check_keys:
        checks[table_name(key.asset_key)].add(key.name)
    return "".join(f"{line(table)} | {', '.join(sorted(checks[table.name]))}\n" for table in TABLES.values())


def line(table: Table) -> str:
    promise = table.promise
    cadence = f"{promise.cron} {promise.timezone}" if isinstance(promise, Promise) else "frozen"
    deps = ", ".join(sorted(wanted.table for wanted in table.inputs)) or "-"
    return f"{table.name} <- {deps} | {table.owner} | {cadence} | {table.delivery or table.kind}"


if __name__ == "__main__":
    sys.stdout.write(agreed())


def test_a_warehouse_that_is_not_there_stops_the_start_by_name(mini: Mini) -> None:
    mini.set("SG_WAREHOUSE", "snowflake:project")
    with pytest.raises(EnvironmentProblem, match="snowflake:project: set it to duckdb:PATH or bigquery:PROJECT"):
        mini.definitions()
