"""Who must be alive for alerts to be sent, and whether they are: the watch judges, the watchdog delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sg_assets.operations import Operations

ALERTING = ("watch", "watchdog")
"""The names of the heartbeats without which nobody is told of anything."""
RECENT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When one of them last did its work, None for never, and whether that is recent enough."""

    name: str
    last_run: datetime | None
    is_running: bool


def of_alerting(operations: Operations, now: datetime) -> tuple[Heartbeat, ...]:
    """The heartbeats of those who alert, as of now."""
    beats = operations.heartbeats()
    found = [(name, beats.get(name)) for name in ALERTING]
    return tuple(Heartbeat(name, last, last is not None and now - last <= RECENT) for name, last in found)
