"""A real server, which is gone with the process that started it, however that ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sg_assets.sandbox import postgres_keeper, postgres_server
from sg_assets.sandbox.postgres_server import PostgresServer, start
from sg_assets_tests.processes import process

STARTER = """
from sg_assets.sandbox.postgres_server import start
print(start().folder, flush=True)
input()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    running = start()
    yield running
    running.stop()


def until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while folder.exists():
        assert time.monotonic() < deadline, "the server outlived its starter"
        time.sleep(0.02)


def test_it_runs_scripts_and_keeps_what_they_write(server: PostgresServer) -> None:
    server.run("create table word (text text); insert into word values ('größer'), (E'a\\tb');")
    assert server.run("select text from word order by 1 desc;") == "größer\na\tb\n"


def test_a_statement_that_fails_is_an_error(server: PostgresServer) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        server.run("select 1; select nonsense;")
    assert 'column "nonsense" does not exist' in caught.value.stderr


def test_nobody_else_gets_in_without_a_password(server: PostgresServer) -> None:
    server.run("create role somebody login password 'right';")
    asked = [str(server.programs / "psql"), "-XqAt", "-c", "select 1"]
    for password, code in (("right", 0), ("wrong", 2)):
        url = server.url("somebody", password, "postgres")
        assert subprocess.run([*asked, url], check=False, capture_output=True).returncode == code


def test_it_listens_on_no_port_and_only_its_user_sees_its_folder(server: PostgresServer) -> None:
    assert server.run("show listen_addresses").strip() == ""
    assert server.folder.stat().st_mode & 0o077 == 0


def test_it_stops_and_leaves_nothing_behind() -> None:
    made = start()
    made.stop()
    assert not made.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_starter_however_that_ends(number: signal.Signals) -> None:
    with process([sys.executable, "-c", STARTER], stderr=subprocess.DEVNULL) as starter:
        assert starter.stdout
        folder = Path(starter.stdout.readline().strip())
        assert folder.is_dir()
        starter.send_signal(number)
    until_gone(folder)


def test_its_programs_are_copied_where_its_user_could_not_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_keeper, "owner", lambda: (os.geteuid() + 1, os.getegid()))
    monkeypatch.setattr(postgres_server, "_is_open", lambda _path: False)
    found = postgres_server._programs(tmp_path)  # noqa: SLF001 (what root does depends on where this is installed)
    assert found.is_relative_to(tmp_path)
    assert subprocess.run([str(found / "postgres"), "--version"], check=True, capture_output=True).stdout
