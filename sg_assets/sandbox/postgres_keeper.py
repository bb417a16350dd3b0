"""A program that runs one Postgres server for as long as its starter lives, and then removes what is left of it.

Its standard input is a pipe whose other end only the starter holds: that ends with the starter, however it ends. It
is run by its path, so it knows nothing but Python's own modules.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 5.0
UNPRIVILEGED = "nobody"


def keep(folder: Path, program: str, options: list[str]) -> None:
    """Run a server until standard input ends, then remove its folder.

    Postgres refuses to run as root, so root runs it as somebody who may nothing; the folder is theirs then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the starter's to answer, and we then end with it
    uid, gid = owner()
    server = subprocess.Popen(  # noqa: S603 (the command is our own)
        [program, *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
    )
    sys.stdin.buffer.read()
    server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
    with suppress(subprocess.TimeoutExpired):
        server.wait(PATIENCE_SECONDS)
    server.kill()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def owner() -> tuple[int | None, int | None]:
    """As whom a server runs, by user and group: None for ourselves."""
    if os.geteuid() != 0:
        return None, None
    found = pwd.getpwnam(UNPRIVILEGED)
    return found.pw_uid, found.pw_gid


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
