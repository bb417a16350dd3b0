"""The outbox: messages that were decided to be sent, and what became of each on each channel.

A message is added in the same transaction as the incident that it tells of, so that neither exists without the other;
adding it again does nothing, because its id says which one it is. What is sent where, when and how often is decided by
who delivers; here it is only remembered, so that a delivery that is killed goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Row, Table, Text, UniqueConstraint, func, select, update

from sg_assets.message import Kind, Message, Severity
from sg_assets.operations_engine import UtcTime, Words, make, upserting
from sg_assets.operations_tables import metadata

message = Table(
    "message",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("incident", Text, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("title", Words, nullable=False),
    Column("lines", Text, nullable=False),
    Column("links", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("id"),
)
delivery = Table(
    "delivery",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("receipt", Text),
    Column("failed_at", UtcTime),
    Column("reason", Words),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message got on a channel.

    `attempts` that were begun; one that neither was `sent_at` nor `failed_at` since ended with its process, and may
    have arrived. `receipt` is what the channel gave back, to find the message there again.
    """

    attempts: int
    begun_at: datetime
    sent_at: datetime | None
    receipt: Mapping[str, Any]
    failed_at: datetime | None
    reason: str


class Outbox:
    """The outbox in the operations store behind an engine (`operations_tables.connect`); made where it is missing."""

    def __init__(self, engine: Engine) -> None:
        """Create what is missing."""
        self._engine = engine
        make(engine, metadata, [message, delivery])

    def add(self, messages: Iterable[Message], connection: Connection | None = None) -> None:
        """Put messages in, in their order; as part of a `connection`'s transaction where one is given.

        One that is there already stays as it was.
        """
        rows = [_row(one) for one in messages]
        if not rows:
            return
        with self._engine.begin() if connection is None else nullcontext(connection) as using:
            using.execute(upserting(using, message).on_conflict_do_nothing(index_elements=["id"]), rows)

    def messages(self, incident: str) -> list[Message]:
        """What was told of an incident, in order."""
        wanted = select(message).where(message.c.incident == incident).order_by(message.c.number)
        with self._engine.connect() as connection:
            return [_message(row) for row in connection.execute(wanted)]

    def still_open(self) -> list[Message]:
        """The newest message of every incident that was not resolved, in the order in which they were added."""
        newest = select(func.max(message.c.seq)).where(message.c.kind != str(Kind.DIGEST)).group_by(message.c.incident)
        wanted = (
            select(message)
            .where(message.c.seq.in_(newest), message.c.kind != str(Kind.RESOLVED))
            .order_by(message.c.seq)
        )
        with self._engine.connect() as connection:
            return [_message(row) for row in connection.execute(wanted)]

    def undelivered(self, channel: str, since: datetime | None = None) -> list[Message]:
        """Messages not sent on a channel yet, in the order in which they were added; none older than `since`.

        The messages of an incident are added in the order of their numbers.
        """
        wanted = (
            select(message)
            .outerjoin(delivery, (delivery.c.message_id == message.c.id) & (delivery.c.channel == channel))
            .where(delivery.c.sent_at.is_(None))
            .order_by(message.c.seq)
        )
        if since is not None:
            wanted = wanted.where(message.c.created_at >= since)
        with self._engine.connect() as connection:
            return [_message(row) for row in connection.execute(wanted)]

    def begin(self, message_id: str, channel: str, now: datetime) -> int:
        """Remember, before sending, that it is tried; gives how many tries this makes."""
        tried = (
            update(delivery)
            .where(delivery.c.message_id == message_id, delivery.c.channel == channel)
            .values(attempts=delivery.c.attempts + 1, begun_at=now, failed_at=None, reason=None)
            .returning(delivery.c.attempts)
        )
        with self._engine.begin() as connection:
            again = connection.execute(tried).scalar_one_or_none()
            if again is None:
                row = {"message_id": message_id, "channel": channel, "attempts": 1, "begun_at": now}
                connection.execute(delivery.insert(), [row])
        return again or 1

    def sent(self, message_id: str, channel: str, receipt: Mapping[str, Any], now: datetime) -> None:
        """Remember that the channel took the message; it is not given out again."""
        self._ended(message_id, channel, {"sent_at": now, "receipt": json.dumps(dict(receipt))})

    def failed(self, message_id: str, channel: str, reason: str, now: datetime) -> None:
        """Remember that the channel did not take the message, and why."""
        self._ended(message_id, channel, {"failed_at": now, "reason": reason})

    def _ended(self, message_id: str, channel: str, values: Mapping[str, object]) -> None:
        which = (delivery.c.message_id == message_id) & (delivery.c.channel == channel)
        with self._engine.begin() as connection:
            if not connection.execute(update(delivery).where(which).values(**values)).rowcount:
                msg = f"{message_id} was not begun on {channel}"
                raise KeyError(msg)

    def receipts(self, incident: str, channel: str) -> dict[str, Mapping[str, Any]]:
        """What the channel gave back for each message of an incident that it took, by message id, in order."""
        wanted = (
            select(message.c.id, delivery.c.receipt)
            .join(delivery, delivery.c.message_id == message.c.id)
            .where(message.c.incident == incident, delivery.c.channel == channel, delivery.c.sent_at.is_not(None))
            .order_by(message.c.number)
        )
        with self._engine.connect() as connection:
            return {row.id: json.loads(row.receipt) for row in connection.execute(wanted)}

    def deliveries(self, message_ids: Sequence[str], channel: str) -> dict[str, Delivery]:
        """How far some messages got on a channel; those never tried are left out."""
        wanted = select(delivery).where(delivery.c.channel == channel, delivery.c.message_id.in_(message_ids))
        with self._engine.connect() as connection:
            return {row.message_id: _delivery(row) for row in connection.execute(wanted)}


def _row(one: Message) -> dict[str, object]:
    return {
        "id": one.id,
        "incident": one.incident,
        "number": one.number,
        "kind": str(one.kind),
        "severity": str(one.severity),
        "owner": one.owner,
        "title": one.title,
        "lines": json.dumps(one.lines),
        "links": json.dumps(one.links),
        "created_at": one.created_at,
    }


def _message(row: Row[Any]) -> Message:
    return Message(
        incident=row.incident,
        number=row.number,
        kind=Kind(row.kind),
        severity=Severity(row.severity),
        owner=row.owner,
        title=row.title,
        lines=tuple(json.loads(row.lines)),
        links=tuple((words, url) for words, url in json.loads(row.links)),
        created_at=row.created_at,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        attempts=row.attempts,
        begun_at=row.begun_at,
        sent_at=row.sent_at,
        receipt=json.loads(row.receipt) if row.receipt else {},
        failed_at=row.failed_at,
        reason=row.reason or "",
    )
