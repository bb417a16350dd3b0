"""The definitions as another revision of the checkout has them, asked of that revision's own code.

Its files are put into a folder of their own and loaded by this interpreter in a process of its own, with the variables
of a sandbox: what it says of its tables on the command line (`tables list --json`) is a contract that every revision
keeps. One that does not know `--full` yet says less; the SQL of its tables is then read from their files.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sg_assets.sql_header import SqlFileError, split

Documents = Mapping[str, Mapping[str, Any]]
"""By table, what is said of it in `tables list --json --full`, or as much of it as a revision says."""

LIST = "from sg_assets.cli import main; main()"
SECONDS = 120
UNKNOWN_OPTION = 2
TOLD_LINES = 3


class RevisionError(Exception):
    """A revision cannot be compared with; the message says why."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What another revision defines: `name` as it was asked for, `commit` in full."""

    name: str
    commit: str
    tables: Documents


def read(root: Path, name: str) -> Revision:
    """The definitions at a revision of the checkout at `root`.

    Raises:
        RevisionError: `root` is not a git checkout, there is no such revision, or its definitions do not load.
    """
    commit = _commit(root, name)
    with tempfile.TemporaryDirectory(prefix="sg-assets-") as folder:
        place = Path(folder).resolve() / "checkout"
        _extract(root, commit, place)
        return Revision(name, commit, _tables(place, f"{name} ({commit[:9]})"))


def _commit(root: Path, name: str) -> str:
    if name.startswith("-"):
        msg = f"{name} is not the name of a revision"
        raise RevisionError(msg)
    inside = _git(root, "rev-parse", "--show-prefix")
    if inside.returncode:
        msg = f"{root} is not a git checkout, so there is nothing to compare with: {_last(inside.stderr.decode())}"
        raise RevisionError(msg)
    found = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if found.returncode:
        msg = f"git knows no revision {name}; if it is a branch of the server, `git fetch` brings it"
        raise RevisionError(msg)
    return found.stdout.decode().strip()


def _extract(root: Path, commit: str, place: Path) -> None:
    """Put the files of a revision into a folder; where the checkout is part of a repository, only that part."""
    packed = _git(root, "archive", "--format=zip", commit, "sg_assets")
    if packed.returncode:
        msg = f"{commit[:9]} has no folder sg_assets: {_last(packed.stderr.decode())}"
        raise RevisionError(msg)
    with zipfile.ZipFile(io.BytesIO(packed.stdout)) as archive:  # in Debian's Python 3.11, tarfile knows no filter yet
        archive.extractall(place)


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 (no shell; arguments are ours, or checked by git as a revision)
            ["git", "-C", str(root), *arguments],  # noqa: S607 (git is where the machine has it)
            check=False,
            capture_output=True,
        )
    except FileNotFoundError:
        msg = "git is not installed, and another revision cannot be read without it"
        raise RevisionError(msg) from None


def _tables(place: Path, told: str) -> Documents:
    said = _ask(place, "tables", "list", "--json", "--full")
    if said.returncode == UNKNOWN_OPTION:
        said = _ask(place, "tables", "list", "--json")
    if said.returncode:
        msg = f"the definitions of {told} do not load with what is installed here: {_last(said.stderr)}"
        raise RevisionError(msg)
    try:
        documents = json.loads(said.stdout)
        return {document["table"]: _completed(document, place) for document in documents}
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{told} does not say what its tables are, as `tables list --json` does: {error}"
        raise RevisionError(msg) from None


def _ask(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {
        "PYTHONPATH": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SG_ENV": "sandbox",  # what is declared does not depend on it, and no secret is handed on
        "SG_HOME": str(place / "home"),
    }
    command = [sys.executable, "-W", "ignore", "-c", LIST, *arguments]
    try:
        return subprocess.run(  # noqa: S603 (our own command line)
            command, cwd=place, env=variables, check=False, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        msg = f"the definitions of the revision did not load within {SECONDS} seconds"
        raise RevisionError(msg) from None


def _completed(document: Mapping[str, Any], place: Path) -> Mapping[str, Any]:
    """What is said of a table, its file as the repository calls it, and its SQL where only the file has it."""
    file = Path(document["file"])
    inside = str(file.relative_to(place)) if file.is_relative_to(place) else str(file)
    if file.suffix != ".sql" or "sql" in document:
        return {**document, "file": inside}
    try:
        _, body = split(file.read_text(encoding="utf-8"), file)
    except SqlFileError as error:
        raise RevisionError(str(error)) from None
    return {**document, "file": inside, "sql": body}


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-TOLD_LINES:]) or "it says nothing"
