"""`sg-assets target`: which copies there are, and how one is removed."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock

from sg_assets_tests.commands import Command
from sg_assets_tests.mini import Mini


def made(mini: Mini, name: str) -> Path:
    folder = mini.env.shared_home / name
    (folder / "dagster").mkdir(parents=True)
    (folder / "warehouse.duckdb").touch()
    return folder


def test_a_copy_is_removed_whole_and_production_stays(built: Mini, command: Command) -> None:
    ada, eve = made(built, "dev_ada"), made(built, "dev_eve")
    assert command("target", "list").stdout == "dev_ada\ndev_eve\n"
    ended = command("target", "drop", "dev_ada")
    assert (ended.exit_code, ended.stdout) == (0, "dev_ada is removed\n")
    assert not ada.exists()
    assert eve.exists()
    assert built.rows("select count(*) from m.left") == [(2,)]


def test_what_is_no_copy_is_not_removed(built: Mini, command: Command) -> None:
    (built.env.shared_home / "other").mkdir()
    for name in ("dev_ada", "other", ".", "..", "dev_a/../other"):
        ended = command("target", "drop", name)
        assert (ended.exit_code, "there is no copy" in ended.stderr) == (2, True)
    assert (built.env.shared_home / "other").exists()


def test_a_copy_that_is_used_is_not_removed(built: Mini, command: Command) -> None:
    folder = made(built, "dev_ada")
    (folder / "dagster.json").touch()
    assert "stop its `sg-assets up` first" in command("target", "drop", "dev_ada").stderr
    (folder / "dagster.json").unlink()
    with FileLock(folder / "warehouse.duckdb.lock"):
        ended = command("target", "drop", "dev_ada")
    assert (ended.exit_code, "a run is writing dev_ada" in ended.stderr) == (1, True)
    assert folder.exists()
