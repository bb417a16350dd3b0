"""What a stand-in was sent is kept whole or not at all, whichever process was sent it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sg_assets.sandbox import memory_file
from sg_assets.sandbox.memory_file import opened

NOTE = "create table if not exists note (text text not null)"


def notes(file: Path) -> list[str]:
    with opened(file, NOTE) as database:
        return [text for (text,) in database.execute("select text from note order by text")]


def break_off(file: Path, *, keeps_others_out: bool) -> None:
    with opened(file, NOTE, keeps_others_out=keeps_others_out) as database:
        database.execute("insert into note values ('b')")
        raise ZeroDivisionError


@pytest.mark.parametrize("keeps_others_out", [False, True])
def test_what_was_written_is_there_the_next_time_and_what_broke_off_is_not(
    tmp_path: Path, *, keeps_others_out: bool
) -> None:
    file = tmp_path / "not" / "there" / "notes.sqlite"
    with opened(file, NOTE, keeps_others_out=keeps_others_out) as database:
        database.execute("insert into note values ('a')")
    with pytest.raises(ZeroDivisionError):
        break_off(file, keeps_others_out=keeps_others_out)
    assert notes(file) == ["a"]


def test_nobody_else_writes_from_the_beginning_where_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "notes.sqlite"
    with opened(file, NOTE, keeps_others_out=True):
        monkeypatch.setattr(memory_file, "PATIENCE", 0.05)
        with pytest.raises(sqlite3.OperationalError, match="locked"), opened(file, NOTE, keeps_others_out=True):
            pass
