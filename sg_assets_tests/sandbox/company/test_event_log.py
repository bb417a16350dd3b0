"""The events of the stream as rows with a number, some of which are seen late."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sg_assets.sandbox.company.company import Company
from sg_assets.sandbox.company.dotcom_events import DotcomEvents
from sg_assets.sandbox.company.event_log import COLUMNS, FIRST_ID, HISTORY, EventLog, committed_at
from sg_assets_tests.sandbox.world import ANCHOR, HOUR


def test_every_event_of_the_stream_is_one_row_of_the_same_content(company: Company) -> None:
    hour = ANCHOR - HISTORY
    told = [json.loads(text) for _, text in sorted(DotcomEvents(company).happened(hour))]
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in sorted(EventLog(company).until(hour + 3 * HOUR))]
    shared = ("name", "user_id", "anonymous_user_id", "timestamp", "version", "feature_flags", "public_argument")
    assert [[event[name] for name in shared] for event in told] == [
        [row[name] for name in shared] for row in rows[: len(told)]
    ]
    assert told


def test_each_row_is_given_once_and_by_the_end_every_number(company: Company) -> None:
    log, seen = EventLog(company), list[object]()
    for hours in range(1, 30):
        seen += [row[0] for row in log.until(ANCHOR - HISTORY + hours * HOUR)]
    assert len(seen) == len(set(seen))
    everything = sorted(row[0] for row in EventLog(company).until(ANCHOR - HISTORY + 40 * HOUR))  # pyrefly: ignore[bad-specialization]
    assert everything == list(range(FIRST_ID, FIRST_ID + len(everything)))
    assert set(seen) <= set(everything)


def test_the_same_instant_gives_the_same_rows_however_it_was_come_to(company: Company) -> None:
    log, at = EventLog(company), ANCHOR - HISTORY + timedelta(hours=7, minutes=20)
    step_by_step = log.until(at - HOUR) + log.until(at - timedelta(minutes=1)) + log.until(at)
    assert sorted(step_by_step, key=str) == sorted(EventLog(company).until(at), key=str)


def test_some_rows_are_seen_after_higher_numbers() -> None:
    at = datetime.fromisoformat("2026-01-01T00:00:00Z")
    slow = [n for n in range(10_000) if committed_at(1, n, at) - at > timedelta(minutes=1)]
    assert 10 < len(slow) < 200
    assert max(committed_at(1, n, at) - at for n in range(10_000)) < timedelta(hours=2)
