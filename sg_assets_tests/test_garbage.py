"""Python's search for garbage while a run works."""

import gc
import weakref
from collections.abc import Generator

import pytest

from sg_assets import garbage
from sg_assets.garbage import sought_in_what_is_new


class Thing:
    """Something that refers to itself, so that only a search finds that nobody has it any more."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def nothing_is_frozen() -> Generator[None]:
    was_frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    garbage.is_up_to_another.cache_clear()
    yield
    garbage.is_up_to_another.cache_clear()
    if was_frozen:
        gc.freeze()


def test_what_was_there_is_left_alone_within_and_searched_afterwards() -> None:
    old = weakref.ref(Thing())
    with sought_in_what_is_new():
        new = weakref.ref(Thing())
        gc.collect()
        assert new() is None
        assert old() is not None
    gc.collect()
    assert old() is None
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_took_out_of_the_search_stays_out_of_it() -> None:
    gc.freeze()
    with sought_in_what_is_new():
        pass
    assert gc.get_freeze_count() > 0
