"""Serving the stand-ins on loopback, each under `/<source>/`: in a thread of this process, or in the foreground."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from sg_assets.sandbox.sandbox import Sandbox, own_servers

__all__ = ["Sandbox", "Server", "of_this_process", "run_beside", "run_forever", "start"]

HOST = "127.0.0.1"
KEEP_SECONDS = 30.0
START_PATIENCE, STOP_PATIENCE = 20.0, 5.0
_started: dict[tuple[int, Sandbox], Server] = {}


@dataclass(frozen=True)
class Server:
    """A running server. `url` has no slash at its end: a source's base URL is `f"{url}/{source}"`."""

    url: str
    _server: uvicorn.Server
    _thread: threading.Thread

    def stop(self) -> None:
        """End it, and wait until its port is free."""
        self._server.should_exit = True
        self._thread.join(STOP_PATIENCE)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(STOP_PATIENCE)


def start(sandbox: Sandbox, port: int = 0) -> Server:
    """Serve in a daemon thread of this process.

    Args:
        sandbox: what is shown.
        port: 0 for any free one.

    Raises:
        OSError: the port is taken.
        RuntimeError: the server did not come up.
    """
    listener = _listen(port)
    server = uvicorn.Server(_config(sandbox))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    deadline = time.monotonic() + START_PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            msg = "the sandbox's server did not start"
            raise RuntimeError(msg)
        time.sleep(0.005)
    return Server(f"http://{HOST}:{listener.getsockname()[1]}", server, thread)


def of_this_process(sandbox: Sandbox) -> Server:
    """The server of this process for a sandbox, started at the first call; a forked child starts its own."""
    key = (os.getpid(), sandbox)
    if key not in _started:
        _started[key] = start(sandbox)
    return _started[key]


def run_forever(sandbox: Sandbox, port: int, told: Callable[[str, str], None] = lambda _source, _url: None) -> None:
    """Serve in the foreground until SIGINT or SIGTERM.

    `told` hears where a stand-in is reached that is a server by itself; those are brought to the sandbox's time twice a
    minute.

    Raises:
        OSError: the port is taken.
    """
    listener = _listen(port)
    for source, url in sandbox.own_urls().items():
        told(source, url)
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep_time, args=(sandbox, is_over), name="sandbox's time", daemon=True)
    keeper.start()
    try:
        uvicorn.Server(_config(sandbox)).run(sockets=[listener])
    finally:
        is_over.set()
        keeper.join(STOP_PATIENCE)


def run_beside(sandbox: Sandbox, port: int, told: Callable[[str], None], starter: IO[bytes]) -> None:
    """Serve until SIGINT or SIGTERM, or until `starter` ends: a pipe from the process that started us.

    `port` is 0 for any free one; `told` hears the address, at which requests wait from then on. `GET /<source>` of a
    stand-in that is a server by itself answers with where that one is reached, at the sandbox's time.
    """
    listener = _listen(port)
    listener.listen()
    told(f"http://{HOST}:{listener.getsockname()[1]}")
    server = uvicorn.Server(_config(sandbox))

    def end_with_starter() -> None:
        starter.read()
        server.should_exit = True

    threading.Thread(target=end_with_starter, name="end with the starter", daemon=True).start()
    server.run(sockets=[listener])


def _keep_time(sandbox: Sandbox, is_over: threading.Event) -> None:
    while not is_over.wait(KEEP_SECONDS):
        sandbox.own_urls()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def _config(sandbox: Sandbox) -> uvicorn.Config:
    def reached(request: Request) -> PlainTextResponse:
        return PlainTextResponse(sandbox.own_url(request.url.path.strip("/")))

    own = [Route(f"/{source}", reached) for source in own_servers()]
    spoken = [Mount(f"/{source}", app=app) for source, app in sandbox.apps().items()]
    app = Starlette(routes=[*own, *spoken])
    return uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
