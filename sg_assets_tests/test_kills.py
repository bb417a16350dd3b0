"""kill -9 between any two steps, then run again: the same tables, and Dagster has heard of them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import hypothesis
import pytest

from sg_assets.asset_spec import asset_key
from sg_assets.operations import Operations
from sg_assets.warehouse import duckdb_state, identity
from sg_assets.warehouse.state import Change, TableState
from sg_assets_tests.lasting_history import lasting_history

ROOT = Path(__file__).parents[1]
WAREHOUSE = "home/production/warehouse.duckdb"
READ_COPY = "home/production/warehouse.read.duckdb"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of the program beside this file: a sample of its killings, or (`thorough`) all of them."""
    folder = tmp_path_factory.mktemp("kills")
    thorough = hypothesis.settings.get_current_profile_name() == "thorough"
    command: list[str | Path] = [sys.executable, "-m", "sg_assets_tests.killed_refresh", folder]
    subprocess.run([*command, *(["1"] if thorough else [])], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module", params=["one", "undisturbed"])
def scene(request: pytest.FixtureRequest, folders: Path) -> tuple[Path, list[Path]]:
    """A folder in which everything was done in peace, and those that are to be like it."""
    names = {"one": ("first-*",), "undisturbed": ("healed", "second-*", "mended-*")}[request.param]
    found = [folder for name in names for folder in sorted(folders.glob(name))]
    assert len(found) >= 2
    return folders / request.param, found


def test_the_tables_and_what_they_are_are_those_of_an_undisturbed_run(scene: tuple[Path, list[Path]]) -> None:
    in_peace, killed = scene
    expected, marks = contents(in_peace / WAREHOUSE), content_versions(in_peace)
    assert sum(len(rows) for rows in expected.values()) > 10
    for folder in killed:
        for file in (WAREHOUSE, READ_COPY):
            assert contents(folder / file) == expected, folder / file
        assert content_versions(folder) == marks, folder


def test_the_operations_store_has_every_state(scene: tuple[Path, list[Path]]) -> None:
    _, killed = scene
    for folder in killed:
        with closing(Operations(f"sqlite:///{folder}/home/production/operations.sqlite")) as operations:
            assert operations.states(warehouse_id(folder)) == states(folder), folder


def test_dagster_has_heard_of_every_state_and_day_and_shows_no_run_as_going_on(scene: tuple[Path, list[Path]]) -> None:
    in_peace, killed = scene
    for folder in (in_peace, *killed):
        with lasting_history(folder / "dagster") as history:
            assert [run.run_id for run in history.get_runs() if not run.is_finished] == [], folder
            for name, state in states(folder).items():
                heard = newest_seqs(history, name)
                landed = {} if state.change is Change.CREATE else {"": state.seq}
                days = {day.isoformat(): part.seq for day, part in state.partitions.items()}
                assert {day: heard.get(day, 0) for day in landed} == landed, (folder, name)
                assert [day for day, seq in days.items() if heard.get(day, 0) < seq] == [], (folder, name)


def test_nothing_is_left_behind(scene: tuple[Path, list[Path]]) -> None:
    in_peace, killed = scene
    for folder in killed:
        assert files(folder / "home") == files(in_peace / "home"), folder
        assert files(folder / "tmp") == set(), folder
        locks = files(folder / "dagster" / "storage" / "running")
        assert len(locks) <= 1, folder  # of the last run, until the next one
        assert {Path(name).suffix for name in locks} <= {".lock"}, folder


def newest_seqs(history: dg.DagsterInstance, table: str) -> dict[str, int]:
    """The number of the state that the newest event of each day of a table is about, and ("") of the table."""
    newest: dict[str, int] = {}
    for record in history.fetch_materializations(asset_key(table), limit=1000).records:
        event = record.asset_materialization
        assert event
        seq = event.metadata["state_seq"].value
        assert isinstance(seq, int)
        newest.setdefault("", seq)
        newest.setdefault(event.partition or "", seq)
    return newest


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def contents(file: Path) -> dict[str, list[str]]:
    """All rows of all tables of a DuckDB file, `sg_ops` left out."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        return {
            name: sorted(map(repr, connection.execute(f"from {name}").fetchall()))
            for (name,) in found
            if not name.startswith("sg_ops.")
        }


def states(folder: Path) -> dict[str, TableState]:
    with duckdb.connect(str(folder / WAREHOUSE), read_only=True) as connection:
        return duckdb_state.read(connection)


def warehouse_id(folder: Path) -> str:
    noted = identity.read_note(folder / WAREHOUSE)
    assert noted
    return noted.id


def content_versions(folder: Path) -> dict[str, object]:
    """All that a state says of a table's content."""
    return {
        name: (
            state.rows,
            state.data_through,
            state.content_version,
            {day: (part.rows, part.content_version) for day, part in state.partitions.items()},
        )
        for name, state in states(folder).items()
    }
