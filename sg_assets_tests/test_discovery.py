"""What there is, is found: sources by their modules, tables by their files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sg_assets.sources
from sg_assets.discovery import TABLES, derived_tables, destinations, graph, sources


@pytest.fixture
def folder_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules are found as sources, in place of the real ones."""
    monkeypatch.setattr(sg_assets.sources, "__path__", [str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("sg_assets.sources."):
            del sys.modules[name]


def test_every_module_of_sources_is_a_source() -> None:
    modules = {path.stem for path in (TABLES.parent / "sources").iterdir() if not path.name.startswith("__")}
    assert {source.name for source in sources()} == modules


def test_every_sql_file_is_a_table() -> None:
    files = {path.relative_to(TABLES).with_suffix("") for path in TABLES.rglob("*.sql")}
    assert {table.name for table in derived_tables()} == {".".join(path.parts) for path in files}


def test_the_graph_holds_them_all_in_order_and_is_read_once() -> None:
    names = [table.name for table in graph()]
    raw = {name for source in sources() for name in source.tables}
    ledgers = {one.name for destination in destinations() for one in destination.sendings.values()}
    declared = raw | ledgers | {table.name for table in derived_tables()}
    assert {name for name in names if not name.startswith("sg_ops.")} == declared
    assert all(names.index(wanted.table) < names.index(table.name) for table in graph() for wanted in table.inputs)
    assert graph() is graph()


def test_a_module_without_a_source_is_refused(folder_of_sources: Path) -> None:
    (folder_of_sources / "made_up.py").write_text("NAME = 'made up'\n")
    with pytest.raises(TypeError, match="sources/made_up: must have one Source at module level, has 0"):
        sources()


def test_a_module_with_two_sources_is_refused(folder_of_sources: Path) -> None:
    (folder_of_sources / "made_up_twice.py").write_text(
        "from sg_assets.promise import DAILY\nfrom sg_assets.source import Source\n"
        "FIRST = Source('a', 'A.', 'team:a', DAILY, connect=lambda url, settings: None)\n"
        "SECOND = Source('b', 'B.', 'team:b', DAILY, connect=lambda url, settings: None)\n"
    )
    with pytest.raises(TypeError, match="has 2"):
        sources()
