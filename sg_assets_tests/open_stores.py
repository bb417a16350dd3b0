"""Operations stores that a test opened: their connections are closed at its end, as a command closes them at its own.

Test support. Python 3.13 warns of each connection that nobody closed, whenever it finds it among its garbage.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from weakref import WeakSet

import pytest
from sqlalchemy import Engine

from sg_assets import operations_engine


@contextmanager
def known() -> Generator[Callable[[], None]]:
    """Within the block the engines of stores are remembered; gives what closes all their idle connections."""
    engines = WeakSet[Engine]()
    new: list[Engine] = []  # which would be garbage before the test ends
    create = operations_engine.create_engine

    def created(url: str, **options: object) -> Engine:
        engine = create(url, **options)
        engines.add(engine)
        new.append(engine)
        return engine

    def close() -> None:
        for engine in list(engines):
            engine.dispose()
        new.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations_engine, "create_engine", created)
        yield close
