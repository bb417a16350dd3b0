"""A server on loopback that answers as a test scripts it, byte for byte, as no well-behaved server would."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One answer; `sent` of the body's bytes are really sent before the connection ends, all by default."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    is_chunked: bool = False
    pause: float = 0.0  # seconds before the second half of the body

    @classmethod
    def json(cls, value: object, status: int = 200) -> Answer:
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


@dataclass
class Vendor:
    """What the server was asked; `url` is its base URL."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def scripted(*answers: Answer) -> Generator[Vendor]:
    """Serve the answers one after the other, the last one again and again."""
    left = list(answers)
    with answering(lambda _asked: left.pop(0) if len(left) > 1 else left[0]) as vendor:
        yield vendor


@contextmanager
def answering(answer: Callable[[Asked], Answer]) -> Generator[Vendor]:
    """Serve what a function makes of each request."""
    vendor = Vendor("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, parts.path, query, dict(self.headers), body)
            vendor.asked.append(asked)
            self.give(answer(asked))

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 (the library's names)

        def give(self, given: Answer) -> None:
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            body = given.body if given.sent is None else given.body[: given.sent]
            if given.is_chunked:
                self.send_header("Transfer-Encoding", "chunked")
                chunks = [b"%x\r\n%s\r\n" % (len(body), body)]
                chunks += [b"0\r\n\r\n"] if given.sent is None else []
            else:
                self.send_header("Content-Length", str(len(given.body)))
                chunks = [body[: len(body) // 2], body[len(body) // 2 :]] if given.pause else [body]
            self.end_headers()
            self.send(chunks, given.pause)
            self.close_connection = given.sent is not None

        def send(self, chunks: Sequence[bytes], pause: float) -> None:
            for number, chunk in enumerate(chunks):
                if number and pause:
                    time.sleep(pause)
                try:
                    self.wfile.write(chunk)
                    self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
