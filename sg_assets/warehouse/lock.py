"""One writer at a time: a file lock that says who holds it.

DuckDB refuses a second process at once and for the whole time; here the second one waits, and tells its user for whom.
The lock ends with its process, however that ends. Knows nothing of what the file holds.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sg_assets.warehouse.contract import WarehouseError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock: process id, what it does, and since when (seconds since the epoch, the machine's clock)."""

    pid: int
    what: str
    since: float


class WriterLock:
    """The lock of the file at `path`, kept in `<path>.lock`; `<path>.lock.holder` says who has it.

    `on_wait` is told every `tell_every` seconds for whom this process waits, `timeout` is how many seconds it does so.
    How long somebody has been waiting is a matter of the machine, not of the data, so this is read from its own clock
    and appears in messages only.
    """

    def __init__(
        self,
        path: Path,
        *,
        timeout: float,
        on_wait: Callable[[str], None] | None = None,
        tell_every: float = 5.0,
    ) -> None:
        """Nothing is taken yet."""
        self._path = path
        self._lock = FileLock(f"{path}.lock", thread_local=False)
        self._holder_file = Path(f"{path}.lock.holder")
        self._timeout = timeout
        self._on_wait = on_wait or logger.warning
        self._tell_every = tell_every

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock.is_locked

    def holder(self) -> Holder | None:
        """Who says that they hold the lock; None when nobody does, or the note about them cannot be read yet."""
        try:
            return Holder(**json.loads(self._holder_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def acquire(self, what: str) -> None:
        """Take the lock, waiting for whoever has it; `what` is told to those who then wait for us.

        Raises:
            WarehouseError: still held after the time-out; the message says by whom.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            left = deadline - time.monotonic()
            try:
                self._lock.acquire(timeout=max(0.0, min(left, self._tell_every)), poll_interval=0.05)
            except Timeout:
                message = self.describe()
                if left <= self._tell_every:
                    gave_up = f"{message}; gave up after {self._timeout:.0f} s"
                    raise WarehouseError(gave_up) from None
                self._on_wait(f"{message}; waiting")
            else:
                self._note(what)
                return

    def try_acquire(self, what: str) -> bool:
        """Take the lock if nobody has it; says whether it is ours."""
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        self._note(what)
        return True

    def tell(self, message: str) -> None:
        """Say to whoever listens why this process waits."""
        self._on_wait(message)

    def describe(self) -> str:
        """Who holds the lock and for how long, as a sentence for people."""
        holder = self.holder()
        if holder is None:
            return f"{self._path} is in use by another process"
        who = "this very process" if holder.pid == os.getpid() else f"process {holder.pid}"
        return f"{self._path} is in use by {who} ({holder.what}) for {max(0.0, time.time() - holder.since):.0f} s"

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._lock.is_locked:
            self._holder_file.unlink(missing_ok=True)
            self._lock.release()

    def _note(self, what: str) -> None:
        self._holder_file.write_text(json.dumps(asdict(Holder(os.getpid(), what, time.time()))))
