"""Asking Fivetran for a sync, and following it to its end, without touching the connection's own schedule.

A sync has no id. Its end is seen by `succeeded_at` or `failed_at` moving, so these are read before it is asked for; and
one that was already running is waited for first, because its end would be taken for that of ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import segment

PATIENCE = timedelta(hours=2)
"""How long a sync is followed; it goes on at Fivetran when we no longer look."""
PAUSE = timedelta(seconds=15)
"""Between two looks."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A sync that ended: when, by Fivetran's clock, and whether well."""

    connection_id: str
    at: datetime
    has_succeeded: bool


@dataclass(frozen=True, slots=True)
class Following:
    """How a sync is followed. `clock` gives now, `sleep` waits some seconds."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    patience: timedelta = PATIENCE
    pause: timedelta = PAUSE


@dataclass(frozen=True, slots=True)
class _Seen:
    """A connection as it was at one look."""

    status: Mapping[str, Any] = field(default_factory=dict)
    is_paused: bool = False
    is_manual: bool = False
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def is_syncing(self) -> bool:
        return bool(self.status.get("sync_state") == "syncing")

    def ended_since(self, before: _Seen, connection_id: str) -> Ended | None:
        """The newest end of a sync that was not there before."""
        ends = [
            Ended(connection_id, at, has_succeeded)
            for at, was, has_succeeded in (
                (self.succeeded_at, before.succeeded_at, True),
                (self.failed_at, before.failed_at, False),
            )
            if at is not None and at != was
        ]
        return max(ends, key=lambda ended: ended.at, default=None)

    def is_due_again(self, now: datetime) -> bool:
        """Whether Fivetran put the sync off until a time that is over, and does not begin it by itself."""
        put_off = _instant(self.status.get("rescheduled_for"))
        is_put_off = self.status.get("sync_state") == "rescheduled"
        return self.is_manual and is_put_off and put_off is not None and put_off <= now


def sync(http: Client, connection_id: str, following: Following) -> Ended:
    """Have a connection synced, and wait for the end of that sync.

    The request is never repeated by itself where Fivetran may have acted on it, and nothing of the connection is
    changed: neither whether it is paused nor its schedule.

    Args:
        http: the source's client.
        connection_id: which connection.
        following: how long to wait, and by which clock.

    Raises:
        SourceError: the connection cannot sync, or the sync had not ended in time; `ComeBackLater` is a limit.
    """
    deadline = following.clock() + following.patience
    before = _look(http, connection_id)
    _refuse_what_cannot_sync(http, connection_id, before)
    while before.is_syncing:
        _wait(http, connection_id, following, deadline)
        before = _look(http, connection_id)
    _ask(http, connection_id)
    while True:
        now = _look(http, connection_id)
        if ended := now.ended_since(before, connection_id):
            return ended
        if now.is_due_again(following.clock()):
            _ask(http, connection_id)
        _wait(http, connection_id, following, deadline)


def _look(http: Client, connection_id: str) -> _Seen:
    data = http.get_json(f"/v1/connections/{segment(connection_id)}")["data"]
    return _Seen(
        status=data.get("status") or {},
        is_paused=bool(data.get("paused")),
        is_manual=data.get("schedule_type") == "manual",
        succeeded_at=_instant(data.get("succeeded_at")),
        failed_at=_instant(data.get("failed_at")),
    )


def _refuse_what_cannot_sync(http: Client, connection_id: str, seen: _Seen) -> None:
    """Say why, rather than wait for the end of a sync that never begins.

    Raises:
        SourceError: the connection is paused, or not connected to its source.
    """
    what, state = f"sync {connection_id}", seen.status.get("setup_state")
    if seen.is_paused:
        raise SourceError(http.name, what, "the connection is paused", "Resume it at Fivetran, if it is to sync again.")
    if state != "connected":
        raise SourceError(http.name, what, f"the connection is {state}", "Finish or repair its setup at Fivetran.")


def _ask(http: Client, connection_id: str) -> None:
    """Ask for a sync; while one runs, this does nothing, where `force` would stop it and begin anew."""
    http.post_json(f"/v1/connections/{segment(connection_id)}/sync", {"force": False})


def _wait(http: Client, connection_id: str, following: Following, deadline: datetime) -> None:
    if following.clock() + following.pause > deadline:
        came = f"no end within {following.patience}"
        raise SourceError(http.name, f"sync {connection_id}", came, "It goes on at Fivetran; look there.")
    following.sleep(following.pause.total_seconds())


def _instant(text: object) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text))
