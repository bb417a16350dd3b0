"""Rows on their way to one project of Amplitude: made into events, put into batches, and what became of each.

Which rows there are, and that they may be sent at all, is in `events.py`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson

from sg_assets.destination import Receipt
from sg_assets.http import Client, SourceError
from sg_assets.http.exchange import Request

UPLOAD = "/batch"
MOST_EVENTS, MOST_BYTES = 2_000, 19_000_000
"""Of a batch: Amplitude takes 2,000 events and 20 MB."""
NOBODY = frozenset({
    "", "0", "-1", "anonymous", "false", "lmy47d", "n/a", "nan", "nil", "none", "null", "true", "uid", "undefined",
    "unknown", "user", "user_id", "userid", "00000000-0000-0000-0000-000000000000",
})  # fmt: skip
"""Ids that Amplitude takes for none: it says that all is well, and drops the event."""
EMAIL = re.compile(rb"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
Event = dict[str, Any]
Row = Mapping[str, Any]


@dataclass
class Upload:
    """The upload to one project. `throttled` are rows of users and devices that had too many events at once.

    `is_daily`: of some of these it is the day's quota that is used up.
    """

    http: Client
    api_key: str = field(repr=False)
    throttled: list[Row] = field(default_factory=list)
    is_daily: bool = False

    def send(self, rows: Sequence[Row]) -> Iterator[list[Receipt]]:
        """Send some rows, in as many batches as it takes; those that are throttled are kept for the end."""
        refused, parts = _sorted_out(rows)
        if refused:
            yield refused
        while parts:
            part = parts.popleft()
            body = {"api_key": self.api_key, "events": [event for _, event in part]}
            try:
                answer = self.http.send(Request("POST", UPLOAD, body=body), idempotent=True).value
            except SourceError as error:
                refusals, again = self._refused(part, error)
                parts.extendleft(reversed(again))
                if refusals:
                    yield refusals
            else:
                yield self._taken(part, answer)

    def send_again(self) -> Iterator[list[Receipt]]:
        """Send what was throttled, once the users and devices have paused."""
        rows, self.throttled = self.throttled, []
        for start in range(0, len(rows), MOST_EVENTS):
            yield from self.send(rows[start : start + MOST_EVENTS])

    def _taken(self, part: Sequence[tuple[Row, Event]], answer: object) -> list[Receipt]:
        """The receipts of a batch that was taken whole.

        Raises:
            SourceError: it was not, or nobody said so.
        """
        told = answer if isinstance(answer, dict) else {}
        if told.get("events_ingested") != len(part):
            came = f"{told.get('events_ingested')} of {len(part)} events were taken, without a word of the others"
            raise SourceError(self.http.name, f"POST {UPLOAD}", came, "They are sent again, which does no harm.")
        at = datetime.fromtimestamp(int(told["server_upload_time"]) / 1000, UTC)
        return [Receipt(row, detail=at.isoformat(timespec="milliseconds")) for row, _ in part]

    def _refused(
        self, part: list[tuple[Row, Event]], error: SourceError
    ) -> tuple[list[Receipt], list[list[tuple[Row, Event]]]]:
        """What follows from a refusal: the events that Amplitude does not want, and the batches to send instead."""
        told = said(error.body)
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            if len(part) == 1:
                return [Receipt(part[0][0], is_accepted=False, detail="too large for Amplitude")], []
            half = len(part) // 2
            return [], [part[:half], part[half:]]
        if error.status == HTTPStatus.TOO_MANY_REQUESTS and (named := set(told.get("throttled_events", ()))):
            self.is_daily |= any(told.get(f"exceeded_daily_quota_{who}") for who in ("users", "devices"))
            self.throttled += [row for place, (row, _) in enumerate(part) if place in named]
            return [], _others(part, named)
        if error.status == HTTPStatus.BAD_REQUEST and (wrong := _wrong(told)):
            refusals = [
                Receipt(row, is_accepted=False, detail=wrong[place])
                for place, (row, _) in enumerate(part)
                if place in wrong
            ]
            return refusals, _others(part, set(wrong))
        raise error


def _sorted_out(rows: Sequence[Row]) -> tuple[list[Receipt], deque[list[tuple[Row, Event]]]]:
    """Rows that must not be sent, or that Amplitude would drop without a word; and the others, in batches."""
    refused: list[Receipt] = []
    parts: deque[list[tuple[Row, Event]]] = deque()
    size = MOST_BYTES
    for row in rows:
        event = _event(row)
        written = orjson.dumps(event)
        if EMAIL.search(written):
            refused.append(Receipt(row, is_accepted=False, detail="not sent: it holds an e-mail address"))
            continue
        if all(str(event.get(name, "")).lower() in NOBODY for name in ("user_id", "device_id")):
            refused.append(Receipt(row, is_accepted=False, detail="not sent: Amplitude drops events of such ids"))
            continue
        if size + len(written) > MOST_BYTES:
            parts.append([])
            size = 0
        parts[-1].append((row, event))
        size += len(written) + 1
    return refused, parts


def _event(row: Row) -> Event:
    """A row as Amplitude is told it; what is null is left out. Times are milliseconds since 1970."""
    groups = orjson.loads(row["ab_groups"] or "null") or {}
    told = [f"{name}: {value}".lower() for name, value in sorted(groups.items())] if isinstance(groups, dict) else []
    user = orjson.loads(row["user_properties"] or "{}")
    event = {
        "event_type": row["event_type"],
        "time": int(row["event_at"].timestamp() * 1000),
        "insert_id": row["insert_id"],
        "user_id": row["user_id"],
        "device_id": row["device_id"],
        "app_version": row["app_version"],
        "event_properties": orjson.loads(row["event_properties"] or "{}"),
        "user_properties": {**user, "A/B Groups": told},
    }
    return {name: value for name, value in event.items() if value is not None}


def _others(part: list[tuple[Row, Event]], named: set[int]) -> list[list[tuple[Row, Event]]]:
    left = [one for place, one in enumerate(part) if place not in named]
    return [left] if left else []


def _wrong(told: Mapping[str, Any]) -> dict[int, str]:
    """The places of events that are not as they must be, each with what is wrong with it."""
    found: dict[int, str] = {}
    for kind in ("events_with_missing_fields", "events_with_invalid_fields", "events_with_invalid_id_lengths"):
        for name, places in (told.get(kind) or {}).items():
            found |= {place: f"{kind.removeprefix('events_with_').replace('_', ' ')}: {name}" for place in places}
    return found


def said(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a refusal; nothing where it is none."""
    try:
        found = orjson.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
