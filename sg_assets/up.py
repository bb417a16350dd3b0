"""`sg-assets up`: everything is brought up to date, then Dagster serves it until somebody says stop.

Only the order of things, the lock of the checkout and what people are told; how tables are refreshed and verdicts shown
is the caller's, how processes end is in `process_group.py`.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

from sg_assets.environment import ROOT, wall_clock
from sg_assets.process_group import ProcessGroup, sweep

HOST = "127.0.0.1"
START_SECONDS = 180
POLL_SECONDS = 0.2
INTERRUPTED = 130


class NotStartedError(Exception):
    """Nothing was started, and the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs in this checkout. `group` is Dagster's process group, 0 while tables are being brought up to date."""

    pid: int
    since: str
    url: str
    group: int = 0


def dagster_command(port: int) -> list[str]:
    """The command that serves the UI, with its daemon and the code location of `workspace.yaml`."""
    quiet = ["--log-level", "warning", "--code-server-log-level", "warning"]
    return [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "--host", HOST, "--port", str(port), *quiet]


def up(  # noqa: PLR0913 (each is said once, by the command line)
    port: int,
    *,
    home: Path,
    refresh: Callable[[], object],
    verdicts: Callable[[], object],
    root: Path = ROOT,
    command: Sequence[str] | None = None,
) -> int:
    """Refresh, show the verdicts, then serve on 127.0.0.1:`port` until SIGINT or SIGTERM; the exit code.

    `home` is the state folder: `dagster.json` in it gives the address while the UI is up. `root` is the checkout, whose
    lock is held throughout. `command` replaces Dagster's.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell that started us with & ignores SIGINT; SIGTERM unwinds too
        signal.signal(number, signal.default_int_handler)
    url = f"http://{HOST}:{port}"
    try:
        with _lock(root, url) as lock:
            _check_port(port)
            refresh()
            verdicts()
            _check_port(port)
            return _serve(lock, home, root, command or dagster_command(port), port)
    except NotStartedError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("stopped before Dagster was started; what was built stays")
        return INTERRUPTED


def _serve(lock: IO[str], home: Path, root: Path, command: Sequence[str], port: int) -> int:
    asked: list[int] = []
    started: list[ProcessGroup] = []

    def stop(number: int, _frame: object) -> None:
        if not asked:
            _say("stopping Dagster")
        asked.append(number)
        for group in started:
            group.end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    variables = {**os.environ, "DAGSTER_HOME": str(root)}  # noqa: TID251 (handed on to the child, not read)
    # The child keeps the lock open: should we be killed, the lock stays held until Dagster is gone, too.
    dagster = ProcessGroup(command, folder=root, variables=variables, inherited=(lock.fileno(),))
    signal.signal(signal.SIGALRM, dagster.end)
    started.append(dagster)
    if asked:  # while it was being started
        dagster.end()

    holder = Holder(os.getpid(), _now(), f"http://{HOST}:{port}", dagster.id)
    _write(lock, holder)
    address = home / "dagster.json"
    try:
        if _wait_until_serving(dagster, port, asked):
            home.mkdir(parents=True, exist_ok=True)
            address.write_text(json.dumps(asdict(holder)) + "\n")
            _say(f"Dagster is at {holder.url} (Ctrl-C stops it)")
        code = dagster.wait()
    finally:
        address.unlink(missing_ok=True)
    _say("stopped" if asked else f"Dagster ended by itself, with code {code}")
    return 0 if asked else 1


def _wait_until_serving(dagster: ProcessGroup, port: int, asked: Sequence[int]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while dagster.exit_code is None and not asked:
        if _is_serving(port):
            return True
        if time.monotonic() > deadline:
            _say(f"Dagster does not answer after {START_SECONDS} s")
            dagster.end()
            return False
        time.sleep(POLL_SECONDS)
    return False


def _is_serving(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/server_info")
        return connection.getresponse().status == 200  # noqa: PLR2004 (HTTP's OK)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _check_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a port just left is free
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            msg = f"port {port} on {HOST} cannot be had ({error}); choose another one: PORT=3100 make up"
            raise NotStartedError(msg) from None


@contextmanager
def _lock(root: Path, url: str) -> Iterator[IO[str]]:
    path = root / ".dagster" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        if not _try_lock(file):
            holder = _read(file)
            if holder is None or not _was_killed(holder):
                who = f"process {holder.pid} since {holder.since}, {holder.url}" if holder else "just starting"
                msg = f"already running in this checkout: {who}"
                raise NotStartedError(msg)
            _say(f"ending what a killed one left running (process group {holder.group})")
            sweep(holder.group)
            if not _try_lock(file):
                msg = f"process group {holder.group}, left by a killed one, does not end"
                raise NotStartedError(msg)
        _write(file, Holder(os.getpid(), _now(), url))
        try:
            yield file
        finally:
            file.truncate(0)


def _try_lock(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _was_killed(holder: Holder) -> bool:
    """Whether only the Dagster that a holder started still holds the lock."""
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return holder.group > 0
    return False


def _read(file: IO[str]) -> Holder | None:
    file.seek(0)
    text = file.read()
    return Holder(**json.loads(text)) if text else None


def _write(file: IO[str], holder: Holder) -> None:
    file.truncate(0)
    file.write(json.dumps(asdict(holder)))
    file.flush()


def _now() -> str:
    return wall_clock().isoformat(timespec="seconds")


def _say(message: str) -> None:
    sys.stderr.write(f"sg-assets up: {message}\n")
    sys.stderr.flush()
