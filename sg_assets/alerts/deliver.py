"""Delivery to one address: what is in the outbox for it, in order, each once as far as the channel allows.

A message is marked as begun before it is sent and as sent after. A process that is killed in between leaves one that
was begun: the next one has the channel look for it, where it can, and else sends it a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sg_assets.alerts.channel import Channel, Letter, NotDelivered, Receipt
from sg_assets.message import Kind, Message, Severity

if TYPE_CHECKING:
    from sg_assets.alerts.routing import Routing
    from sg_assets.outbox import Outbox

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=1)
MOST_OLD = timedelta(days=7)
"""Older messages are not told any more: nobody could do anything with them."""
NEW_HERE = timedelta(hours=1)
"""An address that was never delivered to is told nothing older than this: it starts with today's news."""
WORSE = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
SKIPPED = "skipped"
TO_BE_NOTICED = frozenset({Kind.OPENED, Kind.GROWN})


@dataclass(slots=True)
class _Trouble:
    """Failed tries in a row: of an address, or of one incident at it."""

    since: datetime
    reason: str
    tries: int = 0
    not_before: datetime | None = None

    def again(self, now: datetime, failure: NotDelivered) -> None:
        """Count one more; the pause doubles, unless the vendor said when."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(self.tries, 10)))
        self.not_before = max(now + pause, failure.retry_at or now)
        self.tries, self.reason = self.tries + 1, str(failure)


@dataclass
class Courier:
    """Brings messages to one address; `is_new` until it has done so once. One at a time: the watchdog sees to that."""

    address: str
    channel: Channel
    outbox: Outbox
    routing: Routing
    clock: Callable[[], datetime]
    is_new: bool = False
    _troubles: dict[str, _Trouble] = field(default_factory=dict)

    @property
    def failing(self) -> tuple[datetime, str] | None:
        """Since when the address does not take everything, and why; None while it does."""
        troubles = [*self._troubles.values()]  # one step: the watchdog's other thread asks
        oldest = min(troubles, key=lambda trouble: trouble.since, default=None)
        return (oldest.since, oldest.reason) if oldest else None

    def deliver(self) -> int:
        """Bring what is to be brought now; says how many messages arrived."""
        arrived = 0
        waiting = self._for_here()
        self.is_new = False
        there = {message.incident for message in waiting} | ({""} if waiting else set())
        self._troubles = {key: trouble for key, trouble in self._troubles.items() if key in there}
        held: set[str] = set()
        for at, message in enumerate(waiting):
            if self._must_wait(""):
                break
            if message.incident in held:
                continue
            told = self._told(message)
            later = [one for one in waiting[at + 1 :] if one.incident == message.incident]
            if reason := self._reason_to_leave_out(message, told, later):
                self._skip(message, reason)
            elif self._must_wait(message.incident) or self._is_quiet(message, told):
                held.add(message.incident)
            elif self._send(message, told):
                arrived += 1
            else:
                held.add(message.incident)
        return arrived

    def _for_here(self) -> list[Message]:
        """What is to be told at this address; the rest is skipped, so that it is not looked at again."""
        oldest = self.clock() - (NEW_HERE if self.is_new else MOST_OLD)
        found = []
        for message in self.outbox.undelivered(self.address):
            if not self.routing.tells(self.address, message.owner):
                self._skip(message, f"{message.owner} is not told here")
            elif message.created_at < oldest:
                self._skip(message, "too old to be told")
            else:
                found.append(message)
        return found

    def _send(self, message: Message, told: Mapping[str, Receipt]) -> bool:
        was_tried = bool(self.outbox.deliveries([message.id], self.address))
        letter = Letter(
            message,
            self.routing.mention(message.owner) if message.kind in TO_BE_NOTICED else message.owner,
            tuple(told.values()),
            is_worse=self._is_worse(message, told),
            is_again=was_tried,
        )
        self.outbox.begin(message.id, self.address, self.clock())
        try:
            receipt = self.channel.send(letter)
        except NotDelivered as failure:
            now = self.clock()
            self.outbox.failed(message.id, self.address, str(failure), now)
            key = message.incident if failure.is_this_message else ""
            if failure.is_this_message:  # it answers, so others may go through
                self._troubles.pop("", None)
            self._troubles.setdefault(key, _Trouble(now, str(failure))).again(now, failure)
            return False
        self.outbox.sent(message.id, self.address, receipt, self.clock())
        self._troubles.pop("", None)
        self._troubles.pop(message.incident, None)
        return True

    def _told(self, message: Message) -> dict[str, Receipt]:
        """Receipts of what was really told of the incident here."""
        receipts = self.outbox.receipts(message.incident, self.address)
        return {id_: receipt for id_, receipt in receipts.items() if SKIPPED not in receipt}

    def _reason_to_leave_out(self, message: Message, told: Mapping[str, Receipt], later: list[Message]) -> str:
        """Why a message says nothing (any more) to those who are told here; empty when it does."""
        if message.kind is Kind.RESOLVED and not told:
            return "what is over was never told here"
        if message.kind is Kind.GROWN and told and later and not self.channel.is_silent_on_growth:
            return f"the newer {later[-1].id} says it all"
        return ""

    def _skip(self, message: Message, reason: str) -> None:
        now = self.clock()
        self.outbox.begin(message.id, self.address, now)
        self.outbox.sent(message.id, self.address, {SKIPPED: reason}, now)

    def _is_quiet(self, message: Message, told: Mapping[str, Receipt]) -> bool:
        """Whether news waits, because the incident was told here a short while ago and did not get worse."""
        if message.kind is not Kind.GROWN or self.channel.is_silent_on_growth or not told:
            return False
        if self._is_worse(message, told):
            return False
        last = self.outbox.deliveries([*told], self.address)
        sent = max(one.sent_at for one in last.values() if one.sent_at is not None)
        return self.clock() < sent + self.routing.quiet.get(message.severity, timedelta(0))

    def _is_worse(self, message: Message, told: Mapping[str, Receipt]) -> bool:
        if message.kind is not Kind.GROWN or not told:
            return False
        last = next(one for one in reversed(self.outbox.messages(message.incident)) if one.id in told)
        return WORSE[message.severity] > WORSE[last.severity]

    def _must_wait(self, key: str) -> bool:
        trouble = self._troubles.get(key)
        return trouble is not None and trouble.not_before is not None and self.clock() < trouble.not_before
