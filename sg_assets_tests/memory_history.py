"""Dagster's histories in memory, each over the one connection that holds it, in place of a new one for every event.

Test support. Each test has a history of its own, and a sixth of the time of a run went to opening connections to it and
to asking each of them which tables and columns it has.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from dagster._core.storage.event_log.in_memory import InMemoryEventLogStorage
from dagster._core.storage.runs.in_memory import InMemoryRunStorage
from sqlalchemy import Connection

MADE = {  # by the Dagster that asks, so that nothing is missing
    InMemoryEventLogStorage: ("has_table", "has_asset_key_col", "_has_asset_key_col_on_connection"),
    InMemoryRunStorage: ("has_run_stats_index_cols", "has_backfill_id_column"),
}


class Connect(Protocol):
    """Opens a connection to a history, in a transaction."""

    def __call__(self, history: Any, /) -> AbstractContextManager[Connection]: ...  # noqa: ANN401 (one of two classes)


def stay_connected() -> None:
    """From now on, in this process, for whatever its first thread asks of them."""
    for kind, opener in ((InMemoryEventLogStorage, "_connect"), (InMemoryRunStorage, "connect")):
        setattr(kind, opener, _over_the_held_one(getattr(kind, opener)))
        for question in MADE[kind]:
            setattr(kind, question, lambda *_: True)


def _over_the_held_one(opened: Connect) -> Connect:
    @contextmanager
    def connect(history: Any, /) -> Generator[Connection]:  # noqa: ANN401 (as above)
        held: Connection = history._held_conn  # noqa: SLF001 (there is no other way to it)
        if threading.current_thread() is not threading.main_thread() or held.in_transaction():
            with opened(history) as another:
                yield another
            return
        with held.begin():
            yield held

    return connect
