"""Time in which this machine was awake, by which a heartbeat's age is judged.

A laptop that slept wakes to heartbeats that are hours old, and nothing is wrong. The wall clock counts the sleep; the
monotonic one does not on most systems, but may in a suspended virtual machine. So only steps of our own are counted,
none of them as longer than a loop that was held up for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

LONGEST_STEP = 30.0
"""Seconds: longer than a step takes that waits for a server that hangs, too short to be mistaken for a death."""


class Awake:
    """Seconds awake since the start; `tick` is called often, and counts."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start at 0."""
        self._monotonic = monotonic
        self._last = monotonic()
        self.seconds = 0.0

    def tick(self) -> float:
        """Count what passed since the last call, and give all of it."""
        now = self._monotonic()
        self.seconds += min(max(now - self._last, 0.0), LONGEST_STEP)
        self._last = now
        return self.seconds


class Ages:
    """How long, in seconds awake, things have been as they are: heartbeats that do not change, faults that last."""

    def __init__(self) -> None:
        """Know nothing yet: what is first seen begins then."""
        self._seen: dict[str, tuple[datetime | str | None, float]] = {}

    def of(self, name: str, value: datetime | str | None, awake: float) -> float:
        """Since when this value of that name has been seen, without another in between."""
        known = self._seen.get(name)
        if known is None or known[0] != value:
            known = self._seen[name] = (value, awake)
        return awake - known[1]
