"""A small made-up company for tests, with a clock that a test can move."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from sg_assets.sandbox.sandbox import Sandbox
from sg_assets.sandbox.storage_api import TOKEN

ANCHOR = datetime(2026, 11, 21, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = ANCHOR + 3 * HOUR + timedelta(minutes=30)
SMALL = 0.3
"""Every special case, and few others."""


@dataclass(eq=False)
class MovableClock:
    """A clock that stands where it was put."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def made_up(folder: Path, at: datetime = NOW, seed: int = 1) -> Sandbox:
    """A small sandbox whose clock stands still, with small pages."""
    return Sandbox(seed, ANCHOR, SMALL, MovableClock(at), folder, page_size=40)


def move(sandbox: Sandbox, at: datetime) -> None:
    """Put a sandbox's clock somewhere else."""
    assert isinstance(sandbox.clock, MovableClock)
    sandbox.clock.now = at


@dataclass(frozen=True)
class Storage:
    """A client of one bucket of the stand-ins."""

    url: str
    bucket: str

    def get(self, path: str, **params: str) -> requests.Response:
        """One answer."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = f"{self.url}/{self.bucket}/storage/v1/b/{self.bucket}/o{path}"
        return requests.get(url, params=params, headers=headers, timeout=20)

    def names(self, prefix: str, **params: str) -> list[str]:
        """The names of all objects with a prefix, page after page."""
        found: list[str] = []
        while True:
            answer = self.get("", prefix=prefix, **params).json()
            found += [item["name"] for item in answer.get("items", ())]
            if "nextPageToken" not in answer:
                return found
            params["pageToken"] = answer["nextPageToken"]

    def generation(self, name: str) -> str:
        """The generation of an object."""
        return str(self.get("/" + quote(name, safe="")).json()["generation"])

    def bytes(self, name: str, **params: str) -> requests.Response:
        """The answer with the bytes of an object."""
        return self.get("/" + quote(name, safe=""), alt="media", **params)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of an object."""
        return rows_of(self.bytes(name).content)


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The rows of a compressed object."""
    return [json.loads(line) for line in gzip.decompress(content).decode().splitlines()]
