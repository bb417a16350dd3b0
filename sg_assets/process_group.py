"""A program with everything that it starts, ended as a whole.

Knows nothing of Dagster; `up.py` says what to run and what to tell people.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

PATIENCE_SECONDS = 20
LEFTOVER_PATIENCE_SECONDS = 5.0
POLL_SECONDS = 0.05


class ProcessGroup:
    """A program in a session of its own, so that a Ctrl-C in our terminal reaches only us and we pass it on.

    `end` ends the program step by step: the first call passes SIGINT on, the second SIGTERM, the third kills. Make it
    the handler of SIGALRM, too: a program that takes longer than `patience` seconds over a step is then called again.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        variables: Mapping[str, str],
        inherited: Sequence[int] = (),
        patience: int = PATIENCE_SECONDS,
    ) -> None:
        """Start `command` in `folder`; `inherited` are file descriptors that it keeps open.

        Signals that this process ignores stay ignored in the program (a shell that starts us with `&` ignores SIGINT),
        so take them before: handled ones start out with their default.
        """
        self._leader = subprocess.Popen(  # noqa: S603 (the command is our own)
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=inherited,
        )
        self._patience = patience
        self._steps = iter((signal.SIGINT, signal.SIGTERM))

    @property
    def id(self) -> int:
        """The group's id, which is also its leader's process id."""
        return self._leader.pid

    @property
    def exit_code(self) -> int | None:
        """What the program ended with: None while it runs, negative when a signal ended it."""
        return self._leader.poll()

    def end(self, _signal: int = signal.SIGINT, _frame: FrameType | None = None) -> None:
        """Ask for the end, each time more firmly; returns at once."""
        step = next(self._steps, None)
        if step is None:
            send(self.id, signal.SIGKILL)
        elif self.exit_code is None:
            self._leader.send_signal(step)
            signal.alarm(self._patience)

    def wait(self) -> int:
        """Wait for the program, end whatever it leaves behind, and return its exit code."""
        try:
            return self._leader.wait()
        finally:
            signal.alarm(0)
            sweep(self.id, min(self._patience, LEFTOVER_PATIENCE_SECONDS))


def is_alive(group: int) -> bool:
    """Whether any process of the group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's by now
        return False
    return True


def send(group: int, number: signal.Signals) -> None:
    """Send a signal to every process of a group, if it is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def sweep(group: int, patience: float = LEFTOVER_PATIENCE_SECONDS) -> None:
    """End all processes of a group: politely, then, after `patience` seconds, for good."""
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, patience)):
        send(group, number)
        deadline = time.monotonic() + seconds
        while is_alive(group) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
