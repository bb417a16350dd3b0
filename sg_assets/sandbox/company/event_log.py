"""The table `event_logs` of sourcegraph.com's database: the events of its stream, as rows with a number.

A row gets its number when it is written and is seen when its transaction commits: most at once, a few much later, when
higher numbers have long been seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sg_assets.sandbox.clock import hour_of
from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dice import number
from sg_assets.sandbox.company.dotcom_events import DotcomEvents

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HISTORY = 60 * DAY
FIRST_ID = 3_000_000_001
"""More than fit into 32 bits have been written."""
SLOW_ONE_IN = 250
SLOWEST = timedelta(minutes=90)

COLUMNS = (
    "id", "name", "url", "user_id", "anonymous_user_id", "source", "argument", "version", "timestamp", "feature_flags",
    "cohort_id", "public_argument", "first_source_url", "last_source_url", "referrer", "device_id", "insert_id",
    "client",
)  # fmt: skip
Row = tuple[object, ...]


@dataclass
class EventLog:
    """The rows of a company, asked for from the oldest on: each one is given once, when it is committed."""

    company: Company
    _hour: datetime = field(init=False)
    _next_id: int = FIRST_ID
    _waiting: list[tuple[datetime, Row]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the history that every stream has."""
        self._hour = self.company.anchor - HISTORY

    def until(self, now: datetime) -> list[Row]:
        """The rows, with the values of `COLUMNS`, that were committed since the last time that was asked for."""
        events = DotcomEvents(self.company)
        while self._hour <= hour_of(now):
            self._waiting += self._of_hour(events, self._hour)
            self._hour += HOUR
        committed = [row for at, row in self._waiting if at <= now]
        self._waiting = [(at, row) for at, row in self._waiting if at > now]
        return committed

    def _of_hour(self, events: DotcomEvents, hour: datetime) -> Iterator[tuple[datetime, Row]]:
        for at, text in sorted(events.happened(hour)):
            yield committed_at(self.company.seed, self._next_id, at), _row(self._next_id, json.loads(text))
            self._next_id += 1


def committed_at(seed: int, id_: int, at: datetime) -> datetime:
    """When a row is seen that was written at some instant."""
    chance = number(seed, "commit", id_)
    slow = (chance >> 16) % SLOWEST.seconds if chance % SLOW_ONE_IN == 0 else 0
    return at + timedelta(seconds=slow, milliseconds=20)


def _row(id_: int, event: dict[str, object]) -> Row:
    """An event with what only the database keeps of it: the address, and the arguments that are nobody's business."""
    is_anonymous_backend = event["anonymous_user_id"] == "backend"
    return (
        id_,
        event["name"],
        "" if is_anonymous_backend else f"https://sourcegraph.com/github.com/private/repository-{id_ % 97}",
        event["user_id"],
        event["anonymous_user_id"],
        event["source"],
        '{"query": "repo:private password"}' if event["name"] == "SearchResultsFetched" else "{}",
        event["version"],
        event["timestamp"],
        event["feature_flags"],
        event.get("cohort_id"),
        event["public_argument"],
        event["first_source_url"] or None,
        event["first_source_url"] or None,
        event.get("referrer"),
        event["anonymous_user_id"],
        f"{id_:x}",
        "web" if event["source"] == "WEB" else None,
    )
