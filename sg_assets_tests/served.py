"""A real `sg-assets up` in a clean copy of the checkout, for the tests that look at it as a browser does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PARTS = ("sg_assets", "dagster.yaml", "workspace.yaml", "pyproject.toml")
SERVING_SECONDS = 280


@dataclass(frozen=True)
class Served:
    """A running `up`: its checkout and variables, its address, its process and what it printed."""

    root: Path
    variables: dict[str, str]
    url: str
    process: subprocess.Popen[bytes]
    printed: Path

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """What its GraphQL answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (loopback)
            document: dict[str, Any] = json.load(answer)
        assert "errors" not in document, document["errors"]
        data: dict[str, Any] = document["data"]
        return data


@contextmanager
def serving(root: Path) -> Generator[Served]:
    """`up` in a clean copy of the checkout in a folder, until it serves; stopped at the end."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / part)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    printed = root / "printed.txt"
    path = os.pathsep.join([str(root), os.environ["PYTHONPATH"]])  # the copy first, and the network's guard
    variables = {
        **os.environ,
        "SG_SANDBOX_SCALE": "0.05",
        "SG_SANDBOX_DAYS": "4",
        "SG_HOME": str(root / ".sg"),
        "PYTHONPATH": path,
    }
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sg_assets", "up", "--port", str(port)],
            cwd=root,
            env=variables,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    up = Served(root, variables, f"http://127.0.0.1:{port}", process, printed)
    try:
        _wait_until_serving(up)
        yield up
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # nothing that a test starts goes on after it
            raise


def said(up: Served, *arguments: str) -> dict[str, Any]:
    """The document that a command prints beside it."""
    command = [sys.executable, "-m", "sg_assets", *arguments, "--json"]
    ended = subprocess.run(command, cwd=up.root, env=up.variables, capture_output=True, check=True)
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


def _wait_until_serving(up: Served) -> None:
    deadline = time.monotonic() + SERVING_SECONDS
    address = up.root / ".sg" / "sandbox" / "dagster.json"
    while not address.exists():
        assert up.process.poll() is None, up.printed.read_text()
        assert time.monotonic() < deadline, up.printed.read_text()
        time.sleep(0.3)
