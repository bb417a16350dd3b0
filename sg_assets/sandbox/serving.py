"""Where stand-ins are reached: at an address that is told, beside this process, or else in it.

A process beside this one leaves it the whole of a core: Python's threads would share it, and what a stand-in makes up
is about as much work as what its reader does with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlsplit

from sg_assets.sandbox.sandbox import Sandbox, is_own_server
from sg_assets.sandbox.server import of_this_process

# The command that `beside` starts: it tells its address on standard output, and ends with its standard input.
COMMAND = (sys.executable, "-m", "sg_assets", "sandbox", "serve", "--beside", "--port")
ANY_PORT = "0"
RESTART_SECONDS = 1
PATIENCE_SECONDS = 60
STOP_SECONDS = 5
_beside: dict[tuple[int, Sandbox], Beside] = {}


class Beside:
    """A process of its own that serves the stand-ins for as long as this one lives, however that ends.

    Once it has served, it is started again at the same address whenever it ends.
    """

    def __init__(self) -> None:
        """Start it."""
        self._lock = threading.Lock()
        self._url = ""
        self._is_to_end = threading.Event()
        self._process = _started(ANY_PORT)

    @property
    def url(self) -> str:
        """Its address, once it serves.

        Raises:
            RuntimeError: it ended before.
        """
        with self._lock:
            if not self._url and (url := _address(self._process)):
                self._url = url
                threading.Thread(target=self._keep, name="keep the stand-ins", daemon=True).start()
        if not self._url:
            msg = "the sandbox's server did not start; `sg-assets sandbox serve` says why"
            raise RuntimeError(msg)
        return self._url

    def stop(self) -> None:
        """End it as our own end would, by its standard input, and wait for that."""
        with self._lock:
            self._is_to_end.set()
        try:
            self._process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _keep(self) -> None:
        port = str(urlsplit(self._url).port)
        while True:
            code = self._process.wait()
            if self._is_to_end.wait(RESTART_SECONDS):
                return
            sys.stderr.write(f"the sandbox's stand-ins ended by themselves, with code {code}; they are started again\n")
            with self._lock:
                if self._is_to_end.is_set():
                    return
                self._process.communicate()  # closes its pipes
                self._process = _started(port)
            _address(self._process)


def _started(port: str) -> subprocess.Popen[str]:
    """Its process; a Ctrl-C in our terminal does not reach it."""
    return subprocess.Popen(  # noqa: S603 (the command is our own)
        [*COMMAND, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def _address(process: subprocess.Popen[str]) -> str:
    """What it tells once it serves; nothing where it ended before."""
    return process.stdout.readline().strip() if process.stdout else ""


@contextmanager
def beside(sandbox: Sandbox) -> Generator[Beside]:
    """Serve the stand-ins of this process's environment in a process of its own while a block runs.

    Whoever asks `url_of` for one of the same sandbox meanwhile is sent there; a block within a block starts nothing.
    """
    key = (os.getpid(), sandbox)
    if key in _beside:
        yield _beside[key]
        return
    _beside[key] = started = Beside()
    try:
        yield started
    finally:
        del _beside[key]
        started.stop()


def url_of(sandbox: Sandbox, source: str, told: str | None = None) -> str:
    """The address of a source's stand-in, which is then up and at the sandbox's time.

    Args:
        sandbox: what it shows.
        source: its name.
        told: where somebody serves the stand-ins already.

    Raises:
        OSError: nobody answers where it is told.
        RuntimeError: the process beside this one did not start, or what answers is no sandbox.
    """
    one = _beside.get((os.getpid(), sandbox))
    url = told.rstrip("/") if told else one.url if one else None
    if not is_own_server(source):
        return f"{url or of_this_process(sandbox).url}/{source}"
    return sandbox.own_url(source) if url is None else _asked(url, source)


def _asked(url: str, source: str) -> str:
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)) as connection:
        connection.request("GET", f"{parts.path}/{source}")
        answer = connection.getresponse()
        text = answer.read().decode()
    if answer.status != HTTPStatus.OK:
        msg = f"{url}/{source} answers {answer.status}: no sandbox that says where its {source} is"
        raise RuntimeError(msg)
    return text
