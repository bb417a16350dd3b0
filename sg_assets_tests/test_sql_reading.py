"""What was read of a query is remembered by the next process, and never of another text or by other code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sg_assets.sql_file import read_all
from sg_assets.sql_header import SqlFileError
from sg_assets.sql_reading import Reading, Readings
from sg_assets.table import Table
from sg_assets.warehouse import dialect

HEADER = """/*
description: One row per account.
owner: team:analytics
promise: {cron: "0 6 * * *", timezone: UTC, warn: 26h, fail: 30h}
key: [id]
columns:
  id: {type: STRING, description: "Id."}
*/
"""
FIRST = Reading(("raw_x.y",), reads_current_date=False, words="a")
OTHER = Reading((), reads_current_date=True, words="b")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    (folder / "crm").mkdir(parents=True)
    write(folder, "select id from raw_x.account")
    return folder


def write(root: Path, sql: str) -> None:
    (root / "crm" / "account.sql").write_text(f"{HEADER}{sql}\n")


def not_again(_sql: str) -> None:
    raise AssertionError


def table(root: Path, file: Path) -> Table:
    (found,) = read_all(root, file)
    return found


def test_a_query_is_read_once_and_means_the_same_afterwards(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root.parent / "kept" / "sql.json"
    first = table(root, file)
    assert [wanted.table for wanted in first.inputs] == ["raw_x.account"]
    with monkeypatch.context() as patch:
        patch.setattr(dialect, "parse", not_again)
        assert table(root, file) == first
    write(root, "select id from raw_x.customer where current_date() > date '2026-01-01'")
    changed = table(root, file)
    assert [wanted.table for wanted in changed.inputs] == ["raw_x.customer"]
    assert changed.reads_current_date
    assert changed.code_version != first.code_version
    assert len(json.loads(file.read_text())["readings"]) == 1  # what is no longer asked for goes


def test_a_query_that_is_refused_is_refused_each_time(root: Path) -> None:
    write(root, "select any_value(id) as id from raw_x.account")
    for _ in range(2):
        with pytest.raises(SqlFileError, match="ANY_VALUE gives no certain answer"):
            table(root, root.parent / "sql.json")


def test_comments_and_white_space_do_not_change_what_is_built(root: Path) -> None:
    file = root.parent / "sql.json"
    first = table(root, file)
    write(root, "-- all of them\nselect  id\nfrom raw_x.account")
    assert table(root, file).code_version == first.code_version


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"code": "other", "readings": {}}', '{"readings": 1}'])
def test_a_file_that_is_none_or_of_other_code_is_as_if_it_were_not_there(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sql.json"
    file.write_text(content)
    readings = Readings(file)
    assert readings.of("select 1", lambda: FIRST) == FIRST
    readings.keep()
    assert Readings(file).of("select 1", lambda: OTHER) == FIRST
    assert Readings(file).of("select 2", lambda: OTHER) == OTHER


def test_other_code_reads_anew(tmp_path: Path) -> None:
    file = tmp_path / "sql.json"
    readings = Readings(file)
    readings.of("select 1", lambda: FIRST)
    readings.keep()
    file.write_text(file.read_text().replace(json.loads(file.read_text())["code"], "of yesterday"))
    assert Readings(file).of("select 1", lambda: OTHER) == OTHER


def test_where_nothing_can_be_written_it_only_takes_longer(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    readings = Readings(tmp_path / "taken" / "sql.json")
    assert readings.of("select 1", lambda: FIRST) == FIRST
    readings.keep()
