"""What the text of a query says of itself, read once and remembered between processes, as Python does with modules.

Reading seventy queries takes longer than everything else that a command does at its start. What was read is kept in a
file beside the compiled modules, by the hash of the text; whoever removes it, or cannot write it, only waits longer.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What one query says: the tables that it reads, as it names them and in the order in which they appear first.

    `words` is a mark of its words: comments and white space do not change it.
    """

    tables: tuple[str, ...]
    reads_current_date: bool
    words: str


class Readings:
    """The readings in a file; without one, what was read in this process is all that is known."""

    def __init__(self, file: Path | None = None) -> None:
        """Take up what was read before by the same code; of a file that is none, nothing."""
        self._file = file
        self._before: dict[str, Reading] = {}
        self._now: dict[str, Reading] = {}
        if file is not None:
            with suppress(OSError, ValueError, TypeError, KeyError):
                document = json.loads(file.read_bytes())
                if document["code"] == _code():
                    self._before = {
                        mark: Reading(tuple(one["tables"]), one["reads_current_date"], one["words"])
                        for mark, one in document["readings"].items()
                    }

    def of(self, text: str, read: Callable[[], Reading]) -> Reading:
        """What a text says: remembered, or read now. What `read` raises is raised, and not remembered."""
        mark = hashlib.sha256(text.encode()).hexdigest()
        reading = self._before.get(mark) or read()
        self._now[mark] = reading
        return reading

    def keep(self) -> None:
        """Write down what was asked for in this process, where that is not what the file says already."""
        if self._file is None or self._now == self._before:
            return
        document = {"code": _code(), "readings": {mark: asdict(one) for mark, one in self._now.items()}}
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, new = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name)
            with os.fdopen(handle, "w") as file:
                json.dump(document, file)
            Path(new).replace(self._file)  # another process may be doing the same


@cache
def _code() -> str:
    """A mark of the code that reads: another code may read another thing."""
    here = Path(__file__).parent
    files = [here / "sql_file.py", Path(__file__), *sorted((here / "warehouse" / "dialect").iterdir())]
    content = hashlib.sha256(version("sqlglot").encode())
    for file in files:
        if file.is_file():
            content.update(file.read_bytes())
    return content.hexdigest()
