"""The folder of a run: what its fetches spool, beside a lock that tells whether its process is still alive.

A process that is killed cannot say so: Dagster shows its run as started for hours, the keeper waits for it, and what it
spooled stays. But the lock that it held is then free. What follows from that is decided in `freshness/healing.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Container, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from dagster import DagsterInstance

ENDED = "ended"
LONGEST_UNLOCKED = timedelta(minutes=1)
"""How long a run may be started and hold no lock: before it takes it, and between giving it back and saying so."""

_held: dict[Path, FileLock] = {}  # this process's own


def run_folders(history: DagsterInstance) -> RunFolders:
    """The folders of the runs of a history, on this machine."""
    return RunFolders(Path(history.storage_directory()).resolve() / "running")


class RunFolders:
    """The folders of the runs of one history, below `root`: `<run>/`, and `<run>.lock` beside it."""

    def __init__(self, root: Path) -> None:
        """Nothing is made yet."""
        self._root = root

    @contextmanager
    def held(self, run_id: str) -> Generator[Path]:
        """Have the folder of a run, and be alive for others until the end. Whoever has it already goes on having it."""
        lock_file, folder = self._lock_file(run_id), self._root / run_id
        if lock_file in _held:
            yield folder
            return
        self._root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file)
        lock.acquire()
        folder.mkdir(exist_ok=True)
        _held[lock_file] = lock
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock_file.write_text(ENDED)
            _held.pop(lock_file).release()

    def was_killed(self, run_id: str, started: datetime | None, now: datetime) -> bool:
        """Whether the process of a run that has not ended is no more.

        `started` is since when the run says to run; None while it does not. `now` is the machine's clock, as that.
        """
        lock_file = self._lock_file(run_id)
        try:
            has_ended = lock_file.read_text() == ENDED
            unlocked = datetime.fromtimestamp(lock_file.stat().st_mtime, UTC) if has_ended else None
        except FileNotFoundError:
            return started is not None and now - started > LONGEST_UNLOCKED
        if unlocked is not None:
            return now - unlocked > LONGEST_UNLOCKED
        return not self._is_locked(lock_file)

    def sweep(self, unfinished: Container[str]) -> None:
        """Remove what runs left that are not among the `unfinished` ones and whose process is no more."""
        for lock_file in self._root.glob("*.lock"):
            lock = FileLock(lock_file)
            if lock_file.stem in unfinished or lock_file in _held:
                continue
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            shutil.rmtree(self._root / lock_file.stem, ignore_errors=True)
            lock_file.unlink(missing_ok=True)
            lock.release()

    def _lock_file(self, run_id: str) -> Path:
        return self._root / f"{run_id}.lock"

    @staticmethod
    def _is_locked(lock_file: Path) -> bool:
        if lock_file in _held:
            return True
        lock = FileLock(lock_file)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False
