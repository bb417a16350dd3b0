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
    """Brings messages to one address. `clock` gives now; `remember` and `last_run` keep when it last ran.

    One courier per address at a time: the watchdog sees to that.
    """

    address: str
    channel: Channel
    outbox: Outbox
    routing: Routing
    clock: Callable[[], datetime]
    is_new: bool = False
    _troubles: dict[str, _Trouble] = field(default_factory=dict)

    @property
    def failing(self) -> tuple[datetime, str] | None:
        """Since when the address takes nothing, and why; None while it does."""
        trouble = self._troubles.get("")
        return (trouble.since, trouble.reason) if trouble else None

    def deliver(self) -> int:
        """Bring what is to be brought now; says how many messages arrived."""
        arrived = 0
        if self._must_wait(""):
            return arrived
        waiting = self.outbox.undelivered(self.address)
        held: set[str] = set()
        for at, message in enumerate(waiting):
            if message.incident in held:
                continue
            told = self._told(message)
            later = [one for one in waiting[at + 1 :] if one.incident == message.incident]
            if reason := self._reason_to_skip(message, told, later):
                self._skip(message, reason)
            elif self._must_wait(message.incident) or self._is_quiet(message, told):
                held.add(message.incident)
            elif self._send(message, told):
                arrived += 1
            elif "" in self._troubles:
                break
            else:
                held.add(message.incident)
        self.is_new = False
        return arrived

    def _send(self, message: Message, told: Mapping[str, Receipt]) -> bool:
        was_tried = bool(self.outbox.deliveries([message.id], self.address))
        letter = Letter(
            message,
            self.routing.mention(message.owner),
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

    def _reason_to_skip(self, message: Message, told: Mapping[str, Receipt], later: list[Message]) -> str:
        """Why a message is not for this address, or not any more; empty when it is."""
        age = self.clock() - message.created_at
        if not self.routing.tells(self.address, message.owner):
            return f"{message.owner} is not told here"
        if age > (NEW_HERE if self.is_new else MOST_OLD):
            return "too old to be told"
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
