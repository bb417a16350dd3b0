"""Where the macros are kept: made once, whoever needs them first, and no harm where nothing can be kept."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from sg_assets.warehouse.dialect import prepare, to_duckdb
from sg_assets.warehouse.dialect.macros import CATALOG

ROOT = Path(__file__).parents[3]
SQL = to_duckdb("select round(2.675, 2), substr('abc', -2)")
PROGRAM = """
import sys
from pathlib import Path
import duckdb
from sg_assets.warehouse.dialect import prepare
with duckdb.connect() as connection:
    sys.stdin.readline()
    prepare(connection, Path(sys.argv[1]))
    print(connection.execute(sys.argv[2]).fetchall())
"""


def answer(folder: Path) -> str:
    """What a query gives on an engine of its own, and where the engine has the macros from."""
    with closing(duckdb.connect()) as connection:
        prepare(connection, folder)
        assert connection.execute(SQL).fetchall() == [(2.67, "bc")]
        path = f"select path from duckdb_databases() where database_name = '{CATALOG}'"
        ((found,),) = connection.execute(path).fetchall()
        return found or "memory"


def test_they_are_made_once_and_found_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    with closing(duckdb.connect()) as connection:  # still open while the next comes
        prepare(connection, folder)
        (file,) = folder.iterdir()
        made = file.stat().st_mtime_ns
        assert answer(folder) == answer(folder) == str(file)
        assert connection.execute(SQL).fetchall() == [(2.67, "bc")]
    assert [(path, path.stat().st_mtime_ns) for path in folder.iterdir()] == [(file, made)]


def test_those_who_come_at_once_all_have_them(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, "-c", PROGRAM, tmp_path / "cache", SQL]
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    assert {one.communicate()[0] for one in started} == {"[(2.67, 'bc')]\n"}
    assert [one.returncode for one in started] == [0, 0, 0]
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("trouble", ["cannot be written", "no database", "cut short"])
def test_where_they_cannot_be_kept_each_engine_makes_its_own(tmp_path: Path, trouble: str) -> None:
    folder = tmp_path / "cache"
    if trouble == "cannot be written":
        folder.write_text("a file stands there")
    else:
        kept = Path(answer(folder))
        kept.write_bytes(b"something else" if trouble == "no database" else kept.read_bytes()[:5000])
    assert answer(folder) == "memory"


def test_who_turned_to_another_catalog_needs_it_again_and_the_own_one_comes_first(tmp_path: Path) -> None:
    with closing(duckdb.connect()) as connection:
        prepare(connection)
        connection.execute(f'attach \'{tmp_path / "some file.duckdb"}\' as "some file"; use "some file"')
        with pytest.raises(duckdb.CatalogException, match="bq_"):
            connection.execute(SQL)
        prepare(connection)
        assert connection.execute(SQL).fetchall() == [(2.67, "bc")]
        connection.execute("create schema d; create table d.t as select 1 as n")
        assert connection.execute("select database_name from duckdb_tables()").fetchall() == [("some file",)]
        assert connection.execute("select n from d.t").fetchall() == [(1,)]
