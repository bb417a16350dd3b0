"""Postgres' empty clusters, made once for all processes that run tests, and copied: to make one takes a second.

Test support. What is made is what the sandbox makes; twenty tests start a server of their own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from sg_assets.sandbox import postgres_keeper, postgres_server


@contextmanager
def copied_from(folder: Path) -> Generator[None]:
    """Until the end of the block: the first cluster is kept in a folder, each further one is a copy of it."""
    make, kept = postgres_server.initialise, folder / "cluster"

    def initialise(wanted: Path, programs: Path) -> None:
        with FileLock(folder / "cluster.lock"):
            if not kept.exists():
                make(wanted, programs)
                shutil.copytree(wanted / "data", kept)
                return
        shutil.copytree(kept, wanted / "data")
        uid, gid = postgres_keeper.owner()
        if uid is not None and gid is not None:
            for path in (wanted, *wanted.rglob("*")):
                os.chown(path, uid, gid)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_server, "initialise", initialise)
        yield
