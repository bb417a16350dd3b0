"""BigQuery's emulator: set up once, started on a free port for one command, and stopped with it.

The emulator is `local-bigquery`, which needs Python 3.13 and packages of its own, so it lives in an environment of its
own under `.sg/cache`, made from `emulator.lock` (hashes and all; `make lock` writes it from `emulator.in`). It asks for
DuckDB 2.0 and then loads extensions that are published for 1.5.5 only: hence `emulator_override.txt`.

    python -m sg_assets_tests.warehouse.emulator pytest sg_assets_tests/warehouse

runs `pytest …` with `BIGQUERY_EMULATOR_HOST` set, and gives its exit code. `GCS_LOCAL_ROOT` is the folder that it takes
objects of Cloud Storage from.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock

from sg_assets.process_group import sweep

HERE = Path(__file__).parent
LOCK = HERE / "emulator.lock"
SERVED = HERE / "emulator_served.py"
CACHE = HERE.parents[1] / ".sg" / "cache"
OLDEST, TOO_NEW = (3, 13), (3, 16)  # what local-bigquery 0.4.0 declares
NAMES = ("python3.13", "python3.14", "python3.15", "python3")
START_SECONDS = 120
BUCKETS = "GCS_LOCAL_ROOT"  # the emulator's name for it
HOST = "127.0.0.1"
WITHOUT_PYTHON = (
    "BigQuery's emulator needs Python 3.13 (or 3.14, 3.15), and there is none in the PATH. Install one and say where: "
    "EMULATOR_PYTHON=/where/it/is/python3.13 make test-bigquery"
)
INSTALL_EXTENSIONS = """
import duckdb, importlib, pathlib
connection = duckdb.connect()
for name in ("icu", "ducklake", "spatial"):
    folder = pathlib.Path(importlib.import_module(f"duckdb_extension_{name}").__file__).parent
    connection.execute(f"install '{folder}/extensions/v{duckdb.__version__}/{name}.duckdb_extension'")
"""


class EmulatorError(Exception):
    """The emulator could not be set up or started; the message says what to do."""


def newer_python() -> Path:
    """A Python that the emulator can run with: the one that `EMULATOR_PYTHON` names, else the first in the PATH.

    Raises:
        EmulatorError: there is none.
    """
    if told := os.environ.get("EMULATOR_PYTHON"):
        if _can_run(told):
            return Path(told)
        msg = f"EMULATOR_PYTHON={told} is no Python 3.13, 3.14 or 3.15"
        raise EmulatorError(msg)
    managers = sorted(Path.home().glob(".pyenv/versions/3.1[345].*/bin"))  # its names in the PATH may lead nowhere
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, managers)])
    for folder in path.split(os.pathsep):
        for name in NAMES:
            found = shutil.which(name, path=folder)
            if found and _can_run(found):
                return Path(found)
    raise EmulatorError(WITHOUT_PYTHON)


def _can_run(program: str) -> bool:
    asked = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] < {TOO_NEW})"
    try:
        return subprocess.run([program, "-c", asked], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def environment() -> Path:
    """The folder with the emulator's environment, made where it is not there for this lock file.

    Raises:
        EmulatorError: there is no Python for it, or its packages cannot be had.
    """
    mark = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = CACHE / f"bigquery-emulator-{mark}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        stamp = folder / "installed"
        if not stamp.exists():
            uv, python = str(Path(sys.executable).with_name("uv")), str(folder / "bin" / "python")
            _run(uv, "venv", "--quiet", "--clear", "--python", str(newer_python()), str(folder))
            # --no-deps: the lock has all of them, and one that the emulator does not ask for
            given = ("--quiet", "--no-deps", "--require-hashes", "--requirement", str(LOCK))
            _run(uv, "pip", "install", "--python", python, *given)
            _run(python, "-c", INSTALL_EXTENSIONS, home=folder)
            stamp.touch()
    return folder


def _run(*command: str, home: Path | None = None) -> None:
    """Run a command of the set-up; `home` is where DuckDB keeps its extensions."""
    variables = os.environ | ({"HOME": str(home)} if home else {})
    variables.pop("PYTHONPATH", None)
    ended = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if ended.returncode:
        msg = f"{' '.join(command[:3])} … failed: {ended.stderr.strip() or ended.stdout.strip()}"
        raise EmulatorError(msg)


@contextmanager
def running(buckets: str) -> Generator[str]:
    """The emulator on a free port of this machine, empty; gives its address, and ends it however the block ends.

    It takes objects of Cloud Storage (`gs://bucket/name`) from a folder, `buckets`.

    Raises:
        EmulatorError: it cannot be set up, or does not answer.
    """
    home = environment()
    with tempfile.TemporaryDirectory() as folder:
        port, grpc_port = _free_ports()
        said = Path(folder) / "said.txt"
        where = ("--host", HOST, "--port", str(port), "--grpc-port", str(grpc_port), "--data-dir", f"{folder}/data")
        variables = {**os.environ, "HOME": str(home), "TZ": "UTC", BUCKETS: buckets}
        variables.pop("PYTHONPATH", None)
        with said.open("wb") as out:
            process = subprocess.Popen(
                [str(home / "bin" / "python"), str(SERVED), *where],
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_until_it_answers(f"http://{HOST}:{port}", process, said)
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()
            sweep(process.pid)
            process.wait()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{url}/bigquery/v2/projects", timeout=5) as answer:  # noqa: S310 (loopback)
                json.load(answer)
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                msg = f"BigQuery's emulator does not answer at {url}: {said.read_text()[-2000:]}"
                raise EmulatorError(msg) from None
            time.sleep(0.2)


def main(command: Sequence[str]) -> int:
    """Run a command beside the emulator; its exit code, or 1 where the emulator could not be had."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    if os.environ.get("SG_BIGQUERY_LIVE"):  # a real project takes its place
        return subprocess.run(command, check=False).returncode
    try:
        with tempfile.TemporaryDirectory() as buckets, running(buckets) as url:
            given = {**os.environ, "BIGQUERY_EMULATOR_HOST": url, BUCKETS: buckets}
            return subprocess.run(command, env=given, check=False).returncode
    except EmulatorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
