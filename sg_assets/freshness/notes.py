"""Notes: "noted otherwise", as a value.

What a note excuses is decided in `evaluate.py`; where notes are kept, and who may write them, is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A published exemption: `author` says that these `tables` may be late until `until`, and why.

    `ended_at` is when somebody ended it before its time; a note expires by itself otherwise.

    Raises:
        ValueError: it names no table, no author or no reason, or ends before it starts.
    """

    id: str
    tables: tuple[str, ...]
    author: str
    reason: str
    start: datetime
    until: datetime
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a note that excuses nothing, or for which nobody stands."""
        if not (self.tables and self.author.strip() and self.reason.strip()):
            msg = f"note {self.id}: needs at least one table, an author and a reason"
            raise ValueError(msg)
        if self.until <= self.start:
            msg = f"note {self.id}: ends at {self.until.isoformat()}, not after it starts at {self.start.isoformat()}"
            raise ValueError(msg)

    def is_active(self, at: datetime) -> bool:
        """Whether it excuses anything at an instant: from its start on, up to and without its end."""
        end = self.until if self.ended_at is None else min(self.until, self.ended_at)
        return self.start <= at < end
