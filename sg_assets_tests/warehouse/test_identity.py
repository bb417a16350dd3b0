from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from sg_assets.warehouse.contract import WarehouseError
from sg_assets.warehouse.identity import Identity, establish, read_note, refuse_other, stored, write_note


def test_a_new_warehouse_gets_an_identity_and_keeps_it(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        assert stored(connection) is None
        connection.execute("create schema sg_ops")
        first = establish(connection, "sandbox")
        assert stored(connection) == first
    assert first.environment == "sandbox"
    refuse_other(first, tmp_path, "sandbox")
    with pytest.raises(WarehouseError, match="'sandbox', this is 'production'"):
        refuse_other(first, tmp_path, "production")


def test_the_note_is_about_the_file_that_it_was_written_for(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    assert read_note(path) is None
    path.write_text("one warehouse")
    write_note(path, Identity("id", "sandbox"))
    assert read_note(path) == Identity("id", "sandbox")
    other = tmp_path / "restored.duckdb"
    other.write_text("another warehouse")
    other.replace(path)
    assert read_note(path) is None


@pytest.mark.parametrize("text", ["", "{}", "[", '{"inode": 1}'])
def test_a_broken_note_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "w.duckdb"
    path.touch()
    (tmp_path / "w.duckdb.identity").write_text(text)
    assert read_note(path) is None


def test_only_the_wanted_environment_passes(tmp_path: Path) -> None:
    refuse_other(Identity("id", "sandbox"), tmp_path, "sandbox")
    with pytest.raises(WarehouseError, match="SG_ENV"):
        refuse_other(Identity("id", "sandbox"), tmp_path, "production")
