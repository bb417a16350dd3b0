"""The definitions of another revision, read by its own code out of a git repository."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sg_assets import discovery, documents
from sg_assets.comparison import revision
from sg_assets.comparison.changes import compare
from sg_assets.comparison.revision import RevisionError
from sg_assets_tests.comparison.made import document

ROOT = Path(__file__).parents[2]
CLI = """
import json, os, pathlib, sys
def main():
    {first}
    here = pathlib.Path(__file__).parent
    told = json.loads((here / "tables.json").read_text())
    print(json.dumps([{{**one, "file": str(here / one["file"])}} for one in told]))
"""
OLD = "if '--full' in sys.argv: sys.exit(2)"
Commit = Callable[..., None]


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *who, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def commit(tmp_path: Path) -> Commit:
    """Commits a project, of which only the command line is real, and its first lines are given."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")

    def made(first: str = "pass", sql: str = "/* k: v */ select id from raw_a.b", **more: object) -> None:
        package = tmp_path / "sg_assets"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
        (package / "cli.py").write_text(CLI.format(first=first))
        (package / "one.sql").write_text(sql)
        said = {**document("a.one", "raw_a.b"), "file": "one.sql", **more}
        del said["sql"]
        (package / "tables.json").write_text(json.dumps([said]))
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "more")

    return made


def test_each_revision_is_read_as_it_was_not_as_it_is(tmp_path: Path, commit: Commit) -> None:
    commit(owner="team:before")
    commit(owner="team:after")
    found = revision.read(tmp_path, "HEAD~1")
    assert (found.name, len(found.commit)) == ("HEAD~1", 40)
    assert found.tables["a.one"]["owner"] == "team:before"
    assert found.tables["a.one"]["file"] == "sg_assets/one.sql"
    assert revision.read(tmp_path, "main").tables["a.one"]["owner"] == "team:after"


def test_a_revision_that_does_not_know_full_is_read_with_its_files(tmp_path: Path, commit: Commit) -> None:
    commit(OLD)
    assert revision.read(tmp_path, "main").tables["a.one"]["sql"] == "select id from raw_a.b"


def test_no_variable_of_ours_and_no_secret_is_handed_on(
    tmp_path: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SG_SALESFORCE_CLIENT_SECRET", "hush")
    monkeypatch.setenv("SG_ENV", "production")
    first = (
        "sys.exit([name for name in os.environ if name.startswith('SG_SALES') or os.environ['SG_ENV'] != 'sandbox'])"
    )
    commit(first.replace("sys.exit(", "assert not ("))
    assert "a.one" in revision.read(tmp_path, "main").tables


def test_no_git_checkout(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="is not a git checkout, so there is nothing to compare with"):
        revision.read(tmp_path, "main")


@pytest.mark.parametrize("name", ["nowhere", "--upload-pack=x"])
def test_no_such_revision(tmp_path: Path, commit: Commit, name: str) -> None:
    commit()
    with pytest.raises(RevisionError, match=f"git knows no revision {name}|is not the name of a revision"):
        revision.read(tmp_path, name)


def test_a_revision_that_does_not_load_says_why(tmp_path: Path, commit: Commit) -> None:
    commit("raise ImportError('no module named gone')")
    with pytest.raises(RevisionError, match=r"main \(.*\) do not load with what is installed.*no module named gone"):
        revision.read(tmp_path, "main")


def test_a_revision_that_says_something_else(tmp_path: Path, commit: Commit) -> None:
    commit("return print('[{}]')")
    with pytest.raises(RevisionError, match="does not say what its tables are"):
        revision.read(tmp_path, "main")


def test_a_revision_without_the_package(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "nothing yet")
    with pytest.raises(RevisionError, match="has no folder sg_assets"):
        revision.read(tmp_path, "HEAD")


def test_these_definitions_are_read_as_they_are(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "sandbox")
    shutil.copytree(ROOT / "sg_assets", tmp_path / "sg_assets", ignore=ignored)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "as it is")
    found = revision.read(tmp_path, "HEAD").tables
    here = {table.name: documents.table_in_full(table) for table in discovery.graph()}
    changes = compare(found, here)
    assert (changes.added, changes.removed, changes.changed) == ((), (), {})
