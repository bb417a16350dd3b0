"""Dagster's migrations, read once in a process: Alembic reads all 178 files anew for each empty history that is made.

Test support. That takes 40 ms of processor for a history in memory and 120 ms for one in files, and a test has its own.
"""

from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory


def read_once() -> None:
    """From now on, in this process: what a folder of migrations holds is remembered with it."""
    read = ScriptDirectory.from_config
    known: dict[str, ScriptDirectory] = {}

    def from_config(config: Config) -> ScriptDirectory:
        folder = config.get_main_option("script_location") or ""
        if folder not in known:
            known[folder] = read(config)
        return known[folder]

    ScriptDirectory.from_config = staticmethod(from_config)  # pyrefly: ignore[method-assign]
