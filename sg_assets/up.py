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
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import IO

from sg_assets.clock import wall_clock
from sg_assets.development import prepare_dagster
from sg_assets.environment import ROOT
from sg_assets.process_group import ProcessGroup, sweep

HOST = "127.0.0.1"
START_SECONDS = 180
POLL_SECONDS = 0.2
RESTART_SECONDS = 5.0
INTERRUPTED = 130


class NotStartedError(Exception):
    """Nothing was started, and the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs in this checkout. `groups` are the process groups of what it started: Dagster, the watchdog."""

    pid: int
    since: str
    url: str
    groups: tuple[int, ...] = ()


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
    watchdog: Sequence[str] | None = None,
    dagster_home: Path | None = None,
    has_address: bool = False,
    further: Callable[[], Mapping[str, str]] = dict,
) -> int:
    """Refresh, show the verdicts, then serve on 127.0.0.1:`port` until SIGINT or SIGTERM; the exit code.

    `home` is the state folder: `dagster.json` in it gives the address while the UI is up. `root` is the checkout, whose
    lock is held throughout. `command` replaces Dagster's; `watchdog` is run beside it, and anew whenever it ends. Both
    are told where the UI is, unless it `has_address`, by which people reach it from elsewhere, and `further` variables.
    `dagster_home` has the `dagster.yaml`, by default `root`.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell that started us with & ignores SIGINT; SIGTERM unwinds too
        signal.signal(number, signal.default_int_handler)
    url = f"http://{HOST}:{port}"
    prepare_dagster(root, dagster_home or root)
    try:
        with _lock(root, url) as lock:
            _check_port(port)
            refresh()
            verdicts()
            _check_port(port)
            variables = {"DAGSTER_HOME": str(dagster_home or root)} | ({} if has_address else {"SG_DAGSTER_URL": url})
            variables |= further()
            serving = _Serving(lock, root, url, variables)
            return serving.serve(home, command or dagster_command(port), watchdog)
    except NotStartedError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("stopped before Dagster was started; what was built stays")
        return INTERRUPTED


class _Serving:
    """Dagster and the watchdog, from their start to their end."""

    def __init__(self, lock: IO[str], root: Path, url: str, variables: Mapping[str, str]) -> None:
        self._lock, self._root, self._url = lock, root, url
        self._variables = {**os.environ, **variables}  # noqa: TID251 (handed on to the children, not read)
        self._groups: list[ProcessGroup] = []
        self._is_asked = False

    def serve(self, home: Path, command: Sequence[str], watchdog: Sequence[str] | None) -> int:
        """Serve until asked to stop, or until Dagster ends; the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._end)
        dagster = self._start(command)
        address = home / "dagster.json"
        try:
            if self._wait_until_serving(dagster):
                home.mkdir(parents=True, exist_ok=True)
                address.write_text(json.dumps({"url": self._url, "pid": os.getpid()}) + "\n")
                _say(f"Dagster is at {self._url} (Ctrl-C stops it)")
            if watchdog:
                self._keep_beside(dagster, watchdog)
            code = dagster.wait()
        finally:
            address.unlink(missing_ok=True)
            for group in self._groups[1:]:
                group.end()
                group.wait()
        _say("stopped" if self._is_asked else f"Dagster ended by itself, with code {code}")
        return 0 if self._is_asked else 1

    def _keep_beside(self, dagster: ProcessGroup, watchdog: Sequence[str]) -> None:
        """While Dagster runs, so does the watchdog."""
        start_at = time.monotonic()
        while dagster.exit_code is None and not self._is_asked:
            beside = self._groups[1:]
            if beside and beside[0].exit_code is not None:
                _say(f"the watchdog ended by itself, with code {beside[0].exit_code}; it is started again")
                beside[0].wait()
                self._groups.remove(beside[0])
                start_at = time.monotonic() + RESTART_SECONDS
            elif not beside and time.monotonic() >= start_at:
                self._start(watchdog)
            time.sleep(POLL_SECONDS)

    def _start(self, command: Sequence[str]) -> ProcessGroup:
        # The child keeps the lock open: should we be killed, the lock stays held until it is gone, too.
        inherited = (self._lock.fileno(),)
        group = ProcessGroup(command, folder=self._root, variables=self._variables, inherited=inherited)
        self._groups.append(group)
        if self._is_asked:  # while it was being started
            group.end()
        _write(self._lock, Holder(os.getpid(), _now(), self._url, tuple(group.id for group in self._groups)))
        return group

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self._is_asked:
            _say("stopping Dagster")
        self._is_asked = True
        self._end()

    def _end(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        for group in self._groups:
            group.end()

    def _wait_until_serving(self, dagster: ProcessGroup) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while dagster.exit_code is None and not self._is_asked:
            if _is_serving(self._url):
                return True
            if time.monotonic() > deadline:
                _say(f"Dagster does not answer after {START_SECONDS} s")
                dagster.end()
                return False
            time.sleep(POLL_SECONDS)
        return False


def _is_serving(url: str) -> bool:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=5)
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
def _lock(root: Path, url: str) -> Generator[IO[str]]:
    path = root / ".dagster" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        if not _try_lock(file):
            holder = _read(file)
            if holder is None or not _was_killed(holder):
                who = f"process {holder.pid} since {holder.since}, {holder.url}" if holder else "just starting"
                msg = f"already running in this checkout: {who}"
                raise NotStartedError(msg)
            left = ", ".join(str(group) for group in holder.groups)
            _say(f"ending what a killed one left running (process groups {left})")
            for group in holder.groups:
                sweep(group)
            if not _try_lock(file):
                msg = f"what a killed one left running does not end (process groups {left})"
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
    """Whether only what a holder started still holds the lock."""
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return bool(holder.groups)
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
