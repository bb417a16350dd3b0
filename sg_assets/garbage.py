"""Python's search for garbage while a run works: only in what is new.

A process that loaded Dagster and our definitions has hundreds of thousands of objects that stay. Python goes through
all of them again and again to find reference cycles among them, which costs a run milliseconds a table.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def sought_in_what_is_new() -> Generator[None]:
    """Within, what was there before is not searched; afterwards it is again, so that nothing is kept for good.

    Where somebody has taken things out of the search already, it is theirs to put them back.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
