"""Refuses connections to anywhere but this machine, in the test process and in every Python it starts.

Python imports a module of this name from PYTHONPATH when it starts. Each refusal is also appended to the file that
TESTS_REFUSED names, so that a test fails even where the error was caught, or happened in another process.

All of them look for garbage seldom, too: those that load Dagster take a tenth less.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import sys
from pathlib import Path

LEAVING = {"socket.connect", "socket.sendto", "socket.sendmsg"}  # audit events with (socket, address)
RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname"}  # audit events with (host, …)
REFUSED = "TESTS_REFUSED"
LIVE = "SG_BIGQUERY_LIVE"  # who sets it wants the tests of BigQuery to reach Google's


def is_here(host: object) -> bool:
    """Whether a host, by name or address, is this machine; None and "" are."""
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")
    if name in {"", "localhost", "0.0.0.0"}:  # noqa: S104 (compared, not bound)
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_foreign(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: raise where a socket would leave this machine, or a name would be looked up for that."""
    if event in LEAVING:
        address = arguments[1]
        if not isinstance(address, tuple):  # a unix socket's path, or a socket that is connected already
            return
        host = address[0]
    elif event in RESOLVING:
        host = arguments[0]
    else:
        return
    if is_here(host):
        return
    message = f"{event} to {host!r}: tests may reach only this machine"
    if path := os.environ.get(REFUSED):
        with Path(path).open("a") as file:
            file.write(f"{message} (process {os.getpid()}: {' '.join(sys.argv)[:200]})\n")
    raise ConnectionRefusedError(message)


gc.set_threshold(20_000, 20, 50)
if not os.environ.get(LIVE):
    sys.addaudithook(refuse_foreign)
