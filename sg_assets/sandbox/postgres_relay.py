"""A relay before a Postgres server that cuts a connection in the middle of an answer: how a lost one is played.

It understands nothing of the protocol but the table's name in a query.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
FORWARDED_BYTES = 2_000
"""Of an answer that is cut."""
_TABLE = re.compile(rb"\bfrom (\w+)")


@dataclass
class Relay:
    """Listens in a folder of its own; `cuts` says, of a table's name, whether the answer about it is cut."""

    folder: Path
    server: Path
    cuts: Callable[[str], bool]
    _listener: socket.socket = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Listen, in a thread that ends with the process."""
        self.folder.mkdir(exist_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    def stop(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        (self.folder / SOCKET).unlink(missing_ok=True)

    def _accept(self) -> None:
        with suppress(OSError):  # it was stopped
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.server / SOCKET))
                line = _Line(client, server, self.cuts)
                for work in (line.ask, line.answer):
                    threading.Thread(target=work, name="relay", daemon=True).start()


@dataclass
class _Line:
    """One relayed connection. `left` is how many bytes of an answer are still forwarded; None for all."""

    client: socket.socket
    server: socket.socket
    cuts: Callable[[str], bool]
    left: int | None = None

    def ask(self) -> None:
        """Forward what the client sends."""
        with suppress(OSError):
            while sent := self.client.recv(65536):
                if any(self.cuts(name.decode()) for name in set(_TABLE.findall(sent))):
                    self.left = FORWARDED_BYTES
                self.server.sendall(sent)
        self._close()

    def answer(self) -> None:
        """Forward what the server sends, up to where it is cut."""
        with suppress(OSError):
            while sent := self.server.recv(65536):
                self.client.sendall(sent if self.left is None else sent[: self.left])
                if self.left is not None:
                    self.left -= len(sent)
                    if self.left <= 0:
                        break
        self._close()

    def _close(self) -> None:
        for side in (self.client, self.server):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()
