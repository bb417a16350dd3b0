from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sg_assets.durations import KEPT
from sg_assets.operations import Operations

NOON = datetime(2025, 6, 5, 12, tzinfo=UTC)


@pytest.fixture
def operations(store_url: str) -> Iterator[Operations]:
    store = Operations(store_url)
    yield store
    store.close()


def test_typical_is_the_median_of_a_tables_steps_with_the_same_result(operations: Operations) -> None:
    for seconds in (1, 90, 2):
        operations.durations.record("m.a", "built", seconds, NOON)
    operations.durations.record("m.a", "skipped", 0.1, NOON)
    operations.durations.record("m.b", "built", 7, NOON)
    assert operations.durations.typical() == {("m.a", "built"): 2, ("m.a", "skipped"): 0.1, ("m.b", "built"): 7}


def test_what_was_long_ago_is_forgotten(operations: Operations) -> None:
    for seconds in [1000.0] * KEPT + [3.0] * KEPT:
        operations.durations.record("m.a", "built", seconds, NOON)
    operations.durations.record("m.b", "built", 1, NOON)
    assert operations.durations.typical() == {("m.a", "built"): 3, ("m.b", "built"): 1}


def test_nothing_is_typical_of_what_never_ran(operations: Operations) -> None:
    assert operations.durations.typical() == {}
