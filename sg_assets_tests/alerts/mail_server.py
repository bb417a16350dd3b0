"""A small mail server on loopback that keeps what is handed in: SMTP (RFC 5321) with STARTTLS and AUTH PLAIN."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """The server. `mails` are those it took; the rest is how it behaves."""

    certificate: Path | None = None
    password: str = ""
    refused: dict[str, str] = field(default_factory=dict)  # what to answer to a command, such as {"DATA": "554 spam"}
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    cuts_off_after_data: int = 0

    def __enter__(self) -> Self:
        server = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with closing(_Talk(server, self)) as conversation:
                    conversation.talk()

        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._tcp.daemon_threads = True  # a connection that a test left open does not hold up its end
        self._thread = threading.Thread(target=self._tcp.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tcp.shutdown()
        self._tcp.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._tcp.server_address[1])


class _Talk:
    """One connection."""

    def __init__(self, server: MailServer, handler: socketserver.StreamRequestHandler) -> None:
        self._server, self._read, self._write = server, handler.rfile, handler.wfile
        self._socket = handler.connection
        self._is_secure = False
        self._open: list[Any] = []  # what a handler does not close by itself

    def talk(self) -> None:
        self._say("220 mail")
        while line := self._read.readline():
            command, _, rest = line.decode().strip().partition(" ")
            self._server.commands.append(command.upper())
            if refusal := self._server.refused.get(command.upper()):
                self._say(refusal)
            elif not self._answer(command.upper(), rest):
                return

    def close(self) -> None:
        for one in reversed(self._open):
            one.close()

    def _answer(self, command: str, rest: str) -> bool:
        if command == "EHLO":
            offers = ["mail", "8BITMIME"]
            offers += ["STARTTLS"] if self._server.certificate and not self._is_secure else []
            offers += ["AUTH PLAIN"] if self._server.password and self._is_secure else []
            for offer in offers[:-1]:
                self._say(f"250-{offer}")
            self._say(f"250 {offers[-1]}")
        elif command == "STARTTLS" and self._server.certificate:
            self._say("220 go ahead")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._server.certificate)
            try:
                secure = context.wrap_socket(self._socket, server_side=True)
            except ssl.SSLError:  # the client does not trust us
                return False
            self._open += [secure, secure.makefile("rb"), secure.makefile("wb")]
            _, self._read, self._write = self._open
            self._is_secure = True
        elif command == "AUTH":
            given = base64.b64decode(rest.split()[1]).decode().split("\0")[2]
            self._say("235 welcome" if given == self._server.password else "535 wrong password")
        elif command == "DATA":
            return self._take()
        elif command == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 ok")
        return True

    def _take(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self._read.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self._server.mails.append(message_from_bytes(b"".join(lines), policy=default))
        if self._server.cuts_off_after_data:
            self._server.cuts_off_after_data -= 1
            return False
        self._say("250 taken")
        return True

    def _say(self, text: str) -> None:
        self._write.write(f"{text}\r\n".encode())
        self._write.flush()


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody else vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file
