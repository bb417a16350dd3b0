"""What the tests of alerts share: made-up messages, a clock that moves, a sandbox that is served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sg_assets.alerts.channel import Letter, Receipt
from sg_assets.alerts.routing import Routing
from sg_assets.message import Kind, Message, Severity
from sg_assets.operations_tables import connect
from sg_assets.outbox import Outbox

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass
class MovableClock:
    """A clock that stands where it was put, or moves a little each time that it is read."""

    now: datetime = NOON
    step: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def message(  # noqa: PLR0913 (each has a default)
    number: int = 1,
    kind: Kind = Kind.OPENED,
    *,
    incident: str = "raw_crm.account/1",
    severity: Severity = Severity.ERROR,
    owner: str = "team:analytics",
    at: datetime = NOON,
    lines: Iterable[str] = ("Since 2026-11-21 11:00 UTC (60 min).", "Why: the vendor answers 503"),
) -> Message:
    """A message; by default the first of an incident."""
    title = f"{kind} {incident} {number}"
    links = (("the asset", "http://127.0.0.1:3000/assets/raw_crm/account?view=overview"),)
    return Message(incident, number, kind, severity, owner, title, tuple(lines), links, at)


def life(incident: str, *, at: datetime = NOON, owner: str = "team:analytics", grown: int = 1) -> list[Message]:
    """All messages of an incident: opened, grown some times, resolved."""
    kinds = [Kind.OPENED, *[Kind.GROWN] * grown, Kind.RESOLVED]
    return [message(n, kind, incident=incident, at=at, owner=owner) for n, kind in enumerate(kinds, 1)]


def letter(
    one: Message | None = None,
    *told: Receipt,
    mention: str = "<!subteam^S0TEST>",
    is_worse: bool = False,
    again: bool = False,
) -> Letter:
    """A message as a channel is handed it."""
    return Letter(one or message(), mention, told, is_worse=is_worse, is_again=again)


def outbox(folder: Path) -> Outbox:
    """An outbox of its own."""
    return Outbox(connect(f"sqlite:///{folder / 'operations.sqlite'}"))


def routing(*addresses: str, **more: object) -> Routing:
    """A table that tells everybody at some addresses, without any quiet period."""
    return Routing(default=addresses, platform="team:analytics", **more)  # pyrefly: ignore[bad-argument-type]
