"""A relayed connection is cut in the middle of the answer about one table, and of no other."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sg_assets.sandbox.postgres_relay import Relay
from sg_assets.sandbox.postgres_server import PostgresServer, start


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    running = start()
    running.run("create table few as select 1 as n; create table many as select generate_series(1, 5000) as n;")
    yield running
    running.stop()


def ask(server: PostgresServer, folder: Path, query: str) -> subprocess.CompletedProcess[str]:
    command = [str(server.programs / "psql"), "-XqAt", "-h", str(folder), "-U", "postgres", "-c", query]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)


def test_only_the_answer_about_one_table_is_cut(server: PostgresServer) -> None:
    relay = Relay(server.folder / "relay", server.folder, lambda table: table == "many")
    try:
        assert ask(server, relay.folder, "select n from few").stdout == "1\n"
        cut = ask(server, relay.folder, "select n from many")
        assert cut.returncode != 0
        assert "server closed the connection unexpectedly" in cut.stderr
        assert ask(server, relay.folder, "select n from few").stdout == "1\n"
    finally:
        relay.stop()
    assert "No such file" in ask(server, relay.folder, "select n from few").stderr
