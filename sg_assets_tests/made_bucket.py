"""A bucket on loopback that holds what a test puts into it, and speaks Cloud Storage's JSON API."""

from __future__ import annotations

import gzip
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from sg_assets.google import Bucket, google_rule
from sg_assets.http import Client
from sg_assets_tests.scripted_vendor import Answer, Asked, Vendor, answering


@dataclass
class Objects:
    """Objects by name, each with its bytes and generation. `gone` cannot be read although they are listed."""

    content: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    vendor: Vendor = field(default_factory=lambda: Vendor(""))

    def put(self, name: str, *lines: object) -> None:
        """Write one object of JSON lines, again and with another generation where it is there."""
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        self.put_bytes(name, gzip.compress(text.encode()))

    def put_bytes(self, name: str, content: bytes) -> None:
        self.content[name] = content, self.content.get(name, (b"", 0))[1] + 1

    def downloads(self) -> list[str]:
        """The objects that were read since the last time, by name: several are asked for at once."""
        read = sorted(unquote(asked.path.partition("/o/")[2]) for asked in self.vendor.asked if "alt" in asked.query)
        self.vendor.asked.clear()
        return read

    def answer(self, asked: Asked) -> Answer:
        name = unquote(asked.path.partition("/o/")[2])
        if not name:
            return self._page(asked)
        if name not in self.content:
            return Answer(403, b'{"error": {"code": 403, "message": "No right to know"}}')
        content, generation = self.content[name]
        if name in self.gone or asked.query.get("generation", str(generation)) != str(generation):
            return Answer(404, b'{"error": {"code": 404, "message": "No such object"}}')
        return Answer(200, content, {"Content-Type": "application/gzip"})

    def _page(self, asked: Asked) -> Answer:
        most, after = int(asked.query["maxResults"]), asked.query.get("pageToken", "")
        names = [name for name in sorted(self.content) if name.startswith(asked.query["prefix"]) and name > after]
        page: dict[str, object] = {"nextPageToken": names[most - 1]} if names[most:] else {}
        if names:
            page["items"] = [
                {"name": name, "generation": str(self.content[name][1]), "size": str(len(self.content[name][0]))}
                for name in names[:most]
            ]
        return Answer.json(page)


@contextmanager
def made_bucket(page_size: int = 1000) -> Generator[tuple[Bucket, Objects]]:
    """A bucket, and what is in it; waits are not waited."""
    objects = Objects()
    with (
        answering(objects.answer) as vendor,
        Client(vendor.url, name="acme", rule=google_rule, sleep=lambda _seconds: None) as client,
    ):
        objects.vendor = vendor
        yield Bucket(client, "made", page_size), objects
