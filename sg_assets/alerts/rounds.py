"""The watchdog's rounds: it beats, looks whether the watchers are alive, and tells what it finds; and the daily digest.

Everything passes through the outbox; nothing is sent from here. Threads and time are in `watchdog.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sg_assets.alerts import digest
from sg_assets.alerts.awake import Awake
from sg_assets.alerts.health import WATCH, Judge, Observation
from sg_assets.alerts.incidents import Incidents

if TYPE_CHECKING:
    from sg_assets.alerts.deliver import Courier
    from sg_assets.alerts.observe import Dagster
    from sg_assets.alerts.routing import Routing
    from sg_assets.operations import Operations

BEAT, DIGEST = "watchdog", "digest"
"""Heartbeats: when the watchdog last made its round, and when it last thought of the digest."""
DAGSTER_SECONDS = 10.0


class Rounds:
    """The watchdog's rounds, one `step` at a time. `awake` counts seconds."""

    def __init__(  # noqa: PLR0913 (what it reads, whom it tells, what time it is)
        self,
        operations: Operations,
        table: Routing,
        couriers: Sequence[Courier],
        *,
        clock: Callable[[], datetime],
        dagster: Callable[[], Dagster | None],
        awake: Awake | None = None,
    ) -> None:
        """Take up what is open. `dagster` asks Dagster; it gives None where nobody knows where that is."""
        self._operations, self._table, self._couriers, self._clock = operations, table, couriers, clock
        self._ask = dagster
        self._awake = awake or Awake()
        self._judge = Judge()
        self._incidents = Incidents(operations.outbox, table.platform)
        self._dagster: Dagster | None = None
        self._asked_at: float | None = None

    def step(self) -> None:
        """Beat, look, and put into the outbox what there is to tell."""
        awake, now = self._awake.tick(), self._clock()
        self._operations.beat(BEAT, now)
        if self._asked_at is None or awake - self._asked_at >= DAGSTER_SECONDS:
            self._asked_at, self._dagster = awake, self._ask()
        beats = self._operations.heartbeats()
        blocked = {courier.address: failing for courier in self._couriers if (failing := courier.failing)}
        for courier in self._couriers:
            if not courier.is_new and delivers_to(courier.address) not in beats:
                self._operations.beat(delivers_to(courier.address), now)
        faults = self._judge.faults(Observation(now, awake, beats.get(WATCH), self._dagster, blocked))
        self._incidents.follow(faults, now, awake)
        self._digest(beats.get(DIGEST), now)

    def _digest(self, last: datetime | None, now: datetime) -> None:
        table, outbox = self._table, self._operations.outbox
        if last is not None and not digest.is_due(table.digest_cron, table.digest_timezone, last, now):
            return
        if last is not None:
            outbox.add(digest.digests(outbox.still_open(), table.digest_timezone, now))
        self._operations.beat(DIGEST, now)


def delivers_to(address: str) -> str:
    """The heartbeat that says that an address was delivered to once, so that its beginning is over."""
    return f"delivers to {address}"
