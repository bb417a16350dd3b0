"""`sg-assets diff`: its exit codes, and its three ways of telling."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sg_assets import discovery
from sg_assets.cli import main
from sg_assets.comparison import revision
from sg_assets.comparison.revision import Revision, RevisionError
from sg_assets.discovery import Declared
from sg_assets.sql_file import read_all
from sg_assets_tests.comparison.made import column, document, documents
from sg_assets_tests.mini_tables import FILE


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declares `m.one`, which reads `name` of `raw_a.b`, a table that is not there."""
    (tmp_path / "m").mkdir()
    text = FILE.format(
        description="One row.",
        promise='{cron: "20 * * * *", timezone: UTC, warn: 4h, fail: 8h}',
        key="name",
        more="",
        columns='  name: {type: STRING, description: "Name."}',
        sql="select name from raw_a.b",
    )
    (tmp_path / "m" / "one.sql").write_text(text)
    found = tuple(read_all(tmp_path))
    monkeypatch.setattr(discovery, "declared", lambda: Declared(found))


def diff(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """Compares with a revision that has `raw_a.b`, and no `m.one`."""
    tables = documents({**document("raw_a.b"), "columns": [column("id"), column("name")]})
    monkeypatch.setattr(revision, "read", lambda _root, name: Revision(name, "c0ffee123456", tables))
    return CliRunner().invoke(main, ["diff", "main", *arguments])


@pytest.mark.usefixtures("declared")
def test_a_table_that_vanished_and_is_still_read_is_not_as_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = diff(monkeypatch)
    assert plain.exit_code == 3
    assert "raw_a.b is read by m.one (its SQL)" in plain.stdout
    assert "`raw_a.b` is read by `m.one` (its SQL)" in diff(monkeypatch, "--markdown").stdout
    found = json.loads(diff(monkeypatch, "--json").stdout)
    assert [one["table"] for one in found["added"]] == ["m.one"]
    assert found["broken"][0]["readers"] == [{"reader": "m.one", "how": "its SQL"}]


def test_nothing_changed_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "declared", lambda: Declared(()))
    monkeypatch.setattr(revision, "read", lambda _root, name: Revision(name, "c0ffee123456", {}))
    ended = CliRunner().invoke(main, ["diff", "main"])
    assert (ended.exit_code, ended.stdout) == (0, "Tables: as they were, against main (c0ffee123)\n")


def test_what_cannot_be_compared_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_root: Path, _name: str) -> Revision:
        msg = "git knows no revision main"
        raise RevisionError(msg)

    monkeypatch.setattr(revision, "read", refuses)
    ended = CliRunner().invoke(main, ["diff", "main"])
    assert (ended.exit_code, ended.stderr) == (1, "sg-assets: git knows no revision main\n")
    assert CliRunner().invoke(main, ["diff", "main", "--json", "--markdown"]).exit_code == 2
