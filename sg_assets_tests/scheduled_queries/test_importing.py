"""Several scheduled queries at once: each after what it reads, and no file is written over."""

from __future__ import annotations

from pathlib import Path

from sg_assets.scheduled_queries.draft import Wishes
from sg_assets.scheduled_queries.importing import Imported, Importer, writers
from sg_assets_tests.scheduled_queries.examples import GRAPH, PROJECT, config

FIRST = config("select team, count(*) as n from raw_a.person group by team", "first", "first")
SECOND = config("select n, count(*) as teams from `p-q.out.first` group by n", "second", "second")
NEVER = config("select n from out.nothing", "never", "never")


def run(folder: Path, *configs: dict[str, object], may_replace: bool = False) -> list[Imported]:
    everything = writers([FIRST, SECOND, NEVER], PROJECT)
    return Importer(PROJECT, folder, Wishes(), everything, may_replace=may_replace).all(configs, GRAPH)


def test_what_another_one_writes_is_imported_first_and_answers_keep_their_order(tmp_path: Path) -> None:
    found = run(tmp_path, SECOND, NEVER, FIRST)
    assert [one.file for one in found] == [tmp_path / "out" / "second.sql", None, tmp_path / "out" / "first.sql"]
    assert "out.nothing: no source" in found[1].problem
    assert found[0].draft
    assert found[0].draft.declared
    assert found[0].draft.declared.column("n").type == "INT64"
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["first.sql", "second.sql"]


def test_one_whose_input_is_not_imported_says_what_writes_it(tmp_path: Path) -> None:
    (found,) = run(tmp_path, SECOND)
    assert "out.first: import Title of first (first) first, which writes it" in found.problem
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_unless_it_may_go(tmp_path: Path) -> None:
    file = tmp_path / "out" / "first.sql"
    file.parent.mkdir()
    file.write_text("mine")
    (kept,) = run(tmp_path, FIRST)
    assert (kept.file, file.read_text()) == (None, "mine")
    assert "exists: --force writes over it" in kept.problem
    (written,) = run(tmp_path, FIRST, may_replace=True)
    assert written.file == file
    assert file.read_text().startswith("/*\ndescription: |")


def test_who_writes_which_table() -> None:
    script = config("create table out.x as select 1 as a; insert into out.y select 1", "script", "")
    assert writers([FIRST, script], PROJECT) == {
        "out.first": "Title of first (first)", "out.x": "Title of script (script)", "out.y": "Title of script (script)"
    }  # fmt: skip
