"""Canaries: secrets that are planted everywhere, and found again in whatever form and file they turn up.

Test support; nothing here is tested.
"""

from __future__ import annotations

import html
import json
import sqlite3
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SQLITE = b"SQLite format 3\0"


def canary(variable: str) -> str:
    """A secret with everything in it that is written in another way somewhere."""
    return f"c4n4ry-{variable.lower()}/+\"'<&>%41=end"


def in_address(scheme: str, host: str) -> tuple[str, str]:
    """An address that holds a secret as its password, and that secret, as it is before it is quoted."""
    secret = canary(f"password of {host}")
    return f"{scheme}://reader:{quote(secret, safe='')}@{host}/x", secret


@cache
def _pem() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (checked at each reading, 7 times faster)
    unlocked = serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked).decode()


def google_key(token_uri: str) -> tuple[str, str]:
    """A service account's key as JSON, and the part of it that is a secret."""
    pem = _pem()
    key = {"type": "service_account", "client_email": "robot@made-up.example", "private_key": pem}
    return json.dumps(key | {"private_key_id": "1", "token_uri": token_uri}), pem.splitlines()[7]


@cache
def forms(secret: str) -> frozenset[bytes]:
    """Every way in which a secret may be written, each once; and its first half, as where a text was cut."""
    return frozenset(_forms(secret)) | {secret[: len(secret) // 2 + 4].encode()}


def _forms(secret: str) -> Iterator[bytes]:
    """As it is in an address, in HTML, Python, JSON, JSON in JSON, and anywhere in a longer text's base64."""
    for text in (
        secret, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), repr(secret)[1:-1],
        json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3],
    ):  # fmt: skip
        yield text.encode()
    for before in range(3):
        encoded = b64encode(b"x" * before + secret.encode())
        yield encoded[-(-before * 8 // 6) + 1 : (before + len(secret.encode())) * 8 // 6 - 1]


def found_in(content: bytes, secrets: Mapping[str, str]) -> set[str]:
    """The names of the secrets that are in some content."""
    return {name for name, secret in secrets.items() if any(form in content for form in forms(secret))}


def found_below(folders: Iterable[Path], secrets: Mapping[str, str]) -> set[str]:
    """Where secrets are: in files as they are, and in SQLite's also in each value, unpacked."""
    found = set()
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
        content = path.read_bytes()
        values = b"\n".join(_values(path)) if content.startswith(SQLITE) else b""
        found |= {f"{name} in {path.name}" for name in found_in(content + b"\n" + values, secrets)}
    return found


def _values(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in connection.execute(f'select * from "{table}"'):
                for value in row:
                    if isinstance(value, str):
                        yield value.encode()
                    elif isinstance(value, bytes):
                        yield value
                        try:
                            yield zlib.decompress(value)
                        except zlib.error:
                            continue
