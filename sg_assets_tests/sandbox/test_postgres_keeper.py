"""The keeper ends its server and removes its folder when nobody holds its input any more."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

from sg_assets.sandbox import postgres_keeper


def kept(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-IS", postgres_keeper.__file__]
    return subprocess.Popen([*program, str(folder), *command], stdin=subprocess.PIPE)


def test_what_it_runs_ends_with_its_input_and_the_folder_goes(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    keeper = kept(folder, "/bin/sleep", "600")
    assert keeper.poll() is None
    keeper.communicate(timeout=20)
    assert keeper.returncode == 0
    assert not folder.exists()


def test_a_server_that_ended_by_itself_leaves_nothing_either(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    kept(folder, "/bin/true").communicate(timeout=20)
    assert not folder.exists()


def test_root_runs_it_as_nobody_and_others_as_themselves() -> None:
    nobody = pwd.getpwnam("nobody")
    expected = (nobody.pw_uid, nobody.pw_gid) if os.geteuid() == 0 else (None, None)
    assert postgres_keeper.owner() == expected
