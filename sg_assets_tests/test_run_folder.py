"""The folders of runs: alive while they are held, and what a killed process leaves."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sg_assets.run_folder import LONGEST_UNLOCKED, RunFolders

ROOT = Path(__file__).parents[1]
NOW = datetime.now(UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def folders(tmp_path: Path) -> RunFolders:
    return RunFolders(tmp_path / "running")


KILLED = """
import os, signal, sys
from pathlib import Path
from sg_assets.run_folder import RunFolders
with RunFolders(Path(sys.argv[1])).held("a") as folder:
    (folder / "spooled").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_while_it_holds_a(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "running"], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL


def left(folders: RunFolders, tmp_path: Path) -> list[str]:
    folders.sweep(set())
    return sorted(path.name for path in (tmp_path / "running").iterdir())


def test_a_run_is_alive_while_its_folder_is_held_and_once_more_by_the_same_process(
    folders: RunFolders, tmp_path: Path
) -> None:
    with folders.held("a") as outer, folders.held("a") as inner:
        assert outer == inner
        assert outer.is_dir()
    with folders.held("b") as outer:
        with folders.held("b"):
            pass
        assert not folders.was_killed("b", NOW - timedelta(days=1), NOW)
        assert left(folders, tmp_path) == ["b", "b.lock"]
    assert not outer.exists()
    assert left(folders, tmp_path) == []


def test_a_killed_process_is_known_at_once_and_what_it_left_is_removed(folders: RunFolders, tmp_path: Path) -> None:
    kill_while_it_holds_a(tmp_path)
    assert folders.was_killed("a", None, NOW)
    assert left(folders, tmp_path) == []


def test_what_is_not_ended_yet_is_not_swept(folders: RunFolders, tmp_path: Path) -> None:
    kill_while_it_holds_a(tmp_path)
    folders.sweep({"a"})
    assert (tmp_path / "running" / "a" / "spooled").exists()


def test_a_run_has_a_moment_to_say_that_it_ended(folders: RunFolders) -> None:
    with folders.held("a"):
        pass
    now = datetime.now(UTC)
    assert not folders.was_killed("a", NOW, now)
    assert folders.was_killed("a", NOW, now + LONGEST_UNLOCKED + SECOND)


def test_a_run_has_a_moment_before_it_holds_its_folder(folders: RunFolders) -> None:
    assert not folders.was_killed("a", None, NOW)
    assert not folders.was_killed("a", NOW - LONGEST_UNLOCKED, NOW)
    assert folders.was_killed("a", NOW - LONGEST_UNLOCKED - SECOND, NOW)
