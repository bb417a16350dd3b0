"""A real Prometheus server on loopback, and any application beside it, for as long as a test needs them."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import uvicorn
from starlette.applications import Starlette

from sg_assets.sandbox.promql_values import Samples

MISSING = "needs a Prometheus server: install Debian's package `prometheus` (.ci/run does)"
PATIENCE = 30.0
SCRAPE_SECONDS = 0.5


def is_there() -> bool:
    """Whether the programs of the package are on this machine."""
    return all(shutil.which(program) for program in ("prometheus", "promtool"))


@dataclass(frozen=True)
class Real:
    """A running server."""

    url: str

    def raw(self, selector: str, seconds: int) -> list[Samples]:
        """The stored samples of the newest seconds, as they were scraped."""
        asked = {"query": f"{selector}[{seconds}s]"}
        found = requests.get(f"{self.url}/api/v1/query", asked, timeout=20).json()["data"]["result"]
        return [
            Samples(one["metric"], [at for at, _ in one["values"]], [float(value) for _, value in one["values"]])
            for one in found
        ]

    def scraped_itself(self, times: int) -> None:
        """Wait until it did so often."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if any(len(one.times) >= times for one in self.raw('process_cpu_seconds_total{job="prometheus"}', 60)):
                return
            time.sleep(SCRAPE_SECONDS / 2)
        msg = f"no {times} scrapes of itself in {PATIENCE} s"
        raise AssertionError(msg)


@contextmanager
def real_prometheus(folder: Path, stored: Iterable[Samples], most_samples: int) -> Generator[Real]:
    """A server that already holds some samples, and scrapes itself."""
    assert is_there(), MISSING
    port = _free_port()
    data = folder / "data"
    text = folder / "stored.txt"
    with text.open("w") as file:
        file.writelines(_lines(stored))
        file.write("# EOF\n")
    subprocess.run(
        [_program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(data)],
        check=True,
        capture_output=True,
    )
    interval = f"{int(SCRAPE_SECONDS * 1000)}ms"
    (folder / "prometheus.yml").write_text(
        f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\n"
        "scrape_configs:\n"
        f"  - {{job_name: prometheus, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}\n"
    )
    flags = {
        "config.file": folder / "prometheus.yml",
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": "50y",  # of the stored samples, too, however long ago their day is by now
        "web.listen-address": f"127.0.0.1:{port}",
        "query.max-samples": most_samples,
        "log.level": "error",
    }
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [_program("prometheus"), *(f"--{name}={value}" for name, value in flags.items())], stdout=log, stderr=log
        )
    real = Real(f"http://127.0.0.1:{port}")
    try:
        _wait_for(server, real, folder / "log")
        yield real
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def serving(app: Starlette) -> Generator[str]:
    """Where an application is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, log_level="critical", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _lines(stored: Iterable[Samples]) -> Iterator[str]:
    for one in stored:
        name = f"{one.labels['__name__']}{_braces(one.labels)}"
        yield from (f"{name} {value!r} {at}\n" for at, value in zip(one.times, one.values, strict=True))


def _braces(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{text}"' for name, text in labels.items() if name != "__name__") + "}"


def _wait_for(server: subprocess.Popen[bytes], real: Real, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"{real.url}/-/ready", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


def _program(name: str) -> str:
    return shutil.which(name) or name


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
