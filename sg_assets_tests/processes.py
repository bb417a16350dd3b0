"""A program that a test starts, and that never outlives it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def process(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stderr: int | None = subprocess.PIPE,
) -> Generator[subprocess.Popen[str]]:
    """A running program, its streams as text in pipes; killed where the block ends and it has not.

    `subprocess.Popen` itself waits for it, without end where the block failed before it told it to stop.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=stderr, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
