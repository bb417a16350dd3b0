"""The file of a warehouse: who may open it, what readers see, and what is left after a kill."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from sg_assets.columns import Column
from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.duckdb import DuckDBWarehouse
from sg_assets.warehouse.duckdb_file import DuckDBFile, Settings
from sg_assets.warehouse.duckdb_known import Known
from sg_assets.warehouse.readcopy import ReadCopy
from sg_assets_tests.processes import process
from sg_assets_tests.warehouse.examples import HOUR, NOW, build, derived, land, raw, row
from sg_assets_tests.warehouse.killed import TABLES

ROOT = Path(__file__).parents[2]
SEEN = derived([Column("id", "STRING", "Id."), Column("name", "STRING", "Name.")], ["id"])
SQL = "select id, name from raw_crm.account"


@contextmanager
def program(*arguments: str | Path) -> Generator[subprocess.Popen[str]]:
    """A program of ours, once it has said something; ended with a line on its standard input."""
    with process([sys.executable, *arguments], cwd=ROOT, stderr=None) as running:
        assert running.stdout is not None
        assert running.stdout.readline()
        yield running


HOLDING = """
import sys
from pathlib import Path
from sg_assets.warehouse.duckdb import DuckDBWarehouse
warehouse = DuckDBWarehouse(Path(sys.argv[1]), "sandbox")
warehouse.states()
print("holding", flush=True)
sys.stdin.readline()
warehouse.release()
"""


def contents(file: Path) -> dict[str, list[str]]:
    """All rows of all tables of a DuckDB file, state included; the id of the warehouse left out."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        return {
            name: sorted(map(repr, connection.execute(f"from {name}").fetchall()))
            for (name,) in found
            if name != "sg_ops.warehouse"
        }


def test_queries_may_take_as_much_memory_as_was_allowed_until_the_file_is_closed(tmp_path: Path) -> None:
    file = DuckDBFile(tmp_path / "w.duckdb", "sandbox", None, Settings(memory_limit="100MiB"), Known())

    def limit() -> object:
        return file.connection("look").execute("select current_setting('memory_limit')").fetchall()

    assert limit() == [("100.0 MiB",)]
    for _ in range(2):
        file.connection("look")
        file.allow("200MiB")
        assert limit() == [("200.0 MiB",)]
        file.release()
    assert limit() == [("200.0 MiB",)]
    file.close()
    assert limit() == [("100.0 MiB",)]
    file.close()


def test_after_a_kill_at_any_step_the_next_run_leaves_what_an_undisturbed_one_leaves(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-m", "sg_assets_tests.warehouse.killed", tmp_path], cwd=ROOT, check=False)
    assert killed.returncode == 0
    undisturbed = contents(tmp_path / "undisturbed" / "w.duckdb")
    assert {name for name, rows in undisturbed.items() if rows} >= {
        *(table.name for table in TABLES),
        "sg_ops.table_state",
    }
    files = [*tmp_path.glob("*/w.duckdb"), *tmp_path.glob("*/read.duckdb")]
    assert len(files) > 50
    assert [str(file) for file in files if contents(file) != undisturbed] == []


def test_twenty_refreshes_while_a_reader_reads(tmp_path: Path) -> None:
    copy = tmp_path / "read.duckdb"
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", read_copy=copy)

    def refresh(number: int) -> None:
        rows = [row(f"{number % 3}-{n}", f"delivery {number}") for n in range(500 + number)]
        land(warehouse, tmp_path, raw(), rows, now=NOW + number * HOUR, full=True)
        build(warehouse, SEEN, SQL, now=NOW + number * HOUR)
        warehouse.close()

    refresh(0)
    with program("-m", "sg_assets_tests.warehouse.reader", copy) as reader:
        for number in range(1, 21):
            refresh(number)
        out, _ = reader.communicate("stop\n")
    told = json.loads(out)
    assert reader.returncode == 0
    assert told["torn"] == 0
    assert told["reads"] >= 10
    assert told["seen"] >= 3
    assert ReadCopy(copy).query("select count(*) as n from crm.account").rows == [(520,)]


def test_whoever_waits_is_told_for_whom_and_gives_up_in_the_end(tmp_path: Path) -> None:
    with program("-c", HOLDING, tmp_path / "w.duckdb") as holder:
        warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", settings=Settings(lock_timeout=0.3))
        with pytest.raises(WarehouseError, match=rf"process {holder.pid} \(read states\) for \d+ s; gave up after 0 s"):
            land(warehouse, tmp_path, raw(), [row("a")])
        holder.communicate("stop\n")
    assert land(warehouse, tmp_path, raw(), [row("a")]).changed_rows == 1
    warehouse.release()


def test_a_program_that_knows_nothing_of_the_lock_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "w.duckdb"
    DuckDBWarehouse(path, "sandbox").close()
    warehouse = DuckDBWarehouse(path, "sandbox", settings=Settings(lock_timeout=0.1))
    shell = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"
    with program("-c", shell, path) as other:
        with caplog.at_level(logging.WARNING), pytest.raises(WarehouseError, match=rf"PID {other.pid}"):
            warehouse.states()
        assert "does not share our lock" in caplog.text
        other.communicate("stop\n")
    assert warehouse.states() == {}
    warehouse.release()


def test_between_verbs_others_may_have_the_warehouse_only_after_release(tmp_path: Path) -> None:
    mine = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")
    other = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", settings=Settings(lock_timeout=0))
    mine.states()
    with pytest.raises(WarehouseError, match="this very process"):
        other.states()
    mine.release()
    assert other.states() == {}
    other.release()


def test_a_warehouse_of_the_other_environment_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    first = DuckDBWarehouse(path, "sandbox")
    assert first.id == DuckDBWarehouse(path, "sandbox").id
    first.release()
    other = DuckDBWarehouse(path, "production")
    for _ in range(2):
        with pytest.raises(WarehouseError, match="of the environment 'sandbox', this is 'production'"):
            other.states()
        with pytest.raises(WarehouseError, match="SG_ENV or SG_WAREHOUSE"):
            other.id  # noqa: B018 (asking is the test)
    assert DuckDBWarehouse(tmp_path / "other.duckdb", "sandbox").id != first.id


def test_the_id_is_told_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with program("-c", HOLDING, path) as holder:
        assert DuckDBWarehouse(path, "sandbox", settings=Settings(lock_timeout=0)).id
        holder.communicate("stop\n")


def test_readers_get_a_new_copy_only_from_a_run_that_wrote(tmp_path: Path) -> None:
    copy = tmp_path / "read.duckdb"
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", read_copy=copy)
    land(warehouse, tmp_path, raw(), [row("a")])
    warehouse.release()
    assert not copy.exists()
    warehouse.close()
    first = copy.stat().st_ino
    warehouse.states()
    warehouse.close()
    assert copy.stat().st_ino == first
    land(warehouse, tmp_path, raw(), [row("b")])
    warehouse.close()
    assert copy.stat().st_ino != first


def test_a_copy_that_was_lost_is_made_again(tmp_path: Path) -> None:
    copy = tmp_path / "read.duckdb"
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", read_copy=copy)
    warehouse.close()
    assert not copy.exists()  # nor is there anything to copy
    land(warehouse, tmp_path, raw(), [row("a")])
    warehouse.close()
    copy.unlink()
    DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", read_copy=copy).close()
    assert copy.exists()


def test_a_reader_does_not_wait_to_publish_what_another_process_is_writing(tmp_path: Path) -> None:
    path, copy = tmp_path / "w.duckdb", tmp_path / "read.duckdb"
    with program("-c", HOLDING, path) as holder:
        path.with_name("w.duckdb.unpublished").touch()
        DuckDBWarehouse(path, "sandbox", read_copy=copy, settings=Settings(lock_timeout=0)).close()
        assert not copy.exists()
        holder.communicate("stop\n")


def test_what_this_process_has_published_is_not_waited_for_while_another_one_writes_again(tmp_path: Path) -> None:
    path, copy, known = tmp_path / "w.duckdb", tmp_path / "read.duckdb", Known()

    def opened() -> DuckDBWarehouse:
        return DuckDBWarehouse(path, "sandbox", read_copy=copy, settings=Settings(lock_timeout=0), known=known)

    caller, run = opened(), opened()
    land(caller, tmp_path, raw(), [row("a")])
    caller.release()
    land(run, tmp_path, raw(), [row("b")])
    run.close()
    with program("-c", HOLDING, path) as holder:
        path.with_name("w.duckdb.unpublished").touch()
        first = copy.stat().st_ino
        caller.close()
        assert copy.stat().st_ino == first
        holder.communicate("stop\n")


def test_a_failed_transaction_leaves_no_trace(tmp_path: Path) -> None:
    def fail_at(step: str) -> None:
        if step == "written":
            raise KeyboardInterrupt

    land(DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox"), tmp_path, raw(), [row("a")])
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox", settings=Settings(on_step=fail_at))
    with pytest.raises(KeyboardInterrupt):
        land(warehouse, tmp_path, raw(), [row("b")])
    assert warehouse.preview("raw_crm.account", 10).column("id").to_pylist() == ["a"]
    assert warehouse.states()["raw_crm.account"].seq == 1
    warehouse.close()


def test_the_file_holds_nothing_but_declared_tables_and_state(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "sandbox")
    land(warehouse, tmp_path, raw(), [row("a")])
    build(warehouse, SEEN, SQL)
    warehouse.close()
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        found = connection.execute("select schema_name || '.' || table_name from duckdb_tables() order by 1").fetchall()
    assert [name for (name,) in found if not name.startswith("sg_ops.")] == [
        "crm.account",
        "raw_crm.account",
        "raw_crm.account__rejected",
    ]
