"""DuckDB's engines, started once and lent again: starting and stopping one takes as long as landing five small tables.

Test support. A refresh starts two, and there are a thousand refreshes of small projects.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import duckdb
import pytest

from sg_assets.warehouse.duckdb_file import ATTACHED, DuckDBFile
from sg_assets.warehouse.readcopy import LENT


@contextmanager
def lent_again() -> Generator[None]:
    """Until the end of the block, in this process; engines that cannot be cleaned are ended as ever."""
    idle: list[duckdb.DuckDBPyConnection] = []

    class Lent(DuckDBFile):
        def _start(self) -> duckdb.DuckDBPyConnection:
            while idle:
                engine = idle.pop()
                try:
                    self._set_up(engine)
                except duckdb.Error:  # it has spilled to disk, and where to cannot be said again
                    engine.close()
                else:
                    return engine
            return super()._start()

        def _stop(self) -> None:
            engine, self._engine = self._engine, None
            if engine is not None:
                try:
                    engine.execute(
                        f"use memory; detach database if exists {ATTACHED}; detach database if exists {LENT}"
                    )
                except duckdb.Error:
                    engine.close()
                else:
                    idle.append(engine)
            super()._stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sg_assets.warehouse.duckdb.DuckDBFile", Lent)
        yield
    for engine in idle:
        engine.close()
