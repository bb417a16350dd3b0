"""No file and no output holds a secret, whatever goes wrong: a small world is refreshed, examined, watched and told of.

Some of its vendors refuse, send a page of HTML, cut their answers, or are not there at all. Then everything that was
written is searched: the state folder, each value of the warehouse and of its copy, Dagster's storage and logs, all that
was printed. Left out is the sandbox's own folder only, where the stand-ins keep what the vendors themselves know.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from click.testing import CliRunner

from sg_assets.cli import main
from sg_assets.environment import load
from sg_assets_tests.canaries import canary, found_below, found_in
from sg_assets_tests.canary_world import live_through, planted

COMMANDS = (
    ["doctor", "--json"], ["alerts", "test"], ["status"], ["status", "--json"],
    ["tables", "list", "--json"], ["query", "select * from sg_ops.table_state"],
)  # fmt: skip


def test_no_secret_is_written_or_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    variables, secrets = planted(tmp_path)
    env = load(variables)
    told = [live_through(env, tmp_path)]
    told += [CliRunner().invoke(main, arguments, env=variables).output for arguments in COMMANDS]
    env.operations.close()
    printed = "\n".join([*told, *capfd.readouterr()]).encode()
    databases = [env.warehouse_path, env.warehouse_path.with_suffix(".read.duckdb")]
    assert all(word in printed for word in (b"raw_hubspot.owner", b"no answer from 127.0.0.1:9", b"401"))
    assert found_in(printed, secrets) == set()
    for database in databases:
        values = "\n".join(values_of(database)).encode()
        assert b"license_key_sha256" in values
        assert found_in(values, secrets) == set()
    assert found_below([tmp_path], secrets) == set()


def values_of(database: Path) -> Iterator[str]:
    """The names and values of every table of a DuckDB file, as text: in the file they are packed."""
    with closing(duckdb.connect(str(database), read_only=True)) as connection:
        for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall():
            found = connection.table(f'"{schema}"."{table}"')
            yield f"{schema}.{table} {found.columns}"
            yield from (str(row) for row in found.fetchall())


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    secret = canary("hidden")
    wrapped = {"plain": secret, "json": json.dumps({"a": secret}), "twice": json.dumps(json.dumps([secret]))}
    wrapped |= {"address": f"https://u:{quote(secret, safe='')}@h", "half": secret[:25]}
    wrapped |= {f"base64 {n}": b64encode(f"{'x' * n}{secret}:".encode()).decode() for n in range(3)}
    for name, text in wrapped.items():
        (tmp_path / name).write_text(text)
    with closing(sqlite3.connect(tmp_path / "store")) as store:
        store.execute("create table t (packed blob)")
        store.execute("insert into t values (?)", (zlib.compress(secret.encode()),))
        store.commit()
    (tmp_path / "nothing").write_text("c4n4ry of another kind")
    assert found_below([tmp_path], {"it": secret}) == {f"it in {name}" for name in (*wrapped, "store")}
    with closing(duckdb.connect(str(tmp_path / "w.duckdb"))) as warehouse:
        warehouse.execute("create table t as select ? as v", [secret])
    assert found_in("\n".join(values_of(tmp_path / "w.duckdb")).encode(), {"it": secret}) == {"it"}
