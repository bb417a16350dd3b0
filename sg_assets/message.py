"""What is told to people: messages about incidents, as values.

An incident is told in order: `opened`, then `grown` as often as it grows, then `resolved`. Who makes messages is the
watch (`freshness/incidents.py`) and the watchdog; who delivers them is the watchdog (`alerts/`); between them they lie
in the outbox of the operations store, so that none is lost when either is killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_LINES = 12


class Severity(StrEnum):
    """How much it matters: `error` is late or failed, `warning` late soon, `info` good news and digests."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Kind(StrEnum):
    """Where in its incident's life a message stands; a digest belongs to no incident."""

    OPENED = "opened"
    GROWN = "grown"
    RESOLVED = "resolved"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `id` is the same whoever makes it again: the incident's id and the message's number in it.

    `title` is one line, `lines` the rest in plain text, at most twelve in all; `links` are (words, URL); `owner` is who
    must act, as declared on the table (`team:analytics`, an e-mail address).
    """

    incident: str
    number: int
    kind: Kind
    severity: Severity
    owner: str
    title: str
    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    created_at: datetime

    @property
    def id(self) -> str:
        """Deterministic: makes adding it to the outbox twice harmless."""
        return f"{self.incident}#{self.number}"

    @property
    def text(self) -> str:
        """The whole message as plain text."""
        return "\n".join([self.title, *self.lines, *(f"{words}: {url}" for words, url in self.links)])
