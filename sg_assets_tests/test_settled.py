import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sg_assets.columns import Column
from sg_assets.operations import Operations
from sg_assets.settled import mark_of
from sg_assets_tests.freshness.scenes import NOON, derived, pull, state

RAW, DERIVED = pull("r.a"), derived("d.x", "r.a")
STATES = {"r.a": state("r.a", NOON)}
MARK = mark_of([RAW, DERIVED], STATES)


@pytest.fixture
def operations(store_url: str) -> Iterator[Operations]:
    store = Operations(store_url)
    yield store
    store.close()


def test_it_is_so_as_long_as_there_is_what_was_noted(operations: Operations, tmp_path: Path) -> None:
    assert not operations.settled.is_so("warehouse", MARK)
    operations.settled.note("warehouse", MARK, tmp_path)
    assert operations.settled.is_so("warehouse", MARK)
    assert not operations.settled.is_so("another", MARK)
    operations.settled.note("warehouse", "something else", tmp_path)
    assert not operations.settled.is_so("warehouse", MARK)


def test_it_is_not_so_in_another_history(operations: Operations, tmp_path: Path) -> None:
    history = tmp_path / "history"
    history.mkdir()
    operations.settled.note("warehouse", MARK, history)
    shutil.rmtree(history)
    assert not operations.settled.is_so("warehouse", MARK)
    history.mkdir()
    assert not operations.settled.is_so("warehouse", MARK)


def test_a_mark_differs_when_a_table_was_written() -> None:
    assert mark_of([DERIVED, RAW], dict(STATES)) == MARK
    assert mark_of([RAW, DERIVED], {"r.a": replace(STATES["r.a"], seq=2)}) != MARK
    assert mark_of([RAW, DERIVED], {}) != MARK


def test_a_mark_differs_when_a_raw_table_is_declared_otherwise_but_not_for_a_derived_one() -> None:
    columns = (Column("id", "INT64", "Id."),)
    assert mark_of([replace(RAW, columns=columns), DERIVED], STATES) != MARK
    assert mark_of([RAW, replace(DERIVED, columns=columns)], STATES) == MARK
