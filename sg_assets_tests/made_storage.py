"""A bucket on loopback into which objects are put and from which they are removed, in Cloud Storage's JSON API.

What a bucket that is only read does is in `made_bucket.py`.
https://cloud.google.com/storage/docs/uploading-objects, /resumable-uploads
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from urllib.parse import unquote

from sg_assets_tests.scripted_vendor import Answer, Asked, answering


@dataclass
class Stored:
    """Objects by `bucket/name`. `put` are all that ever were; `refusing` the methods that are refused.

    In `folder` they are files, too: BigQuery's emulator loads them from there.
    """

    folder: Path
    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    put: dict[str, bytes] = field(default_factory=dict)
    rights: tuple[str, ...] = ()
    refusing: set[str] = field(default_factory=set)
    begun: dict[str, str] = field(default_factory=dict)  # resumable uploads by their id

    def answer(self, asked: Asked) -> Answer:
        """What a request gets."""
        place = re.fullmatch(r".*/storage/v1/b/([^/]+)/?(?:o/?)?(.*)", asked.path)
        assert place is not None
        bucket, name = place.groups()
        if asked.method in self.refusing:
            words = "no right to do that"
            return Answer.json({"error": {"code": 403, "message": words, "errors": [{"message": words}]}}, 403)
        if name.endswith("testPermissions"):
            return Answer.json({"permissions": list(self.rights)})
        if asked.method == "DELETE":
            (self.folder / bucket / unquote(name)).unlink(missing_ok=True)
            return Answer(204, b"") if self.objects.pop(f"{bucket}/{unquote(name)}", None) else _no_such()
        return self._upload(asked, bucket) if "uploadType" in asked.query else _no_such()

    def _upload(self, asked: Asked, bucket: str) -> Answer:
        kind = asked.query["uploadType"]
        if kind == "resumable" and asked.method == "POST":
            upload = f"u{len(self.begun)}"
            self.begun[upload] = f"{bucket}/{json.loads(asked.body)['name']}"
            where = f"{self.url}{asked.path}?uploadType=resumable&upload_id={upload}"
            return Answer(200, b"{}", {"Location": where})
        if kind == "resumable":
            told = next(value for name, value in asked.headers.items() if name.lower() == "x-goog-hash")
            return self._keep(self.begun[asked.query["upload_id"]], asked.body, told.removeprefix("crc32c="))
        header = next(value for name, value in asked.headers.items() if name.lower() == "content-type")
        parts = message_from_bytes(b"Content-Type: " + header.encode() + b"\r\n\r\n" + asked.body).get_payload()
        about = json.loads(parts[0].get_payload())  # pyrefly: ignore[bad-index, missing-attribute]
        boundary = re.search(rb"boundary=\"?([^\";]+)", header.encode())
        assert boundary is not None
        content = asked.body.split(b"--" + boundary[1])[2].split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        return self._keep(f"{bucket}/{about['name']}", content, about.get("crc32c", ""))

    def _keep(self, name: str, content: bytes, checksum: str) -> Answer:
        """Keep an object; its checksum is what the client said, which then takes it for whole."""
        self.objects[name] = self.put[name] = content
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
        about = {"name": name.partition("/")[2], "generation": "1", "size": str(len(content))}
        return Answer.json({**about, "crc32c": checksum})


def _no_such() -> Answer:
    return Answer.json({"error": {"code": 404, "message": "No such object"}}, 404)


@contextmanager
def made_storage(folder: Path) -> Generator[Stored]:
    """A Cloud Storage with nothing in it, whose objects are kept in a folder."""
    stored = Stored(folder)
    with answering(stored.answer) as vendor:
        stored.url = vendor.url
        yield stored
