"""A sandbox to build in, and how its derived tables are built there: by plain DuckDB, by us, by plain Dagster.

No benchmark itself: `derived.py`, `events.py` and `history.py` measure with it.
"""

import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import dagster as dg
import duckdb

from sg_assets import asset_spec, environment
from sg_assets.asset_spec import asset_key
from sg_assets.day_snapshot import DAY_ON
from sg_assets.definitions import build_defs
from sg_assets.discovery import Project
from sg_assets.environment import Environment
from sg_assets.in_process import ALL_ASSETS_JOB, QUIET
from sg_assets.order import Order
from sg_assets.sql_file import compile_sql
from sg_assets.table import Table
from sg_assets.warehouse import dialect
from sg_assets.warehouse.duckdb_build import BUILD_MEMORY
from sg_assets.warehouse.duckdb_sql import quoted_table, text

STOCK = """
storage:
  sqlite: {{base_dir: {folder}/storage}}
"""
OURS = """
storage:
  custom: {{module: sg_assets.history_storage, class: HistoryStorage, config: {{base_dir: {folder}/storage}}}}
"""
CONFIG = """
compute_logs: {{module: dagster.core.storage.noop_compute_log_manager, class: NoOpComputeLogManager}}
telemetry: {{enabled: false}}
"""
LATE = ("numpy", "pyarrow.compute", "sg_assets.operations", "sg_assets.warehouse.duckdb", "upath")
"""What a run imports when it first needs it, which is not measured."""


@dataclass(frozen=True)
class World:
    """A sandbox of which no derived table is built: its folder, what is declared, and the derived tables in order."""

    home: Path
    variables: dict[str, str]
    project: Project
    derived: tuple[Table, ...]

    def environment(self, home: Path) -> Environment:
        """The environment of a copy of it."""
        return environment.load({**self.variables, "SG_HOME": str(home)})

    @contextmanager
    def copy(self) -> Generator[Path]:
        """A copy to build in; gives its folder."""
        with tempfile.TemporaryDirectory(dir=self.home.parent) as folder:
            shutil.copytree(self.home, folder, dirs_exist_ok=True)
            yield Path(folder)


def plainly(world: World, home: Path) -> tuple[float, float]:
    """One connection, one statement a table."""
    env = world.environment(home)
    statements = compiled(world, env)
    began = clocks()
    with closing(connected(env.warehouse_path)) as connection:
        for statement in statements.values():
            connection.execute(statement)
    return since(began)


def by_us(world: World, storage: str | None, home: Path) -> tuple[float, float]:
    """As a run builds them, from its start to its end."""
    env = world.environment(home)
    job = build_defs(env, world.project).get_repository_def().get_job(ALL_ASSETS_JOB)
    keys = {asset_key(table.name) for table in world.derived}
    checks = {asset_spec.sound_key(table.name) for table in world.derived}
    wanted = job.get_subset(asset_selection=keys, asset_check_selection=checks)
    now = env.clock()
    days = [env.history_start + timedelta(days=n) for n in range((now.date() - env.history_start).days)]
    tags = Order(now, "refresh").tags(days, now.date())
    for name in LATE:
        import_module(name)
    with history(storage, home) as instance:
        began = clocks()
        wanted.execute_in_process(QUIET, instance=instance, run_id=str(uuid4()), tags=tags)
        taken = since(began)
    env.operations.close()
    return taken


def by_dagster(world: World, storage: str | None, home: Path) -> tuple[float, float]:
    """As somebody would who writes assets by hand: one connection, one statement and one check each."""
    env = world.environment(home)
    statements = compiled(world, env)
    days = asset_spec.daily(env.history_start)

    @dg.resource
    def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(connected(env.warehouse_path)) as connection:
            yield connection

    assets = [plain_asset(table, statements[table.name], days, set(statements)) for table in world.derived]
    definitions = dg.Definitions(assets, resources={"warehouse": warehouse}, executor=dg.in_process_executor)
    job = definitions.get_repository_def().get_job(ALL_ASSETS_JOB)
    tags = Order(env.clock(), "refresh").tags([env.history_start], env.clock().date())
    tags["dagster/asset_partition_range_end"] = f"{env.clock().date() - timedelta(days=1)}"
    with history(storage, home) as instance:
        began = clocks()
        job.execute_in_process(QUIET, instance=instance, run_id=str(uuid4()), tags=tags)
        return since(began)


def plain_asset(
    table: Table, statement: str, days: dg.DailyPartitionsDefinition, built: set[str]
) -> dg.AssetsDefinition:
    """A table as an asset that knows nothing but its statement, its inputs and its key."""
    is_daily = table.is_partitioned
    key = ", ".join(name for name in table.key if not (table.is_day_snapshot and name == DAY_ON.name))
    question = f"select count(*), count(distinct ({key})) from {quoted_table(table.name)}"  # noqa: S608 (declared names)

    @dg.asset(
        key=asset_key(table.name),
        deps=[asset_key(i.table) for i in table.inputs if i.table in built],
        partitions_def=days if is_daily else None,
        backfill_policy=dg.BackfillPolicy.single_run() if is_daily else None,
        check_specs=[dg.AssetCheckSpec("sound", asset=asset_key(table.name), blocking=True)],
        required_resource_keys={"warehouse"},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[object]]:
        connection: duckdb.DuckDBPyConnection = context.resources.warehouse
        connection.execute(statement)
        ((rows, keys),) = connection.execute(question).fetchall()
        check = dg.AssetCheckResult(check_name="sound", passed=rows == keys, metadata={"rows": rows})
        yield dg.MaterializeResult(metadata={"dagster/row_count": rows}, check_results=[check])

    return build


def compiled(world: World, env: Environment) -> dict[str, str]:
    """The statement of each derived table, as the command compiles it; the date in it is today's."""
    today = env.clock().date()
    found = {}
    for table in world.derived:
        dated = replace(table, sql=dialect.pin_current_date(table.sql, today))
        sql = compile_sql(dated, world.project.graph.tables, "duckdb")
        found[table.name] = (
            f"create schema if not exists {table.dataset};create or replace table {quoted_table(table.name)} as\n{sql}"
        )
    return found


def connected(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection as the warehouse has it, with the functions that compiled SQL calls."""
    connection = duckdb.connect(str(path))
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"set memory_limit = {text(BUILD_MEMORY)}")
    connection.execute(f"set temp_directory = {text(f'{path}.tmp')}")
    dialect.prepare(connection)
    return connection


@contextmanager
def history(storage: str | None, home: Path) -> Generator[dg.DagsterInstance]:
    """The history of Dagster in a folder, made where there is none; in memory where no storage is told."""
    if storage is None:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
        return
    folder = home / "dagster"
    folder.mkdir(exist_ok=True)
    (folder / "dagster.yaml").write_text((storage + CONFIG).format(folder=folder))
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def clocks() -> tuple[float, float]:
    """Seconds of the wall clock, and of the processors in this process."""
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> tuple[float, float]:
    """Seconds since then, of both."""
    wall, processor = clocks()
    return wall - began[0], processor - began[1]
