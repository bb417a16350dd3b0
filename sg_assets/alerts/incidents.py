"""The watchdog's own incidents: faults of the watchers, opened and resolved through the same outbox as all others.

What is open is read back from the outbox, so that a watchdog that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.alerts.health import Fault, cure
from sg_assets.freshness.telling import minute, one_line, span
from sg_assets.freshness.verdict import in_words
from sg_assets.message import Kind, Message, Severity

if TYPE_CHECKING:
    from sg_assets.outbox import Outbox

PREFIX = "watchdog"
HOLD = 60.0
"""Seconds awake that a cure must last before it is told."""


class Incidents:
    """Opens and resolves. `owner` is who is told."""

    def __init__(self, outbox: Outbox, owner: str) -> None:
        """Take up what is open."""
        self._outbox, self._owner = outbox, owner
        self._open = {_name(one.incident): one for one in outbox.still_open() if one.incident.startswith(f"{PREFIX}:")}
        self._well_since: dict[str, float] = {}

    def follow(self, faults: Mapping[str, Fault], now: datetime, awake: float) -> list[Message]:
        """Put into the outbox what there is to tell; gives it, too."""
        told = []
        for name, fault in faults.items():
            self._well_since.pop(name, None)
            if name not in self._open and fault.explained_by not in faults:
                message = self._open[name] = self._opened(fault, now)
                told.append(message)
        for name, opened in list(self._open.items()):
            if name not in faults and awake - self._well_since.setdefault(name, awake) >= HOLD:
                told.append(_resolved(opened, now))
                del self._open[name], self._well_since[name]
        self._outbox.add(told)
        return told

    def _opened(self, fault: Fault, now: datetime) -> Message:
        return Message(
            f"{PREFIX}:{fault.name}/{fault.since.isoformat(timespec='seconds')}",
            1,
            Kind.OPENED,
            Severity.ERROR,
            self._owner,
            one_line(fault.title),
            tuple(
                one_line(line)
                for line in [
                    f"Since {minute(fault.since)} ({in_words(now - fault.since)}).",
                    *fault.lines,
                    f"Owner: {self._owner}",
                ]
            ),
            (fault.link,) if fault.link else (),
            now,
        )


def _resolved(opened: Message, now: datetime) -> Message:
    since = datetime.fromisoformat(opened.incident.rpartition("/")[2])
    end = max(now - timedelta(seconds=HOLD), since)
    return Message(
        opened.incident,
        opened.number + 1,
        Kind.RESOLVED,
        Severity.INFO,
        opened.owner,
        one_line(f"Resolved: {cure(_name(opened.incident))}"),
        (
            one_line(f"What was wrong: {opened.title}"),
            f"Lasted {in_words(end - since)}: {span(since, end)}.",
            f"Owner: {opened.owner}",
        ),
        (),
        now,
    )


def _name(incident: str) -> str:
    """The fault's name in an incident's id."""
    return incident.removeprefix(f"{PREFIX}:").rpartition("/")[0]
