"""Our own keeping of a vendor's rate limit, shared by everything in this process that calls the same vendor."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sg_assets.source import RateLimit


class Pace:
    """At most `limit.calls` in any `limit.seconds`, a sliding window; safe to use from several threads."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with an empty window; `clock` gives seconds that never go back."""
        self._limit = limit
        self._clock = clock
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a slot and give 0, or give the seconds after which to ask again."""
        with self._lock:
            now = self._clock()
            while self._taken and self._taken[0] <= now - self._limit.seconds:
                self._taken.popleft()
            if len(self._taken) < self._limit.calls:
                self._taken.append(now)
                return 0.0
            return self._taken[0] + self._limit.seconds - now


@lru_cache(maxsize=256)
def pace(base_url: str, limit: RateLimit) -> Pace:  # noqa: ARG001 (what tells one pace from another)
    """The one pace of a vendor in this process."""
    return Pace(limit)
