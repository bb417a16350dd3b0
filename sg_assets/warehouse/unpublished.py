"""The mark beside a DuckDB file that says: written, and the copy for readers not made yet.

It is there while a writer writes, and stays when a writer is killed. Looking at it opens nothing.
"""

from __future__ import annotations

from pathlib import Path


def mark(path: Path) -> Path:
    """The file that is the mark of the warehouse in the file `path`."""
    return path.with_name(path.name + ".unpublished")


def is_at_rest(path: Path) -> bool:
    """Whether there is a warehouse that nobody writes, and of which the last writer came to its end."""
    return path.exists() and not mark(path).exists()
